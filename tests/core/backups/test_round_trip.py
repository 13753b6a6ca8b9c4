import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, inspect, text

from polycast.core.backups import CORE_PART, BadBackup, Kind, Making, Manifest, Shelf
from polycast.core.backups.model import CREDENTIAL_TABLES, KEPT_TABLES
from polycast.core.errors import Storage
from polycast.core.files import open_zip
from polycast.core.identity import tables as identity
from polycast.core.secrets import open_keys
from polycast.core.storage import Branch, StorageSettings, Unit, migrate
from tests.core.backups.world import (
    MAKING,
    NOW,
    casts,
    count,
    covers,
    fill,
    films,
    house,
    put_covers,
    seen,
    write_branch,
)
from tests.engines import ENGINES, POSTGRESQL, SQLITE, connected, place

SAFETY = Making(kind=Kind.SAFETY, at=NOW)
OPEN_SESAME = "open sesame"


def restore(shelf: Shelf, path: Path, *, passphrase: str = "", with_credentials: bool = False) -> Manifest:
    return shelf.restore(path, SAFETY, passphrase=passphrase, with_credentials=with_credentials)


def forget(unit: Unit) -> None:
    unit.execute(delete(casts))
    unit.execute(delete(films))
    unit.insert(films, title="A later film")


def add_to_the_log(unit: Unit) -> None:
    """An entry of the audit log."""
    unit.execute(
        text(
            "INSERT INTO core_audit (at, username, address, action, target, result, request_id) "
            "VALUES (1, 'ann', '::1', 'sign_in', '', 'ok', '')"
        )
    )


def add_session(unit: Unit) -> None:
    """A user who is signed in."""
    user = unit.insert(identity.users, **filled(identity.users))
    unit.insert(identity.sessions, **filled(identity.sessions, user_id=user))


def filled(table: Table, **known: object) -> dict[str, object]:
    """A value for each column of `table` that must have one."""
    by_type: dict[str, object] = {"Instant": NOW, "Flag": True, "LargeBinary": b"x", "JsonText": [], "BigInteger": 1}
    return {
        column.name: known.get(column.name, by_type.get(type(column.type).__name__, "x"))
        for column in table.columns
        if not column.primary_key and not column.nullable
    }


class TestARestoredShop:
    async def test_is_as_it_was(self, settings: StorageSettings, branch: Branch) -> None:
        shelf = Shelf(house(settings, branch))
        async with connected(settings) as db:
            await db.write(fill)
            before = await db.read(seen)
            path = shelf.make(MAKING)
            await db.write(forget)
            put_covers(settings.data_dir, stalker="the new cover", other="x")
            # While others have the database open, as the running server has.
            await asyncio.to_thread(restore, shelf, path)
            assert await db.read(seen) == before | {"shop_cache": []}
        assert covers(settings.data_dir) == {"stalker": "the old cover"}
        assert not (settings.data_dir / "restore").exists()

    async def test_never_gives_an_id_twice(self, settings: StorageSettings, branch: Branch) -> None:
        shelf = Shelf(house(settings, branch))
        async with connected(settings) as db:
            await db.write(fill)
            path = shelf.make(MAKING)
            later = await db.write(Unit.insert, films, title="Made after the backup")
            await asyncio.to_thread(restore, shelf, path)
            assert await db.write(Unit.insert, films, title="Made after the restore") > later

    async def test_keeps_the_audit_log_of_the_present(self, settings: StorageSettings, branch: Branch) -> None:
        shelf = Shelf(house(settings, branch))
        async with connected(settings) as db:
            path = shelf.make(MAKING)
            await db.write(add_to_the_log)
            await asyncio.to_thread(restore, shelf, path)
            log = await db.read(lambda u: list(u.execute(text("SELECT action FROM core_audit")).scalars()))
        assert log == ["sign_in"]

    @pytest.mark.parametrize(("asked", "count_after"), [(False, 0), (True, 1)])
    async def test_lets_nobody_in_by_an_old_session_unless_asked(
        self, settings: StorageSettings, branch: Branch, asked: bool, count_after: int
    ) -> None:
        shelf = Shelf(house(settings, branch))
        async with connected(settings) as db:
            await db.write(add_session)
            path = shelf.make(MAKING)
            await asyncio.to_thread(restore, shelf, path, with_credentials=asked)
            sessions, people = await db.read(lambda u: (count(u, identity.sessions), count(u, identity.users)))
        assert (sessions, people) == (count_after, 1)

    async def test_was_backed_up_before(self, settings: StorageSettings, branch: Branch) -> None:
        shelf = Shelf(house(settings, branch))
        async with connected(settings) as db:
            path = shelf.make(MAKING)
            await db.write(fill)
            full = await db.read(seen)
            await asyncio.to_thread(restore, shelf, path)
            assert await db.read(count, films) == 1
            [safety] = [each for each in shelf.all() if each.kind is Kind.SAFETY]
            await asyncio.to_thread(restore, shelf, shelf.path(safety.name))
            assert await db.read(seen) == full | {"shop_cache": []}

    async def test_can_be_migrated_on(self, settings: StorageSettings, branch: Branch) -> None:
        shelf = Shelf(house(settings, branch))
        restore(shelf, shelf.make(MAKING))
        assert migrate(settings, [branch]).applied == ()


class TestABackupOfAnotherEngine:
    @pytest.mark.parametrize(("source", "target"), [(SQLITE, POSTGRESQL), (POSTGRESQL, SQLITE)])
    async def test_is_restored_whole(self, tmp_path: Path, branch: Branch, source: str, target: str) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        with place(source, tmp_path / "a") as here, place(target, tmp_path / "b") as there:
            for settings in (here, there):
                migrate(settings, [branch])
            async with connected(here) as db:
                await db.write(fill)
                before = await db.read(seen)
            path = Shelf(house(here, branch)).make(MAKING)
            restore(Shelf(house(there, branch)), path)
            async with connected(there) as db:
                assert await db.read(seen) == before | {"shop_cache": []}
                await db.write(Unit.insert, films, title="One more")


class TestABackupOfAnOlderVersion:
    async def test_is_brought_up_to_date(self, settings: StorageSettings, branch: Branch, tmp_path: Path) -> None:
        with place(SQLITE, tmp_path / "old") as old:
            early = write_branch(tmp_path / "early", revisions=1)
            migrate(old, [early])
            path = Shelf(house(old, early)).make(MAKING)
        restore(Shelf(house(settings, branch)), path)
        async with connected(settings) as db:
            [film] = (await db.read(seen))["shop_films"]
        assert film == (1, "A film that comes with the shop", None, None, 3, None)

    async def test_of_a_newer_one_is_refused(self, settings: StorageSettings, branch: Branch, tmp_path: Path) -> None:
        path = Shelf(house(settings, branch)).make(MAKING)
        (branch.folder / "shop_0002_rating.py").unlink()
        with pytest.raises(Storage, match="newer version") as refused:
            restore(Shelf(house(settings, branch)), path)
        assert refused.value.reason == "newer_schema"
        assert covers(settings.data_dir) == {"stalker": "the old cover"}


class TestABackupWhileOthersWrite:
    async def test_is_one_state_of_the_shop(self, settings: StorageSettings, branch: Branch) -> None:
        shelf = Shelf(house(settings, branch))
        enough = threading.Event()

        def pair(unit: Unit) -> None:
            film = unit.insert(films, title="x")
            unit.insert(casts, film_id=film, actor="y")

        async with connected(settings) as db:

            async def keep_writing() -> None:
                while not enough.is_set():
                    await db.write(pair)

            await db.write(lambda unit: unit.execute(delete(films)) and None)
            writing = asyncio.create_task(keep_writing())
            path = await asyncio.to_thread(shelf.make, MAKING)
            enough.set()
            await writing
        rows = {table.name: table.dumped.rows for table in shelf.verify(path, "").tables}
        assert rows["shop_films"] == rows["shop_casts"]


class TestASealedBackup:
    async def test_needs_its_passphrase(self, on_sqlite: StorageSettings, branch: Branch) -> None:
        shelf = Shelf(house(on_sqlite, branch))
        path = shelf.make(Making(kind=Kind.MANUAL, at=NOW, passphrase=OPEN_SESAME))
        for wrong, code in [("", "passphrase_needed"), ("open barley", "wrong_passphrase")]:
            with pytest.raises(BadBackup) as refused:
                shelf.verify(path, wrong)
            assert refused.value.problems[0].code == code

    async def test_shows_nothing(self, on_sqlite: StorageSettings, branch: Branch) -> None:
        put_covers(on_sqlite.data_dir, secret="x" * 5000)
        path = Shelf(house(on_sqlite, branch)).make(Making(kind=Kind.MANUAL, at=NOW, passphrase=OPEN_SESAME))
        with open_zip(path) as packed:
            assert [entry.name for entry in packed.entries] == ["backup.json", "payload.bin"]
            payload = packed.read("payload.bin")
        assert b"shop" not in payload
        assert payload[:2] != b"PK"

    async def test_brings_the_keys_of_stored_credentials(
        self, on_sqlite: StorageSettings, branch: Branch, tmp_path: Path
    ) -> None:
        theirs = open_keys(on_sqlite.data_dir)
        path = Shelf(house(on_sqlite, branch)).make(Making(kind=Kind.MANUAL, at=NOW, passphrase=OPEN_SESAME))
        elsewhere = StorageSettings(data_dir=tmp_path / "elsewhere")
        migrate(elsewhere, [branch])
        ours = open_keys(elsewhere.data_dir)
        restore(Shelf(house(elsewhere, branch)), path, passphrase=OPEN_SESAME)
        after = open_keys(elsewhere.data_dir)
        assert {key.id for key in after.seal} == {key.id for key in (*ours.seal, *theirs.seal)}
        assert after.seal[0] == ours.seal[0]
        assert after.sign == ours.sign

    async def test_brings_the_signing_key_only_when_asked(
        self, on_sqlite: StorageSettings, branch: Branch, tmp_path: Path
    ) -> None:
        theirs = open_keys(on_sqlite.data_dir)
        path = Shelf(house(on_sqlite, branch)).make(Making(kind=Kind.MANUAL, at=NOW, passphrase=OPEN_SESAME))
        elsewhere = StorageSettings(data_dir=tmp_path / "elsewhere")
        migrate(elsewhere, [branch])
        open_keys(elsewhere.data_dir)
        restore(Shelf(house(elsewhere, branch)), path, passphrase=OPEN_SESAME, with_credentials=True)
        assert open_keys(elsewhere.data_dir).sign == theirs.sign


class TestAPlainBackup:
    async def test_holds_no_key(self, on_sqlite: StorageSettings, branch: Branch) -> None:
        open_keys(on_sqlite.data_dir)
        path = Shelf(house(on_sqlite, branch)).make(MAKING)
        with open_zip(path) as packed:
            assert [entry.name for entry in packed.entries if "key" in entry.name.split("/")[0]] == []


class TestAnUpdate:
    @pytest.mark.parametrize("engine", ENGINES)
    async def test_is_preceded_by_a_backup_that_leads_back(self, tmp_path: Path, engine: str) -> None:
        with place(engine, tmp_path) as settings:
            branch = write_branch(tmp_path / "growing", revisions=1)
            migrate(settings, [branch])
            shelf = Shelf(house(settings, branch))
            branch = write_branch(tmp_path / "growing", revisions=2)
            update = Making(kind=Kind.UPDATE, at=NOW)
            done = migrate(settings, [branch], backup=lambda: shelf.make(update))
            assert done.applied == ["shop_0002_rating"]
            [backup] = shelf.all()
            assert backup.kind is Kind.UPDATE
            assert "shop_0002_rating" not in shelf.verify(shelf.path(backup.name), "").revisions


class TestTheTablesThatAreTreatedApart:
    async def test_exist(self, settings: StorageSettings) -> None:
        named = KEPT_TABLES | CREDENTIAL_TABLES | set(CORE_PART.skip_tables)
        async with connected(settings) as db:
            there = await db.read(lambda unit: set(inspect(unit.connection).get_table_names()))
        assert named - there <= {"core_search_texts"}  # PostgreSQL's alone
