"""Acquisition with 50,000 entries: start, listings, pages; and one magnet from its adding to its bytes.

`python -m bench.acquire [entries]`. The provider is the simulated one on loopback, with 100 ms of delay for each call.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import release

from polycast.acquire.providers.store import AccountStore
from polycast.acquire.tables import entries, files, placements
from polycast.core.storage import Unit, instant_in

COUNT = 50_000
IN_CLIENT = 10_000
LATENCY = 0.1


def fill(unit: Unit, count: int, now: int) -> None:
    """Entries with a file and a placement each; the first ones are still shown to download clients."""
    columns = [
        "info_hash",
        "protocol",
        "name",
        "name_key",
        "original_name",
        "folder",
        "size_bytes",
        "state",
        "tags",
        "options",
        "client",
        "in_client",
        "action",
        "active_provider",
        "category",
        "save_path",
        "added_at",
        "updated_at",
        "completed_at",
        "position",
    ]
    unit.insert_rows(
        entries,
        columns,
        (
            (
                f"{n:040x}", "torrent", f"Film.{n}.1080p", f"film.{n}.1080p", f"Film.{n}.1080p", f"Film.{n}.1080p",
                1_000_000 + n, "done", "[]", "{}", "{}", int(n <= IN_CLIENT), "symlink", "realdebrid", "radarr",
                "/data/radarr", now + n, now + n, now + n, n,
            )
            for n in range(1, count + 1)
        ),
    )  # fmt: skip
    unit.insert_rows(
        files,
        ["entry_id", "position", "name", "path", "size_bytes", "added_at"],
        ((n, 0, "movie.mkv", f"Film.{n}/movie.mkv", 1_000_000 + n, now) for n in range(1, count + 1)),
    )
    unit.insert_rows(
        placements,
        ["entry_id", "provider", "remote_id", "status", "progress", "remote_files", "added_at", "fingerprint"],
        ((n, "realdebrid", f"R{n}", "downloaded", 1.0, "{}", now, "x") for n in range(1, count + 1)),
    )


async def timed(world: World, method: str, path: str, **options: Any) -> tuple[float, float, int]:
    """(first byte, everything) in seconds, and the size."""
    started = time.perf_counter()
    headers = world.bearer.headers | options.pop("headers", {})
    async with world.server.session.request(method, world.url + path, headers=headers, **options) as answer:
        assert answer.status in (200, 206, 207), (answer.status, await answer.text())
        first = await answer.content.readany()
        at_first = time.perf_counter() - started
        size = len(first) + len(await answer.read())
    return at_first, time.perf_counter() - started, size


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def library(folder: Path, account: dict[str, Any], debrid: RealDebrid, count: int) -> None:
    folder.mkdir(exist_ok=True)
    async with world_of(folder, debrids=[account]) as world:
        core = world.server.house.core
        await core.db.write(fill, count, instant_in(core.clock.now()))
        await core.db.write(AccountStore().put, "realdebrid", synced_at=core.clock.now())  # nothing is read in between
    async with world_of(folder, debrids=[account]) as world:
        started = time.perf_counter()
        while (await world.bearer.get("/api/browse/__all__?limit=1")).status != 200:
            await asyncio.sleep(0.02)
        print(f"acquire: {count} entries: tree ready {time.perf_counter() - started:.2f} s after the server answers")
        calls = len(debrid.calls)
        rounds = [await timed(world, "PROPFIND", "/webdav/__all__/", headers={"Depth": "1"}) for _ in range(3)]
        first, whole, size = sorted(rounds)[1]
        print(f"acquire: PROPFIND of {count}: {whole:.3f} s, first byte {first * 1000:.1f} ms, {size / 1e6:.1f} MB")
        print(f"acquire: provider calls for it: {len(debrid.calls) - calls}")
        pages = [(await timed(world, "GET", f"/api/browse/__all__?page={n}&search=film.1"))[1] for n in range(1, 60)]
        print(f"acquire: browse page with search p95 {p95(pages) * 1000:.1f} ms")
        info = [(await timed(world, "GET", "/api/v2/torrents/info?category=radarr"))[1] for _ in range(21)]
        print(f"acquire: torrents/info of {IN_CLIENT} p95 {p95(info[1:]) * 1000:.0f} ms")
        rid = (await world.bearer.get("/api/v2/sync/maindata?rid=0")).json()["rid"]
        same = [(await timed(world, "GET", f"/api/v2/sync/maindata?rid={rid}"))[1] for _ in range(40)]
        print(f"acquire: maindata without a change p95 {p95(same) * 1000:.1f} ms")


async def magnets(folder: Path, account: dict[str, Any], debrid: RealDebrid) -> None:
    folder.mkdir(exist_ok=True)
    async with world_of(folder, debrids=[account]) as world:
        debrid.latency = LATENCY
        took = []
        for number in range(5):
            made = debrid.know(release(f"Timed.{number}", (("movie.mkv", 1_000_000),)))
            started = time.perf_counter()
            await world.bearer.ask("POST", "/api/v2/torrents/add", data={"urls": made.magnet, "category": "radarr"})
            await world.until(made.info_hash, "pausedUP")
            took.append(time.perf_counter() - started)
        print(f"acquire: cached magnet to complete {statistics.median(took):.2f} s")
        debrid.latency = 0
        made = debrid.know(release("Big", (("movie.mkv", 150_000_000),)))
        await world.acquired(made.magnet)
        rounds = [await timed(world, "GET", "/webdav/__all__/Big/movie.mkv") for _ in range(3)]
        first, whole, size = sorted(rounds, key=lambda one: one[1])[1]
        print(f"acquire: stream through us {size / whole / 1e6:.0f} MB/s, first byte {first * 1000:.1f} ms")


async def main(count: int) -> None:
    async with real_debrid() as debrid:
        debrid.per_minute = 100_000
        account = {
            "provider": "realdebrid",
            "name": "realdebrid",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
            "torrents_refresh_interval": "10d",
        }
        with tempfile.TemporaryDirectory(prefix="polycast-acquire-") as folder:
            await magnets(Path(folder) / "magnets", account, debrid)
            debrid.items.clear()
            await library(Path(folder) / "library", account, debrid, count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
