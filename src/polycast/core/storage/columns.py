"""The columns that come again and again in the tables of the modules."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Text, text

from polycast.core.storage.types import Flag, Instant, Key

SORTED = Text().with_variant(Text(collation="C"), "postgresql")


def key() -> Column[int]:
    """The integer key of a row, never used again."""
    return Column("id", Key, primary_key=True)


def words(name: str) -> Column[str]:
    """Text that is never null; empty when not given."""
    return Column(name, Text, nullable=False, server_default=text("''"))


def sorted_words(name: str) -> Column[str]:
    """`fold` of another column: what lists sort by and searches look in, in the order of code points on both engines."""
    return Column(name, SORTED, nullable=False, server_default=text("''"))


def flag(name: str, *, on: bool = False) -> Column[bool]:
    """Yes or no, stored as 0 or 1."""
    return Column(name, Flag, nullable=False, server_default=text("1" if on else "0"))


def whole(name: str, *, start: int = 0) -> Column[int]:
    """An integer with a default."""
    return Column(name, BigInteger, nullable=False, server_default=text(str(start)))


def moment(name: str, *, optional: bool = False) -> Column[datetime]:
    """A point in time, microseconds since 1970 UTC."""
    return Column(name, Instant, nullable=optional)


def link(name: str, to: str, *, optional: bool = False, gone: str = "CASCADE") -> Column[int]:
    """The key of a row of table `to`; `gone` says what its deletion does here: CASCADE, SET NULL or RESTRICT."""
    return Column(name, BigInteger, ForeignKey(f"{to}.id", ondelete=gone), nullable=optional)
