"""Those who listen right now: sockets and event streams, each behind a bounded queue of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct

from polycast.core.events.model import Audience
from polycast.core.identity.caller import Caller

QUEUE: Final = 256  # messages a subscriber may lag behind


class Sent(Struct, frozen=True, kw_only=True):
    """A message as it goes out."""

    id: int | None  # None: told, not stored; cannot be asked for again
    name: str
    at: datetime
    body: bytes  # JSON of the event's fields


class Resync(Struct, frozen=True, kw_only=True):
    """Messages are missing: read the state afresh, then go on with what follows."""

    id: int  # everything up to this event is to be read afresh; a good `Last-Event-ID`


class Message(Struct, frozen=True, kw_only=True):
    """What is offered to every subscriber: the same bytes for all, and who may see them."""

    sent: Sent
    audience: Audience


class Subscription:
    """One subscriber's queue. Iterate it; it ends when `close` is called."""

    def __init__(self, caller: Caller, names: frozenset[str] | None) -> None:
        self._caller = caller
        self._names = names
        self._queue: deque[Sent | Resync] = deque()
        self._filled = asyncio.Event()
        self._position = 0  # id of the last stored event taken in, ours or not
        self._is_closed = False
        self._is_lost = False

    @property
    def is_empty(self) -> bool:
        """Whether the subscriber has taken everything."""
        return not self._queue

    def wants(self, message: Message) -> bool:
        """Whether it asked for such, and may see it."""
        if self._names is not None and message.sent.name not in self._names:
            return False
        return message.audience.admits(self._caller)

    def offer(self, message: Message) -> None:
        """Queue it if wanted. Whoever is too slow loses all that waits, and is told so."""
        stored = message.sent.id
        if stored is not None:
            if stored <= self._position:  # the replay had it
                return
            self._position = stored
        if not self.wants(message):
            return
        if len(self._queue) >= QUEUE:
            self._queue.clear()
            self._is_lost = True
        elif not self._is_lost:
            self._queue.append(message.sent)
        self._filled.set()

    def begin(self, position: int) -> None:
        """Take in only what is later than `position`."""
        self._position = max(self._position, position)

    def resync(self) -> None:
        """Tell the subscriber to read afresh."""
        self._queue.clear()
        self._is_lost = True
        self._filled.set()

    def close(self) -> None:
        """Let the iteration end once the queue is empty."""
        self._is_closed = True
        self._filled.set()

    def __aiter__(self) -> AsyncIterator[Sent | Resync]:
        return self

    async def __anext__(self) -> Sent | Resync:
        while True:
            if self._is_lost:
                self._is_lost = False
                return Resync(id=self._position)
            if self._queue:
                return self._queue.popleft()
            if self._is_closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()


class Hub:
    """All subscriptions of this process."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    @property
    def is_empty(self) -> bool:
        """Whether nobody listens."""
        return not self._subscriptions

    def join(self, caller: Caller, names: Iterable[str] | None) -> Subscription:
        """A new subscription; from this moment it takes in messages."""
        subscription = Subscription(caller, None if names is None else frozenset(names))
        self._subscriptions.add(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """End it."""
        self._subscriptions.discard(subscription)
        subscription.close()

    def offer(self, message: Message) -> None:
        """Give `message` to all who want it."""
        for subscription in self._subscriptions:
            subscription.offer(message)

    def close(self) -> None:
        """End them all."""
        for subscription in tuple(self._subscriptions):
            self.leave(subscription)
