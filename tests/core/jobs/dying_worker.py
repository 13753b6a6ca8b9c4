"""A worker process that never comes to the end of its job: `python -m tests.core.jobs.dying_worker DATA_DIR [URL]`."""

import asyncio
import sys
from pathlib import Path

from polycast.core.jobs import Job, Run
from polycast.core.storage import StorageSettings
from tests.core.jobs.world import Item, house


async def hang(item: Item, run: Run) -> None:
    """Say that the job has begun, then hold it for ever."""
    print("begun", item.id, flush=True)  # noqa: T201 # the test waits for this line
    await asyncio.Event().wait()


async def main(data_dir: str, url: str = "") -> None:
    settings = StorageSettings(data_dir=Path(data_dir), database_url=url)
    async with house(settings, [Job(name="test.slow", payload=Item, run=hang)], fresh=False) as it:
        await it.worker("doomed").run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
