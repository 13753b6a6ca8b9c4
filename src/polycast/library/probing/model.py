"""What the media library keeps of a file it has looked into.

`Probed` is the core's: container, duration, bit rate, streams (codec, profile, level, size, frame rate, colour, HDR,
channels, language, default, forced, hearing impaired, attached picture, RFC 6381 name), chapters and embedded tags.
It is stored as JSON (`encode`, `decode`) beside the file's row.
"""

from typing import Final

import msgspec

from polycast.core.media import Probed, ProbedChapter, ProbedStream

RESOLUTIONS: Final = ((4320, "4320p"), (2160, "2160p"), (1440, "1440p"), (1080, "1080p"), (720, "720p"), (576, "576p"))


def encode(probed: Probed) -> str:
    """As it is stored."""
    return msgspec.json.encode(probed).decode()


def decode(text: str) -> Probed:
    """What was stored. Raises: msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Probed)


def resolution(stream: ProbedStream | None) -> str | None:
    """The class people speak of: "1080p" also for a cinema frame of 1920x804. None without a picture."""
    if stream is None or not stream.height or not stream.width:
        return None
    lines = max(stream.height, stream.width * 9 // 16)
    for least, word in RESOLUTIONS:
        if lines * 16 >= least * 15:  # a frame cut by a few lines stays in its class
            return word
    return "480p" if lines >= 440 else "SD"


__all__ = ["Probed", "ProbedChapter", "ProbedStream", "decode", "encode", "resolution"]
