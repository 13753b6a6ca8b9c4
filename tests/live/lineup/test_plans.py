"""No list of channels sorts or scans more than its page: what SQLite plans for each order and filter."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from polycast.core.storage import Unit
from polycast.live.lineup.model import ChannelQuery, Visibility
from polycast.live.lineup.store_filters import filtered, ordered
from polycast.live.tables import channels
from tests.live.lineup.world import World

MANY = 300


async def filled(world: World) -> None:
    def fill(unit: Unit) -> None:
        rows = [(f"uuid-{n}", f"Channel {n}", f"channel {n}", n * 1000, n % 2, 0, 0) for n in range(MANY)]
        names = ["uuid", "eff_name", "eff_name_key", "eff_number", "is_hidden", "created_at", "updated_at"]
        unit.insert_rows(channels, names, rows)
        unit.connection.exec_driver_sql("ANALYZE")

    await world.db.write(fill)


async def plan(world: World, query: ChannelQuery) -> str:
    statement: Any = ordered(filtered(select(channels.c.id), query), query).limit(50)
    text = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})

    def explain(unit: Unit) -> list[str]:
        return [row[3] for row in unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]

    return "\n".join(await world.db.read(explain))


class TestAListIsAsked:
    @pytest.mark.parametrize("order", ["number", "-number", "name", "-name"])
    @pytest.mark.parametrize("visibility", list(Visibility))
    async def test_its_order_comes_from_an_index(self, world: World, order: str, visibility: Visibility) -> None:
        await filled(world)
        planned = await plan(world, ChannelQuery(order=order, visibility=visibility))
        assert "TEMP B-TREE" not in planned
        assert "USING" in planned

    async def test_a_group_is_read_in_the_order_of_its_numbers(self, world: World) -> None:
        await filled(world)
        planned = await plan(world, ChannelQuery(group_id=1, visibility=Visibility.ALL))
        assert "ix_live_channels_group" in planned
        assert "TEMP B-TREE" not in planned
