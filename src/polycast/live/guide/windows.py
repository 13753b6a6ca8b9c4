"""The guide as a page shows it: rows of the line-up by a span of time, and the way to a programme."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit, fold
from polycast.live.guide.model import Programme, programme_of
from polycast.live.guide.pages import unpack
from polycast.live.guide.ports import Viewers
from polycast.live.guide.programmes import Programmes, identified
from polycast.live.guide.store_guided import Guided, GuidedStore, Rows
from polycast.live.guide.store_pages import PageStore
from polycast.live.lineup.model import Viewer

LONGEST: Final = 7 * 86_400  # seconds of one window
AHEAD: Final = timedelta(days=14)
PAGES_AT_ONCE: Final = 200
MOST_HITS: Final = 2000  # looked through for the soonest
MADE_UP: Final = re.compile(r"dummy-(?:standard|custom)-(\d{1,18})-(\d{1,9})")
HOUR: Final = 3600


class Row(Struct, frozen=True):
    """A channel and what is on."""

    channel: Guided
    programmes: Sequence[Programme]


class Hit(Struct, frozen=True):
    """A programme that was found; `row` is its channel's place in the list."""

    channel: Guided
    row: int
    programme: Programme


class GuideWindows:
    """Reads the guide for pages."""

    def __init__(
        self,
        *,
        db: Database,
        programmes: Programmes,
        viewers: Viewers,
        guided: GuidedStore,
        pages: PageStore,
        clock: Clock,
    ) -> None:
        self._db = db
        self._programmes = programmes
        self._viewers = viewers
        self._guided = guided
        self._pages = pages
        self._clock = clock

    async def window(
        self, caller: Caller, rows: Rows, *, start: int, end: int, offset: int, limit: int
    ) -> tuple[list[Row], int]:
        """Rows offset..offset+limit with the programmes that touch [start, end), and how many rows there are.

        Raises: NotAllowed; Invalid for a span that is too long or none.
        """
        caller.require(Scope.LIVE_PLAY)
        if not 0 < end - start <= LONGEST:
            raise Invalid.one("end", "bad_span", "The end must lie after the start, at most seven days.")
        viewer = await self._viewers.viewer(caller)

        def read(unit: Unit) -> tuple[list[Row], int]:
            channels = self._guided.rows(unit, viewer, rows, offset=offset, limit=limit)
            found = self._programmes.of_channels(unit, channels, start, end)
            shown = [Row(channel, found.get(channel.id, ())) for channel in channels]
            return shown, self._guided.count(unit, viewer, rows)

        return await self._db.read(read)

    async def find(self, caller: Caller, text: str, rows: Rows, *, limit: int) -> list[Hit]:
        """Programmes that still run or are to come, with each word of `text` in their title; the soonest first.

        Raises: NotAllowed.
        """
        caller.require(Scope.LIVE_PLAY)
        words = fold(text).split()[:10]
        if not words:
            return []
        viewer = await self._viewers.viewer(caller)
        channels = await self._db.read(self._guided.rows, viewer, rows)
        places: dict[int, list[int]] = {}
        for place, channel in enumerate(channels):
            if channel.guide_channel_id is not None:
                places.setdefault(channel.guide_channel_id, []).append(place)
        programmes = await self._soonest(words, places)
        programmes.sort(key=lambda each: (each.airing.start, places[each.owner][0]))
        hits = [Hit(channels[place], place, each) for each in programmes[:limit] for place in places[each.owner]]
        return hits[:limit]

    async def programme(self, caller: Caller, found: str) -> tuple[Guided, Programme]:
        """A programme, also a made up one, with a channel of the caller's that shows it. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_PLAY)
        return await self._db.read(self._programme, await self._viewers.viewer(caller), found)

    async def _soonest(self, words: Sequence[str], places: dict[int, list[int]]) -> list[Programme]:
        now = self._clock.now()
        start, end = int(now.timestamp()), int((now + AHEAD).timestamp())
        found: list[Programme] = []
        after = 0
        while len(found) < MOST_HITS:
            pages = await self._db.read(
                self._pages.titled, words, start, end, after=after, limit=PAGES_AT_ONCE, owners=places
            )
            for page_id, owner, body in pages:
                after = page_id
                if owner in places:
                    airings = [a for a in unpack(body) if a.end > start and all(w in fold(a.title) for w in words)]
                    found += identified(owner, airings)
            if len(pages) < PAGES_AT_ONCE:
                break
        return found

    def _programme(self, unit: Unit, viewer: Viewer, found: str) -> tuple[Guided, Programme]:
        if made_up := MADE_UP.fullmatch(found):
            at = int(made_up[2]) * HOUR
            for channel in self._guided.all(unit, viewer, ids=[int(made_up[1])]):
                for programme in self._programmes.of_channels(unit, [channel], at, at + HOUR)[channel.id]:
                    if programme.id == found:
                        return channel, programme
        elif found.isdecimal() and len(found) < 19:
            stored = self._programmes.by_id(unit, int(found))
            channels = self._guided.of_guides(unit, viewer, [programme_of(int(found))[0]]) if stored else []
            if stored is not None and channels:
                return channels[0], stored
        raise NotFound("The programme")
