"""How long the import of a playlist takes, first, unchanged and nearly unchanged, on SQLite.

    python -m bench.import_playlist 100000 500000

Each size runs in a process of its own and prints one JSON object a case: seconds, and how much memory it took beyond
what the process had before. "unchanged" reads a file of other bytes with equal entries; "same bytes" the very same.
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
from contextlib import AsyncExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.engines import connected
from tests.fakes.runs import DirectRun

from bench import generate
from polycast.core.clock import SystemClock
from polycast.core.events.model import Event
from polycast.core.identity.caller import SYSTEM
from polycast.core.net import open_net
from polycast.core.secrets import Secrets, open_keys
from polycast.core.settings import NetSettings
from polycast.core.storage import Branch, Database, StorageSettings, migrate
from polycast.live import tables
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.model import RefreshAccount
from polycast.live.sources.ports import NoChannels, NothingAfter
from polycast.live.sources.room import Sources

MIGRATIONS = Path(__file__).parents[1] / "src/polycast/live/migrations"


class Silent:
    """Nobody listens."""

    def tell(self, event: Event) -> None:
        """Told to nobody."""


async def measure(count: int, folder: Path) -> None:
    """Run all cases for one size in `folder`."""
    settings = StorageSettings(data_dir=folder)
    migrate(settings, [Branch("live", MIGRATIONS)])
    watched = folder / "m3us"
    watched.mkdir()
    path = watched / "list.m3u"
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(connected(settings, metadatas=[tables.METADATA]))
        net = await stack.enter_async_context(open_net(NetSettings(), SystemClock()))
        sources = build(db, net, folder)
        form = AccountForm(name="bench", account_type="FILE", file_path="m3us/list.m3u")
        account = (await sources.accounts.create(SYSTEM, form)).account.id
        generate.write(generate.playlist(count), path)
        await case("first", count, sources, account)
        generate.write(iter(["#EXTM3U\n", *generate.playlist(count)]), path)
        await case("unchanged", count, sources, account)
        await case("same bytes", count, sources, account)
        generate.write(generate.playlist(count, changed=0.01), path)
        await case("1 % renamed", count, sources, account)


def build(db: Database, net: object, folder: Path) -> Sources:
    """The sources alone, without the rest of the house."""
    return Sources(
        db=db,
        secrets=Secrets(open_keys(folder / "keys")),
        net=net,  # type: ignore[arg-type] # an open Net; spelled so to keep its import out of the signature
        preferences=Preferences(db=db, store=SettingsStore()),
        teller=Silent(),
        clock=SystemClock(),
        zone=ZoneInfo("UTC"),
        data_dir=folder,
        after=NothingAfter(),
        channels=NoChannels(),
    )


async def case(name: str, count: int, sources: Sources, account: int) -> None:
    before = memory()
    start = time.perf_counter()
    await sources.refreshes.refresh(RefreshAccount(account_id=account), DirectRun())
    seconds = time.perf_counter() - start
    message = (await sources.accounts.get(SYSTEM, account)).account.last_message
    grown = memory() - before
    print(
        json.dumps({"entries": count, "case": name, "seconds": round(seconds, 2), "grown_mib": grown, "told": message})
    )


def memory() -> int:
    """The most memory this process has had, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", type=int, nargs="*", default=[100_000, 500_000])
    parser.add_argument("--here", action="store_true", help="in this process, for one size")
    given = parser.parse_args()
    if not given.here:
        for count in given.entries:
            subprocess.run([sys.executable, "-m", "bench.import_playlist", "--here", str(count)], check=True)
        return
    folder = Path(tempfile.mkdtemp(prefix="polycast-bench-"))
    try:
        asyncio.run(measure(given.entries[0], folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
