"""What is on now, for whoever opens the home page."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.live.guide.model import Programme
from polycast.live.guide.programmes import Programmes
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.lineup.model import Viewer
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.model import Entry


class NowPlaying(Struct, frozen=True, kw_only=True):
    """A channel and what runs on it."""

    channel_id: int
    channel_uuid: str
    number: str | None
    name: str
    logo_id: int | None
    title: str
    sub_title: str
    start: datetime
    end: datetime


class OnNow:
    """The first channels of a line-up that have a programme at this moment."""

    def __init__(
        self, *, db: Database, lineups: LineUps, programmes: Programmes, guided: GuidedStore, clock: Clock
    ) -> None:
        self._db = db
        self._lineups = lineups
        self._programmes = programmes
        self._guided = guided
        self._clock = clock

    async def of(self, caller: Caller, *, limit: int) -> list[NowPlaying]:
        """By channel number; at most `limit`."""
        lineup = await self._lineups.of(await self._lineups.view(caller))
        entries = lineup.entries[:limit]
        if not entries:
            return []
        running = await self._db.read(self._read, lineup.view.viewer, [entry.id for entry in entries])
        return [_playing(entry, running[entry.id]) for entry in entries if entry.id in running]

    def _read(self, unit: Unit, viewer: Viewer, channel_ids: Sequence[int]) -> dict[int, Programme]:
        at = int(self._clock.now().timestamp())
        guided = self._guided.all(unit, viewer, ids=channel_ids)
        found = self._programmes.now_next(unit, guided, at)
        return {channel_id: now for channel_id, (now, _) in found.items() if now is not None}


def _playing(entry: Entry, programme: Programme) -> NowPlaying:
    airing = programme.airing
    return NowPlaying(
        channel_id=entry.id,
        channel_uuid=entry.uuid,
        number=entry.shown_number or None,
        name=entry.name,
        logo_id=entry.logo_id,
        title=airing.title,
        sub_title=airing.sub_title,
        start=datetime.fromtimestamp(airing.start, UTC),
        end=datetime.fromtimestamp(airing.end, UTC),
    )
