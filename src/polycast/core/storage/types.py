"""Column types that mean the same on both engines."""

import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Dialect, Integer, SmallInteger, Table, Text, literal
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MILLISECOND = timedelta(milliseconds=1)
THOUSAND = 1000


def instant_in(value: datetime) -> int:
    """`value` as `Instant` stores it, for `Unit.insert_rows`. Raises: ValueError for a naive time."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (value - EPOCH) // MICROSECOND


def instant_out(stored: int) -> datetime:
    """What `Instant` makes of a stored value."""
    return EPOCH + timedelta(microseconds=stored)


class Instant(TypeDecorator[datetime]):
    """A moment: aware UTC `datetime` here, microseconds since 1970 in the table."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else instant_in(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Span(TypeDecorator[timedelta]):
    """A duration: `timedelta` here, whole milliseconds in the table."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(milliseconds=value)


class JsonText(TypeDecorator[Any]):
    """A value we keep but do not search: JSON text in the table. With `of`, it is read into that type.

    None is SQL NULL, never JSON's `null`.
    """

    impl = Text
    cache_ok = True

    def __init__(self, of: Any = Any) -> None:
        super().__init__()
        self.of = of

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value, type=self.of)


class Flag(TypeDecorator[bool]):
    """Yes or no: 0 or 1 in a small integer on both engines. Ask with `.is_(True)`; a bare column is no condition."""

    impl = SmallInteger
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[bool]):
        """Compares with a number: PostgreSQL knows no `smallint IS true`."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            if other and isinstance(other[0], bool):
                same: dict[Any, Callable[..., Any]] = {operators.is_: operator.eq, operators.is_not: operator.ne}
                number = literal(int(other[0]), SmallInteger)
                return super().operate(same.get(op, op), number, *other[1:], **kwargs)
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        return None if value is None else value != 0


class Thousandths(TypeDecorator[Decimal]):
    """A decimal with at most three places (channel numbers: 5.1), as whole thousandths in the table."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else int((Decimal(value) * THOUSAND).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-3).normalize() + 0


class Key(TypeDecorator[int]):
    """The integer primary key. An id is never used again, not even that of the youngest row after its end.

    SQLite keeps that promise only with AUTOINCREMENT, which is an option of the table: the type sets it when its
    column meets the table, in models and in migrations alike.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # SQLite takes AUTOINCREMENT on the exact word INTEGER only, which is 64 bits wide there.
        kind: TypeEngine[Any] = Integer() if dialect.name == "sqlite" else BigInteger()
        return dialect.type_descriptor(kind)

    def _set_parent(self, parent: Any, outer: bool = False, **kw: Any) -> None:
        super()._set_parent(parent, outer, **kw)
        parent._on_table_attach(self._join_table)

    def _join_table(self, column: Column[int], table: Table) -> None:
        if column.primary_key:
            table.dialect_options["sqlite"]["autoincrement"] = True
