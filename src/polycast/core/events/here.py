"""Listeners of this process: from now on, for what it holds in memory."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

import msgspec

from polycast.core.events.model import Listener

QUEUE: Final = 1024  # events a listener may lag behind before it holds the others up

log = logging.getLogger("polycast.events")


class Here:
    """Each HERE listener behind a queue of its own, so that a slow one does not delay the rest."""

    def __init__(self) -> None:
        self._queues: dict[str, tuple[Listener, asyncio.Queue[bytes]]] = {}
        self._by_event: dict[str, list[asyncio.Queue[bytes]]] = {}

    def register(self, listeners: Sequence[Listener]) -> None:
        """Add listeners, before `run`. Raises: ValueError for a name that is taken."""
        for listener in listeners:
            if listener.name in self._queues:
                raise ValueError(f"two listeners are called {listener.name}")
            queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE)
            self._queues[listener.name] = (listener, queue)
            self._by_event.setdefault(listener.event.name, []).append(queue)

    async def run(self) -> None:
        """Serve them until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for listener, queue in self._queues.values():
                tasks.create_task(self._serve(listener, queue))

    async def offer(self, name: str, body: bytes) -> None:
        """Queue a stored event. Waits for a listener whose queue is full: what it holds must not go stale."""
        for queue in self._by_event.get(name, ()):
            await queue.put(body)

    def offer_told(self, name: str, body: bytes) -> None:
        """Queue a told event where there is room."""
        for queue in self._by_event.get(name, ()):
            if not queue.full():
                queue.put_nowait(body)

    async def idle(self) -> None:
        """Return once all queues are worked off."""
        for _, queue in self._queues.values():
            await queue.join()

    async def _serve(self, listener: Listener, queue: asyncio.Queue[bytes]) -> None:
        if listener.here is None:
            raise ValueError(f"{listener.name} has nothing to call")
        while True:
            body = await queue.get()
            try:
                await listener.here(msgspec.json.decode(body, type=listener.event))
            except Exception:  # a runner of listeners: the next event may be fine
                log.exception("%s failed at %s", listener.name, listener.event.name)
            finally:
                queue.task_done()
