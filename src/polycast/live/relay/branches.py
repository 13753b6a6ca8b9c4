"""Other forms of a running channel: each made once by a child process, for all who want it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from polycast.core.errors import PolycastError, Unavailable
from polycast.core.media import Ring, fmp4_argv, piped
from polycast.core.media.piping import QUICK
from polycast.core.processes import Processes, profile_argv
from polycast.live.preferences.model import OutputProfile
from polycast.live.relay.fragments import Fragments
from polycast.live.relay.model import Format, Outlet

_LOOK: Final = timedelta(milliseconds=100)


class Branch:
    """A ring's bytes through ffmpeg, into a ring or into fragments of its own."""

    def __init__(self, source: Ring, outlet: Outlet, *, processes: Processes, profile: OutputProfile | None) -> None:
        self.outlet = outlet
        self.ring = Ring()
        self.fragments = Fragments()
        self.users = 0
        self.error = ""
        self.task: asyncio.Future[None] | None = None
        self._source = source
        self._processes = processes
        self._profile = profile

    def start(self) -> None:
        self.task = asyncio.ensure_future(self._run())

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
            if not self.task.cancelled():
                self.task.exception()

    async def _run(self) -> None:
        try:
            if self._profile is None:
                await self._remuxed(self._bytes(self._source))
            elif self.outlet.format is Format.TS:
                await self._transcoded(self.ring)
            else:
                await self._both()
        except PolycastError as error:
            self.error = error.message
        finally:
            self.ring.end()
            self.fragments.end()

    async def _both(self) -> None:
        """A transcode and, behind it, the remux; a profile's own output may be either, so it is asked for TS."""
        transcoding = asyncio.ensure_future(self._transcoded(self.ring))
        try:
            await self._remuxed(self._bytes(self.ring))
        finally:
            transcoding.cancel()
            await asyncio.wait([transcoding])

    async def _transcoded(self, into: Ring) -> None:
        if self._profile is None:
            return
        argv = [*QUICK, *profile_argv(self._profile.command, self._profile.parameters, {})]
        async with piped(self._processes, argv, self._bytes(self._source)) as child:
            async for chunk in child.chunks():
                into.write(chunk)
            self.error = child.errors[-500:]

    async def _remuxed(self, source: AsyncIterator[bytes]) -> None:
        argv = fmp4_argv(self._source.programme)
        async with piped(self._processes, argv, source) as child:
            async for chunk in child.chunks():
                self.fragments.write(chunk)

    async def _bytes(self, ring: Ring) -> AsyncIterator[bytes]:
        cursor = ring.join()
        while (chunk := await cursor.read()) is not None:
            yield chunk


class Branches:
    """Those of one channel. The last reader takes a branch along."""

    def __init__(self, source: Ring, *, processes: Processes) -> None:
        self._source = source
        self._processes = processes
        self._branches: dict[Outlet, Branch] = {}

    @asynccontextmanager
    async def used(self, outlet: Outlet, profile: OutputProfile | None) -> AsyncGenerator[Branch, None]:
        """The branch for `outlet`, for the length of the block. Raises: Unavailable, when it cannot be made."""
        branch = self._branches.get(outlet)
        if branch is None or (branch.task is not None and branch.task.done()):
            branch = Branch(self._source, outlet, processes=self._processes, profile=profile)
            self._branches[outlet] = branch
            branch.start()
        branch.users += 1
        try:
            yield branch
        finally:
            branch.users -= 1
            if not branch.users:
                if self._branches.get(outlet) is branch:
                    del self._branches[outlet]
                await asyncio.shield(branch.close())


async def began(branch: Branch, timeout_s: float) -> None:
    """Until a player could begin. Raises: Unavailable."""
    until = asyncio.get_running_loop().time() + timeout_s
    while asyncio.get_running_loop().time() < until:
        is_ready = branch.ring.can_start if branch.outlet.format is Format.TS else bool(branch.fragments.init)
        if is_ready:
            return
        if branch.task is not None and branch.task.done():
            break
        if branch.outlet.format is Format.TS:
            await branch.ring.join().read(timeout=_LOOK)
        else:
            await branch.fragments.read(branch.fragments.newest(), _LOOK.total_seconds())
    raise Unavailable("The stream could not be converted.")
