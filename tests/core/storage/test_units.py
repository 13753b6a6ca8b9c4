import asyncio
import threading
from pathlib import Path

import pytest
from msgspec import Struct
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from polycast.core.errors import Storage
from polycast.core.storage import Database, StorageSettings, Unit
from tests.core.storage.world import TABLES, add_film, codes, count_films, films, loans
from tests.engines import Kept, connected, create_tables


class Lend(Struct, frozen=True):
    film_id: int


class TestAUnit:
    async def test_is_committed_when_it_returns(self, db: Database) -> None:
        key = await db.write(add_film, "a")
        assert key > 0
        assert await db.read(codes) == ["a"]

    async def test_leaves_nothing_when_it_raises(self, db: Database) -> None:
        def half(unit: Unit) -> None:
            add_film(unit, "a")
            raise KeyError("the other half")

        with pytest.raises(KeyError):
            await db.write(half)
        assert await db.read(count_films) == 0

    async def test_leaves_nothing_when_the_database_refuses_its_second_row(self, db: Database) -> None:
        def twice(unit: Unit) -> None:
            add_film(unit, "a")
            add_film(unit, "a")

        with pytest.raises(IntegrityError):
            await db.write(twice)
        assert await db.read(count_films) == 0

    async def test_holds_foreign_keys(self, db: Database) -> None:
        with pytest.raises(IntegrityError):
            await db.write(Unit.insert, loans, film_id=404)

    async def test_cannot_write_when_it_said_it_reads(self, db: Database) -> None:
        with pytest.raises(Storage) as refused:
            await db.read(add_film, "a")
        assert refused.value.reason == "read_only"

    async def test_sees_one_state_for_all_its_reads(self, db: Database) -> None:
        first, second = threading.Event(), threading.Event()

        def twice(unit: Unit) -> tuple[int, int]:
            before = count_films(unit)
            first.set()
            assert second.wait(10)
            return before, count_films(unit)

        reading = asyncio.create_task(db.read(twice))
        await asyncio.to_thread(first.wait, 10)
        await db.write(add_film, "a")
        second.set()
        assert await reading == (0, 0)


class TestAfterCommit:
    async def test_runs_when_the_rows_are_there_for_others(self, settings: StorageSettings, db: Database) -> None:
        seen = list[str]()

        def work(unit: Unit) -> None:
            add_film(unit, "a")
            unit.before_commit(lambda: seen.append("before"))
            unit.after_commit(lambda: seen.append("after"))
            seen.append("body")

        await db.write(work)
        assert seen == ["body", "before", "after"]

    async def test_does_not_run_after_a_rollback(self, db: Database) -> None:
        seen = list[str]()

        def work(unit: Unit) -> None:
            unit.after_commit(lambda: seen.append("after"))
            raise KeyError("no")

        with pytest.raises(KeyError):
            await db.write(work)
        assert seen == []

    async def test_the_last_rows_of_a_unit_belong_to_its_commit(self, db: Database) -> None:
        def work(unit: Unit) -> None:
            unit.before_commit(lambda: unit.insert(films, code="last", title="Last") and None)
            add_film(unit, "first")

        await db.write(work)
        assert await db.read(codes) == ["first", "last"]


class TestTheOtherRooms:
    async def test_are_reached_through_the_unit(self, settings: StorageSettings) -> None:
        kept = Kept()
        async with connected(settings, enqueuer=kept) as db:
            job = await db.write(lambda unit: unit.enqueue("shop.lend", Lend(film_id=1)))
        assert job == 1
        assert kept.jobs == [("shop.lend", Lend(film_id=1))]


class TestACallerThatLeaves:
    async def test_does_not_stop_a_running_unit(self, db: Database) -> None:
        running, go_on = threading.Event(), threading.Event()

        def slow(unit: Unit) -> None:
            add_film(unit, "a")
            running.set()
            assert go_on.wait(10)

        task = asyncio.create_task(db.write(slow))
        await asyncio.to_thread(running.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await db.write(add_film, "b")
        assert await db.read(codes) == ["a", "b"]

    async def test_takes_back_a_unit_that_waits(self, db: Database) -> None:
        running, go_on = threading.Event(), threading.Event()

        def slow(unit: Unit) -> None:
            running.set()
            assert go_on.wait(10)

        first = asyncio.create_task(db.write(slow))
        await asyncio.to_thread(running.wait, 10)
        second = asyncio.create_task(db.write(add_film, "unwanted"))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        go_on.set()
        await first
        await db.write(add_film, "b")
        assert await db.read(codes) == ["b"]


class TestIds:
    async def test_are_never_used_again(self, db: Database) -> None:
        first = await db.write(add_film, "a")
        await db.write(lambda unit: unit.execute(delete(films)) and None)
        assert await db.write(add_film, "b") > first


class TestEightClients:
    # READ COMMITTED let 8 clients make 7 of 5 allowed rows.
    async def test_make_five_of_five_allowed_rows(self, settings: StorageSettings, db: Database) -> None:
        def add_if_allowed(unit: Unit, code: str) -> bool:
            if count_films(unit) >= 5:
                return False
            add_film(unit, code)
            return True

        async def client(number: int) -> int:
            async with connected(settings) as own:
                return sum([await own.write(add_if_allowed, f"{number}-{turn}") for turn in range(3)])

        made = await asyncio.gather(*(client(number) for number in range(8)))
        assert sum(made) == 5
        assert await db.read(count_films) == 5

    async def test_lose_no_increment_though_units_run_again(self, settings: StorageSettings, db: Database) -> None:
        await db.write(add_film, "a")

        def raise_price(unit: Unit) -> None:
            price = unit.execute(select(films.c.price)).scalar_one()
            unit.execute(update(films).values(price=price + 1))

        async def client() -> None:
            async with connected(settings) as own:
                for _ in range(5):
                    await own.write(raise_price)

        await asyncio.gather(*(client() for _ in range(3)))
        assert await db.read(lambda unit: unit.execute(select(films.c.price)).scalar_one()) == 15


class TestManyRows:
    async def test_are_added_by_the_driver(self, db: Database) -> None:
        rows = [(f"c{n}", f"Film {n}", n, n % 2, None) for n in range(1000)]
        columns = ["code", "title", "price", "is_lent", "cover"]
        assert await db.write(Unit.insert_rows, films, columns, iter(rows)) == 1000
        total = await db.read(lambda unit: unit.execute(select(func.sum(films.c.price))).scalar_one())
        assert total == 499_500

    async def test_are_refused_whole_when_one_is_wrong(self, db: Database) -> None:
        with pytest.raises(IntegrityError):
            await db.write(Unit.insert_rows, films, ["code", "title"], [("a", "A"), ("b", "B"), ("a", "A")])
        assert await db.read(count_films) == 0

    async def test_name_only_columns_that_exist(self, db: Database) -> None:
        with pytest.raises(KeyError):
            await db.write(Unit.insert_rows, films, ["code", "title) --"], [])

    async def test_that_break_in_the_middle_leave_the_connection_usable(self, db: Database) -> None:
        def breaking() -> object:
            yield "a", "A"
            raise KeyError("the source broke")

        with pytest.raises(KeyError):
            await db.write(Unit.insert_rows, films, ["code", "title"], breaking())
        await db.write(add_film, "b")
        assert await db.read(codes) == ["b"]


class TestUpsert:
    async def test_adds_what_is_new_and_changes_what_is_there(self, db: Database) -> None:
        key = await db.write(add_film, "a")
        rows = [{"code": "a", "title": "Alpha"}, {"code": "b", "title": "Beta"}, {"code": "b", "title": "Bravo"}]
        await db.write(Unit.upsert, films, rows, key=["code"], update=["title"])
        found = await db.read(lambda u: [tuple(r) for r in u.execute(select(films.c.id, films.c.title).order_by("id"))])
        assert found[0] == (key, "Alpha")
        assert [title for _, title in found] == ["Alpha", "Bravo"]

    async def test_with_nothing_to_update_keeps_the_present_row(self, db: Database) -> None:
        await db.write(add_film, "a")
        await db.write(Unit.upsert, films, [{"code": "a", "title": "Other"}], key=["code"], update=[])
        assert await db.read(lambda u: u.execute(select(films.c.title)).scalar_one()) == "Film a"

    async def test_of_nothing_is_nothing(self, db: Database) -> None:
        await db.write(Unit.upsert, films, [], key=["code"], update=["title"])
        assert await db.read(count_films) == 0


class TestAClosedDatabase:
    async def test_leaves_no_thread(self, settings: StorageSettings) -> None:
        async with connected(settings, metadatas=[TABLES]) as db:
            await db.write(create_tables, [TABLES])
            await db.read(count_films)
        assert [t.name for t in threading.enumerate() if t.name.startswith("polycast-")] == []

    async def test_can_be_opened_again(self, settings: StorageSettings, tmp_path: Path) -> None:
        async with connected(settings) as db:
            await db.write(create_tables, [TABLES])
            await db.write(add_film, "a")
        async with connected(settings) as db:
            assert await db.read(codes) == ["a"]
