"""`/polycast/v1/live/play`: what the player of our own pages is told of a channel."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.storage import Unit
from polycast.live.guide.model import Airing
from polycast.live.lineup.model import Viewer
from polycast.live.tables import channels
from tests.fakes.asgi import AsgiClient
from tests.live.polycast.world import NOON, World

PLAY = "/polycast/v1/live/play"
HOUR = 3600
AIRINGS = [
    Airing(NOON - HOUR, NOON, "Morning"),
    Airing(
        NOON,
        NOON + HOUR,
        "Noon News",
        "Pilot",
        "",
        {"categories": ["News", "Talk"], "season": 3, "episode": 5, "new": True},
    ),
    Airing(NOON + HOUR, NOON + 2 * HOUR, "Afternoon"),
]


async def got(asked: Awaitable[Any], status: int = 200) -> Any:
    answer = await asked
    assert answer.status_code == status, answer.text
    return answer.json()


async def lineup(world: World) -> dict[str, int]:
    """Three numbered channels and one without a number; News has a guide and two streams. Ids by name."""
    guide = await world.guide(AIRINGS)
    streams = [await world.stream("News HD"), await world.stream("News SD")]
    made = {
        "First": await world.channel("First", 1000),
        "News": await world.channel("News", 2500, guide_channel_id=guide, stream_ids=streams),
        "Late": await world.channel("Late", 9000, is_adult=True),
        "Numberless": await world.channel("Numberless", 10_000),
    }
    await world.db.write(_archived, made)
    return made


def _archived(unit: Unit, made: dict[str, int]) -> None:
    archive = {"is_catchup": True, "catchup_days": 3}
    unit.execute(update(channels).where(channels.c.id == made["News"]).values(archive))
    unnumbered = {"number": None, "eff_number": None}
    unit.execute(update(channels).where(channels.c.id == made["Numberless"]).values(unnumbered))


class TestSomebodyWatchesAChannel:
    async def test_gets_all_that_a_player_needs(self, world: World, admin: AsgiClient) -> None:
        made = await lineup(world)
        channel = await world.lineup.channels.get(SYSTEM, made["News"])
        found = await got(admin.get(f"{PLAY}/{made['News']}"))
        now = found.pop("now")
        following = found.pop("next")
        assert found == {
            "channel_id": made["News"],
            "uuid": channel.uuid,
            "number": "2.5",
            "name": "News",
            "logo_url": None,
            "ways": [
                {"kind": "ts", "url": f"/proxy/ts/stream/{channel.uuid}?output_format=ts", "label": "Original"},
                {"kind": "mp4", "url": f"/proxy/ts/stream/{channel.uuid}?output_format=mp4", "label": "MP4"},
            ],
            "streams": [
                {"id": channel.stream_ids[0], "name": "News HD"},
                {"id": channel.stream_ids[1], "name": "News SD"},
            ],
            "above_id": made["First"],
            "below_id": made["Late"],
        }
        assert now.pop("id").isdecimal()
        assert now == {
            "title": "Noon News",
            "sub_title": "Pilot",
            "start": NOON,
            "end": NOON + 3600,
            "category": "News",
            "season": 3,
            "episode": 5,
            "is_new": True,
            "is_live": False,
            "can_replay": False,
            "recording": "",
            "reminder": False,
        }
        assert following["title"] == "Afternoon"

    async def test_the_line_up_ends_with_those_without_a_number(self, world: World, admin: AsgiClient) -> None:
        made = await lineup(world)
        first, last = (
            await got(admin.get(f"{PLAY}/{made['First']}")),
            await got(admin.get(f"{PLAY}/{made['Numberless']}")),
        )
        assert (first["above_id"], first["below_id"]) == (None, made["News"])
        assert (last["number"], last["above_id"], last["below_id"]) == (None, made["Late"], None)

    async def test_sees_only_the_own_line_up(self, world: World) -> None:
        made = await lineup(world)
        world.people.viewers[2] = Viewer(level=1, hides_adult=True)
        member = world.client(Role.MEMBER, user=2)
        await got(member.get(f"{PLAY}/{made['Late']}"), 404)
        assert (await got(member.get(f"{PLAY}/{made['News']}")))["below_id"] == made["Numberless"]

    async def test_guests_may_watch_and_nobody_else(self, world: World) -> None:
        made = await lineup(world)
        await got(world.client(Role.GUEST).get(f"{PLAY}/{made['First']}"))
        await got(world.client(Role.RESELLER).get(f"{PLAY}/{made['First']}"), 403)
        await got(world.client(None).get(f"{PLAY}/{made['First']}"), 401)

    async def test_an_unknown_channel_is_not_found(self, admin: AsgiClient) -> None:
        assert (await got(admin.get(f"{PLAY}/999"), 404))["code"] == "not_found"
        await got(admin.get(f"{PLAY}/abc"), 404)


class TestSomebodyTypesANumber:
    @pytest.mark.parametrize(("number", "name"), [("2.5", "News"), ("1", "First"), ("2", "News"), ("3", "Late")])
    async def test_gets_the_channel_or_the_nearest_above(
        self, world: World, admin: AsgiClient, number: str, name: str
    ) -> None:
        made = await lineup(world)
        assert (await got(admin.get(f"{PLAY}/by-number/{number}")))["channel_id"] == made[name]

    async def test_above_the_last_there_is_none(self, world: World, admin: AsgiClient) -> None:
        await lineup(world)
        await got(admin.get(f"{PLAY}/by-number/9.5"), 404)

    @pytest.mark.parametrize("number", ["x", "-1", "nan", "1e400"])
    async def test_what_is_no_number_is_refused(self, admin: AsgiClient, number: str) -> None:
        refused = await got(admin.get(f"{PLAY}/by-number/{number}"), 400)
        assert refused["problems"][0]["path"] == "number"


class TestSomebodyWatchesWhatIsOver:
    async def test_gets_the_way_into_the_archive(self, world: World, admin: AsgiClient) -> None:
        made = await lineup(world)
        on_air = (await got(admin.get(f"{PLAY}/{made['News']}")))["now"]
        world.clock.move(timedelta(hours=2))
        found = await got(admin.get(f"{PLAY}/{made['News']}?programme={on_air['id']}"))
        url = f"/proxy/catchup/{found['uuid']}?start={NOON}&duration=65"
        assert found["ways"] == [{"kind": "ts", "url": url, "label": "Archive"}]

    async def test_what_is_on_air_is_live(self, world: World, admin: AsgiClient) -> None:
        made = await lineup(world)
        on_air = (await got(admin.get(f"{PLAY}/{made['News']}")))["now"]
        found = await got(admin.get(f"{PLAY}/{made['News']}?programme={on_air['id']}"))
        assert [way["label"] for way in found["ways"]] == ["Original", "MP4"]

    async def test_what_the_provider_no_longer_has_is_a_conflict(self, world: World, admin: AsgiClient) -> None:
        made = await lineup(world)
        on_air = (await got(admin.get(f"{PLAY}/{made['News']}")))["now"]
        world.clock.move(timedelta(days=4))
        refused = await got(admin.get(f"{PLAY}/{made['News']}?programme={on_air['id']}"), 409)
        assert refused["type"] == "polycast:conflict/no_replay"

    async def test_a_programme_of_another_channel_is_not_found(self, world: World, admin: AsgiClient) -> None:
        made = await lineup(world)
        on_air = (await got(admin.get(f"{PLAY}/{made['News']}")))["now"]
        await got(admin.get(f"{PLAY}/{made['First']}?programme={on_air['id']}"), 404)
        await got(admin.get(f"{PLAY}/{made['News']}?programme=made-up"), 404)
