"""What is picked from, what is remembered, and what comes out."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from polycast.radio.stations.model import Station, Track
from polycast.radio.stations.programme import Jingle, Programme, Queued, TrackRequest

REMEMBERED: Final = 400  # plays
DEFAULT_LENGTH: Final = timedelta(minutes=3)  # of a track that does not tell


class Kind(StrEnum):
    """What is played."""

    TRACK = "track"
    JINGLE = "jingle"
    RELAY = "relay"
    FALLBACK = "fallback"
    SILENCE = "silence"


class Shelf(Struct, frozen=True, kw_only=True):
    """What a station has to play, as of a moment."""

    station: Station
    programme: Programme
    tracks: Mapping[int, Track]
    queue: Sequence[Queued] = ()
    requests: Sequence[TrackRequest] = ()

    def playable(self, track_id: int | None) -> Track | None:
        """The track, if it is there and not known to be broken."""
        found = self.tracks.get(track_id) if track_id is not None else None
        return found if found is not None and found.state != "broken" else None


class Pick(Struct, frozen=True, kw_only=True):
    """What to play, and why."""

    kind: Kind
    why: str
    track: Track | None = None
    jingle: Jingle | None = None
    dj_id: int | None = None
    playlist_id: int | None = None
    event_id: int | None = None
    queued_id: int | None = None
    request_id: int | None = None
    at: datetime | None = None  # to the second, cutting off what is on; None: when what is on has ended
    until: datetime | None = None  # cut there at the latest
    mix_level: int | None = None  # over the music

    @property
    def length(self) -> timedelta:
        """As far as is known."""
        if self.jingle is not None:
            return timedelta(milliseconds=self.jingle.length_ms) or timedelta(seconds=5)
        if self.track is None:
            return timedelta(seconds=10)
        start, end = cues(self.track)
        whole = timedelta(milliseconds=self.track.length_ms) or DEFAULT_LENGTH
        return max(timedelta(seconds=1), (timedelta(seconds=end) if end else whole) - timedelta(seconds=start))


class Play(Struct, frozen=True):
    """Something that was played."""

    at: datetime
    track_id: int
    title: str  # folded
    artists: frozenset[str]  # folded


class Memory(Struct, kw_only=True):
    """What a picker remembers from one pick to the next. A copy of it is what a forecast plays with."""

    plays: deque[Play] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    last_played: dict[int, datetime] = {}  # track -> when
    bags: dict[int, list[int]] = {}  # playlist -> tracks left, drawn from the end
    orders: dict[int, int] = {}  # playlist -> index of the next track
    tokens: dict[int, list[int]] = {}  # rotation -> playlists left, drawn from the end
    turns: dict[int, tuple[int, int]] = {}  # rotation -> (item, tracks played of it)
    waits: dict[int, datetime] = {}  # rotation -> until when it waits
    slots: dict[int, tuple[datetime, int, int]] = {}  # rotation -> (hour, item, played in it)
    pending: list[Pick] = []  # the rest of something that belongs together
    started: dict[int, datetime] = {}  # event -> the occurrence that was begun
    exhausted: dict[int, datetime] = {}  # radio show -> the occurrence whose playlist is over
    scheme_tracks: dict[int, int] = {}  # scheme -> tracks since it last played
    scheme_at: dict[int, datetime] = {}  # scheme -> when it last played
    last_jingle: dict[int, int] = {}  # scheme -> jingle
    since_request: int = 1_000_000  # tracks since a listener's wish was played
    block_index: dict[int, int] = {}  # playlist of a block -> next


def cues(track: Track) -> tuple[float, float | None]:
    """Where it begins and ends, in seconds: as its owner chose, else as was measured."""
    start = track.region_start if track.region_start is not None else track.cue_in
    end = track.region_end if track.region_end is not None else track.cue_out
    return start or 0.0, end
