import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from polycast.core.backups import (
    BackupCreated,
    BackupFailed,
    BackupRestored,
    Backups,
    CreateBackup,
    Kind,
    Shelf,
    jobs,
)
from polycast.core.errors import Busy, Invalid, NotAllowed, NotFound, Storage
from polycast.core.identity.caller import SYSTEM, Caller, Credential
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role
from polycast.core.jobs.model import Cancelled, Tick
from polycast.core.settings import BackupSettings, SecretText
from polycast.core.storage import Branch, Database, StorageSettings
from tests.core.backups.world import MAKING, count, fill, films, house, seen
from tests.engines import Kept, connected
from tests.fakes.clock import FakeClock
from tests.fakes.runs import DirectRun

OPERATOR = Caller(user_id=2, username="op", scopes=SCOPES_OF_ROLE[Role.OPERATOR], credential=Credential.SESSION)
NAME = "polycast-backup-2026.11.21.12.00.00.zip"


class Noted:
    """Stands for the audit log and the supervisor."""

    def __init__(self) -> None:
        self.actions: list[tuple[str, str, str]] = []
        self.restarts = 0

    async def write(self, caller: Caller, action: str, *, target: str = "", result: str = "ok") -> None:
        self.actions.append((action, target, result))

    def restart(self) -> None:
        self.restarts += 1


class Desk:
    """The service with all it is given."""

    def __init__(self, settings: StorageSettings, branch: Branch, db: Database, kept: Kept) -> None:
        self.db = db
        self.kept = kept
        self.noted = Noted()
        self.settings = BackupSettings(keep=2)
        self.clock = FakeClock()
        self.folder = settings.data_dir / "backups"
        self.shelf = Shelf(house(settings, branch))
        self.backups = Backups(
            house=house(settings, branch),
            db=db,
            settings=lambda: self.settings,
            clock=self.clock,
            audit=self.noted,
            restart=self.noted.restart,
        )


@pytest.fixture
async def desk(on_sqlite: StorageSettings, branch: Branch) -> AsyncIterator[Desk]:
    kept = Kept()
    async with connected(on_sqlite, enqueuer=kept, publisher=kept) as db:
        yield Desk(on_sqlite, branch, db, kept)


async def pieces(path: Path, size: int = 1000) -> AsyncIterator[bytes]:
    content = path.read_bytes()
    for start in range(0, len(content), size):
        yield content[start : start + size]


class TestAnAdministratorMakesABackup:
    async def test_it_is_a_job(self, desk: Desk) -> None:
        await desk.backups.enqueue(SYSTEM)
        assert desk.kept.jobs == [("core.create_backup", CreateBackup())]

    async def test_it_is_listed_once_the_job_has_run(self, desk: Desk) -> None:
        run = DirectRun()
        await desk.backups.create(CreateBackup(), run)
        [backup] = await desk.backups.list(SYSTEM)
        assert (backup.name, backup.kind, backup.version, backup.is_sealed) == (NAME, Kind.MANUAL, "1.2.3", False)
        assert backup.size_bytes == desk.backups.path(SYSTEM, NAME).stat().st_size
        assert desk.kept.events == [BackupCreated(backup=NAME, size_bytes=backup.size_bytes)]
        assert run.told[-1][0] == run.told[-1][1]

    async def test_it_is_sealed_when_there_is_a_passphrase(self, desk: Desk) -> None:
        desk.settings = BackupSettings(passphrase=SecretText("open sesame"))
        await desk.backups.create(CreateBackup(), DirectRun())
        assert (await desk.backups.get(SYSTEM, NAME)).is_sealed
        assert (await desk.backups.verify(SYSTEM, NAME)).version == "1.2.3"

    async def test_two_in_one_second_have_two_names(self, desk: Desk) -> None:
        for _ in range(2):
            await desk.backups.create(CreateBackup(), DirectRun())
        assert [backup.name for backup in await desk.backups.list(SYSTEM)] == [NAME.replace("00.zip", "01.zip"), NAME]

    async def test_it_can_be_cancelled_and_leaves_nothing(self, desk: Desk) -> None:
        run = DirectRun()
        run.is_cancelled = True
        with pytest.raises(Cancelled):
            await desk.backups.create(CreateBackup(), run)
        assert [path.name for path in desk.folder.iterdir()] == [".lock"]

    async def test_a_second_one_at_the_same_time_is_told_to_wait(self, desk: Desk) -> None:
        with desk.shelf._alone(), pytest.raises(Busy):
            await desk.backups.create(CreateBackup(), DirectRun())
        [told] = desk.kept.events
        assert isinstance(told, BackupFailed)

    async def test_it_can_be_deleted(self, desk: Desk) -> None:
        await desk.backups.create(CreateBackup(), DirectRun())
        await desk.backups.delete(SYSTEM, NAME)
        assert await desk.backups.list(SYSTEM) == []
        assert desk.noted.actions == [("backup.delete", NAME, "ok")]


class TestTheSchedule:
    async def test_keeps_as_many_as_it_was_told_and_no_other(self, desk: Desk) -> None:
        await desk.backups.create(CreateBackup(), DirectRun())
        for _ in range(4):
            await desk.backups.create_scheduled(Tick(), DirectRun())
        kinds = [backup.kind for backup in await desk.backups.list(SYSTEM)]
        assert kinds == [Kind.SCHEDULED, Kind.SCHEDULED, Kind.MANUAL]

    def test_is_the_one_in_the_settings(self, desk: Desk) -> None:
        manual, scheduled = jobs(desk.backups, cron="0 3 * * *")
        assert (manual.cron, scheduled.cron) == (None, "0 3 * * *")
        assert jobs(desk.backups, cron="")[1].cron is None


class TestSomebodyWithoutTheRight:
    async def test_may_do_nothing(self, desk: Desk) -> None:
        await desk.backups.create(CreateBackup(), DirectRun())
        path = desk.backups.path(SYSTEM, NAME)
        with pytest.raises(NotAllowed):
            await desk.backups.list(OPERATOR)
        with pytest.raises(NotAllowed):
            desk.backups.path(OPERATOR, NAME)
        with pytest.raises(NotAllowed):
            await desk.backups.enqueue(OPERATOR)
        with pytest.raises(NotAllowed):
            await desk.backups.delete(OPERATOR, NAME)
        with pytest.raises(NotAllowed):
            await desk.backups.add(OPERATOR, NAME, pieces(path))
        with pytest.raises(NotAllowed):
            await desk.backups.restore(OPERATOR, NAME)
        assert desk.noted.actions == []


class TestANameThatIsNone:
    @pytest.mark.parametrize("name", ["../data/polycast.db", "polycast.db", "", ".lock", f"../backups/{NAME}", NAME])
    async def test_is_not_found(self, desk: Desk, name: str) -> None:
        with pytest.raises(NotFound):
            desk.backups.path(SYSTEM, name)
        with pytest.raises(NotFound):
            await desk.backups.restore(SYSTEM, name)


class TestABackupFromElsewhere:
    async def test_is_taken_in(self, desk: Desk, tmp_path: Path) -> None:
        path = desk.shelf.make(MAKING).rename(tmp_path / "brought.zip")
        backup = await desk.backups.add(SYSTEM, "my backup.zip", pieces(path))
        assert backup.name == NAME
        assert (await desk.backups.list(SYSTEM))[0].problem == ""

    async def test_keeps_its_name_when_that_is_free(self, desk: Desk, tmp_path: Path) -> None:
        name = "polycast-backup-2020.01.01.00.00.00.zip"
        path = desk.shelf.make(MAKING).rename(tmp_path / "brought.zip")
        assert (await desk.backups.add(SYSTEM, name, pieces(path))).name == name

    async def test_is_refused_when_it_is_none(self, desk: Desk, tmp_path: Path) -> None:
        (tmp_path / "x.zip").write_bytes(b"PK nonsense")
        with pytest.raises(Invalid):
            await desk.backups.add(SYSTEM, NAME, pieces(tmp_path / "x.zip"))
        assert [path.name for path in desk.folder.iterdir()] == []


class TestARestore:
    async def test_brings_back_what_was_and_starts_again(self, desk: Desk) -> None:
        await desk.db.write(fill)
        before = await desk.db.read(seen)
        await desk.backups.create(CreateBackup(), DirectRun())
        await desk.db.write(lambda unit: unit.insert(films, title="Later"))
        await desk.backups.restore(SYSTEM, NAME)
        assert await desk.db.read(seen) == before | {"shop_cache": []}
        assert desk.noted.restarts == 1
        assert desk.noted.actions == [("backup.restore", NAME, "begun"), ("backup.restore", NAME, "ok")]
        assert desk.kept.events[-1] == BackupRestored(backup=NAME)

    async def test_that_fails_starts_nothing(self, desk: Desk) -> None:
        await desk.backups.create(CreateBackup(), DirectRun())
        path = desk.backups.path(SYSTEM, NAME)
        path.write_bytes(path.read_bytes()[:-100])
        with pytest.raises(Invalid):
            await desk.backups.restore(SYSTEM, NAME)
        assert desk.noted.restarts == 0
        assert await desk.db.read(count, films) == 1


class TestAFullDisk:
    async def test_is_told_and_leaves_no_half_backup(self, desk: Desk) -> None:
        await desk.db.write(lambda u: [u.insert(films, title="x", cover=bytes(range(256)) * 4000) for _ in range(3)])
        assert len(await desk.db.read(lambda u: u.execute(select(films.c.id)).all())) == 4
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
        try:
            with pytest.raises(Storage):
                await desk.backups.create(CreateBackup(), DirectRun())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert [path.name for path in desk.folder.iterdir()] == [".lock"]
