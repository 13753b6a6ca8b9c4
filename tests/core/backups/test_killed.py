"""A restore that is killed: the shop is the old one or the restored one, never something between."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from polycast.core.backups import Kind, Making, Shelf, finish_restore
from polycast.core.storage import Branch, StorageSettings, Unit, migrate
from tests.core.backups.world import MAKING, NOW, covers, fill, films, house, put_covers, seen
from tests.engines import connected

SPAWN = multiprocessing.get_context("spawn")
POINTS = 20
SAFETY = Making(kind=Kind.SAFETY, at=NOW)


def restore_and_die(settings: StorageSettings, branch: Branch, path: Path, die_at: int, told: Any) -> None:
    """Restore, and be killed at the `die_at`th call of a function; 0 to live and tell how many calls there are."""
    calls = 0

    def on_call(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += 1
        if calls == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    shelf = Shelf(house(settings, branch))
    sys.setprofile(on_call)
    shelf.restore(path, SAFETY, passphrase="", with_credentials=False)
    sys.setprofile(None)
    told.send(calls)


def run(settings: StorageSettings, branch: Branch, path: Path, die_at: int) -> int:
    """How many calls it took; 0 when it was killed."""
    receive, send = SPAWN.Pipe(duplex=False)
    child = SPAWN.Process(target=restore_and_die, args=(settings, branch, path, die_at, send))
    child.start()
    send.close()
    try:
        calls = int(receive.recv())
    except EOFError:
        calls = 0
    child.join(60)
    receive.close()
    assert child.exitcode == (0 if calls else -signal.SIGKILL)
    return calls


async def state(settings: StorageSettings) -> tuple[list[str], dict[str, str]]:
    async with connected(settings) as db:
        rows = await db.read(seen)
    return [row[1] for row in rows["shop_films"]], covers(settings.data_dir)


@pytest.mark.slow
class TestARestoreThatIsKilled:
    async def test_leaves_the_old_shop_or_the_restored_one(self, on_sqlite: StorageSettings, branch: Branch) -> None:
        async with connected(on_sqlite) as db:
            await db.write(fill)
        path = Shelf(house(on_sqlite, branch)).make(MAKING)
        restored = await state(on_sqlite)
        calls = run(on_sqlite, branch, path, 0)
        met = set()
        for point in range(1, POINTS + 1):
            async with connected(on_sqlite) as db:
                await db.write(lambda unit, number=point: Unit.insert(unit, films, title=f"Later {number}"))
            put_covers(on_sqlite.data_dir, stalker=f"a later cover {point}", other="x")
            old = await state(on_sqlite)
            # The last tenth is where the files are moved.
            at = calls * point // 14 if point <= 12 else calls * (9 * 8 + point - 12) // 80
            run(on_sqlite, branch, path, min(at, calls - 1))
            finish_restore(on_sqlite)
            now = await state(on_sqlite)
            assert now in (old, restored), point
            met.add(now == restored)
            assert migrate(on_sqlite, [branch]).applied == ()
            assert not (on_sqlite.data_dir / "restore").exists()
        assert met == {True, False}
