"""A shop with a cellar: rows of every stored kind, a folder of covers, a cache; and its module's revisions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text, func, insert, inspect, select

from polycast.core.backups import House, Kind, Making
from polycast.core.module import BackupPart
from polycast.core.storage import Branch, Instant, Key, StorageSettings, Unit, metadata

NOW = datetime(2026, 11, 21, 3, 0, 0, tzinfo=UTC)
MAKING = Making(kind=Kind.MANUAL, at=NOW)
PART = BackupPart(name="shop", folders=("shop/covers",), skip_tables=("shop_cache",))
TABLES = metadata("shop")
films = Table(
    "shop_films",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("title", Text, nullable=False),
    Column("cover", LargeBinary),
    Column("added_at", Instant),
    Column("rating", BigInteger),
    Column("sequel_of", BigInteger, ForeignKey("shop_films.id")),
)
casts = Table(
    "shop_casts",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("film_id", BigInteger, ForeignKey("shop_films.id"), nullable=False),
    Column("actor", Text),
)
cache = Table("shop_cache", TABLES, Column("key", Text, primary_key=True), Column("value", Text))

FIRST = """
import sqlalchemy as sa
from alembic import op
from polycast.core.storage import Key

revision = "shop_0001_start"
down_revision = None
branch_labels = ("shop",)
depends_on = "core_0001_base"


def upgrade() -> None:
    op.create_table(
        "shop_films",
        sa.Column("id", Key, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("cover", sa.LargeBinary),
        sa.Column("added_at", sa.BigInteger),
        sa.Column("sequel_of", sa.BigInteger, sa.ForeignKey("shop_films.id")),
    )
    op.create_table(
        "shop_casts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("film_id", sa.BigInteger, sa.ForeignKey("shop_films.id"), nullable=False),
        sa.Column("actor", sa.Text),
    )
    op.create_table("shop_cache", sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text))
    op.execute("INSERT INTO shop_films (title) VALUES ('A film that comes with the shop')")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "shop_0002_rating"
down_revision = "shop_0001_start"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop_films", sa.Column("rating", sa.BigInteger))
    op.execute("UPDATE shop_films SET rating = 3")
"""


def write_branch(folder: Path, *, revisions: int = 2) -> Branch:
    """The shop's revisions, the first `revisions` of them."""
    folder.mkdir(exist_ok=True)
    for name, text in [("shop_0001_start", FIRST), ("shop_0002_rating", SECOND)][:revisions]:
        (folder / f"{name}.py").write_text(text)
    return Branch("shop", folder)


def house(settings: StorageSettings, branch: Branch) -> House:
    return House(storage=settings, branches=[branch], parts=[PART], version="1.2.3")


def fill(unit: Unit) -> None:
    first = unit.insert(films, title="Stalker", cover=bytes(range(256)), added_at=NOW, rating=5)
    unit.insert(films, title='Солярис\n"quoted" \\ 🎬', sequel_of=first, rating=4)
    unit.insert(casts, film_id=first, actor="Alexander Kaidanovsky")
    unit.insert(casts, film_id=first, actor=None)
    unit.execute(insert(cache).values(key="a", value="can be made again"))


def seen(unit: Unit) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the shop."""
    found = inspect(unit.connection)
    return {
        table.name: [tuple(row) for row in unit.execute(select(table).order_by(*table.primary_key))]
        for table in TABLES.sorted_tables
        if found.has_table(table.name)
    }


def count(unit: Unit, table: Table) -> int:
    return int(unit.execute(select(func.count()).select_from(table)).scalar_one())


def put_covers(data_dir: Path, **contents: str) -> None:
    folder = data_dir / "shop" / "covers"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        (folder / f"{name}.txt").write_text(text)


def covers(data_dir: Path) -> dict[str, str]:
    folder = data_dir / "shop" / "covers"
    return {path.stem: path.read_text() for path in sorted(folder.rglob("*.txt"))}
