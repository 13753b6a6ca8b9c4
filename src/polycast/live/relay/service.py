"""All running channels of this node: started by their first client, kept, told about, ended."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from polycast.core.errors import Busy, NotFound
from polycast.core.http.errors import Starting
from polycast.live.relay.client import Client
from polycast.live.relay.course import ENDED, State
from polycast.live.relay.feeding import Feed, open_feed
from polycast.live.relay.limits import UserLimits
from polycast.live.relay.model import Format, Guest, Outlet, Target
from polycast.live.relay.owners import Elsewhere
from polycast.live.relay.session import Session, Tools
from polycast.live.relay.switching import Switch, Switched, Wish
from polycast.live.relay.upkeep import Upkeep
from polycast.live.sources.addresses import masked

log = logging.getLogger("polycast.live.relay")

KEEP_S: Final = 1.0
FIRST_BYTES_S: Final = 8.0  # how long an answer waits for pictures before it begins with packets that say nothing
STOPPING_S: Final = 1.0
READY_S: Final = 2.0  # right after the start
SWITCH_S: Final = 20.0


class Relays:
    """The live proxy. `run` is a daemon of the web process; nothing can be watched without it."""

    def __init__(self, *, tools: Tools, upkeep: Upkeep, limits: UserLimits) -> None:
        self._tools = tools
        self._upkeep = upkeep
        self._limits = limits
        self._sessions: dict[str, Session] = {}
        self._tasks: dict[asyncio.Task[None], Session] = {}
        self._count = 0  # of clients
        self._turn: asyncio.Future[None] | None = None
        self._ready = asyncio.Event()
        self.sent_bytes = 0  # to clients that have left

    @property
    def sessions(self) -> list[Session]:
        """What runs, oldest first."""
        return list(self._sessions.values())

    def session(self, ref: str) -> Session:
        """Raises: NotFound, when it does not run."""
        found = self._sessions.get(ref)
        if found is None:
            raise NotFound("Channel")
        return found

    def total_sent_bytes(self) -> int:
        """To all clients since the start."""
        return self.sent_bytes + sum(c.sent_bytes for s in self._sessions.values() for c in s.clients.values())

    async def run(self) -> None:
        """Until cancelled; then everything ends, and every connection is given back."""
        await self._upkeep.begin()
        self._ready.set()
        try:
            while True:
                # A turn that fails (a database that is busy for too long) must not end what people watch.
                self._turn = asyncio.ensure_future(self._upkeep.keep(self.sessions))
                await asyncio.wait([self._turn])
                if (error := self._turn.exception()) is not None:
                    log.error("the upkeep of live channels failed", exc_info=error)
                await self._tools.clock.sleep(timedelta(seconds=KEEP_S))
        finally:
            self._ready.clear()
            await asyncio.shield(self._end())

    @asynccontextmanager
    async def watching(
        self, ref: str, guest: Guest, outlet: Outlet, *, behind: timedelta | None = None
    ) -> AsyncGenerator[tuple[Client, Feed], None]:
        """A place in a channel for the length of the block; the channel is started when it does not run yet.

        The feed has begun, or its channel is still being tried. `behind` is how far back to begin, else the setting.

        Raises: NotFound; NoSlot; LimitReached; Busy, when it is just stopping; Unavailable, when nothing can be played.
        """
        await self._limits.admit(guest, ref, self.sessions)
        session = await self._session(ref)
        client = self._client(session, guest, outlet)
        session.seat(client)
        self._upkeep.came(session, client)
        try:
            async with open_feed(session, client, behind=behind, first_s=FIRST_BYTES_S) as feed:
                yield client, feed
        finally:
            session.leave(client)
            client.end("left")
            self.sent_bytes += client.sent_bytes
            self._upkeep.left(session, client)

    async def format_for(self, user_id: int | None) -> Format:
        """What is sent to who asks for nothing: the user's wish, else the setting."""
        return await self._limits.format_of(user_id) or await self._tools.candidates.default_format()

    async def stop(self, ref: str) -> State:
        """End a channel; the state it was in. Raises: NotFound."""
        session = self.session(ref)
        before = session.state
        session.stop()
        await self._tools.owners.stopped(session.target)
        return before

    def stop_client(self, ref: str, client_id: str) -> None:
        """Raises: NotFound."""
        client = self.session(ref).clients.get(client_id)
        if client is None:
            raise NotFound("Client")
        client.end("stopped")

    async def switch(self, wish: Wish) -> Switched:
        """Go over to another stream, on whichever node reads the channel; returns once it delivers.

        Raises: NotFound, when it does not run; Unavailable, when the other stream does not begin; TimeoutError.
        """
        if wish.ref not in self._sessions:
            owner = await self._tools.owners.other(await self.target(wish.ref))
            if owner is None:
                raise NotFound("Channel")
            return await self._tools.peers.hand_on(owner, wish)
        try:
            return await self.switch_here(wish)
        except Elsewhere as error:
            return await self._tools.peers.hand_on(error.owner, wish)

    async def switch_here(self, wish: Wish) -> Switched:
        """`switch` on this node alone. Raises, besides: Elsewhere, when another one reads the channel."""
        session, switch = self.session(wish.ref), Switch(wish)
        before = session.last.upstream.stream_id if session.last is not None else None
        session.ask(switch)
        async with asyncio.timeout(SWITCH_S):
            upstream = (await switch.done).upstream
        return Switched(stream_id=upstream.stream_id, url=masked(upstream.url), before=before or None)

    def measures(self, ref: str, client_id: str) -> tuple[int, float]:
        """Bytes sent to a client of this node and bits a second lately; zeros when it is not here."""
        session = self._sessions.get(ref)
        client = session.clients.get(client_id) if session is not None else None
        return (client.sent_bytes, client.rate.bps) if client is not None else (0, 0.0)

    async def streams(self, target: Target) -> list[tuple[int, str]]:
        """(id, name) of all that a target can be played from, in the order of failover."""
        return await self._tools.candidates.streams(target)

    async def ways(self, ref: str) -> int:
        """How many streams that may be played now a channel has. Raises: NotFound."""
        plan = await self._tools.candidates.plan(await self.target(ref))
        return len({one.key.stream_id for one in plan.candidates})

    async def target(self, ref: str) -> Target:
        """What would be played. Raises: NotFound."""
        return await self._tools.candidates.target(ref)

    async def redirect(self, ref: str) -> str | None:
        """The provider's own address, when the channel's profile says so and it holds no credential."""
        plan = await self._tools.candidates.plan(await self.target(ref))
        first = plan.candidates[0] if plan.candidates else None
        if first is None or not first.how.is_redirect:
            return None
        # Credentials of a provider never leave; nor does an address that an account gave us.
        has_login = "@" in first.upstream.url.partition("://")[2].partition("/")[0]
        return None if has_login or not first.upstream.is_custom else first.upstream.url

    async def _session(self, ref: str) -> Session:
        try:
            async with asyncio.timeout(READY_S):
                await self._ready.wait()
        except TimeoutError:
            raise Starting("The live proxy is not ready.", retry_after=1) from None
        found = self._sessions.get(ref)
        if found is not None and found.state is not State.STOPPING and found.state not in ENDED:
            return found
        if found is not None:
            await self._gone(found)
        target = await self._tools.candidates.target(ref)
        plan = await self._tools.candidates.plan(target)
        if ref in self._sessions:  # somebody was quicker
            return self._sessions[ref]
        session = Session(target, plan, tools=self._tools)
        task = asyncio.create_task(session.run(), name=f"live.relay {ref}")
        self._sessions[ref] = session
        self._tasks[task] = session
        task.add_done_callback(self._ended)
        return session

    async def _gone(self, session: Session) -> None:
        """Wait for a session that is ending. Raises: NoSlot, when it takes too long."""
        tasks = [task for task, one in self._tasks.items() if one is session]
        if tasks:
            await asyncio.wait(tasks, timeout=STOPPING_S)
        if self._sessions.get(session.target.ref) is session:
            raise Busy("The channel is just stopping.", retry_after=1)

    def _ended(self, task: asyncio.Task[None]) -> None:
        session = self._tasks.pop(task)
        if self._sessions.get(session.target.ref) is session:
            del self._sessions[session.target.ref]
        self._upkeep.ended(session)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a channel has failed: %s", session.target.name, exc_info=error)

    def _client(self, session: Session, guest: Guest, outlet: Outlet) -> Client:
        now = self._tools.clock.now()
        self._count += 1
        client_id = f"client_{int(now.timestamp() * 1000)}_{1000 + self._count % 9000}"
        return Client(client_id, guest, outlet, at=now, now=self._tools.now, failovers=session.switches)

    async def _end(self) -> None:
        if self._turn is not None:
            await asyncio.wait([self._turn])
        for session in self._sessions.values():
            session.stop()
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks), timeout=3.0)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self._upkeep.end()
