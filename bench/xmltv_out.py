"""XMLTV out: a guide of 2,000 channels for 7 days, cold and cached, over HTTP from the whole front.

    python -m bench.xmltv_out [CHANNELS]

The server runs in a process of its own, so that the client's work does not count. Programmes last 30 to 60 minutes and
every second one carries what guides usually tell; the generator is seeded.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from tests.live.outputs.world import ADDED, channel, outputs_world

from bench.serving import cpu_seconds
from polycast.core.clock import SystemClock
from polycast.core.storage import Unit
from polycast.live import tables
from polycast.live.guide.model import Airing
from polycast.live.guide.pages import pages
from polycast.live.guide.store_pages import PageStore

SEED = 20261121
DAYS = 7
WORDS = ["evening", "night", "news", "world", "city", "love", "house", "road", "game", "story", "day", "life", "wild", "deep", "cold", "home", "second", "last", "great", "river", "dark", "young", "family", "kitchen", "garden", "police", "doctor", "island", "winter", "summer"]  # fmt: skip


def guide_of(dice: random.Random, start: int) -> list[Airing]:
    """A week of one channel."""
    found: list[Airing] = []
    at = start
    while at < start + DAYS * 86_400:
        end = at + dice.choice((1800, 2700, 3600))
        extras: dict[str, Any] | None = None
        if dice.random() < 0.5:
            extras = {
                "categories": [dice.choice(WORDS).title(), "Series"],
                "season": dice.randrange(1, 9),
                "episode": dice.randrange(1, 20),
                "credits": {"actor": [{"name": dice.choice(WORDS).title()} for _ in range(3)]},
                "rating": "TV-PG",
                "rating_system": "VCHIP",
                "new": True,
            }
        title = " ".join(dice.choices(WORDS, k=3)).title()
        found.append(Airing(at, end, title, title[::-1], " ".join(dice.choices(WORDS, k=30)), extras))
        at = end
    return found


def fill(count: int) -> Any:
    """Channels, each with a guide of its own."""

    def write(unit: Unit) -> None:
        dice, start = random.Random(SEED), int(time.time()) // 1800 * 1800
        unit.insert(tables.guide_sources, name="Guide", source_type="xmltv", custom_properties={}, created_at=ADDED)
        total = 0
        for number in range(1, count + 1):
            values = {"source_id": 1, "tvg_id": f"c{number}", "name": f"Channel {number}"}
            guide = unit.insert(tables.guide_channels, **values)
            channel(unit, number * 1000, f"Channel {number}", guide_channel_id=guide, uuid=f"u{number}")
            airings = guide_of(dice, start)
            total += len(airings)
            PageStore().replace(unit, guide, pages(airings))
        print(json.dumps({"channels": count, "programmes": total, "seed": SEED}), flush=True)

    return write


async def serve(folder: Path, count: int, pipe: Connection) -> None:
    """Until the pipe says stop."""
    async with outputs_world(folder, clock=SystemClock(), fill=fill(count)) as world:
        pipe.send(world.url)
        while not pipe.poll():
            await asyncio.sleep(0.05)
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def server(folder: Path, count: int, pipe: Connection) -> None:
    asyncio.run(serve(folder, count, pipe))


async def fetched(session: aiohttp.ClientSession, url: str) -> tuple[float, float, int]:
    """Seconds to the first byte, to the last, and bytes."""
    began = time.perf_counter()
    async with session.get(url) as answer:
        assert answer.status == 200
        size = len(await answer.content.readany())
        first = time.perf_counter() - began
        async for piece in answer.content.iter_any():
            size += len(piece)
    return first, time.perf_counter() - began, size


async def measure(url: str, pid: int) -> None:
    headers = {"accept-encoding": "identity"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, auto_decompress=False, connector=connector) as session:
        await fetched(session, f"{url}/output/m3u")  # the line-up is in memory, as it is after the first player
        before = cpu_seconds(pid)
        first, last, size = await fetched(session, f"{url}/output/epg")
        cpu = cpu_seconds(pid) - before
        told = {"case": "cold", "seconds": round(last, 3), "cpu": round(cpu, 2), "first_byte": round(first, 4)}
        print(json.dumps(told | {"bytes": size}))
        cached = [(await fetched(session, f"{url}/output/epg"))[0] for _ in range(20)]
        print(json.dumps({"case": "cached", "first_byte_ms": round(statistics.median(cached) * 1000, 2)}))
        began = time.perf_counter()
        await asyncio.gather(*(fetched(session, f"{url}/output/epg?days=6") for _ in range(10)))
        print(json.dumps({"case": "ten at once, cold", "seconds": round(time.perf_counter() - began, 3)}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("channels", type=int, nargs="?", default=2_000)
    count = parser.parse_args().channels
    ours, theirs = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = multiprocessing.get_context("spawn").Process(target=server, args=(Path(folder), count, theirs))
        process.start()
        asyncio.run(measure(ours.recv(), process.pid or 0))
        ours.send("stop")
        print(json.dumps({"case": "memory", "peak_mib": ours.recv()}))
        process.join()


if __name__ == "__main__":
    main()
