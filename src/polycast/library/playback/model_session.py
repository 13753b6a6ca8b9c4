"""Words of sessions: what starts one, what a player reports, what is handed back."""

from datetime import datetime, timedelta

from msgspec import Struct

from polycast.core.errors import Conflict
from polycast.library.catalogue.model import Item, PlayableFile
from polycast.library.playback.model import Asked, Decision, Profile
from polycast.library.playback.store import Mark, SessionRow
from polycast.library.playback.supply import Film
from polycast.library.probing.model import Probed
from polycast.library.tracks.model import SubtitleTrack


class FileMissing(Conflict):
    """The title is known, its file is not there (now)."""

    code_for_clients = "file_missing"

    def __init__(self) -> None:
        super().__init__("File missing", reason="file_missing")


class Start(Struct, frozen=True, kw_only=True):
    """What somebody wants to watch, and on what."""

    item: int | str
    file: int | str | None = None
    asked: Asked = Asked()
    profile: Profile
    position: timedelta | None = None  # None: where they stopped
    client: str = ""
    device: str = ""
    network: str = ""  # "lan", "wan"; "" to tell by the address


class Judged(Struct, frozen=True, kw_only=True):
    """A file that may be played, and how."""

    playable: PlayableFile
    decision: Decision
    film: Film | None  # None for what is played as it is


class Started(Struct, frozen=True, kw_only=True):
    """A session, ready to be played."""

    row: SessionRow
    playable: PlayableFile
    token: str
    token_ends_at: datetime
    subtitles: list[SubtitleTrack]
    marks: list[Mark]
    following: Item | None


class Beat(Struct, frozen=True, kw_only=True):
    """A player's sign of life."""

    position: timedelta | None = None
    paused: bool = False
    bandwidth_bps: int | None = None
    audio_track: int | None = None
    subtitle_track: int | None = None
    source: str = "playback"


class Beaten(Struct, frozen=True, kw_only=True):
    """The answer to one."""

    token: str | None
    commands: list[dict[str, str]]


class Sought(Struct, frozen=True, kw_only=True):
    """Where a seek leads."""

    position: timedelta
    segment: int
    ready: bool
    restarted: bool


class Opened(Struct, frozen=True, kw_only=True):
    """A session whose bytes are being fetched."""

    row: SessionRow
    playable: PlayableFile
    probed: Probed
