import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from polycast.core.errors import Storage
from polycast.core.storage import Database, StorageSettings, Unit
from polycast.core.storage.opening import adapter_for
from polycast.core.storage.sqlite import refuse_old_library, refuse_remote
from tests.core.storage.world import TABLES, add_film, count_films, films
from tests.engines import connected, create_tables

LOCAL = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw"


class TestAnOldSqlite:
    # Debian 12's.
    @pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
    def test_is_refused(self, version: tuple[int, int, int]) -> None:
        with pytest.raises(Storage, match="can damage the database"):
            refuse_old_library(version)

    @pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 0), (4, 0, 0)])
    def test_is_not_this_one(self, version: tuple[int, int, int]) -> None:
        refuse_old_library(version)


class TestADataDirectoryOnTheNetwork:
    @pytest.mark.parametrize(
        "mount",
        [
            "90 22 0:50 / {} rw shared:9 - nfs4 nas:/volume rw",
            "90 22 0:50 / {} rw - cifs //nas/share rw",
            "90 22 0:50 / {} rw master:1 shared:2 - fuse.sshfs host:/ rw",
        ],
    )
    def test_is_refused(self, tmp_path: Path, mount: str) -> None:
        folder = tmp_path / "my data"
        folder.mkdir()
        point = str(folder).replace(" ", "\\040")
        with pytest.raises(Storage, match="network file system") as refused:
            refuse_remote(folder / "below", f"{LOCAL}\n{mount.format(point)}\n")
        assert refused.value.reason == "remote"

    def test_is_not_one_beside_such_a_mount(self, tmp_path: Path) -> None:
        refuse_remote(tmp_path / "data", f"{LOCAL}\n90 22 0:50 / {tmp_path}/dat rw - nfs4 nas:/volume rw\n")

    def test_is_not_one_below_a_local_disk_mounted_on_it(self, tmp_path: Path) -> None:
        mounts = f"{LOCAL}\n90 22 0:50 / {tmp_path} rw - nfs4 nas:/v rw\n91 90 8:1 / {tmp_path}/d rw - xfs /dev/sdb rw"
        refuse_remote(tmp_path / "d", mounts)


class TestADatabaseUrl:
    @pytest.mark.parametrize("url", ["mysql://x", "sqlite:///x.db", "nonsense"])
    def test_of_another_kind_is_refused(self, tmp_path: Path, url: str) -> None:
        with pytest.raises(ValueError, match="postgresql://"):
            adapter_for(StorageSettings(data_dir=tmp_path, database_url=url))

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_of_postgresql_is_taken_in_all_its_spellings(self, tmp_path: Path, scheme: str) -> None:
        settings = StorageSettings(data_dir=tmp_path, database_url=f"{scheme}://a@b/c")
        assert adapter_for(settings).name == "postgresql"

    async def test_of_a_server_that_does_not_answer_says_so(self, tmp_path: Path) -> None:
        settings = StorageSettings(data_dir=tmp_path, database_url="postgresql://a@127.0.0.1:1/c")
        with pytest.raises(Storage, match="does not let us in"):
            async with connected(settings):
                pass


class TestAFullDisk:
    async def test_is_told_and_reads_go_on(self, tmp_path: Path) -> None:
        def shrink(unit: Unit) -> None:
            unit.connection.exec_driver_sql("PRAGMA max_page_count = 40")

        def grow(unit: Unit) -> None:
            unit.insert_rows(films, ["code", "title"], ((f"{n}", "x" * 1000) for n in range(1000)))

        async with connected(StorageSettings(data_dir=tmp_path)) as db:
            await db.write(create_tables, [TABLES])
            await db.write(add_film, "a")
            await db.write(shrink)
            with pytest.raises(Storage) as refused:
                await db.write(grow)
            assert refused.value.reason == "full"
            assert await db.read(count_films) == 1
            await db.write(add_film, "b")


class TestTheFile:
    async def test_is_kept_as_the_rules_say(self, tmp_path: Path) -> None:
        def asked(unit: Unit) -> dict[str, object]:
            names = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size", "journal_size_limit"]
            return {name: unit.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

        wanted = {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 10_000,
            "journal_size_limit": 64 * 1024 * 1024,
        }
        async with connected(StorageSettings(data_dir=tmp_path / "data")) as db:
            for found in (await db.read(asked), await db.write(asked)):
                assert found.pop("mmap_size") in {None, 0}
                assert found == wanted
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


class SlowClock:
    """Each look is two seconds after the last."""

    def __init__(self) -> None:
        self._at = timedelta()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> timedelta:
        self._at += timedelta(seconds=2)
        return self._at

    async def sleep(self, span: timedelta) -> None:
        self._at += span


class TestALongRead:
    async def test_is_named_in_the_log(
        self, settings: StorageSettings, db: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with connected(settings, clock=SlowClock()) as slow:
            with caplog.at_level(logging.WARNING, "polycast.core.storage"):
                await slow.read(count_films)
        assert "tests.core.storage.world.count_films" in caplog.text
