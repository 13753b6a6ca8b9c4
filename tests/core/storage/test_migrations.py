import importlib.util
import multiprocessing
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from polycast.core.errors import Storage
from polycast.core.storage import CORE, Branch, StorageSettings, Unit, migrate
from tests.engines import connected

SPAWN = multiprocessing.get_context("spawn")

REVISION = """
import sqlalchemy as sa
from alembic import op
from polycast.core.storage import Key

revision = "{name}"
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends!r}


def upgrade() -> None:
{body}
"""
MAKE_PLANTS = """
    op.create_table("garden_plants", sa.Column("id", Key, primary_key=True), sa.Column("name", sa.Text))
    op.create_table(
        "garden_leaves",
        sa.Column("id", Key, primary_key=True),
        sa.Column("plant_id", sa.BigInteger, sa.ForeignKey("garden_plants.id"), nullable=False),
    )
"""
ADD_COLUMN = """
    op.add_column("garden_plants", sa.Column("height", sa.Integer))
"""
BREAK_HALFWAY = """
    op.create_table("garden_pots", sa.Column("id", Key, primary_key=True))
    op.execute("INSERT INTO garden_nowhere VALUES (1)")
"""
FIRST = "garden_0001_plants_with_a_name_longer_than_32_characters"


class Garden:
    """A module's branch whose revisions grow during the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        folder.mkdir()

    def grow(self, name: str, body: str, *, depends: str | None = None) -> None:
        down = self.names[-1] if self.names else None
        labels = None if self.names else ("garden",)
        text = REVISION.format(name=name, down=down, labels=labels, depends=depends, body=body)
        (self.folder / f"{name}.py").write_text(text)
        self.names.append(name)

    @property
    def branch(self) -> Branch:
        return Branch("garden", self.folder)


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    made = Garden(tmp_path / "garden")
    made.grow(FIRST, MAKE_PLANTS, depends="core_0001_base")
    return made


@pytest.fixture
def never() -> Callable[[], None]:
    def fail() -> None:
        raise AssertionError("there was nothing to back up")

    return fail


async def columns_of(settings: StorageSettings, table: str) -> list[str]:
    def look(unit: Unit) -> list[str]:
        found = inspect(unit.connection)
        return [column["name"] for column in found.get_columns(table)] if found.has_table(table) else []

    async with connected(settings) as db:
        return await db.read(look)


class TestANewDatabase:
    async def test_gets_every_revision_of_every_branch(
        self, settings: StorageSettings, garden: Garden, never: Callable[[], None]
    ) -> None:
        garden.grow("garden_0002_height", ADD_COLUMN)
        done = migrate(settings, [garden.branch], backup=never)
        assert done.was_new
        assert sorted(done.applied) == sorted([*CORE.revisions(), *garden.names])
        assert await columns_of(settings, "garden_plants") == ["id", "name", "height"]

    def test_is_left_alone_at_the_next_start(
        self, settings: StorageSettings, garden: Garden, never: Callable[[], None]
    ) -> None:
        migrate(settings, [garden.branch])
        done = migrate(settings, [garden.branch], backup=never)
        assert (done.applied, done.was_new) == ((), False)

    def test_may_be_made_by_several_nodes_at_once(self, settings: StorageSettings, garden: Garden) -> None:
        with ThreadPoolExecutor(3) as nodes:
            done = list(nodes.map(lambda _: migrate(settings, [garden.branch]), range(3)))
        assert sorted(len(each.applied) for each in done) == [0, 0, len(CORE.revisions()) + 1]


class TestAnOlderDatabase:
    async def test_is_backed_up_before_the_first_change(self, settings: StorageSettings, garden: Garden) -> None:
        migrate(settings, [garden.branch])
        garden.grow("garden_0002_height", ADD_COLUMN)
        calls = list[str]()
        done = migrate(settings, [garden.branch], backup=lambda: calls.append("backup"))
        assert (done.applied, done.was_new, calls) == (["garden_0002_height"], False, ["backup"])
        assert await columns_of(settings, "garden_plants") == ["id", "name", "height"]

    async def test_is_not_changed_when_the_backup_fails(self, settings: StorageSettings, garden: Garden) -> None:
        migrate(settings, [garden.branch])
        garden.grow("garden_0002_height", ADD_COLUMN)

        def full() -> None:
            raise Storage("full", reason="full")

        with pytest.raises(Storage):
            migrate(settings, [garden.branch], backup=full)
        assert await columns_of(settings, "garden_plants") == ["id", "name"]

    async def test_keeps_the_revisions_before_one_that_breaks(self, settings: StorageSettings, garden: Garden) -> None:
        garden.grow("garden_0002_height", ADD_COLUMN)
        garden.grow("garden_0003_pots", BREAK_HALFWAY)
        with pytest.raises(DBAPIError):
            migrate(settings, [garden.branch])
        assert await columns_of(settings, "garden_plants") == ["id", "name", "height"]
        # The table was made before the statement that broke, in the same transaction.
        assert await columns_of(settings, "garden_pots") == []
        (garden.folder / "garden_0003_pots.py").unlink()
        assert migrate(settings, [garden.branch]).applied == ()

    def test_is_refused_a_change_that_leaves_rows_without_their_parent(self, tmp_path: Path, garden: Garden) -> None:
        settings = StorageSettings(data_dir=tmp_path / "data")
        orphan = '    op.execute("INSERT INTO garden_leaves (plant_id) VALUES (404)")'
        garden.grow("garden_0002_orphan", orphan)
        with pytest.raises(Storage, match="garden_leaves"):
            migrate(settings, [garden.branch])


class TestADatabaseOfANewerVersion:
    async def test_is_refused_and_left_alone(
        self, settings: StorageSettings, garden: Garden, never: Callable[[], None]
    ) -> None:
        garden.grow("garden_0002_height", ADD_COLUMN)
        migrate(settings, [garden.branch])
        (garden.folder / "garden_0002_height.py").unlink()
        with pytest.raises(Storage, match="newer version of Polycast \\(garden_0002_height\\)") as refused:
            migrate(settings, [garden.branch], backup=never)
        assert refused.value.reason == "newer_schema"


class TestABranch:
    @pytest.mark.parametrize("name", ["garden_2_x.py", "pool_0001_x.py", "notes.py"])
    def test_holds_nothing_but_its_revisions(self, garden: Garden, name: str) -> None:
        (garden.folder / name).write_text("")
        with pytest.raises(ValueError, match="no revision of the branch garden"):
            garden.branch.revisions()

    def test_of_core_is_one_chain_named_as_its_files(self) -> None:
        down = None
        for number, name in enumerate(CORE.revisions(), start=1):
            text = (CORE.folder / f"{name}.py").read_text()
            assert name.startswith(f"core_{number:04}_")
            assert f'\nrevision = "{name}"\n' in text
            found = re.search(r"^down_revision = (.*)$", text, re.MULTILINE)
            assert found is not None
            assert found[1] == (f'"{down}"' if down else "None")
            down = name


def start_again(settings: StorageSettings) -> None:
    migrate(settings, [])
    sys.exit(1 if "alembic" in sys.modules else 0)


class TestAStartWithNothingDue:
    # Alembic costs a tenth of a second and some megabytes.
    def test_does_not_load_alembic(self, tmp_path: Path) -> None:
        settings = StorageSettings(data_dir=tmp_path)
        migrate(settings, [])
        assert importlib.util.find_spec("alembic") is not None
        child = SPAWN.Process(target=start_again, args=(settings,))
        child.start()
        child.join(60)
        assert child.exitcode == 0
