"""A small video shop: what the storage tests keep rows about."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

from polycast.core.storage import Flag, Instant, JsonText, Key, Span, Thousandths, Unit, metadata

TABLES = metadata("shop")

films = Table(
    "shop_films",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("price", BigInteger, nullable=False, server_default="0"),
    Column("cover", LargeBinary),
    Column("added_at", Instant),
    Column("length", Span),
    Column("is_lent", Flag, nullable=False, server_default="0"),
    Column("extra", JsonText),
    Column("shelf", Thousandths),
    UniqueConstraint("code"),
    CheckConstraint("price >= 0", name="price_is_paid"),
)

loans = Table(
    "shop_loans",
    TABLES,
    Column("id", Key, primary_key=True),
    Column("film_id", BigInteger, ForeignKey("shop_films.id", ondelete="CASCADE"), nullable=False),
)


def add_film(unit: Unit, code: str) -> int:
    return unit.insert(films, code=code, title=f"Film {code}")


def count_films(unit: Unit) -> int:
    return unit.execute(select(func.count()).select_from(films)).scalar_one()


def codes(unit: Unit) -> list[str]:
    return list(unit.execute(select(films.c.code).order_by(films.c.id)).scalars())
