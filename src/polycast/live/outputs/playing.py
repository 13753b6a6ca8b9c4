"""What somebody needs to watch a channel: where it is in their line-up, what runs on it, and in which ways it comes."""

from bisect import bisect_left
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.guide.model import Programme
from polycast.live.guide.programmes import Programmes
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.lineup.model import Viewer
from polycast.live.lineup.numbers import thousandths
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.model import Entry, LineUp

LONGEST: Final = 480 * 60  # seconds of one replay
BEYOND: Final = 300  # seconds after the end, as programmes run late


class ChannelStreams(Protocol):
    """The streams of channels: the relay's store."""

    def streams_of(self, unit: Unit, channel_id: int) -> list[tuple[int, str]]:
        """(id, name) in the order of failover."""
        ...


class Replay(Struct, frozen=True, kw_only=True):
    """A part of the provider's archive."""

    start: int  # unix seconds
    minutes: int


class Playable(Struct, frozen=True, kw_only=True):
    """A channel, ready to be watched."""

    entry: Entry
    streams: list[tuple[int, str]]
    now: Programme | None
    next: Programme | None
    above: int | None  # the channel before it in the line-up
    below: int | None
    replay: Replay | None  # None: live


class Playing:
    """Looks channels up for a player. `has_replay`: this server plays catch-up."""

    def __init__(
        self,
        *,
        db: Database,
        lineups: LineUps,
        programmes: Programmes,
        guided: GuidedStore,
        streams: ChannelStreams,
        clock: Clock,
        has_replay: bool,
    ) -> None:
        self._db = db
        self._lineups = lineups
        self._programmes = programmes
        self._guided = guided
        self._streams = streams
        self._clock = clock
        self._has_replay = has_replay

    async def channel(self, caller: Caller, channel_id: int, *, programme: str = "") -> Playable:
        """A channel of the caller's line-up; with `programme` (an id), that programme from the archive once it is over.

        Raises: NotAllowed; NotFound, also for a channel the caller may not see; Conflict, when it cannot be replayed.
        """
        lineup = await self._visible(caller)
        entry = lineup.by_id.get(channel_id)
        if entry is None:
            raise NotFound("The channel")
        return await self._playable(lineup, entry, programme)

    async def by_number(self, caller: Caller, number: str) -> Playable:
        """The channel with this number, else the one with the nearest number above it.

        Raises: NotAllowed; Invalid for what is no number; NotFound.
        """
        lineup = await self._visible(caller)
        try:
            wanted = thousandths(number)
        except ValueError:
            raise Invalid.one("number", "not_a_number", "Enter a channel number.") from None
        entry = next((one for one in lineup.entries if one.number is not None and one.number >= wanted), None)
        if entry is None:
            raise NotFound("The channel")
        return await self._playable(lineup, entry, "")

    def can_replay(self, entry: Entry, programme: Programme) -> bool:
        """Whether the archive has it: it is over, and not longer ago than the provider keeps."""
        now = self._clock.now()
        oldest = (now - timedelta(days=entry.catchup_days)).timestamp()
        airing = programme.airing
        return self._has_replay and entry.catchup_days > 0 and oldest <= airing.start and airing.end <= now.timestamp()

    async def _visible(self, caller: Caller) -> LineUp:
        caller.require(Scope.LIVE_PLAY)
        return await self._lineups.of(await self._lineups.view(caller))

    async def _playable(self, lineup: LineUp, entry: Entry, programme: str) -> Playable:
        now, following, streams, asked = await self._db.read(self._read, lineup.view.viewer, entry, programme)
        at = bisect_left(lineup.entries, _place(entry), key=_place)
        return Playable(
            entry=entry,
            streams=streams,
            now=now,
            next=following,
            above=lineup.entries[at - 1].id if at else None,
            below=lineup.entries[at + 1].id if at + 1 < len(lineup.entries) else None,
            replay=None if asked is None else self._replay(entry, asked),
        )

    def _read(
        self, unit: Unit, viewer: Viewer, entry: Entry, programme: str
    ) -> tuple[Programme | None, Programme | None, list[tuple[int, str]], Programme | None]:
        at = int(self._clock.now().timestamp())
        guided = self._guided.all(unit, viewer, ids=[entry.id])
        now, following = self._programmes.now_next(unit, guided, at).get(entry.id, (None, None))
        return now, following, self._streams.streams_of(unit, entry.id), self._asked(unit, entry, programme)

    def _asked(self, unit: Unit, entry: Entry, programme: str) -> Programme | None:
        """Raises: NotFound, also for a programme of another channel."""
        if not programme:
            return None
        is_id = programme.isdecimal() and len(programme) < 19
        found = self._programmes.by_id(unit, int(programme)) if is_id else None
        if found is None or found.owner != entry.guide_channel_id:
            raise NotFound("The programme")
        return found

    def _replay(self, entry: Entry, programme: Programme) -> Replay | None:
        """None for what is on air now. Raises: Conflict."""
        airing, now = programme.airing, self._clock.now().timestamp()
        if airing.start <= now < airing.end:
            return None
        if not self.can_replay(entry, programme):
            raise Conflict("This programme cannot be watched again.", reason="no_replay")
        seconds = min(airing.end - airing.start + BEYOND, LONGEST)
        return Replay(start=airing.start, minutes=-(-seconds // 60))


class Format(StrEnum):
    """How live bytes come, for those who play them in a page."""

    TS = "ts"
    MP4 = "mp4"
    HLS = "hls"


def _place(entry: Entry) -> tuple[bool, int, int]:
    """Its place in a line-up: by number, those without one last."""
    return entry.number is None, entry.number or 0, entry.id
