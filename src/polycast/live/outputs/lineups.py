"""Line-ups as identities see them, read once for all who see the same."""

import asyncio
from collections import OrderedDict
from datetime import timedelta
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.events.model import Event, Listener
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database
from polycast.live.lineup import events
from polycast.live.outputs.model import Entry, LineUp, View
from polycast.live.outputs.store import OutputStore
from polycast.live.people.service import People

PAGE: Final = 4_000  # channels of one read
KEPT: Final = 32  # line-ups in memory
MOST_ENTRIES: Final = 120_000  # in all of them
FRESH: Final = timedelta(minutes=5)  # a net below the events: no older one is handed out
CHANGES: Final[tuple[type[Event], ...]] = (
    events.ChannelCreated,
    events.ChannelChanged,
    events.ChannelDeleted,
    events.ChannelsChanged,
    events.GroupChanged,
    events.LogoChanged,
    events.ProfileChanged,
)


class LineUps:
    """The channels each identity gets. Something may differ as soon as `version` does."""

    def __init__(self, *, db: Database, store: OutputStore, people: People, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._people = people
        self._clock = clock
        self._version = 0
        self._kept: OrderedDict[View, tuple[LineUp, timedelta]] = OrderedDict()
        self._reading: dict[View, asyncio.Lock] = {}

    @property
    def version(self) -> int:
        return self._version

    async def view(self, caller: Caller, *, profile: str | None = None) -> View:
        """Whose line-up a request is about. Raises: NotFound for an unknown profile."""
        viewer = await self._people.viewer(caller)
        return View(viewer=viewer, profile_id=None if profile is None else await self.profile_id(profile))

    async def profile_id(self, name: str) -> int:
        """The channel profile of that name. Raises: NotFound."""
        found = await self._db.read(self._store.profile_id, name)
        if found is None:
            raise NotFound("The channel profile")
        return found

    async def of(self, view: View) -> LineUp:
        """The line-up of a view; read by one for all who wait for the same."""
        found = self._fresh(view)
        if found is not None:
            return found
        lock = self._reading.setdefault(view, asyncio.Lock())
        try:
            async with lock:
                found = self._fresh(view)
                return found if found is not None else await self._read(view)
        finally:
            if not lock.locked():
                self._reading.pop(view, None)

    async def seen(self, caller: Caller, channel_id: int) -> Entry:
        """A channel that `caller` may see. Raises: NotFound."""
        lineup = await self.of(await self.view(caller))
        found = lineup.by_id.get(channel_id)
        if found is None:
            raise NotFound("The channel")
        return found

    def listeners(self) -> list[Listener]:
        """What makes a new version."""
        return [
            Listener(name=f"live.reread_lineups_{event.name[5:]}", event=event, here=self._bump) for event in CHANGES
        ]

    async def _bump(self, event: Any) -> None:
        self._version += 1
        self._kept.clear()

    def _fresh(self, view: View) -> LineUp | None:
        kept = self._kept.get(view)
        if kept is None or self._clock.monotonic() - kept[1] > FRESH:
            return None
        self._kept.move_to_end(view)
        return kept[0]

    async def _read(self, view: View) -> LineUp:
        while True:
            version = self._version
            found: list[Entry] = []
            after = 0
            while True:
                page = await self._db.read(self._store.entries, view, after=after, limit=PAGE)
                found += page
                if len(page) < PAGE:
                    break
                after = page[-1].id
            lineup = await asyncio.to_thread(_made, view, version, found)
            if version == self._version:
                self._keep(view, lineup)
            return lineup

    def _keep(self, view: View, lineup: LineUp) -> None:
        self._kept[view] = (lineup, self._clock.monotonic())
        self._kept.move_to_end(view)
        while len(self._kept) > 1 and (
            len(self._kept) > KEPT or sum(len(kept.entries) for kept, _ in self._kept.values()) > MOST_ENTRIES
        ):
            self._kept.popitem(last=False)


def _made(view: View, version: int, entries: list[Entry]) -> LineUp:
    entries.sort(key=_place)
    lineup = LineUp(view, version, entries)
    _ = lineup.by_id, lineup.integers  # made here, in a thread, for all who will ask
    return lineup


def _place(entry: Entry) -> tuple[bool, int, int]:
    return entry.number is None, entry.number or 0, entry.id
