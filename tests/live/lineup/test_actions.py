"""What people do to many channels at once."""

from typing import Any

from sqlalchemy import update

from polycast.core.identity.scopes import Scope
from polycast.core.storage import Unit
from polycast.live.lineup.events import ChannelCreated, ChannelDeleted, ChannelGuideSet, ChannelsChanged
from polycast.live.lineup.from_guide import TakeFromGuide
from polycast.live.lineup.from_streams import CreateChannels
from polycast.live.tables import channels, streams
from tests.fakes.asgi import AsgiClient
from tests.fakes.runs import DirectRun
from tests.live.lineup.world import World

CHANNELS = "/api/channels/channels/"


async def numbers(world: World, admin: AsgiClient) -> dict[str, Any]:
    rows = (await admin.get(f"{CHANNELS}?visibility_filter=all")).json()
    return {row["name"]: row["effective_channel_number"] for row in rows}


async def made_by_sync(world: World, channel_id: int) -> None:
    def mark(unit: Unit) -> None:
        unit.execute(update(channels).where(channels.c.id == channel_id).values(auto_created=True, auto_account_id=1))

    await world.db.write(mark)


class TestManyChannelsAreEdited:
    async def test_all_of_them_change(self, world: World, admin: AsgiClient) -> None:
        first, second = await world.channel("One", 1), await world.channel("Two", 2)
        sent = [{"id": first, "name": "Uno"}, {"id": second, "enabled": False}]
        answer = await admin.patch(f"{CHANNELS}edit/bulk/", json=sent)
        assert answer.status_code == 200
        assert answer.json()["message"] == "Successfully updated 2 channels"
        assert [row["name"] for row in answer.json()["channels"]] == ["Uno", "Two"]
        assert [row["enabled"] for row in answer.json()["channels"]] == [True, False]
        assert world.events(ChannelsChanged)[-1].channel_ids == [first, second]

    async def test_or_none(self, world: World, admin: AsgiClient) -> None:
        first = await world.channel("One", 1)
        sent = [
            {"id": first, "name": "Uno"},
            {"id": 99, "name": "Nobody"},
            {"id": first, "logo_id": 7},
            {"name": "Without"},
        ]
        answer = await admin.patch(f"{CHANNELS}edit/bulk/", json=sent)
        assert (answer.status_code, answer.json()) == (
            400,
            {"errors": [{"channel_id": None, "error": "Channel ID is required"}], "updated_count": 0},
        )
        answer = await admin.patch(f"{CHANNELS}edit/bulk/", json=sent[:3])
        assert answer.json() == {
            "errors": [
                {"channel_id": 99, "error": "Channel not found"},
                {"channel_id": first, "errors": {"logo_id": ['Invalid pk "7" - object does not exist.']}},
            ],
            "updated_count": 0,
        }
        assert (await admin.get(f"{CHANNELS}{first}/")).json()["name"] == "One"
        wrong = await admin.patch(f"{CHANNELS}edit/bulk/", json={"id": first})
        assert (wrong.status_code, list(wrong.json())) == (400, ["error"])

    async def test_names_are_replaced_by_pattern(self, world: World, admin: AsgiClient) -> None:
        first, second = await world.channel("UK: BBC One"), await world.channel("Sky")
        sent = {"channel_ids": [first, second], "find": "^uk: (?<rest>.*)", "replace": "$<rest> $$", "flags": "i"}
        answer = await admin.post(f"{CHANNELS}edit/bulk-regex/", json=sent)
        assert answer.json() == {"success": True, "updated_count": 1}
        assert (await admin.get(f"{CHANNELS}{first}/")).json()["name"] == "BBC One $"
        bad = await admin.post(f"{CHANNELS}edit/bulk-regex/", json=sent | {"find": "("})
        assert (bad.status_code, list(bad.json())) == (400, ["find"])
        none = await admin.post(f"{CHANNELS}edit/bulk-regex/", json=sent | {"channel_ids": [99]})
        assert none.status_code == 404

    async def test_many_are_deleted(self, world: World, admin: AsgiClient) -> None:
        ids = [await world.channel(name) for name in ("One", "Two", "Three")]
        answer = await admin.request("DELETE", f"{CHANNELS}bulk-delete/", json={"channel_ids": [*ids[:2], 99]})
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await admin.get(f"{CHANNELS}ids/")).json() == ids[2:]
        # The activity list names each of them.
        told = [(event.channel_id, event.channel_name) for event in world.events(ChannelDeleted)]
        assert told == [(ids[0], "One"), (ids[1], "Two")]

    async def test_the_name_of_one_for_administrators_is_told_to_them_alone(
        self, world: World, admin: AsgiClient
    ) -> None:
        for fields, scope in (
            ({"user_level": 10}, Scope.LIVE_ADMIN),
            ({"hidden_from_output": True}, Scope.LIVE_ADMIN),
            ({"user_level": 1}, Scope.LIVE_READ),
        ):
            made = (await admin.post(CHANNELS, json={"name": "Hush", "channel_number": 2.5} | fields)).json()
            assert (await admin.delete(f"{CHANNELS}{made['id']}/")).status_code == 204
            for kind in (ChannelCreated, ChannelDeleted):
                event = world.events(kind)[-1]
                assert (event.channel_name, event.audience().scope) == ("Hush", scope)
            assert world.events(ChannelCreated)[-1].number == 2500


class TestNumbersAreGiven:
    async def test_one_after_the_other(self, world: World, admin: AsgiClient) -> None:
        first, second = await world.channel("One", 1), await world.channel("Two", 2)
        sent = {"channel_ids": [second, first], "starting_number": 100}
        assert (await admin.post(f"{CHANNELS}assign/", json=sent)).status_code == 200
        assert await numbers(world, admin) == {"Two": 100, "One": 101}

    async def test_a_channel_goes_behind_another(self, world: World, admin: AsgiClient) -> None:
        ids = [await world.channel(name, at + 1) for at, name in enumerate(("One", "Two", "Three"))]
        answer = await admin.post(f"{CHANNELS}{ids[0]}/reorder/", json={"insert_after_id": ids[2]})
        assert answer.json()["channel"]["channel_number"] == 3
        assert await numbers(world, admin) == {"Two": 1, "Three": 2, "One": 3}
        assert (await admin.post(f"{CHANNELS}{ids[0]}/reorder/", json={"insert_after_id": 99})).status_code == 404

    async def test_the_order_of_a_synced_channel_is_pinned(self, world: World, admin: AsgiClient) -> None:
        ids = [await world.channel(name, at + 1) for at, name in enumerate(("One", "Two"))]
        await made_by_sync(world, ids[1])
        await admin.post(f"{CHANNELS}{ids[0]}/reorder/", json={"insert_after_id": ids[1]})
        synced = (await admin.get(f"{CHANNELS}{ids[1]}/")).json()
        assert (synced["channel_number"], synced["effective_channel_number"]) == (2, 1)
        assert synced["override"]["channel_number"] == 1

    async def test_who_has_which(self, world: World, member: AsgiClient) -> None:
        await world.channel("One", 1)
        await world.channel("Nine", 9)
        found = (await member.get(f"{CHANNELS}numbers-in-range/?start=1&end=5")).json()
        [row] = found["occupants"]
        assert (row["name"], row["channel_number"], row["has_channel_number_override"]) == ("One", 1, False)
        assert list(row) == [
            "id",
            "name",
            "channel_number",
            "channel_group",
            "channel_group_id",
            "auto_created",
            "auto_created_by_account_id",
            "has_channel_number_override",
        ]


class TestAChannelIsOverridden:
    async def test_fields_are_set_cleared_and_dropped(self, world: World, admin: AsgiClient) -> None:
        channel = await world.channel("Base", 4, tvg_id="base")
        await made_by_sync(world, channel)
        path = f"{CHANNELS}{channel}/"
        both = (await admin.patch(path, json={"override": {"name": "Mine", "channel_number": "7.5"}})).json()
        assert (both["name"], both["effective_name"]) == ("Base", "Mine")
        assert (both["channel_number"], both["effective_channel_number"]) == (4, 7.5)
        assert both["effective_tvg_id"] == "base"
        kept = (await admin.patch(path, json={"override": {"name": None}})).json()
        assert (kept["effective_name"], kept["effective_channel_number"]) == ("Base", 7.5)
        assert (await admin.patch(path, json={"override": {}})).json()["override"]["channel_number"] == 7.5
        assert (await admin.patch(path, json={"override": {"channel_number": None}})).json()["override"] is None
        await admin.patch(path, json={"override": {"name": "Mine"}})
        assert (await admin.patch(path, json={"override": None})).json()["effective_name"] == "Base"
        assert (await admin.patch(path, json={"override": {"channel_number": 0}})).status_code == 400


class TestChannelsComeFromStreams:
    async def prepared(self, world: World, number: int | None = 7) -> int:
        stream = await world.stream("BBC One", tvg_id="bbc.uk", logo_url="https://logos.example.net/bbc.png")

        def tell(unit: Unit) -> None:
            values = {"number": number and number * 1000, "attributes": {"tvc-guide-stationid": "11331"}}
            unit.execute(update(streams).where(streams.c.id == stream).values(**values))

        await world.db.write(tell)
        return stream

    async def test_they_take_over_what_the_stream_says(self, world: World, admin: AsgiClient) -> None:
        guide = await world.guide("BBC.uk")
        stream = await self.prepared(world)
        answer = await admin.post(f"{CHANNELS}from-stream/", json={"stream_id": stream})
        assert answer.status_code == 201
        made = answer.json()
        assert (made["name"], made["channel_number"], made["tvg_id"]) == ("BBC One", 7, "bbc.uk")
        assert (made["tvc_guide_stationid"], made["epg_data_id"], made["streams"]) == ("11331", guide, [stream])
        assert made["logo_id"] is not None
        assert world.events(ChannelGuideSet)[-1].guide_channel_ids == [guide]

    async def test_the_number_can_be_chosen(self, world: World, admin: AsgiClient) -> None:
        stream = await self.prepared(world)
        await world.channel("Taken", 7)
        wanted = [({}, 8), ({"channel_number": 0}, 1), ({"channel_number": -1}, 9), ({"channel_number": 7}, 10)]
        for sent, number in wanted:
            made = (await admin.post(f"{CHANNELS}from-stream/", json={"stream_id": stream, **sent})).json()
            assert made["channel_number"] == number, sent
        assert (await admin.post(f"{CHANNELS}from-stream/", json={"stream_id": 99})).status_code == 404

    async def test_a_job_makes_many_in_their_order(self, world: World, admin: AsgiClient) -> None:
        ids = [await world.stream(f"Stream {number}") for number in range(45)]
        sent = {"stream_ids": ids[::-1], "starting_channel_number": 100, "channel_profile_ids": []}
        answer = await admin.post(f"{CHANNELS}from-stream/bulk/", json=sent)
        assert (answer.status_code, answer.json()["stream_count"], answer.json()["status"]) == (202, 45, "started")
        [(name, payload)] = world.kept.jobs
        assert name == "live.create_channels"
        assert isinstance(payload, CreateChannels)
        await world.lineup.from_streams.run(payload, DirectRun())
        found = await numbers(world, admin)
        assert (found["Stream 44"], found["Stream 0"]) == (100, 144)


class TestChannelsHaveGuides:
    async def test_one_is_set_and_removed(self, world: World, admin: AsgiClient) -> None:
        guide, channel = await world.guide("bbc.uk"), await world.channel()
        given = await admin.post(f"{CHANNELS}{channel}/set-epg/", json={"epg_data_id": guide})
        assert (given.status_code, list(given.json())) == (200, ["message", "channel", "task_status"])
        assert given.json()["channel"]["epg_data_id"] == guide
        assert world.events(ChannelGuideSet)[-1].guide_channel_ids == [guide]
        for nothing in (None, "", 0):
            await admin.post(f"{CHANNELS}{channel}/set-epg/", json={"epg_data_id": guide})
            gone = await admin.post(f"{CHANNELS}{channel}/set-epg/", json={"epg_data_id": nothing})
            assert gone.json()["channel"]["epg_data_id"] is None
        assert (await admin.post(f"{CHANNELS}{channel}/set-epg/", json={"epg_data_id": 99})).status_code == 404

    async def test_many_are_set(self, world: World, admin: AsgiClient) -> None:
        guide = await world.guide("bbc.uk")
        ids = [await world.channel("One"), await world.channel("Two")]
        sent = {"associations": [{"channel_id": one, "epg_data_id": guide} for one in [*ids, 99]]}
        answer = await admin.post(f"{CHANNELS}batch-set-epg/", json=sent)
        assert answer.json() == {"success": True, "channels_updated": 2, "programs_refreshed": 1}

    async def test_a_job_takes_over_names_ids_and_logos(self, world: World, admin: AsgiClient) -> None:
        guide = await world.guide("bbc.uk", name="BBC One", icon="https://logos.example.net/bbc.png")
        manual = await world.channel("bbc", guide_channel_id=guide)
        synced = await world.channel("bbc", guide_channel_id=guide)
        await made_by_sync(world, synced)
        for action in ("set-names-from-epg", "set-tvg-ids-from-epg", "set-logos-from-epg"):
            answer = await admin.post(f"{CHANNELS}{action}/")
            assert (answer.status_code, answer.json()["channel_count"]) == (200, 2)
        for _, payload in world.kept.jobs:
            assert isinstance(payload, TakeFromGuide)
            await world.lineup.guide_fields.run(payload, DirectRun())
        for channel, base in ((manual, "BBC One"), (synced, "bbc")):
            found = (await admin.get(f"{CHANNELS}{channel}/")).json()
            assert (found["name"], found["effective_name"], found["effective_tvg_id"]) == (base, "BBC One", "bbc.uk")
            assert found["effective_logo_id"] is not None
