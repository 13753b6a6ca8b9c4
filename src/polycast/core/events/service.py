"""Facts on their way to whoever should know: listeners in the house, sockets and event streams outside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotFound, Storage
from polycast.core.events import store
from polycast.core.events.delivery import Deliveries
from polycast.core.events.here import Here
from polycast.core.events.hub import Hub, Message, Resync, Sent, Subscription
from polycast.core.events.lease import Lease
from polycast.core.events.model import Delivery, Event, Listener
from polycast.core.events.outbox import STORED, TOLD, Outbox, Told
from polycast.core.events.pokes import Bell, Pokes
from polycast.core.events.store import Stored
from polycast.core.identity.caller import Caller
from polycast.core.ids import Ids

if TYPE_CHECKING:
    from polycast.core.storage import Database
    from polycast.core.storage.unit import Unit

LOOK: Final = timedelta(seconds=1)  # a poke may be lost
PAGE: Final = 500  # events read at once
MOST_REPLAYED: Final = 5_000  # a subscriber further behind reads afresh
KEPT: Final = timedelta(days=7)

log = logging.getLogger("polycast.events")
_told: Final = msgspec.json.Decoder(list[Told])


class Parked(Struct, frozen=True, kw_only=True):
    """A listener that has failed too often; its later events wait."""

    listener: str
    since: datetime
    error: str
    waiting: int  # events


class Events:
    """The house's events. `node` names this process in the cluster, the same after a restart, and no other."""

    def __init__(self, *, db: Database, outbox: Outbox, pokes: Pokes, clock: Clock, ids: Ids, node: str) -> None:
        self._db = db
        self._outbox = outbox
        self._pokes = pokes
        self._clock = clock
        lease = Lease(db=db, clock=clock, ids=ids, name="core.listeners", owner=node)
        self._deliveries = Deliveries(db=db, clock=clock, lease=lease)
        self._here = Here()
        self._hub = Hub()
        self._names: set[str] = set()
        self._position: int | None = None  # id of the last event given to subscribers and HERE listeners
        self._reading = asyncio.Lock()
        self._ready = asyncio.Event()

    def publish(self, unit: Unit, event: Event) -> None:
        """Store `event` with `unit`'s commit; the same as `unit.publish`."""
        self._outbox.publish(unit, event)

    def tell(self, event: Event) -> None:
        """Send `event` to whoever listens right now; not stored, joined by `Event.coalesce`, may be lost."""
        self._outbox.tell(event)

    def register(self, listeners: Sequence[Listener], events: Sequence[type[Event]] = ()) -> None:
        """Add listeners and published events, before `run`. Raises: ValueError for a name that is taken."""
        for event in events:
            if event.name in self._names:
                raise ValueError(f"two events are called {event.name}")
            self._names.add(event.name)
        self._deliveries.register([one for one in listeners if one.delivery is Delivery.ONCE])
        self._here.register([one for one in listeners if one.delivery is Delivery.HERE])

    async def run(self) -> None:
        """Deliver until cancelled: ONCE listeners if no other node does, HERE listeners, subscribers."""
        await self._deliveries.begin()
        self._position = await self._db.read(store.last_id)
        try:
            with self._pokes.hear(TOLD, self._hear), self._pokes.bell(STORED) as bell, self._pokes.bell(STORED) as news:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._here.run())
                    self._ready.set()
                    tasks.create_task(self._repeat(bell, self._read_on))
                    tasks.create_task(self._repeat(news, self._deliveries.round))
        finally:
            self._ready.clear()
            self._hub.close()
            await self._deliveries.stop()

    async def ready(self) -> None:
        """Return once `run` takes in events: what is published from now on reaches subscribers and listeners."""
        await self._ready.wait()

    @asynccontextmanager
    async def subscribe(
        self, caller: Caller, *, names: Iterable[str] | None = None, after: int | None = None
    ) -> AsyncIterator[AsyncIterator[Sent | Resync]]:
        """What `caller` may see, as it happens; only `names` if given. `after` replays what followed that event.

        A `Resync` says that messages are missing: read the state afresh. The iteration ends when the server stops.
        """
        await self._ready.wait()
        position = self._position or 0
        subscription = self._hub.join(caller, names)
        subscription.begin(position)
        try:
            if after is None:
                yield subscription
            else:
                async with aclosing(self._replayed(subscription, after, position)) as replayed:
                    yield replayed
        finally:
            self._hub.leave(subscription)

    async def idle(self) -> None:
        """Return when every listener has handled, and every subscriber been offered, all there is.

        Failing listeners that wait to be tried again, and those another node serves, are not waited for.
        """
        await self._ready.wait()
        while True:
            self._outbox.flush()
            before = await self._db.read(store.last_id)
            await self._read_on()
            await self._here.idle()
            await self._deliveries.round()
            if await self._db.read(store.last_id) == before:
                return

    async def parked(self) -> list[Parked]:
        """The listeners that have given up, for the health page."""
        return await self._db.read(self._parked)

    async def resume(self, listener: str, *, skip: bool = False) -> None:
        """Let a parked listener try again; with `skip` from after the event it failed at.

        Raises: NotFound when no such listener is parked.
        """
        if not await self._db.write(self._resume, listener, skip=skip):
            raise NotFound("A parked listener of that name")
        self._deliveries.forget()
        self._pokes.poke(STORED)

    async def clean(self, *, limit: int = 2_000) -> int:
        """Delete at most `limit` events older than 7 days; how many."""
        return await self._db.write(store.drop_before, self._clock.now() - KEPT, limit=limit)

    async def _repeat(self, bell: Bell, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except Storage as error:
                log.warning("events wait: %s", error)
            await bell.wait(LOOK)

    async def _read_on(self) -> None:
        """Give what is new to HERE listeners and subscribers."""
        async with self._reading:
            while self._position is not None:
                found = await self._db.read(store.after, self._position, limit=PAGE)
                for event in found:
                    await self._here.offer(event.name, event.body)
                    self._hub.offer(_message(event))
                    self._position = event.id
                if len(found) < PAGE:
                    return

    def _hear(self, payload: bytes) -> None:
        if not payload:  # too long for a frame
            return
        for told in _told.decode(payload):
            body = bytes(told.body)
            self._here.offer_told(told.name, body)
            self._hub.offer(Message(sent=Sent(id=None, name=told.name, at=told.at, body=body), audience=told.audience))

    async def _replayed(
        self, subscription: Subscription, after: int, until: int
    ) -> AsyncGenerator[Sent | Resync, None]:
        first = await self._db.read(store.first_id)
        if after > until or until - after > MOST_REPLAYED or (after < until and (first is None or first > after + 1)):
            yield Resync(id=until)
            after = until
        while after < until:
            page = await self._db.read(store.after, after, limit=PAGE)
            after = page[-1].id if page else until
            for message in map(_message, page):
                if message.sent.id is not None and message.sent.id <= until and subscription.wants(message):
                    yield message.sent
        async for message_or_resync in subscription:
            yield message_or_resync

    def _parked(self, unit: Unit) -> list[Parked]:
        registered = self._deliveries.listeners
        return [
            Parked(
                listener=cursor.listener,
                since=cursor.parked_at,
                error=cursor.error,
                waiting=store.count_after(unit, cursor.position, registered[cursor.listener].event.name),
            )
            for cursor in store.cursors(unit)
            if cursor.parked_at is not None and cursor.listener in registered
        ]

    def _resume(self, unit: Unit, listener: str, *, skip: bool) -> bool:
        registered = self._deliveries.listeners.get(listener)
        past: int | None = None
        if skip and registered is not None:
            position = store.position(unit, listener) or 0
            stuck = store.after(unit, position, limit=1, name=registered.event.name)
            past = stuck[0].id if stuck else None
        return store.unpark(unit, listener, past=past)


def _message(event: Stored) -> Message:
    sent = Sent(id=event.id, name=event.name, at=event.at, body=event.body)
    return Message(sent=sent, audience=event.audience)
