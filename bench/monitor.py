"""The watch under load: `python -m bench.monitor WHAT`, one figure a run.

told: from an event line to the notification at its destination, 50 servers with 5 events a second each (p95).
reads: GET of the [S] routes with 50 servers, one of them dead (p95).
ingest: events of one server taken in a second.
recordings: 10,000 recordings with lost, doubled and late events (wrong or missing results).
history: a page, the last page and a search over 1,000,000 lines.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from tests.fakes.channels_dvr import ChannelsDvr, channels_dvr
from tests.monitor.test_recordings import simulate
from tests.monitor.world import inbox
from tests.server import Client, Server, running

from polycast.core.identity.scopes import Role
from polycast.core.storage import Unit
from polycast.monitor.history.model import Activity, Filter
from polycast.monitor.history.store import ActivityStore

SEED = 20261121
SERVERS = 50
LINES = 1_000_000


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[18] * 1000


async def watched(
    stack: AsyncExitStack, server: Server, owner: Client, *, count: int, dead: int = 0
) -> list[ChannelsDvr]:
    """That many servers, connected; `dead` further ones that nobody answers for."""
    dvrs = [await stack.enter_async_context(channels_dvr()) for _ in range(count)]
    wanted = [{"host": "127.0.0.1", "port": dvr.port, "name": f"DVR {n}"} for n, dvr in enumerate(dvrs)]
    wanted += [{"host": "127.0.0.1", "port": 9 + n, "name": f"Dead {n}"} for n in range(dead)]
    answer = await owner.post(
        "/api/settings", {"dvr_servers": wanted, "cw_alert_cooldown": 0, "global_rate_limit": 100_000}
    )
    assert answer.status == 200, answer.text()
    while any(not dvr.open_streams for dvr in dvrs):
        await asyncio.sleep(0.05)
    await asyncio.sleep(3)
    return dvrs


async def told() -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(running(folder))
        box = await stack.enter_async_context(inbox())
        owner = await server.client(Role.OWNER)
        arrived: dict[str, float] = {}

        async def taken(asked: Any, writer: asyncio.StreamWriter) -> None:
            arrived[asked.body.decode().partition("Device ")[2][:12]] = time.perf_counter()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()

        box.on("/hook", taken)
        place = {"source": "webhook", "scheme": "http", "host": "127.0.0.1", "port": box.port}
        hook = {"url": f"http://127.0.0.1:{box.port}/hook", "secret": "s" * 20, "enabled": True}
        await owner.post("/api/settings", {"trusted_notification_destinations": [place], "webhooks": [hook]})
        dvrs = await watched(stack, server, owner, count=SERVERS)
        sent: dict[str, float] = {}
        random = Random(SEED)
        keys = {n: dvr.watch("206", "ESPN", f"Chatty {n}") for n, dvr in enumerate(dvrs)}
        await asyncio.sleep(3)
        until = time.perf_counter() + 20
        while time.perf_counter() < until:  # 250 events a second, five of them new viewers
            for n, dvr in enumerate(dvrs):
                dvr.stats(keys[n])
            for _ in range(1):
                name = f"{len(sent):012d}"
                dvr = random.choice(dvrs)
                sent[name] = time.perf_counter()
                dvr.watch("512", "NBC", f"Device {name}", ip=f"10.0.{len(sent) // 250}.{len(sent) % 250}")
            await asyncio.sleep(0.2)
        await asyncio.sleep(3)
        took = [arrived[name] - at for name, at in sent.items() if name in arrived]
        print(f"{len(took)} of {len(sent)} notifications, p95 {p95(took):.1f} ms, most {max(took) * 1000:.0f} ms")


async def reads() -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(running(folder, monitor__disable_auth="false"))
        owner = await server.client(Role.OWNER)
        await watched(stack, server, owner, count=SERVERS - 1, dead=1)
        ids = [one["id"] for one in (await owner.get("/api/v1/dvrs")).json()]
        paths = ["/api/v1/dvrs", *(f"/api/v1/dvrs/{ids[n]}{tail}" for n in (0, -1) for tail in ("", "/streams", "/system-info", "/health", "/recordings/upcoming", "/activity-history"))]  # fmt: skip
        took: list[float] = []
        for turn in range(60):
            if turn % 8 == 0:
                owner = await server.client(Role.OWNER)  # a key's reads of a minute are 120
            for path in paths:
                started = time.perf_counter()
                answer = await owner.get(path)
                took.append(time.perf_counter() - started)
                assert answer.status == 200
        print(f"{len(took)} reads, p95 {p95(took):.2f} ms")


async def ingest() -> None:
    """Through the socket, the parser and the tracker of one watched server; a transition every hundred events."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(running(folder))
        owner = await server.client(Role.OWNER)
        [dvr] = await watched(stack, server, owner, count=1)
        key = dvr.watch("206", "ESPN", "Apple TV")
        await asyncio.sleep(1)
        before, started, count = await heard(owner), time.perf_counter(), 50_000
        for number in range(count):
            if number % 100 == 99:
                dvr.zap(key, str(number // 100 % 50), "Zapped", "Apple TV")
            else:
                dvr.stats(key, f"buf={number % 100}% drop=0%")
            if number % 500 == 0:
                await asyncio.sleep(0)
        while (now := await heard(owner)) < before + count:
            await asyncio.sleep(0.05)
        took = time.perf_counter() - started
        await asyncio.sleep(2)
        page = (await owner.get("/api/v1/monitor/sessions?history=1")).json()
        print(f"{(now - before) / took:.0f} events/s, {page['total'] + 1} of {count // 100 + 1} viewings kept")


async def heard(owner: Client) -> int:
    """Events taken in, by the metrics."""
    for line in (await owner.get("/metrics")).text().splitlines():
        if line.startswith("polycast_monitor_events"):
            return int(float(line.rpartition(" ")[2]))
    return 0


async def recordings() -> None:
    wanted, found = simulate(10_000, Random(SEED))
    wrong = sum(found.get(name) != result for name, result in wanted.items())
    print(f"{wrong} wrong, missing or doubled of {len(wanted)}")


async def history() -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(running(folder))
        db, store, random = server.house.core.db, ActivityStore(), Random(SEED)
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for first in range(0, LINES, 5_000):
            await db.write(store.add, [line(n, start, random) for n in range(first, first + 5_000)])

        async def timed(what: str, wanted: Filter, offset: int) -> None:
            def look(unit: Unit) -> int:
                return store.page(unit, wanted, offset=offset, limit=50, newest_first=True).total

            took, total = [], 0
            for _ in range(7):
                started = time.perf_counter()
                total = await db.read(look)
                took.append(time.perf_counter() - started)
            print(f"{what}: {sorted(took)[3] * 1000:.1f} ms ({total} lines)")

        await timed("first page", Filter(), 0)
        await timed("last page", Filter(), LINES - 50)
        await timed("page of one server", Filter(dvr_id="dvr_3"), 5_000)
        await timed("search", Filter(search="channel 77 on device 9"), 0)


def line(number: int, start: datetime, random: Random) -> Activity:
    channel, device = random.randrange(200), random.randrange(40)
    return Activity(
        uuid=f"{number:036d}", dvr_id=f"dvr_{number % 10}", dvr_name=f"DVR {number % 10}", event_type="watching_channel",
        title="Watching Channel", message=f"Watching Channel {channel} on Device {device}", at=start + timedelta(seconds=20 * number),
        channel_name=f"Channel {channel}", channel_number=str(channel), device_name=f"Device {device}",
        device_ip=f"10.0.0.{device}", program_title=f"Programme {channel}", extra={"stream_count": 1},
    )  # fmt: skip


WHAT: dict[str, Callable[[], Awaitable[None]]] = {
    "told": told,
    "reads": reads,
    "ingest": ingest,
    "recordings": recordings,
    "history": history,
}

if __name__ == "__main__":
    asyncio.run(WHAT[sys.argv[1]]())  # type: ignore[arg-type]
