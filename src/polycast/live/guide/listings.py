"""What people and clients ask of the guide: grids, what is on now, single programmes, searches."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.guide.model import Airing, GuideChannel, LoadGuide, Programme
from polycast.live.guide.pages import unpack
from polycast.live.guide.ports import Viewers
from polycast.live.guide.programmes import Programmes, identified
from polycast.live.guide.query import TextQuery
from polycast.live.guide.store_channels import GuideChannelStore
from polycast.live.guide.store_guided import Guided, GuidedStore, Wanted
from polycast.live.guide.store_pages import PageStore
from polycast.live.lineup.model import Viewer

BATCH: Final = 50  # channels read in one unit
PAGES_AT_ONCE: Final = 150
MOST_FOUND: Final = 20_000
EVER: Final = 2**40  # seconds; a time no guide reaches


class Shown(Struct, frozen=True):
    """A programme on a channel."""

    channel: Guided
    programme: Programme


class Current(Struct, frozen=True):
    """What runs on a guide channel; `is_loading` while its programmes are still to be read."""

    guide_channel_id: int
    tvg_id: str
    programme: Programme | None
    is_loading: bool = False


class Found(Struct, frozen=True):
    """A programme with the guide channel it belongs to, and the channels that show it."""

    programme: Programme
    guide_channel: GuideChannel
    channels: Sequence[Guided]


class ProgrammeQuery(Struct, frozen=True, kw_only=True):
    """Filters of a search; they combine with AND. Times are unix seconds."""

    title: TextQuery | None = None
    description: TextQuery | None = None
    start_after: int | None = None
    start_before: int | None = None
    end_after: int | None = None
    end_before: int | None = None
    airing_at: int | None = None
    wanted: Wanted = Wanted()

    def admits(self, airing: Airing) -> bool:
        """Raises: TooSlow."""
        if self.start_after is not None and airing.start < self.start_after:
            return False
        if self.start_before is not None and airing.start > self.start_before:
            return False
        if self.end_after is not None and airing.end < self.end_after:
            return False
        if self.end_before is not None and airing.end > self.end_before:
            return False
        if self.airing_at is not None and not airing.start <= self.airing_at < airing.end:
            return False
        if self.title is not None and not self.title.matches(airing.title):
            return False
        return self.description is None or self.description.matches(airing.description)

    @property
    def window(self) -> tuple[int, int]:
        """Outside this no programme is admitted."""
        lows = [each for each in (self.start_after, self.end_after) if each is not None]
        highs = [each for each in (self.start_before, self.end_before) if each is not None]
        if self.airing_at is not None:
            lows.append(self.airing_at)
            highs.append(self.airing_at)
        return max(lows, default=0) - 1, min(highs, default=EVER) + 1


class Listings:
    """Answers questions about the guide."""

    def __init__(
        self,
        *,
        db: Database,
        programmes: Programmes,
        viewers: Viewers,
        guided: GuidedStore,
        channels: GuideChannelStore,
        pages: PageStore,
        clock: Clock,
    ) -> None:
        self._db = db
        self._programmes = programmes
        self._viewers = viewers
        self._guided = guided
        self._channels = channels
        self._pages = pages
        self._clock = clock

    async def grid(
        self, caller: Caller, *, start: datetime | None, end: datetime | None, channel_ids: Iterable[int] | None = None
    ) -> list[Shown]:
        """What runs on visible channels, an hour back and a day ahead unless said otherwise. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        now = self._clock.now()
        first = _seconds(start or now - timedelta(hours=1))
        last = _seconds(end or max(now, start or now) + timedelta(hours=24))
        viewer = await self._viewers.viewer(caller)
        channels = await self._db.read(lambda unit: self._guided.all(unit, viewer, ids=channel_ids))
        shown: list[Shown] = []
        for at in range(0, len(channels), BATCH):
            some = channels[at : at + BATCH]
            found = await self._db.read(self._programmes.of_channels, some, first, last)
            shown += [Shown(channel, each) for channel in some for each in found.get(channel.id, ())]
        return shown

    async def current(self, caller: Caller, uuids: Sequence[str] | None) -> list[Shown]:
        """What runs now on these channels (None: on all), by number. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        now = _seconds(self._clock.now())
        viewer = await self._viewers.viewer(caller)
        channels = await self._db.read(
            lambda unit: self._guided.all(unit, viewer) if uuids is None else self._guided.by_uuids(unit, viewer, uuids)
        )
        shown: list[Shown] = []
        for at in range(0, len(channels), BATCH):
            some = channels[at : at + BATCH]
            found = await self._db.read(self._programmes.of_channels, some, now, now + 1)
            shown += [Shown(channel, found[channel.id][0]) for channel in some if found.get(channel.id)]
        return shown

    async def current_of_guides(self, caller: Caller, ids: Sequence[int]) -> list[Current]:
        """What runs now on guide channels; those never read are then read in the background. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        now = _seconds(self._clock.now())

        def read(unit: Unit) -> list[Current]:
            known = self._channels.get(unit, ids)
            on_now = self._programmes.window(unit, known, now, now + 1)
            loaded = self._channels.loaded(unit, known)
            return [
                Current(
                    each,
                    known[each].tvg_id,
                    identified(each, on_now[each])[0] if on_now.get(each) else None,
                    is_loading=each not in loaded and each not in on_now,
                )
                for each in ids
                if each in known
            ]

        found = await self._db.read(read)
        waiting = [each.guide_channel_id for each in found if each.is_loading]
        if waiting:
            await self._db.write(self._ask_for, waiting)
        return found

    async def get(self, caller: Caller, programme_id: int) -> Found:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._get, await self._viewers.viewer(caller), programme_id)

    async def poster(self, programme_id: int) -> str:
        """The address of a programme's picture, for whoever asks. Raises: NotFound."""
        found = await self._db.read(self._programmes.by_id, programme_id)
        url = found.extras.get("icon") if found is not None else None
        if not isinstance(url, str) or not url:
            raise NotFound("The picture")
        return url

    async def page(self, caller: Caller, *, offset: int, limit: int) -> tuple[list[Found], int]:
        """All stored programmes by guide channel and start, and how many there are. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._page, await self._viewers.viewer(caller), offset, limit)

    async def search(
        self, caller: Caller, query: ProgrammeQuery, *, offset: int, limit: int
    ) -> tuple[list[Found], int]:
        """What `query` admits, by start, and how much. Raises: NotAllowed; TooSlow."""
        caller.require(Scope.LIVE_READ)
        owners = await self._db.read(self._guided.owners, query.wanted)
        found: list[Programme] = []
        start, end = query.window
        words = query.title.required if query.title is not None else []
        after = 0
        while len(found) < MOST_FOUND:
            pages = await self._db.read(
                self._pages.titled, words, start, end, after=after, limit=PAGES_AT_ONCE, owners=owners
            )
            for page_id, owner, body in pages:
                after = page_id
                if owners is None or owner in owners:
                    found += identified(owner, [each for each in unpack(body) if query.admits(each)])
            if len(pages) < PAGES_AT_ONCE:
                break
        found.sort(key=lambda each: (each.airing.start, each.owner))
        cut = found[offset : offset + limit]
        return await self._db.read(self._decorated, await self._viewers.viewer(caller), cut), len(found)

    async def streams_of(self, channel_ids: Sequence[int]) -> dict[int, list[tuple[int, str, str, int | None, str]]]:
        """Streams of channels: id, name, tvg id, account and group name."""
        return await self._db.read(self._guided.streams, channel_ids)

    def _ask_for(self, unit: Unit, guide_channel_ids: Sequence[int]) -> None:
        by_source: dict[int, list[int]] = {}
        for each in self._channels.get(unit, guide_channel_ids).values():
            by_source.setdefault(each.source_id, []).append(each.id)
        for source_id, ids in by_source.items():
            unit.enqueue("live.load_guide", LoadGuide(source_id=source_id, guide_channel_ids=ids), priority=1)

    def _get(self, unit: Unit, viewer: Viewer, programme_id: int) -> Found:
        programme = self._programmes.by_id(unit, programme_id)
        decorated = self._decorated(unit, viewer, [programme] if programme is not None else [])
        if not decorated:
            raise NotFound("The programme")
        return decorated[0]

    def _page(self, unit: Unit, viewer: Viewer, offset: int, limit: int) -> tuple[list[Found], int]:
        total, found = 0, list[Programme]()
        for owner, count in self._channels.programme_counts(unit):
            if total < offset + limit and total + count > offset:
                [(_, airings)] = self._programmes.each(unit, [owner], 0, None)
                found += identified(owner, airings[max(0, offset - total) : offset + limit - total])
            total += count
        return self._decorated(unit, viewer, found), total

    def _decorated(self, unit: Unit, viewer: Viewer, found: Sequence[Programme]) -> list[Found]:
        owners = {each.owner for each in found}
        guide_channels = self._channels.get(unit, owners)
        shown: dict[int, list[Guided]] = {}
        for channel in self._guided.of_guides(unit, viewer, owners):
            shown.setdefault(channel.guide_channel_id or 0, []).append(channel)
        return [
            Found(each, guide_channels[each.owner], shown.get(each.owner, []))
            for each in found
            if each.owner in guide_channels
        ]


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
