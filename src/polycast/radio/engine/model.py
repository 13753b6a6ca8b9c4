"""What the engine remembers of stations on air."""

from datetime import datetime
from typing import Any, Final, Protocol

from msgspec import Struct

from polycast.radio.edge.model import Format
from polycast.radio.engine.picking.model import Pick
from polycast.radio.stations.model import Channel, Station, StationSetup

STOPPED, RUNNING, ON_AIR = 0, 1, 2
DEMUXERS: Final = {
    Format.MP3: "mp3",
    Format.AAC: "aac",
    Format.OPUS: "ogg",
    Format.OGG: "ogg",
    Format.FLAC: "flac",
}


class Playing(Struct, kw_only=True):
    """Something cued, on, or just over."""

    id: int
    pick: Pick
    text: str  # the title that is shown
    began_at: datetime | None = None
    length_s: float = 0.0
    history_id: int | None = None
    listeners: int = 0  # when it began


class LiveState(Struct, kw_only=True):
    """A DJ at the door, or on air."""

    dj_id: int
    since: datetime
    on_air: bool = False
    text: str = ""


class Teller(Protocol):
    """Tells the house."""

    def tell(self, event: Any) -> None: ...


def title_of(station: Station, pick: Pick, *, dj: str = "") -> str:
    """As the station wants titles to be: its own words for all, else its pattern. Nothing in it is looked up."""
    if station.static_metadata:
        return station.static_metadata
    if pick.jingle is not None or pick.track is None:
        return station.title
    track = pick.track
    if not track.author:
        return track.title or track.filename
    words = {
        "artist": track.author,
        "title": track.title or track.filename,
        "album": track.album,
        "dj": dj,
        "station": station.title,
        "genre": track.genre,
        "year": track.year,
    }
    parts = (station.meta_format or "{artist} - {title}").split("{")
    found = parts[0]
    for part in parts[1:]:  # `str.format` would look up attributes
        name, brace, rest = part.partition("}")
        found += words[name] + rest if brace and name in words else "{" + part
    return found.strip(" -") if found.strip(" -") else words["title"]


def path_of(channel: Channel) -> str:
    """A channel's mount, as a path."""
    return channel.mount_point if channel.mount_point.startswith("/") else f"/{channel.mount_point}"


def outputs_of(setup: StationSetup) -> list[Channel]:
    """The channels that are to be on."""
    return [one for one in setup.channels if one.active and not one.is_paused]
