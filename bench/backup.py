"""How long a backup of a database of 1 GiB takes, and its restore; how long a write waits meanwhile.

    python -m bench.backup [MIB]

The rows are streams with addresses, as a line-up of several providers has them.
"""

import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pysqlite3
from tests.server import boot_of

from polycast import app
from polycast.core.backups.model import Kind
from polycast.core.backups.restoring import finish_restore
from polycast.core.backups.shelf import Making, Shelf
from polycast.core.clock import SystemClock

SEED = 20261121
MIB = 1024 * 1024
BATCH = 20_000


def rows(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(SEED)
    for number in range(count):
        word = f"{chance.getrandbits(64):016x}"
        yield (
            1,
            f"Channel {number} HD {word[:6]}",
            f"http://provider{number % 9}.example.com:8080/live/{word}/{number}.ts",
            f"channel{number}.example",
            f"http://logos.example.com/{word[:8]}/{number}.png",
            json.dumps({"group": f"Group {number % 300}", "language": word[8:10], "note": word * 4}),
            chance.randbytes(16),
            chance.getrandbits(60),
            1,
            1,
        )


def fill(path: Path, size_bytes: int) -> None:
    db = pysqlite3.connect(str(path))
    db.execute("PRAGMA synchronous=OFF")
    made = rows(100_000_000)
    insert = (
        "INSERT INTO live_streams (account_id, name, url, tvg_id, logo_url, attributes, hash, content_key, created_at,"
        " updated_at) VALUES (?,?,?,?,?,?,?,?,?,?)"
    )
    while path.stat().st_size < size_bytes:
        db.executemany(insert, [next(made) for _ in range(BATCH)])
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


class Writer(threading.Thread):
    """Somebody who writes while the backup is made."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.waits: list[float] = []
        self.stop = threading.Event()
        self._path = path

    def run(self) -> None:
        db = pysqlite3.connect(str(self._path), timeout=30)
        while not self.stop.wait(0.05):
            started = time.perf_counter()
            db.execute("UPDATE live_streams SET position = position + 1 WHERE id = 1")
            db.commit()
            self.waits.append(time.perf_counter() - started)
        db.close()


def main(mib: int) -> None:
    with tempfile.TemporaryDirectory(prefix="polycast-bench-") as folder:
        boot = boot_of(Path(folder) / "data")
        app.prepare(boot)
        path = boot.storage.data_dir / "polycast.db"
        fill(path, mib * MIB)
        writer = Writer(path)
        writer.start()
        started = time.perf_counter()
        made = Shelf(boot.saved).make(Making(kind=Kind.MANUAL, at=SystemClock().now()))
        took = time.perf_counter() - started
        writer.stop.set()
        writer.join()
        print(json.dumps({"case": f"backup of {mib} MiB", "seconds": round(took, 1)}))
        print(
            json.dumps(
                {"case": "longest wait of a write meanwhile", "milliseconds": round(1000 * max(writer.waits), 1)}
            )
        )
        started = time.perf_counter()
        safety = Making(kind=Kind.UPDATE, at=SystemClock().now())
        Shelf(boot.saved).restore(made, safety, passphrase="", with_credentials=False)
        finish_restore(boot.storage)
        print(
            json.dumps(
                {
                    "case": "restore, the backup of what was there included",
                    "seconds": round(time.perf_counter() - started, 1),
                }
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024)
