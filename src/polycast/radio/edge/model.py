"""What the edge knows of a stream, of those who listen and of those who send."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Format(StrEnum):
    """How the sound of a mount is packed."""

    MP3 = "mp3"
    AAC = "aac"  # ADTS
    OPUS = "opus"  # in Ogg
    OGG = "ogg"  # Vorbis in Ogg
    FLAC = "flac"  # in Ogg


class Manner(StrEnum):
    """Which server a port sounds like."""

    ICECAST = "icecast"
    SHOUTCAST1 = "shoutcast1"
    SHOUTCAST2 = "shoutcast2"


MIME: Final = {
    Format.MP3: "audio/mpeg",
    Format.AAC: "audio/aac",
    Format.OPUS: "audio/ogg",
    Format.OGG: "application/ogg",
    Format.FLAC: "application/ogg",
}
FORMAT_OF_MIME: Final = {
    "audio/mpeg": Format.MP3,
    "audio/mp3": Format.MP3,
    "audio/x-mpeg": Format.MP3,
    "audio/aac": Format.AAC,
    "audio/aacp": Format.AAC,
    "audio/x-aac": Format.AAC,
    "audio/ogg": Format.OGG,
    "application/ogg": Format.OGG,
    "application/x-ogg": Format.OGG,
    "audio/opus": Format.OPUS,
    "audio/vorbis": Format.OGG,
    "audio/flac": Format.FLAC,
    "audio/x-flac": Format.FLAC,
    "audio/webm": Format.OPUS,
}
IN_OGG: Final = frozenset({Format.OPUS, Format.OGG, Format.FLAC})


class MountSpec(Struct, frozen=True, kw_only=True):
    """A stream as its owner has set it up."""

    id: int  # the channel's key
    station_id: int
    path: str  # "/stream"
    format: Format = Format.MP3
    bitrate_kbps: int = 128
    name: str = ""
    description: str = ""
    genre: str = ""
    url: str = ""
    is_public: bool = False
    most_listeners: int = 0  # 0: no limit of its own
    burst_bytes: int = 131_072
    queue_bytes: int = 524_288
    tokens_only: bool = False
    fallback: str = ""  # path of another mount of the account, heard while this one has no source


class Title(Struct, frozen=True):
    """What is on air, as players are told."""

    text: str = ""  # "Artist - Title"
    url: str = ""  # of a cover


class Guest(Struct, frozen=True, kw_only=True):
    """Somebody who wants to listen."""

    address: str
    agent: str = ""
    referer: str = ""
    token: str = ""  # of the query, or the password of Basic
    wants_titles: bool = False  # sent `Icy-MetaData: 1`


class Refusal(Struct, frozen=True):
    """Why somebody is turned away, as Icecast would say it."""

    status: int
    text: str  # the body, plain


FULL: Final = Refusal(403, "max listeners reached")
NO_MOUNT: Final = Refusal(404, "The file you requested could not be found")
IN_USE: Final = Refusal(403, "Mountpoint in use")
NO_TYPE: Final = Refusal(403, "No Content-type given")
BAD_TYPE: Final = Refusal(403, "Content-type not supported")
UNSOUND: Final = Refusal(403, "the bytes are not what the Content-type says")
WRONG_PASSWORD: Final = Refusal(401, "You need to authenticate\r\n")
SUSPENDED: Final = Refusal(403, "account suspended")
NO_TRAFFIC: Final = Refusal(403, "traffic limit reached")
BANNED: Final = Refusal(403, "not allowed from here")
TRY_LATER: Final = Refusal(403, "too many attempts, try again in a minute")
