"""The catalogue at 20,000 films and 200,000 episodes: `python -m bench.library_catalogue [FILMS] [SHOWS]`, on the real command.

Rows are written straight into the tables: titles of invented words (the same each time), 3 genres and 8 people of 5,000 a film,
a file each with streams as the prober wrote them of a real one, 2,000 titles seen. Then pages of films in every order with and
without filters, the search, the start page, and the same pages as Jellyfin's apps ask for them, at 8 connections that are kept.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text
from tests.command import Command, serving
from tests.library.media import film, put
from tests.server import Server, running

from bench.search import SEED, Dice, made_titles, made_words
from polycast.core.identity.scopes import Role
from polycast.core.ids import RandomIds
from polycast.core.storage import Unit, fold, sort_key
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.metadata.search import TitleIndex
from polycast.library.tables.catalogue import files, items, parts, people, tags
from polycast.library.tables.playback import progress

FILMS, SHOWS, SEASONS, EPISODES = 20_000, 2_000, 5, 20
PEOPLE, CAST, KEYS, CONNECTIONS, ROUND = 5_000, 8, 30, 8, 640
GENRES = (
    "Drama",
    "Comedy",
    "Crime",
    "Action",
    "Thriller",
    "Horror",
    "Romance",
    "Family",
    "Mystery",
    "Western",
    "War",
    "Music",
)
PAGES = (
    "/v1/movies?limit=20", "/v1/movies?limit=20&sort=addedAt&order=desc", "/v1/movies?limit=20&sort=rating&order=desc",
    "/v1/movies?limit=20&sort=year&genre=Crime", "/v1/movies?limit=20&sort=runtime&yearFrom=1980&yearTo=1999",
    "/v1/movies?limit=20&sort=random&seed=7", "/v1/movies?limit=20&watched=false&sort=rating&order=desc",
    "/v1/movies?limit=20&sort=lastPlayedAt&order=desc", "/v1/movies?limit=20&resolution=1080p&sort=fileSize&order=desc",
    "/v1/movies?limit=20&startsWith=s", "/v1/shows?limit=20", "/v1/shows?limit=20&genre=Drama&sort=releaseDate&order=desc",
)  # fmt: skip
FACE = (
    "/Items?IncludeItemTypes=Movie&Recursive=true&SortBy=SortName&StartIndex=0&Limit=50",
    "/Items?IncludeItemTypes=Movie&Recursive=true&SortBy=SortName&StartIndex=12000&Limit=50",
    "/Items?IncludeItemTypes=Series&Recursive=true&SortBy=DateCreated&SortOrder=Descending&Limit=50",
    "/Items/Latest?Limit=20", "/UserItems/Resume?Limit=12", "/Shows/NextUp?Limit=20",
    "/Items?IncludeItemTypes=Movie&Recursive=true&Filters=IsUnplayed&SortBy=Random&Limit=20",
)  # fmt: skip


class Rows:
    """The rows of everything, from one throw of the dice."""

    def __init__(
        self, library_ids: tuple[int, int], folder: int, sample: dict[str, Any], counts: tuple[int, int]
    ) -> None:
        self.films, self.shows = counts
        self.movie_library, self.show_library = library_ids
        self.folder, self.sample = folder, sample
        self.ids, self.dice = RandomIds(), Dice(SEED)
        self.now = time.time_ns() // 1000
        self.titles = list(made_titles(made_words(Dice(SEED)), self.films + self.shows * (1 + SEASONS * EPISODES)))
        self.next = 1

    def item(self, kind: str, number: int, **values: Any) -> dict[str, Any]:
        """A title; `number` counts all of them."""
        name = self.titles[number % len(self.titles)]
        at = self.now - number * 60_000_000
        day = date(1950 + number % 75, 1 + number % 12, 1 + number % 28)
        return {
            "id": number, "nanoid": self.ids.nanoid(), "uuid": self.ids.uuid().replace("-", ""), "kind": kind, "title": name,
            "title_key": sort_key(name), "year": day.year, "released": (day - date(1970, 1, 1)).days, "runtime": 80 + number % 70,
            "overview": f"About {name.lower()}.", "match_key": f"{kind}{number}", "match_status": "matched", "locked": "[]",
            "images": "{}", "extra": "{}", "rating": 300 + number * 7 % 650, "is_available": 1, "is_rated": 1, "min_age": 12,
            "height": 1080, "resolution": "1080p" if number % 3 else "2160p", "video_codec": "h264", "audio_codec": "ac3",
            "audio_channels": 6, "container": "matroska", "file_size": 10**9 + number * 7919, "bitrate": 8_000_000,
            "duration_ms": 5_400_000, "added_at": at, "updated_at": at, "library_id": self.show_library, "parent_id": None,
            "top_id": number, "season_number": None, "episode_number": None, "episode_count": 0, "available_count": 0,
        } | values  # fmt: skip

    def all(self) -> Iterator[dict[str, Any]]:
        """Films, then shows with their seasons and episodes."""
        number = 0
        for _ in range(self.films):
            number += 1
            yield self.item("movie", number, library_id=self.movie_library)
        for _ in range(self.shows):
            number += 1
            show, every = number, SEASONS * EPISODES
            yield self.item("show", show, episode_count=every, available_count=every)
            for season in range(1, SEASONS + 1):
                number += 1
                above = number
                counts = {"episode_count": EPISODES, "available_count": EPISODES}
                yield self.item("season", above, top_id=show, parent_id=show, season_number=season, **counts)
                for episode in range(1, EPISODES + 1):
                    number += 1
                    place = {"season_number": season, "episode_number": episode}
                    yield self.item("episode", number, top_id=show, parent_id=above, **place)

    def file(self, item: dict[str, Any]) -> dict[str, Any]:
        values = {
            "nanoid": self.ids.nanoid(), "library_id": item["library_id"], "path_id": self.folder, "item_id": item["id"],
            "path": f"/nowhere/{item['id']}.mkv", "role": "main", "size": item["file_size"], "mtime_ns": 1, "state": "available",
            "probe_status": "ok", "added_at": item["added_at"], "height": 1080, "width": 1920, "resolution": item["resolution"],
        }  # fmt: skip
        return self.sample | values


def put_rows(unit: Unit, batch: Sequence[tuple[Rows, dict[str, Any]]]) -> None:
    """A batch of titles with their files, words and people."""
    rows = batch[0][0]
    made = [item for _, item in batch]
    unit.insert_rows(items, list(made[0]), [tuple(item.values()) for item in made])
    played = [rows.file(item) for item in made if item["kind"] in ("movie", "episode")]
    if played:
        unit.insert_rows(files, list(played[0]), [tuple(one.values()) for one in played])
    tops = [item for item in made if item["kind"] in ("movie", "show")]
    words = [
        (item["id"], "genre", fold(GENRES[at]), GENRES[at], place)
        for item in tops
        for place, at in enumerate(sorted({rows.dice.below(len(GENRES)) for _ in range(3)}))
    ]
    unit.insert_rows(tags, ["item_id", "kind", "value_key", "value", "position"], words)
    cast = [
        (item["id"], 1 + min(rows.dice.below(PEOPLE), rows.dice.below(PEOPLE)), "cast", f"Role {place}", place)
        for item in tops
        for place in range(CAST)
    ]
    unit.insert_rows(parts, ["item_id", "person_id", "kind", "character", "position"], cast)


async def fill(server: Server, folder: Path, counts: tuple[int, int]) -> list[dict[str, str]]:
    """Everything; headers of the owner's keys, so many that no rate is reached."""
    owner = await server.client(Role.OWNER)
    db, ids = server.house.core.db, RandomIds()
    made = []
    for name, kind in (("Films", "movie"), ("Shows", "tv")):
        place = folder / name
        put(place, "Heat (1995)/Heat (1995).mkv", film())
        sent = {"name": name, "type": kind, "paths": [str(place)], "watchEnabled": False}
        made.append((await owner.post("/v1/libraries", sent)).json()["id"])
    await server.idle()

    def start(unit: Unit) -> Rows:
        keys = [
            int(unit.execute(text("SELECT id FROM library_libraries WHERE nanoid = :n"), {"n": one}).scalar_one())
            for one in made
        ]
        known = unit.execute(text("SELECT * FROM library_files LIMIT 1")).mappings().one()
        sample = {
            name: known[name]
            for name in ("probed", "container", "duration_ms", "video_codec", "audio_codec", "audio_channels")
        }
        for table in (files, items):
            unit.execute(table.delete())
        names = list(made_titles(made_words(Dice(SEED + 2)), PEOPLE))
        unit.insert_rows(
            people, ["id", "nanoid", "uuid", "name", "name_key"],
            [(n + 1, ids.nanoid(), ids.uuid().replace("-", ""), name, sort_key(name)) for n, name in enumerate(names)],
        )  # fmt: skip
        return Rows((keys[0], keys[1]), int(known["path_id"]), sample, counts)

    rows = await db.write(start)
    total = await db.write_bulk(put_rows, ((rows, item) for item in rows.all()))
    index = TitleIndex(items=ItemStore(), viewers=ViewerStore())
    await db.write_bulk(index.put_in, iter(range(1, total + 1)))
    me = await server.house.core.identity.users.find("owner")
    assert me is not None
    await db.write(seen, me.id, rows)
    await db.write(lambda unit: unit.execute(text("ANALYZE")))
    return [dict((await server.client(Role.OWNER)).headers) for _ in range(KEYS)]


def seen(unit: Unit, user: int, rows: Rows) -> None:
    """2,000 films and episodes, the last ones not to their end."""
    step = max(1, (rows.films + rows.shows * (1 + SEASONS + SEASONS * EPISODES)) // 2000)
    query = items.select().with_only_columns(items.c.id, items.c.top_id).where(items.c.kind.in_(("movie", "episode")))
    found = unit.execute(query.order_by(items.c.id)).all()[::step]
    values = [
        (user, 0, row.id, row.top_id, 600_000 if number % 40 == 0 else 0, 5_400_000, int(number % 40 != 0), 1, rows.now - number * 10**9, rows.now)
        for number, row in enumerate(found)
    ]  # fmt: skip
    columns = [
        "user_id",
        "profile_id",
        "item_id",
        "top_id",
        "position_ms",
        "duration_ms",
        "watched",
        "play_count",
        "last_played_at",
        "updated_at",
    ]
    unit.insert_rows(progress, columns, values)


async def ask(
    session: aiohttp.ClientSession, url: str, heads: Sequence[dict[str, str]], paths: Sequence[str], count: int
) -> dict[str, list[float]]:
    """Milliseconds of each request, by path."""
    took: dict[str, list[float]] = {path: [] for path in paths}

    async def one(place: int) -> None:
        for number in range(place, count, CONNECTIONS):
            path = paths[number % len(paths)]
            begun = time.perf_counter()
            async with session.get(url + path, headers=heads[number % len(heads)]) as answer:
                await answer.read()
                assert answer.status == 200, (path, answer.status, await answer.text())
            took[path].append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(one(place) for place in range(CONNECTIONS)))
    return took


def questions(titles: Sequence[str]) -> list[str]:
    """Whole titles, beginnings as they are typed, and a wrong letter."""
    dice = Dice(SEED + 1)
    picked = [titles[dice.below(len(titles))] for _ in range(120)]
    typed = [one[: 2 + dice.below(max(1, len(one) - 2))] for one in picked[:40]]
    wrong = [one[:2] + one[3:4] + one[2:3] + one[4:] for one in picked[40:80]]
    return [f"/v1/search?q={one}" for one in [*typed, *wrong, *picked[80:]]]


async def measure(
    command: Command, session: aiohttp.ClientSession, heads: Sequence[dict[str, str]], titles: Sequence[str]
) -> None:
    groups = {"pages": PAGES, "search": questions(titles), "start page": ("/v1/home",), "jellyfin": FACE}
    for name, paths in groups.items():
        await ask(session, command.url, heads, paths, len(paths))
        begun = time.perf_counter()
        took = await ask(session, command.url, heads, paths, ROUND if name == "pages" else 240)
        rate = sum(len(one) for one in took.values()) / (time.perf_counter() - begun)
        every = [one for some in took.values() for one in some]
        print(f"catalogue: {name}: {figures(every)}, {rate:.0f} req/s at {CONNECTIONS} connections", flush=True)
        if name != "search":
            for path, some in took.items():
                print(f"    {path}: p50 {statistics.median(some):.1f}, most {max(some):.1f} ms")
        alone = []
        for number in range(40):
            begun = time.perf_counter()
            async with session.get(
                command.url + paths[number % len(paths)], headers=heads[number % len(heads)]
            ) as answer:
                await answer.read()
            alone.append((time.perf_counter() - begun) * 1000)
        print(f"catalogue: {name}, one at a time: {figures(alone)}", flush=True)


def figures(took: Sequence[float]) -> str:
    return f"p50 {statistics.median(took):.1f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.1f} ms"


async def run(counts: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = time.perf_counter()
        async with running(folder, library__watch="false") as server:
            heads = await fill(server, folder / "media", counts)
        print(
            f"catalogue: {counts[0]} films, {counts[1] * SEASONS * EPISODES} episodes in {time.perf_counter() - begun:.0f} s",
            flush=True,
        )
        titles = list(made_titles(made_words(Dice(SEED)), counts[0]))
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        settings = {"POLYCAST_LOG_LEVEL": "warning", "POLYCAST_LIBRARY__WATCH": "false"}
        async with serving(folder, **settings) as command, aiohttp.ClientSession(connector=connector) as session:
            await command.ready(session)
            await measure(command, session, heads, titles)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    asyncio.run(run((given[0] if given else FILMS, given[1] if len(given) > 1 else SHOWS)))
