"""Content types of media files by their names."""

from pathlib import PurePath
from typing import Final

TYPES: Final = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".mk3d": "video/x-matroska",
    ".webm": "video/webm", ".avi": "video/x-msvideo", ".ts": "video/mp2t", ".m2ts": "video/mp2t", ".mts": "video/mp2t",
    ".mpg": "video/mpeg", ".mpeg": "video/mpeg", ".vob": "video/mpeg", ".wmv": "video/x-ms-wmv", ".asf": "video/x-ms-asf",
    ".flv": "video/x-flv", ".ogv": "video/ogg", ".ogm": "video/ogg", ".3gp": "video/3gpp", ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4", ".m4b": "audio/mp4", ".aac": "audio/aac", ".flac": "audio/flac", ".ogg": "audio/ogg",
    ".opus": "audio/ogg", ".wav": "audio/wav", ".mka": "audio/x-matroska", ".ac3": "audio/ac3", ".wma": "audio/x-ms-wma",
}  # fmt: skip


def content_type_of(path: PurePath) -> str:
    """What a media file is sent as."""
    return TYPES.get(path.suffix.lower(), "application/octet-stream")
