"""How fast the server is ready, and how much memory it holds idle: `python -m bench.start`.

The real command on an empty data directory that has been set up once; three starts, three `kill -9` of the web process.
Memory is the proportional set size of all its processes, ten seconds after the start.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp
from tests.command import Command, serving

ROUNDS = 3
SETTLED_S = 10.0


def pss_bytes(pid: int) -> int:
    """Proportional set size of a process. Source: proc(5), smaps_rollup."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


async def timed(command: Command, session: aiohttp.ClientSession) -> float:
    start = time.monotonic()
    await command.ready(session)
    return time.monotonic() - start


async def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        starts, kills = [], []
        async with serving(Path(folder), POLYCAST_LOG_LEVEL="warning") as command, aiohttp.ClientSession() as session:
            await command.ready(session)
            for _ in range(ROUNDS):
                await command.stop()
                begun = time.monotonic()
                await command.start()
                await command.ready(session)
                starts.append(time.monotonic() - begun)
                await command.kill("web")
                kills.append(await timed(command, session))
            await asyncio.sleep(SETTLED_S)
            memory = {role: pss_bytes(pid) for role, pid in command.pids().items()}
        print(f"start: ready after {statistics.median(starts):.2f} s (median of {ROUNDS})")
        print(f"start: ready after kill -9 of the web process in {statistics.median(kills):.2f} s (median of {ROUNDS})")
        shares = ", ".join(f"{role} {size / 1e6:.0f}" for role, size in memory.items())
        print(f"memory: {sum(memory.values()) / 1e6:.0f} MB idle in all (PSS; {shares})")


if __name__ == "__main__":
    asyncio.run(run())
