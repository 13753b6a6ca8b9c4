"""The real command: `polycast serve` as a process of its own, on a real data directory."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.server import PASSWORD

ROOT = Path(__file__).parents[1]
READY_WITHIN = 30.0  # a busy machine must not fail a test; the bar itself is measured in bench/


class Command:
    """A `polycast serve` that can be killed and started again."""

    def __init__(self, data: Path, port: int, log: Path, settings: dict[str, str], before: Sequence[str] = ()) -> None:
        self._before = before  # what the command is started through
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        self._environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            "POLYCAST_DATA_DIR": str(data),
            "POLYCAST_PORT": str(port),
            "POLYCAST_ADMIN_USERNAME": "owner",
            "POLYCAST_ADMIN_PASSWORD": PASSWORD,
            "POLYCAST_NET__TRUSTED_HOSTS": "127.0.0.1",
            "POLYCAST_BALLAST_BYTES": "0",
            "POLYCAST_LIVE__DISCOVERY": "false",  # its ports are one for the whole machine
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def pids(self) -> dict[str, int]:
        """Process ids by role: supervisor, web, worker-0."""
        found = {"supervisor": self.pid}
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text("ascii").split()
        for child in children:
            try:
                name = Path(f"/proc/{child}/comm").read_text("ascii").strip()
            except OSError:
                continue
            found[name.removeprefix("poly-")] = int(child)
        return found

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._before, sys.executable, "-m", "polycast", "serve", stdout=log, stderr=log, env=self._environ
            )

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """Return when it answers that it is well."""
        async with asyncio.timeout(READY_WITHIN):
            while True:
                try:
                    async with session.get(f"{self.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.02)

    async def kill(self, role: str) -> bool:
        """SIGKILL one of its processes; False when it is not there at this moment."""
        pid = self.pids().get(role)
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        if role == "supervisor" and self._process is not None:
            await self._process.wait()
        return True

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        if self._process is None or self._process.returncode is not None:
            return -1
        self._process.terminate()
        async with asyncio.timeout(READY_WITHIN):
            return await self._process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(tmp_path: Path, *, before: Sequence[str] = (), **settings: str) -> AsyncIterator[Command]:
    """A running `polycast serve` for the length of the block; settings as `POLYCAST_...` names."""
    command = Command(tmp_path / "data", free_port(), tmp_path / "serve.log", settings, before)
    await command.start()
    try:
        yield command
    finally:
        await command.stop()
