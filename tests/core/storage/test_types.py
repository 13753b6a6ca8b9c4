from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from polycast.core.storage import Database, Unit, instant_in, instant_out
from tests.core.storage.world import films


async def kept(db: Database, column: str, value: Any) -> tuple[Any, Any]:
    """`value` as it comes back, and as it is stored."""

    def work(unit: Unit) -> tuple[Any, Any]:
        key = unit.insert(films, code="a", title="A", **{column: value})
        back = unit.execute(select(films.c[column]).where(films.c.id == key)).scalar_one()
        return back, unit.connection.exec_driver_sql(f"SELECT {column} FROM shop_films").scalar_one()

    return await db.write(work)


class TestAMoment:
    async def test_comes_back_to_the_microsecond_in_utc(self, db: Database) -> None:
        moment = datetime(2026, 11, 21, 4, 5, 6, 789123, tzinfo=timezone(timedelta(hours=2)))
        back, stored = await kept(db, "added_at", moment)
        assert back == moment
        assert back.tzinfo is UTC
        assert stored == 1_795_226_706_789_123

    async def test_before_1970_comes_back(self, db: Database) -> None:
        moment = datetime(1895, 12, 28, 0, 0, 0, 1, tzinfo=UTC)
        assert (await kept(db, "added_at", moment))[0] == moment

    async def test_without_a_zone_is_refused(self, db: Database) -> None:
        with pytest.raises((ValueError, StatementError)):
            await kept(db, "added_at", datetime(2026, 1, 1))  # noqa: DTZ001

    async def test_is_compared_in_the_database(self, db: Database) -> None:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        await kept(db, "added_at", moment)
        later = select(films.c.id).where(films.c.added_at > moment - timedelta(days=1))
        assert len(await db.read(lambda u: u.execute(later).all())) == 1

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_survives_both_ways(self, moment: datetime) -> None:
        assert instant_out(instant_in(moment)) == moment


class TestADuration:
    async def test_comes_back_to_the_millisecond(self, db: Database) -> None:
        assert await kept(db, "length", timedelta(hours=1, milliseconds=5)) == (
            timedelta(hours=1, milliseconds=5),
            3_600_005,
        )


class TestAFlag:
    @pytest.mark.parametrize("value", [True, False])
    async def test_comes_back(self, db: Database, value: bool) -> None:
        back, stored = await kept(db, "is_lent", value)
        assert back is value
        assert stored == int(value)

    async def test_is_asked_for_alike_on_both_engines(self, db: Database) -> None:
        await kept(db, "is_lent", True)
        for condition, count in [
            (films.c.is_lent.is_(True), 1),
            (films.c.is_lent.is_(False), 0),
            (films.c.is_lent.is_not(False), 1),
            (films.c.is_lent == True, 1),  # noqa: E712
            (films.c.is_lent != True, 0),  # noqa: E712
            (films.c.is_lent.in_([True, False]), 1),
        ]:
            rows = await db.read(lambda u, c=condition: u.execute(select(films.c.id).where(c)).all())
            assert len(rows) == count, condition


class TestFreeJson:
    async def test_comes_back(self, db: Database) -> None:
        value = {"tags": ["ä", None, 1.5], "nested": {"yes": True}}
        assert (await kept(db, "extra", value))[0] == value

    async def test_none_is_null(self, db: Database) -> None:
        assert await kept(db, "extra", None) == (None, None)


class TestAChannelNumber:
    @pytest.mark.parametrize(("value", "stored"), [("5", 5000), ("5.1", 5100), ("0.001", 1), ("100", 100_000)])
    async def test_is_kept_in_thousandths(self, db: Database, value: str, stored: int) -> None:
        back, raw = await kept(db, "shelf", Decimal(value))
        assert (str(back), raw) == (value, stored)


class TestText:
    # A server's locale sorts "a" before "B", and some hold that "ä" equals "a" plus a mark.
    async def test_is_sorted_by_code_point_on_both_engines(self, db: Database) -> None:
        for code in ["b", "a", "B", "_", "Z", "ä", "10", "9", " x", "~"]:
            await db.write(Unit.insert, films, code=code, title="x")
        found = await db.read(lambda u: list(u.execute(select(films.c.code).order_by(films.c.code)).scalars()))
        assert found == sorted(found)
