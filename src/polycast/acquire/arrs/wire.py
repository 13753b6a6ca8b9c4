"""What Sonarr, Radarr and their kin send. Source: their API v3 (v1 of Lidarr and Readarr)."""

from typing import Any

from msgspec import Struct


class Status(Struct, frozen=True, kw_only=True, rename="camel"):
    """`GET /system/status`."""

    app_name: str = ""
    version: str = ""


class Message(Struct, frozen=True, kw_only=True):
    title: str = ""
    messages: list[str] = []


class QueueItem(Struct, frozen=True, kw_only=True, rename="camel"):
    """A record of `GET /queue`."""

    id: int
    download_id: str = ""
    title: str = ""
    status: str = ""
    tracked_download_status: str = ""
    tracked_download_state: str = ""
    status_messages: list[Message] = []
    error_message: str = ""
    added: str = ""
    output_path: str = ""


class QueuePage(Struct, frozen=True, kw_only=True, rename="camel"):
    total_records: int = 0
    records: list[QueueItem] = []


class Named(Struct, frozen=True, kw_only=True):
    id: int = 0


class Candidate(Struct, frozen=True, kw_only=True, rename="camel"):
    """An element of `GET /manualimport`."""

    path: str = ""
    folder_name: str = ""
    series: Named | None = None
    movie: Named | None = None
    episodes: list[Named] = []
    quality: Any = None
    languages: Any = None
    release_group: str = ""
    indexer_flags: int = 0
    release_type: str = ""


class Field(Struct, frozen=True, kw_only=True):
    name: str = ""
    value: Any = None


class DownloadClient(Struct, frozen=True, kw_only=True):
    """An element of `GET /downloadclient`."""

    name: str = ""
    implementation: str = ""
    enable: bool = False
    fields: list[Field] = []


class Mapping(Struct, frozen=True, kw_only=True, rename="camel"):
    """An element of `GET /remotepathmapping`."""

    host: str = ""
    remote_path: str = ""
    local_path: str = ""


class Grab(Struct, frozen=True, kw_only=True, rename="camel"):
    """A record of `GET /history`."""

    id: int
    event_type: str | int = ""
    download_id: str = ""
    source_title: str = ""


class History(Struct, frozen=True, kw_only=True):
    records: list[Grab] = []


class MediaFile(Struct, frozen=True, kw_only=True, rename="camel"):
    """A film's or an episode's file."""

    id: int = 0
    path: str = ""
    season_number: int = 0


class Movie(Struct, frozen=True, kw_only=True, rename="camel"):
    id: int = 0
    title: str = ""
    movie_file: MediaFile | None = None


class Series(Struct, frozen=True, kw_only=True):
    id: int = 0
    title: str = ""


class Episode(Struct, frozen=True, kw_only=True, rename="camel"):
    id: int = 0
    episode_file_id: int = 0
    season_number: int = 0


class FileSeen(Struct, frozen=True, kw_only=True):
    """An element of `GET /filesystem/mediafiles`."""

    path: str = ""
    size: int = 0


__all__ = [
    "Candidate",
    "DownloadClient",
    "Episode",
    "Field",
    "FileSeen",
    "Grab",
    "History",
    "Mapping",
    "MediaFile",
    "Message",
    "Movie",
    "Named",
    "QueueItem",
    "QueuePage",
    "Series",
    "Status",
]
