"""Search over 220,000 rows: `python -m bench.search [ROWS]`, on SQLite and, where it answers, PostgreSQL.

Titles are made from 40,000 words whose frequency falls with their rank (Zipf), as in real catalogues; seed below. Asked
are whole titles, beginnings as they are typed, one- and two-letter beginnings, the commonest words, and titles with a
wrong letter; the figures are over all of them together, and for each kind.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import text
from tests.engines import POSTGRESQL, SQLITE, Kept, place

from polycast.core.clock import SystemClock
from polycast.core.events import Audience
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.scopes import Scope
from polycast.core.search import Search, SearchIndex, SearchWords
from polycast.core.storage import Database, Unit, migrate, open_storage

SEED = 20261121
ROWS = 220_000
ROOTS = 40_000
ASKED_EACH = 60
FIRST = "bcdfghjklmnprstvwz"
MIDDLE = ("a", "e", "i", "o", "u", "ea", "ou", "ai")
CLOSE = ("", "", "", "n", "r", "s", "l", "t", "m", "d", "ck", "st")
ENDS = ("", "s", "er", "ing", "ia", "on", "ette", "ville")
VIEWER = Caller(user_id=7, scopes=frozenset({Scope.LIBRARY_READ, Scope.LIVE_READ}), credential=Credential.SESSION)
AUDIENCE = Audience(scope=Scope.LIBRARY_READ)


class Dice:
    """The same numbers each time."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, end: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % end

    def zipf(self, end: int) -> int:
        """Small numbers far more often than large ones."""
        return int(end ** (self.below(1_000_000) / 1_000_000)) - 1


def made_words(dice: Dice) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < ROOTS:
        parts = (pool[dice.below(len(pool))] for _ in range(1 + dice.below(3)) for pool in (FIRST, MIDDLE, CLOSE))
        word = "".join(parts) + ENDS[dice.below(len(ENDS))]
        words[word] = None
    return list(words)


def made_titles(words: Sequence[str], count: int) -> Iterator[str]:
    dice = Dice(SEED)
    for _ in range(count):
        yield " ".join(words[dice.zipf(len(words))].capitalize() for _ in range(1 + dice.below(5)))


def put(unit: Unit, rows: Sequence[tuple[int, str]]) -> None:
    for number, title in rows:
        people = f"person {title[::-1][:8]}"
        words = SearchWords(kind="movie", title=title, subtitle="2001", text=people, weight=number % 100)
        unit.index(f"library.movie:{number}", words, AUDIENCE)


def analyze(unit: Unit) -> None:
    unit.execute(text("ANALYZE"))


def questions(titles: Sequence[str], words: Sequence[str]) -> dict[str, list[str]]:
    dice = Dice(SEED + 1)
    picked = [titles[dice.below(len(titles))] for _ in range(ASKED_EACH)]
    return {
        "whole title": picked,
        "as typed": [title[: 3 + dice.below(max(1, len(title) - 3))] for title in picked],
        "one and two letters": [title[: 1 + number % 2] for number, title in enumerate(picked)],
        "commonest words": [words[number // 2] + (" " if number % 2 else "") for number in range(ASKED_EACH)],
        "a wrong letter": [_wrong(title, dice) for title in picked],
    }


def _wrong(title: str, dice: Dice) -> str:
    at = 1 + dice.below(max(1, len(title) - 2))
    return title[:at] + title[at + 1 : at + 2] + title[at : at + 1] + title[at + 2 :]


async def ask(search: Search, asked: Sequence[str]) -> list[float]:
    """Milliseconds of each."""
    took: list[float] = []
    for question in asked:
        started = time.perf_counter()
        await search.find(VIEWER, question)
        took.append((time.perf_counter() - started) * 1000)
    return took


async def fill(db: Database, titles: Sequence[str]) -> float:
    started = time.perf_counter()
    await db.write_bulk(put, enumerate(titles))
    return time.perf_counter() - started


async def measure(engine: str, count: int) -> None:
    words = made_words(Dice(SEED))
    titles = list(made_titles(words, count))
    with tempfile.TemporaryDirectory() as folder, place(engine, Path(folder)) as settings:
        migrate(settings, [])
        index, kept = SearchIndex(), Kept()
        async with open_storage(
            settings, metadatas=[], enqueuer=kept, publisher=kept, indexer=index, clock=SystemClock()
        ) as db:
            search = Search(db=db, index=index)
            print(f"search {engine}: {count} rows indexed in {await fill(db, titles):.1f} s,", end=" ")
            print(f"again unchanged in {await fill(db, titles):.1f} s")
            await db.write(analyze)  # PostgreSQL does so by itself within a minute
            everything: list[float] = []
            for kind, asked in questions(titles, words).items():
                await ask(search, asked[:5])
                took = await ask(search, asked)
                everything += took
                print(f"search {engine}: {kind}: {figures(took)}")
            print(f"search {engine}: all: {figures(everything)}")


def figures(took: Sequence[float]) -> str:
    return f"p50 {statistics.median(took):.1f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.1f} ms, most {max(took):.1f} ms"


def main() -> None:
    """Print the figures of both engines."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    for engine in (SQLITE, POSTGRESQL):
        asyncio.run(measure(engine, count))


if __name__ == "__main__":
    main()
