"""Scans: `python -m bench.library_scan [FILMS] [LINKS]`, in the process of the tests, the prober in children of its own.

FILMS small real films (H.264 and AAC, 2 s, each unlike the others by its last bytes), a folder each as Radarr makes them, are
looked through for the first time: walk, names, probe, rows, index. Then LINKS `.strm` files, twenty to a folder, are taken in once,
and looked through again unchanged, quickly (folders that have not changed are not read) and in full (every file is asked for its time).
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.library.media import OLD, film
from tests.server import Client, Server, running

from polycast.core.identity.scopes import Role

FILMS, LINKS, IN_FOLDER = 4_000, 100_000, 20


def write_films(root: Path, count: int) -> None:
    content = film().read_bytes()
    for number in range(count):
        name = f"Film {number:05} ({1950 + number % 75})"
        put(root / name / f"{name}.mkv", content + number.to_bytes(4, "big"))


def write_links(root: Path, count: int) -> None:
    for number in range(count):
        show, place = divmod(number, IN_FOLDER)
        folder = root / f"Show {show // 5:04} (2001)" / f"Season {show % 5 + 1}"
        put(
            folder / f"Show {show // 5:04} - S{show % 5 + 1:02}E{place + 1:02}.strm",
            f"http://127.0.0.1/{number}".encode(),
        )


def put(place: Path, content: bytes) -> None:
    """Write a file with a time long gone."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    os.utime(place, (OLD, OLD))


async def scanned(server: Server, owner: Client, library: str, mode: str) -> float:
    """Seconds from the request to the end of all that it brought about."""
    begun = time.perf_counter()
    answer = await owner.post(f"/v1/libraries/{library}/scan", {"mode": mode})
    if answer.status != 202:
        raise RuntimeError(answer.text())
    await ended(owner, answer.json()["workflowId"])
    return time.perf_counter() - begun


async def ended(owner: Client, workflow: str) -> None:
    while True:
        found = (await owner.get(f"/v1/workflows/{workflow}")).json()
        if found["status"] == "completed":
            return
        if found["status"] in ("failed", "cancelled"):
            raise RuntimeError(found)
        await asyncio.sleep(0.2 if found["status"] == "pending" else 0.7)  # below the rate of a hundred a minute


async def first(server: Server, owner: Client, name: str, kind: str, root: Path) -> tuple[str, float]:
    """A new library, and how long it took to know all that is in it."""
    begun = time.perf_counter()
    made = await owner.post("/v1/libraries", {"name": name, "type": kind, "paths": [str(root)], "watchEnabled": False})
    library = made.json()["id"]
    await server.idle()
    took = time.perf_counter() - begun
    return library, took


async def run(films: int, links: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        await asyncio.to_thread(write_films, root / "films", films)
        await asyncio.to_thread(write_links, root / "shows", links)
        async with running(root, library__watch="false", library__settle_s="0") as server:
            owner = await server.client(Role.OWNER)
            library, took = await first(server, owner, "Films", "movie", root / "films")
            count = (await owner.get("/v1/movies?limit=1&includeTotal=true")).json()["total"]
            print(f"scan: first: {count} films in {took:.1f} s, {count / took:.0f} files/s", flush=True)
            if count != films:
                raise RuntimeError("films are missing")
            library, took = await first(server, owner, "Shows", "tv", root / "shows")
            print(f"scan: links: {links} in {took:.1f} s, {links / took:.0f} files/s", flush=True)
            for mode in ("quick", "full"):
                took = await scanned(server, owner, library, mode)
                print(f"scan: unchanged, {mode}: {links} files in {took:.2f} s", flush=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    asyncio.run(run(given[0] if given else FILMS, given[1] if len(given) > 1 else LINKS))
