"""Settings that people change while the server runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from polycast.core.clock import SystemClock
from polycast.core.errors import Invalid, NotAllowed
from polycast.core.identity.caller import NOBODY, SYSTEM, Caller, Credential
from polycast.core.secrets import Secrets, open_keys
from polycast.core.settings import read_host
from polycast.core.settings.book import SettingsBook, SettingsChanged, SettingsService
from polycast.core.settings.store import SettingsStore, core_settings, tables
from polycast.core.storage import Database, Unit
from tests.core.settings.test_load import SECTIONS, Toy
from tests.engines import ENGINES, Kept, opened


class World:
    """A service over a fresh database."""

    def __init__(self, db: Database, data: Path, environ: dict[str, str]) -> None:
        fixed, _ = read_host(environ, None, SECTIONS)
        self.db = db
        self.book = SettingsBook(fixed, SECTIONS)
        self.service = SettingsService(
            book=self.book, store=SettingsStore(), db=db, secrets=Secrets(open_keys(data)), clock=SystemClock()
        )


@pytest.fixture(params=ENGINES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with opened(request.param, tmp_path, metadatas=[tables]) as db:
        yield World(db, tmp_path / "keys", {"POLYCAST_PORT": "9000"})


class TestAnAdministratorChangesASetting:
    async def test_everybody_who_asks_again_sees_it(self, world: World) -> None:
        await world.service.change(SYSTEM, {"toy.scripts": True, "net.user_agent": "Me"})
        assert world.book.of(Toy).scripts
        assert world.book.core.net.user_agent == "Me"

    async def test_it_survives_a_restart(self, world: World, tmp_path: Path) -> None:
        await world.service.change(SYSTEM, {"toy.relay.timeout_s": 9})
        again = World(world.db, tmp_path / "keys", {})
        await again.service.load()
        assert again.book.of(Toy).relay.timeout_s == 9

    async def test_null_gives_the_default_back(self, world: World) -> None:
        await world.service.change(SYSTEM, {"toy.scripts": True})
        await world.service.change(SYSTEM, {"toy.scripts": None})
        assert not world.book.of(Toy).scripts


class TestAChangeThatCannotBe:
    async def test_every_problem_is_told_and_nothing_is_changed(self, world: World) -> None:
        with pytest.raises(Invalid) as caught:
            await world.service.change(
                SYSTEM, {"toy.relay.timeout_s": 0.1, "nonsense": 1, "port": 80, "toy.scripts": True}
            )
        assert {(problem.path, problem.code) for problem in caught.value.problems} == {
            ("toy.relay.timeout_s", "invalid"),
            ("nonsense", "unknown"),
            ("port", "fixed"),
        }
        assert not world.book.of(Toy).scripts

    async def test_it_takes_the_right_to_do_it(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            await world.service.change(Caller(credential=Credential.SESSION), {"toy.scripts": True})
        assert NOBODY.is_anonymous


class TestASecretSetting:
    async def test_it_is_sealed_in_the_database_and_masked_in_answers(self, world: World) -> None:
        described = await world.service.change(SYSTEM, {"backup.passphrase": "correct horse"})
        assert next(info.value for info in described if info.path == "backup.passphrase") == "***"
        stored = await world.db.read(lambda unit: unit.execute(select(core_settings.c.value)).scalar_one())
        assert b"correct horse" not in stored
        assert world.book.core.backup.passphrase.plain == "correct horse"

    async def test_the_mask_sent_back_changes_nothing(self, world: World) -> None:
        await world.service.change(SYSTEM, {"backup.passphrase": "correct horse"})
        await world.service.change(SYSTEM, {"backup.passphrase": "***", "backup.keep": 3})
        assert world.book.core.backup.passphrase.plain == "correct horse"
        assert world.book.core.backup.keep == 3


class TestOtherProcesses:
    async def test_they_are_told_in_the_same_commit(self, tmp_path: Path) -> None:
        kept = Kept()
        async with opened("sqlite", tmp_path, metadatas=[tables], publisher=kept) as db:
            world = World(db, tmp_path / "keys", {})
            await world.service.change(SYSTEM, {"toy.scripts": True})
            await db.read(_nothing)
        assert kept.events == [SettingsChanged(paths=["toy.scripts"])]


def _nothing(unit: Unit) -> None:
    return None
