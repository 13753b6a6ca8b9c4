"""How long a guide takes: imported with every channel mapped, again unchanged, with a hundredth changed, and read.

    python -m bench.guide 359000

The input is `bench.generate guide` (seeded). Prints one JSON object a case: seconds, and how much memory it took beyond
what the process had before.
"""

import argparse
import asyncio
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from tests.engines import connected
from tests.fakes.runs import DirectRun

from bench import generate
from polycast.core.clock import SystemClock
from polycast.core.events.model import Event
from polycast.core.identity.caller import SYSTEM
from polycast.core.ids import RandomIds
from polycast.core.net import open_net
from polycast.core.secrets import Secrets, open_keys
from polycast.core.settings import NetSettings
from polycast.core.storage import Branch, Database, StorageSettings, Unit, migrate
from polycast.live import tables
from polycast.live.guide.listings import ProgrammeQuery
from polycast.live.guide.match.service import MatchGuides
from polycast.live.guide.model import RefreshGuide, SourceForm
from polycast.live.guide.ports import Pictures
from polycast.live.guide.query import TextQuery
from polycast.live.guide.room import Guide
from polycast.live.guide.store_guided import Rows
from polycast.live.lineup.channels import Viewers
from polycast.live.lineup.model import EVERYTHING, Viewer
from polycast.live.lineup.room import LineUp
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore

MIGRATIONS = Path(__file__).parents[1] / "src/polycast/live/migrations"
CHANNELS = 1000


class Silent:
    """Nobody listens."""

    def tell(self, event: Event) -> None:
        """Told to nobody."""


class Everybody:
    """Sees everything."""

    async def viewer(self, caller: object) -> Viewer:
        return EVERYTHING


async def measure(count: int, folder: Path) -> None:
    """Run all cases for one size in `folder`."""
    settings = StorageSettings(data_dir=folder)
    migrate(settings, [Branch("live", MIGRATIONS)])
    watched = folder / "epgs"
    watched.mkdir()
    path = watched / "guide.xml"
    subprocess.run([sys.executable, "-m", "bench.generate", "guide", str(count), str(path)], check=True)
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(connected(settings, metadatas=[tables.METADATA]))
        guide = build(db, await stack.enter_async_context(open_net(NetSettings(), SystemClock())), folder)
        source = (await guide.sources.create(SYSTEM, SourceForm(name="bench", file_path="epgs/guide.xml"))).id
        run = DirectRun()
        refresh = RefreshGuide(source_id=source, force=True)
        await case("channels only", count, lambda: guide.refreshes.refresh(refresh, run))
        await db.write(map_all)
        await case("all mapped", count, lambda: guide.refreshes.refresh(refresh, run))
        await case("unchanged", count, lambda: guide.refreshes.refresh(refresh, run))
        await case("same bytes", count, lambda: guide.refreshes.refresh(RefreshGuide(source_id=source), run))
        start = int(generate.START.timestamp()) + 86_400
        shown = lambda: guide.windows.window(SYSTEM, Rows(), start=start, end=start + 10_800, offset=300, limit=30)  # noqa: E731
        await case("30 rows of 3 hours", count, shown)
        query = ProgrammeQuery(title=TextQuery("late concert 7", path="title"))
        await case("title search", count, lambda: guide.listings.search(SYSTEM, query, offset=0, limit=50))
        await case("match 1000", count, lambda: guide.matching.run(MatchGuides(again=True), run))


def map_all(unit: Unit) -> None:
    """Give each guide channel a channel."""
    now = generate.START
    for row in unit.execute(select(tables.guide_channels)).all():
        unit.execute(
            insert(tables.channels).values(
                uuid=row.tvg_id,
                name=row.name,
                eff_name=row.name,
                eff_name_key=row.name_key,
                number=row.id * 1000,
                eff_number=row.id * 1000,
                guide_channel_id=row.id,
                eff_guide_channel_id=row.id,
                created_at=now,
                updated_at=now,
            )
        )


def build(db: Database, net: Any, folder: Path) -> Guide:
    """The guide alone, without the rest of the house."""
    clock, viewers, pictures = SystemClock(), cast("Viewers", Everybody()), cast("Pictures", None)
    preferences = Preferences(db=db, store=SettingsStore())
    rows: dict[str, Any] = {"db": db, "preferences": preferences, "net": net, "data_dir": folder}
    lineup = LineUp(**rows, viewers=viewers, clock=clock, ids=RandomIds(), pictures=cast("Any", None))
    return Guide(
        **rows,
        secrets=Secrets(open_keys(folder / "keys")),
        viewers=viewers,
        assigner=lineup.bulk,
        pictures=pictures,
        ids=RandomIds(),
        teller=Silent(),
        clock=clock,
        zone=ZoneInfo("UTC"),
    )


async def case(name: str, count: int, what: Callable[[], Awaitable[object]]) -> None:
    """Measure one."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    await what()
    seconds = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        json.dumps({"programmes": count, "case": name, "seconds": round(seconds, 3), "mib": round(grown)}), flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=359_000)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="polycast-bench-"))
    try:
        asyncio.run(measure(given.count, folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
