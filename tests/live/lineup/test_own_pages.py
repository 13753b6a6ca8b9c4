"""The channel table of our own pages."""

from datetime import timedelta

from sqlalchemy import update

from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.storage import Unit
from polycast.live.lineup.edits import GuideChoice
from polycast.live.lineup.model import Channel, ChannelQuery, Visibility
from polycast.live.tables import channels
from tests.live.lineup.world import World

TABLE = "/polycast/v1/live/channels"


async def line_up(world: World) -> dict[str, int]:
    """Effective numbers by name."""
    found = await everything(world)
    return {one.effective.name: (one.effective.number or 0) // 1000 for one in found}


async def everything(world: World) -> list[Channel]:
    return await world.lineup.channels.all(SYSTEM, ChannelQuery(visibility=Visibility.ALL))


async def made_by_sync(world: World, channel_id: int) -> None:
    def mark(unit: Unit) -> None:
        unit.execute(update(channels).where(channels.c.id == channel_id).values(auto_created=True, auto_account_id=1))

    await world.db.write(mark)


class TestTheTableIsShown:
    async def test_a_row_has_all_that_stands_in_it(self, world: World) -> None:
        group = await world.group("News")
        guide = await world.guide("bbc.uk", name="BBC One")
        stream = await world.stream("BBC")
        channel = await world.channel("BBC", 1, group_id=group, guide_channel_id=guide, stream_ids=[stream])
        answer = (await world.page().get(TABLE)).json()
        assert answer["total"] == 1
        assert answer["items"][0] | {"uuid": ""} == {
            "id": channel,
            "uuid": "",
            "number": "1",
            "name": "BBC",
            "group": {"id": group, "name": "News"},
            "logo_id": None,
            "logo_url": None,
            "guide": {"id": guide, "name": "BBC One", "source": "Guide"},
            "tvg_id": "",
            "streams": 1,
            "enabled": True,
            "is_adult": False,
            "auto_created": False,
            "overridden": [],
            "catchup_days": 0,
            "problem": None,
        }

    async def test_it_is_cut_sorted_and_narrowed(self, world: World) -> None:
        for number in range(1, 6):
            await world.channel(f"Channel {number}", number, is_hidden=number == 3)
        page = world.page()
        for query, names in (
            ("offset=1&limit=2", ["2", "3"]),
            ("sort=-name&limit=2", ["5", "4"]),
            ("only=hidden", ["3"]),
            ("only=disabled,no_guide,no_streams", ["3"]),
            ("only=overridden", []),
            ("search=nel%204", ["4"]),
            ("group=99", []),
        ):
            found = (await page.get(f"{TABLE}?{query}")).json()
            assert [row["name"][-1] for row in found["items"]] == names, query
        assert len((await page.get(f"{TABLE}/ids?only=no_guide")).json()["ids"]) == 5
        assert (await page.get(f"{TABLE}?sort=colour")).json()["problems"][0]["path"] == "sort"
        assert (await page.get(f"{TABLE}?only=green")).status_code == 400
        # What is hidden from the outputs is hidden from people who may only watch.
        assert (await world.page(Role.MEMBER).get(TABLE)).json()["total"] == 4
        assert (await world.page(Role.GUEST).get(TABLE)).status_code == 403

    async def test_it_says_what_cannot_play(self, world: World) -> None:
        stream = await world.stream("BBC", enabled=False)
        await world.channel("Off", 1, stream_ids=[stream])
        await world.channel("None", 2)
        rows = (await world.page().get(TABLE)).json()["items"]
        assert [row["problem"] for row in rows] == [
            "None of its streams is there: they are gone from the source or switched off.",
            "It has no stream.",
        ]


class TestACellIsChanged:
    async def test_of_a_channel_of_ones_own_the_channel_changes(self, world: World) -> None:
        channel = await world.channel("BBC", 1)
        sent = {"name": "BBC One", "number": "2.1", "enabled": False}
        row = (await world.page().patch(f"{TABLE}/{channel}", json=sent)).json()
        assert (row["name"], row["number"], row["enabled"], row["overridden"]) == ("BBC One", "2.1", False, [])

    async def test_of_a_synced_one_the_override_does(self, world: World) -> None:
        channel = await world.channel("BBC", 1)
        await made_by_sync(world, channel)
        row = (await world.page().patch(f"{TABLE}/{channel}", json={"name": "One", "number": "7"})).json()
        assert (row["name"], row["number"], row["overridden"]) == ("One", "7", ["name", "number"])
        back = (await world.page().patch(f"{TABLE}/{channel}", json={"name": "BBC"})).json()
        assert (back["name"], back["overridden"]) == ("BBC", ["number"])

    async def test_what_is_wrong_is_told_by_the_pages_own_names(self, world: World) -> None:
        channel = await world.channel("BBC", 1)
        await made_by_sync(world, channel)
        answer = await world.page().patch(f"{TABLE}/{channel}", json={"guide_id": 99, "group_id": 98})
        assert answer.status_code == 400
        assert sorted(one["path"] for one in answer.json()["problems"]) == ["group_id", "guide_id"]
        wrong = await world.page().patch(f"{TABLE}/{channel}", json={"number": "many"})
        assert [one["path"] for one in wrong.json()["problems"]] == ["number"]


class TestRowsAreMoved:
    async def test_behind_another_and_back(self, each_world: World) -> None:
        world = each_world
        ids = [await world.channel(name, at + 1) for at, name in enumerate("ABCD")]
        shown = (
            await world.page().post(f"{TABLE}/move", json={"ids": [ids[0]], "after_id": ids[2], "dry_run": True})
        ).json()
        assert (shown["undo"], shown["count"], shown["refused"]) == (None, 3, 0)
        assert [(one["name"], one["before"], one["after"]) for one in shown["first"]] == [
            ("B", "2", "1"),
            ("C", "3", "2"),
            ("A", "1", "3"),
        ]
        assert await line_up(world) == {"A": 1, "B": 2, "C": 3, "D": 4}
        done = (await world.page().post(f"{TABLE}/move", json={"ids": [ids[0]], "after_id": ids[2]})).json()
        assert await line_up(world) == {"B": 1, "C": 2, "A": 3, "D": 4}
        back = (await world.page().post(f"/polycast/v1/live/undo/{done['undo']}")).json()
        assert back == {"count": 3, "text": "Numbers of 3 channels"}
        assert await line_up(world) == {"A": 1, "B": 2, "C": 3, "D": 4}
        assert (await world.page().post(f"/polycast/v1/live/undo/{done['undo']}")).status_code == 404

    async def test_a_whole_group_goes_first(self, world: World) -> None:
        group = await world.group("News")
        for at, name in enumerate("ABCD"):
            await world.channel(name, at + 1, group_id=group if name in "BD" else None)
        await world.page().post(f"{TABLE}/move", json={"group_ids": [group], "after_id": None})
        assert await line_up(world) == {"B": 1, "D": 2, "A": 3, "C": 4}

    async def test_to_a_number(self, world: World) -> None:
        ids = [await world.channel(name, at + 1) for at, name in enumerate("ABC")]
        await world.page().post(f"{TABLE}/move", json={"ids": ids[:1], "number": "100"})
        assert await line_up(world) == {"B": 2, "C": 3, "A": 100}
        assert (await world.page().post(f"{TABLE}/move", json={"ids": ids, "after_id": 99})).status_code == 404

    async def test_nothing_is_taken_back_once_somebody_else_has_changed_it(self, world: World) -> None:
        ids = [await world.channel(name, at + 1) for at, name in enumerate("AB")]
        done = (await world.page().post(f"{TABLE}/move", json={"ids": [ids[1]], "after_id": None})).json()
        await world.page().patch(f"{TABLE}/{ids[0]}", json={"name": "Other"})
        answer = await world.page().post(f"/polycast/v1/live/undo/{done['undo']}")
        assert (answer.status_code, answer.json()["type"]) == (409, "polycast:conflict/changed")

    async def test_nor_after_a_day(self, world: World) -> None:
        ids = [await world.channel(name, at + 1) for at, name in enumerate("AB")]
        done = (await world.page().post(f"{TABLE}/move", json={"ids": [ids[1]], "after_id": None})).json()
        world.clock.move(timedelta(hours=25))
        assert (await world.page().post(f"/polycast/v1/live/undo/{done['undo']}")).status_code == 404


class TestManyAreEdited:
    async def test_values_and_names(self, world: World) -> None:
        group = await world.group("News")
        ids = [await world.channel("UK: BBC", 1), await world.channel("UK:", 2)]
        await made_by_sync(world, ids[0])
        sent = {"ids": ids, "set": {"group_id": group, "enabled": False}, "find": "^uk: ?", "ignore_case": True}
        shown = (await world.page().post(f"{TABLE}/bulk", json=sent | {"dry_run": True})).json()
        assert (shown["count"], shown["refused"], shown["undo"]) == (2, 1, None)
        assert {(one["field"], one["after"]) for one in shown["first"] if one["id"] == ids[0]} == {
            ("group_id", "News"),
            ("enabled", "no"),
            ("name", "BBC"),
        }
        assert [one["refused"] for one in shown["first"] if one["refused"]] == ["The name would be empty."]
        done = (await world.page().post(f"{TABLE}/bulk", json=sent)).json()
        rows = (await world.page().get(TABLE)).json()["items"]
        assert [(row["name"], row["group"]["name"], row["enabled"]) for row in rows] == [
            ("BBC", "News", False),
            ("UK:", "News", False),
        ]
        assert rows[0]["overridden"] == ["name", "group_id"]
        await world.page().post(f"/polycast/v1/live/undo/{done['undo']}")
        rows = (await world.page().get(TABLE)).json()["items"]
        assert [(row["name"], row["enabled"], row["overridden"]) for row in rows] == [
            ("UK: BBC", True, []),
            ("UK:", True, []),
        ]

    async def test_a_bad_expression_changes_nothing(self, world: World) -> None:
        answer = await world.page().post(f"{TABLE}/bulk", json={"ids": [1], "find": "("})
        assert (answer.status_code, answer.json()["problems"][0]["path"]) == (400, "find")

    async def test_guides_of_a_matching_run_can_be_taken_back(self, world: World) -> None:
        guide, channel = await world.guide("bbc.uk", name="BBC One"), await world.channel("BBC", 1)
        choice = GuideChoice(channel_id=channel, guide_channel_id=guide)
        done = await world.lineup.bulk.set_guides(SYSTEM, [choice], "Matching")
        assert [(one.field, one.before, one.after) for one in done.first] == [("guide_id", "", "BBC One")]
        await world.lineup.undos.undo(SYSTEM, done.undo or "")
        assert (await world.lineup.channels.get(SYSTEM, channel)).effective.guide_channel_id is None
