"""Live HLS from the same rings: segments are cut once for all who poll, and who stops polling has left."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from msgspec import Struct

from polycast.core.errors import NotFound, PolycastError
from polycast.core.media import LiveSegments, Segment
from polycast.live.relay.client import Client
from polycast.live.relay.model import Guest, Outlet
from polycast.live.relay.service import Relays

IDLE_S: Final = 20.0  # without a request for so long, a player has left
LOOK_S: Final = 2.0
KEYS: Final = 4096  # players at once; a limit, not a target


class _Key(Struct, frozen=True):
    """What tells players apart that send no more than requests."""

    ref: str
    guest: Guest


class _Watcher:
    """A player who polls, with its place in the channel."""

    def __init__(self) -> None:
        self.opened: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self.asked_at = 0.0
        self.task: asyncio.Task[None] | None = None


class _Cut:
    """The segments of one channel."""

    def __init__(self, segments: LiveSegments) -> None:
        self.segments = segments
        self.users = 0
        self.task = asyncio.ensure_future(segments.run())


class Segments:
    """HLS for all channels of this node."""

    def __init__(self, relays: Relays) -> None:
        self._relays = relays
        self._watchers: dict[_Key, _Watcher] = {}
        self._cuts: dict[str, _Cut] = {}

    async def playlist(self, ref: str, guest: Guest, *, query: str) -> str:
        """The media playlist; `query` goes behind each segment's address. Raises: as `Relays.watching`; NotFound."""
        client = await self._watch(ref, guest)
        tail = f"?{query}" if query else ""
        found = await self._cut(ref).segments.playlist(lambda number: f"{number}.ts{tail}")
        client.sent(len(found))
        return found

    async def segment(self, ref: str, guest: Guest, number: int) -> Segment:
        """Raises: NotFound, when it has gone, is still to come, or nobody watches."""
        found = self._cut(ref).segments.segment(number)
        (await self._watch(ref, guest)).sent(len(found.data))
        return found

    def _cut(self, ref: str) -> _Cut:
        found = self._cuts.get(ref)
        if found is None:
            raise NotFound("Channel")
        return found

    async def _watch(self, ref: str, guest: Guest) -> Client:
        """The player's place, taken at its first request."""
        key = _Key(ref, guest)
        watcher = self._watchers.get(key)
        if watcher is None:
            if len(self._watchers) >= KEYS:
                raise NotFound("Channel")
            watcher = self._watchers[key] = _Watcher()
            watcher.task = asyncio.create_task(self._hold(key, watcher), name=f"live.hls {ref}")
        watcher.asked_at = asyncio.get_running_loop().time()
        return await asyncio.shield(watcher.opened)

    async def _hold(self, key: _Key, watcher: _Watcher) -> None:
        """Keep the place while the player polls."""
        try:
            async with AsyncExitStack() as stack:
                client, _ = await stack.enter_async_context(self._relays.watching(key.ref, key.guest, Outlet()))
                client.backlog = lambda: 0  # segments wait for nobody
                cut = self._cuts.get(key.ref)
                if cut is None or cut.task.done():
                    cut = self._cuts[key.ref] = _Cut(LiveSegments(self._relays.session(key.ref).ring))
                cut.users += 1
                stack.push_async_callback(self._leave, key.ref, cut)
                watcher.opened.set_result(client)
                while not client.ended.done() and self._idle_s(watcher) < IDLE_S:
                    await asyncio.wait([client.ended], timeout=LOOK_S)
        except PolycastError as error:
            if not watcher.opened.done():
                watcher.opened.set_exception(error)
                watcher.opened.exception()
        finally:
            self._watchers.pop(key, None)
            if not watcher.opened.done():
                watcher.opened.cancel()

    async def _leave(self, ref: str, cut: _Cut) -> None:
        cut.users -= 1
        if cut.users:
            return
        if self._cuts.get(ref) is cut:
            del self._cuts[ref]
        cut.task.cancel()
        await asyncio.wait([cut.task])

    def _idle_s(self, watcher: _Watcher) -> float:
        return asyncio.get_running_loop().time() - watcher.asked_at
