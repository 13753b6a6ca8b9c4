"""Lists of streams, and the streams people add."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event

from polycast.core.errors import Invalid, NotAllowed
from polycast.core.identity.caller import NOBODY, SYSTEM, Caller
from polycast.core.storage import Unit
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.streams.model import Order, PreviewAsk, StreamForm, StreamQuery
from polycast.live.sources.streams.store_query import StreamFinder
from polycast.live.tables import channel_streams, channels
from tests.live.sources.world import SourcesWorld, playlist

QUERIES: list[dict[str, Any]] = [
    {},
    {"search": "news"},
    {"name": "a_%"},
    {"groups": ("Big",)},
    {"groups": ("Big", "Small")},
    {"group_name": "ig"},
    {"account_ids": (2,)},
    {"account_name": "one"},
    {"tvg_id": "x1"},
    {"unassigned": True},
    {"hide_stale": True},
    {"is_catchup": True},
    {"enabled": True},
    {"enabled": False},
    {"assigned": 1},
    {"search": "x", "account_ids": (2,), "enabled": True, "hide_stale": True, "unassigned": True},
]


async def two_accounts(world: SourcesWorld, *, big: int = 3) -> tuple[int, int]:
    first = await world.file_account(playlist(*(f"X{n}" for n in range(big)), group="Big"), name="One")
    second = await world.file_account(playlist("Éa", "b", "C10", "c9", group="Small"), name="Two")
    await world.refresh(first)
    await world.refresh(second)
    return first, second


def make_channel(unit: Unit, uuid: str, stream_ids: Sequence[int], now: Any) -> int:
    row = unit.insert(channels, uuid=uuid, name=uuid, created_at=now, updated_at=now)
    unit.insert_rows(channel_streams, ["channel_id", "stream_id", "position"], [(row, s, 0) for s in stream_ids])
    return row


class TestAList:
    async def test_is_sorted_without_regard_to_case(self, each_world: SourcesWorld) -> None:
        await two_accounts(each_world)
        assert await each_world.names(groups=("Small",)) == ["b", "C10", "c9", "Éa"]
        assert (await each_world.names(descending=True))[0] == "Éa"

    @pytest.mark.parametrize("order", list(Order))
    async def test_pages_are_parts_of_the_whole(self, each_world: SourcesWorld, order: Order) -> None:
        await two_accounts(each_world)
        for descending in (False, True):
            query = StreamQuery(order=order, descending=descending)
            whole = list(await each_world.sources.streams.ids(SYSTEM, query))
            pages = [
                (await each_world.sources.streams.page(SYSTEM, query, offset=at, limit=2)).items
                for at in range(0, 8, 2)
            ]
            assert [s.id for s in itertools.chain(*pages)] == whole
            assert len(set(whole)) == 7

    async def test_walking_and_gathering_find_the_same(self, each_world: SourcesWorld) -> None:
        await two_accounts(each_world)
        [first] = await each_world.streams(name="x1")
        await each_world.sources.streams.change(SYSTEM, first.id, StreamForm(enabled=False))
        await each_world.db.write(make_channel, "u", [first.id], each_world.clock.now())
        walker = StreamFinder(gather_limit=-1)
        for query, order in itertools.product(QUERIES, Order):
            asked = StreamQuery(**query, order=order)
            gathered = await each_world.db.read(StreamFinder().page, asked, offset=0, limit=100)
            walked = await each_world.db.read(walker.page, asked, offset=0, limit=100)
            assert set(walked) == set(gathered), (query, order)
            assert await each_world.db.read(walker.count, asked) == len(walked)

    async def test_conditions_join(self, world: SourcesWorld) -> None:
        first, _ = await two_accounts(world)
        [one] = await world.streams(name="x1")
        channel = await world.db.write(make_channel, "u", [one.id], world.clock.now())
        assert await world.names(assigned=channel) == ["X1"]
        assert await world.names(unassigned=True, account_ids=(first,)) == ["X0", "X2"]
        assert await world.names(search="small") == ["b", "C10", "c9", "Éa"]
        assert await world.names(groups=("Big",), name="2") == ["X2"]
        assert await world.names(name="%") == []

    async def test_streams_of_accounts_that_are_off_are_hidden(self, world: SourcesWorld) -> None:
        first, _ = await two_accounts(world)
        await world.sources.accounts.change(SYSTEM, first, AccountForm(is_active=False))
        assert await world.names() == ["b", "C10", "c9", "Éa"]
        assert await world.names(account_is_active=False) == ["X0", "X1", "X2"]

    async def test_needs_the_right_to_read(self, world: SourcesWorld) -> None:
        with pytest.raises(NotAllowed):
            await world.sources.streams.page(Caller(credential=SYSTEM.credential), StreamQuery())
        with pytest.raises(Exception):  # noqa: B017 - not signed in
            await world.sources.streams.page(NOBODY, StreamQuery())


class TestABigList:
    async def test_no_page_sorts_or_reads_everything(self, world: SourcesWorld) -> None:
        await two_accounts(world)
        slow = {}
        for order, query in itertools.product(Order, QUERIES):
            plans = await world.db.read(_plans, StreamQuery(order=order, **query))
            slow[order, *query] = [
                line for line in plans if "TEMP B-TREE FOR ORDER BY" in line or line == "SCAN live_streams"
            ]
        assert {key: lines for key, lines in slow.items() if lines} == {}


def _plans(unit: Unit, query: StreamQuery) -> list[str]:
    """What SQLite says it does for each statement of the first page."""
    asked: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(unit.connection, "before_cursor_execute", remember)
    StreamFinder(gather_limit=-1).page(unit, query, offset=0, limit=50)
    event.remove(unit.connection, "before_cursor_execute", remember)
    found: list[str] = []
    for statement, parameters in asked:
        rows = unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        found += [str(row[3]) for row in rows]
    return found


class TestACustomStream:
    async def test_is_made_listed_and_found_again(self, each_world: SourcesWorld) -> None:
        form = StreamForm(name="Mine", url="http://cam.example.net/a.ts", tvg_id="mine")
        made = await each_world.sources.streams.create(SYSTEM, form)
        assert (made.is_custom, made.name, len(made.hash)) == (True, "Mine", 64)
        assert await each_world.names(tvg_id="mine") == ["Mine"]

    async def test_with_a_credential_in_its_address_shows_stars(self, world: SourcesWorld) -> None:
        form = StreamForm(name="Cam", url="http://root:canary@cam.example.net/a.ts?token=canary")
        made = await world.sources.streams.create(SYSTEM, form)
        assert made.url == "http://***@cam.example.net/a.ts?token=***"
        same = await world.sources.streams.change(SYSTEM, made.id, StreamForm(url=made.url, name="Camera"))
        assert (same.name, same.hash) == ("Camera", made.hash)

        def read(unit: Unit) -> str:
            return world.sources.upstreams.of_stream(unit, made.id)[0].url

        assert await world.db.read(read) == form.url
        stored = b"".join(path.read_bytes() for path in world.data.rglob("*") if path.is_file())
        assert b"canary" not in stored

    async def test_a_new_name_moves_it_in_the_list(self, world: SourcesWorld) -> None:
        made = await world.sources.streams.create(SYSTEM, StreamForm(name="B", url="http://a.example.net/b"))
        await world.sources.streams.create(SYSTEM, StreamForm(name="C", url="http://a.example.net/c"))
        await world.sources.streams.change(SYSTEM, made.id, StreamForm(name="D"))
        assert await world.names() == ["C", "D"]

    @pytest.mark.parametrize("url", ["", "ftp://a/b", "file:///etc/passwd", "javascript:alert(1)", "http://a/ b"])
    async def test_needs_a_good_address(self, world: SourcesWorld, url: str) -> None:
        with pytest.raises(Invalid):
            await world.sources.streams.create(SYSTEM, StreamForm(name="X", url=url))

    async def test_can_be_deleted(self, world: SourcesWorld) -> None:
        made = await world.sources.streams.create(SYSTEM, StreamForm(name="B", url="http://a.example.net/b"))
        assert await world.sources.streams.delete(SYSTEM, [made.id, 999]) == 1
        assert await world.names() == []


class TestAProvidersStream:
    async def test_keeps_what_its_provider_says(self, world: SourcesWorld) -> None:
        await two_accounts(world)
        [stream] = await world.streams(name="x1")
        form = StreamForm(name="Other", url="http://else/", tvg_id="y", enabled=False, stream_profile_id=1)
        same = await world.sources.streams.change(SYSTEM, stream.id, form)
        assert (same.name, same.tvg_id, same.enabled, same.stream_profile_id) == ("X1", "x1", False, 1)


class TestTryingExpressions:
    async def test_shows_what_they_would_do(self, world: SourcesWorld) -> None:
        await two_accounts(world)
        ask = PreviewAsk(group="Big", find=r"^X(?<n>\d)$", replace="Ten $<n>$1$$", match="x[01]", exclude="2")
        shown = await world.sources.previews.show(SYSTEM, ask)
        assert shown.find_matches == [("X0", "Ten 00$"), ("X1", "Ten 11$"), ("X2", "Ten 22$")]
        assert (shown.filter_match_count, shown.exclude_matches, shown.total_in_group) == (2, ["X2"], 3)

    async def test_tells_of_bad_ones(self, world: SourcesWorld) -> None:
        await two_accounts(world)
        shown = await world.sources.previews.show(SYSTEM, PreviewAsk(group="Big", find="(", match="a" * 600))
        assert shown.find_error is not None
        assert shown.match_error == "At most 512 characters."
