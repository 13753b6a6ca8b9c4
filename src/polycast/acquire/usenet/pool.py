"""All news servers as one: connections lent and kept, the next server asked when one has not got it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

from polycast.acquire.config.model import UsenetServer
from polycast.acquire.usenet.nntp import NntpConnection, NntpFailed, NoArticle
from polycast.acquire.usenet.yenc import BadArticle, Part, decode
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError, Unavailable
from polycast.core.net import API, Net, Trust

KEPT: Final = timedelta(seconds=20)  # an idle connection
PINGED: Final = timedelta(seconds=10)  # one that was idle longer is asked first whether it still lives
FIRST_REST: Final = timedelta(milliseconds=500)
LONGEST_REST: Final = timedelta(seconds=30)
STATS_AT_ONCE: Final = 25
TRIES: Final = 3  # of one server for one article, while its connections fail

log = logging.getLogger("polycast.acquire.usenet")


class Missing(PolycastError):
    """No server has this article."""

    code = "missing_article"


class _Idle:
    def __init__(self, connection: NntpConnection, stack: AsyncExitStack, since: timedelta) -> None:
        self.connection = connection
        self.stack = stack
        self.since = since


class Server:
    """One news server with its connections."""

    def __init__(self, settings: UsenetServer, *, net: Net, clock: Clock) -> None:
        self.settings = settings
        self.name = settings.host
        self.backbone = settings.backbone or settings.host
        self.error = ""
        self._net = net.client(Trust.SOURCE, owner="acquire.usenet", limits=API)
        self._clock = clock
        self._cap = max(1, settings.max_connections)
        self._open = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._idle: list[_Idle] = []
        self._rest_until: timedelta | None = None
        self._failures = 0

    @property
    def connections(self) -> tuple[int, int]:
        """Open now, and how many there may be."""
        return self._open, self._cap

    @property
    def is_resting(self) -> bool:
        return self._rest_until is not None and self._clock.monotonic() < self._rest_until

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[NntpConnection]:
        """A connection for the length of the block. Raises: NntpFailed; Forbidden, Unreachable."""
        await self._turn()
        held: _Idle | None = None
        try:
            held = await self._living() or await self._dialled()
            yield held.connection
            self._failures, self._rest_until, self.error = 0, None, ""
        finally:
            await self._back(held)

    async def close(self) -> None:
        """Every idle connection; those in use are closed by who uses them."""
        idle, self._idle = self._idle, []
        for one in idle:
            await one.stack.aclose()
            self._open -= 1

    async def sweep(self) -> None:
        """Close what has been idle for long."""
        now = self._clock.monotonic()
        old = [one for one in self._idle if now - one.since > KEPT]
        self._idle = [one for one in self._idle if now - one.since <= KEPT]
        for one in old:
            await one.stack.aclose()
            self._open -= 1

    def failed(self, error: PolycastError) -> None:
        """It does not work: leave it alone for a while, longer each time."""
        self.error = error.message
        if isinstance(error, NntpFailed) and error.is_full and self._open > 1:
            self._cap = max(1, self._open - 1)
        self._failures += 1
        rest = min(FIRST_REST * 2 ** min(self._failures, 8), LONGEST_REST)
        self._rest_until = self._clock.monotonic() + rest

    async def _turn(self) -> None:
        """Wait for an idle connection or the right to make one."""
        while not self._idle and self._open >= self._cap:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            finally:
                if turn in self._waiting:
                    self._waiting.remove(turn)
        if not self._idle:
            self._open += 1

    async def _living(self) -> _Idle | None:
        """An idle connection that still works. Its place in `_open` is ours; so is that of the last dead one."""
        while self._idle:
            held = self._idle.pop()
            if self._clock.monotonic() - held.since < PINGED or await self._answers(held):
                return held
            if self._idle:
                self._open -= 1
        return None

    async def _answers(self, held: _Idle) -> bool:
        is_alive = False
        try:
            await held.connection.ping()
            is_alive = True
        except NntpFailed:
            pass
        finally:
            if not is_alive:
                await held.stack.aclose()
        return is_alive

    async def _dialled(self) -> _Idle:
        settings = self.settings
        port = settings.port or (563 if settings.ssl else 119)
        async with AsyncExitStack() as stack:
            reader, writer = await stack.enter_async_context(self._net.connected(settings.host, port, tls=settings.ssl))
            connection = NntpConnection(reader, writer)
            await connection.sign_in(settings.username, settings.password)
            return _Idle(connection, stack.pop_all(), self._clock.monotonic())
        raise AssertionError  # the block above returns or raises

    async def _back(self, held: _Idle | None) -> None:
        if held is None or held.connection.is_broken:
            self._open -= 1
            if held is not None:
                await held.stack.aclose()
        else:
            held.since = self._clock.monotonic()
            self._idle.append(held)
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
                break


class Pool:
    """The servers in order of preference. What nobody waits for leaves a share of the connections alone."""

    def __init__(
        self,
        servers: Sequence[UsenetServer],
        *,
        net: Net,
        clock: Clock,
        background_share: float = 0.5,
        repair_share: float = 0.2,
    ) -> None:
        made = [Server(one, net=net, clock=clock) for one in servers if one.host]
        self.servers = sorted(made, key=lambda one: (one.settings.backup, one.settings.priority))
        room = sum(one.connections[1] for one in self.servers)
        self._background = asyncio.Semaphore(max(1, int(room * background_share)))
        self._repair = asyncio.Semaphore(max(1, int(room * repair_share)))

    @property
    def room(self) -> int:
        """Connections of all servers but the spare ones."""
        return sum(one.connections[1] for one in self.servers if not one.settings.backup) or 1

    async def part(self, message_id: str) -> Part:
        """An article decoded, from the first server that has it whole.

        Raises: Missing, when every server says it has not got it, or has it damaged; Unavailable, when one did not answer.
        """
        not_at: set[str] = set()
        trouble: PolycastError | None = None
        damaged: BadArticle | None = None
        for server in self.servers:
            if server.backbone in not_at:
                continue
            try:
                body = await self._body(server, message_id)
                return await asyncio.to_thread(decode, body)
            except NoArticle:
                not_at.add(server.backbone)
            except BadArticle as error:
                damaged = error
            except PolycastError as error:
                trouble = error
        if damaged is not None:
            raise Missing(damaged.message) from damaged
        if trouble is not None:
            raise Unavailable(f"No news server answers: {trouble.message}") from trouble
        if not self.servers:
            raise Unavailable("There is no news server.")
        raise Missing("No news server has this article.")

    async def background_part(self, message_id: str) -> Part:
        """As `part`, for what nobody waits for. Raises: as `part`."""
        async with self._background:
            return await self.part(message_id)

    async def background_have(self, message_ids: Sequence[str]) -> list[bool]:
        """As `have`, for repair. Raises: as `have`."""
        async with self._repair:
            return await self.have(message_ids)

    async def have(self, message_ids: Sequence[str]) -> list[bool]:
        """Which of these some server says it has. Raises: Unavailable, when no server answers."""
        found = [False] * len(message_ids)
        answered = False
        for server in self.servers:
            wanted = [at for at, has in enumerate(found) if not has]
            for first in range(0, len(wanted), STATS_AT_ONCE):
                batch = wanted[first : first + STATS_AT_ONCE]
                try:
                    async with server.lent() as connection:
                        said = await connection.have([message_ids[at] for at in batch])
                except PolycastError as error:
                    server.failed(error)
                    break
                answered = True
                for at, has in zip(batch, said, strict=True):
                    found[at] = has
        if not answered and message_ids:
            raise Unavailable("No news server answers.")
        return found

    async def sweep(self) -> None:
        """Close connections that nobody needs."""
        for server in self.servers:
            await server.sweep()

    async def close(self) -> None:
        for server in self.servers:
            await server.close()

    async def _body(self, server: Server, message_id: str) -> bytes:
        """Raises: NoArticle; PolycastError."""
        if server.is_resting:
            raise Unavailable(server.error)
        for attempt in range(TRIES):
            try:
                async with server.lent() as connection:
                    return await connection.body(message_id)
            except PolycastError as error:
                is_last = attempt == TRIES - 1 or (isinstance(error, NntpFailed) and error.is_login)
                if is_last or not isinstance(error, NntpFailed):
                    server.failed(error)
                    raise
        raise AssertionError
