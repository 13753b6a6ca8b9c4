"""One line-up, two representations."""

import pytest

from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.live.lineup.model import Viewer
from tests.fakes.asgi import AsgiClient
from tests.live.lineup.world import World

FACE = "/api/channels/"
CLASSIC = "/api/channels/channels/"
TIMES = ("created_at", "updated_at", "uuid")


def without_times(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if name not in TIMES}


class TestAChannelIsMade:
    async def test_the_first_face_answers_with_text_for_the_number(self, admin: AsgiClient) -> None:
        answer = await admin.post(FACE, json={"name": "HBO", "channel_number": "500", "enabled": True})
        assert answer.status_code == 201
        assert without_times(answer.json()) == {
            "id": 1,
            "name": "HBO",
            "channel_number": "500",
            "enabled": True,
            "channel_group_id": answer.json()["channel_group_id"],
            "tvg_id": "",
            "tvc_guide_stationid": "",
            "epg_data_id": None,
            "streams": [],
            "stream_profile_id": None,
            "logo_id": None,
            "user_level": 0,
            "is_adult": False,
            "is_radio": False,
            "is_catchup": False,
            "catchup_days": 0,
            "hidden_from_output": False,
            "auto_created": False,
            "auto_created_by": None,
            "auto_created_by_name": None,
            "override": None,
            "source_stream": None,
            "effective_name": "HBO",
            "effective_channel_number": 500,
            "effective_channel_group_id": answer.json()["channel_group_id"],
            "effective_logo_id": None,
            "effective_tvg_id": "",
            "effective_tvc_guide_stationid": "",
            "effective_epg_data_id": None,
            "effective_stream_profile_id": None,
        }

    async def test_the_other_face_reads_the_same_row_with_a_number(self, admin: AsgiClient) -> None:
        made = (await admin.post(FACE, json={"name": "HBO", "channel_number": 2.1, "enabled": False})).json()
        found = (await admin.get(f"{CLASSIC}{made['id']}/")).json()
        assert (made["channel_number"], found["channel_number"]) == ("2.1", 2.1)
        assert (found["enabled"], found["hidden_from_output"]) == (False, True)
        assert made | {"channel_number": 2.1} == found

    async def test_whole_numbers_have_no_point(self, admin: AsgiClient) -> None:
        await admin.post(CLASSIC, json={"name": "HBO", "channel_number": "100.0"})
        assert '"channel_number":100,' in (await admin.get(f"{CLASSIC}1/")).text.replace("}", ",")
        assert (await admin.get(f"{FACE}1/")).json()["channel_number"] == "100"

    async def test_without_a_number_it_gets_the_next_free_one(self, admin: AsgiClient) -> None:
        await admin.post(CLASSIC, json={"name": "One", "channel_number": 1})
        await admin.post(CLASSIC, json={"name": "Three", "channel_number": 3})
        assert (await admin.post(CLASSIC, json={"name": "Two"})).json()["channel_number"] == 2

    async def test_it_is_in_every_profile_unless_said_otherwise(self, world: World, admin: AsgiClient) -> None:
        first = (await world.lineup.profiles.create(SYSTEM, "Kids")).id
        second = (await world.lineup.profiles.create(SYSTEM, "All")).id
        await admin.post(CLASSIC, json={"name": "One"})
        for chosen in ([], [0], [first]):
            await admin.post(CLASSIC, json={"name": "One", "channel_profile_ids": chosen})
        assert (await world.lineup.profiles.get(first)).channel_ids == (1, 3, 4)
        assert (await world.lineup.profiles.get(second)).channel_ids == (1, 3)


class TestAnInputIsWrong:
    @pytest.mark.parametrize(
        ("path", "sent", "told"),
        [
            (FACE, {}, {"name": ["This field is required."], "channel_number": ["This field is required."]}),
            (CLASSIC, {}, {"name": ["This field is required."]}),
            (
                FACE,
                {"name": "x" * 256, "channel_number": "many"},
                {
                    "name": ["Ensure this field has no more than 255 characters."],
                    "channel_number": ["A valid number is required."],
                },
            ),
            (CLASSIC, {"name": "x" * 513}, {"name": ["Ensure this field has no more than 512 characters."]}),
            (CLASSIC, {"name": " "}, {"name": ["This field may not be blank."]}),
            (FACE, {"name": "A", "channel_number": -1}, {"channel_number": ["A valid number is required."]}),
            (
                CLASSIC,
                {"name": "A", "channel_group_id": 5, "epg_data_id": 6, "logo_id": 7, "streams": [8]},
                {
                    "channel_group_id": ['Invalid pk "5" - object does not exist.'],
                    "logo_id": ['Invalid pk "7" - object does not exist.'],
                    "epg_data_id": ['Invalid pk "6" - object does not exist.'],
                    "streams": ['Invalid pk "8" - object does not exist.'],
                },
            ),
            (
                CLASSIC,
                {"name": "A", "channel_profile_ids": [9]},
                {"channel_profile_ids": ['Invalid pk "9" - object does not exist.']},
            ),
            (CLASSIC, {"name": "A", "user_level": 3}, {"user_level": ['"3" is not a valid choice.']}),
        ],
    )
    async def test_every_field_is_told(self, admin: AsgiClient, path: str, sent: object, told: object) -> None:
        answer = await admin.post(path, json=sent)
        assert (answer.status_code, answer.json()) == (400, told)

    async def test_an_override_needs_a_channel_of_a_sync(self, world: World, admin: AsgiClient) -> None:
        channel = await world.channel()
        answer = await admin.patch(f"{CLASSIC}{channel}/", json={"override": {"name": "Mine"}})
        assert answer.status_code == 400
        assert list(answer.json()) == ["override"]
        assert (await admin.patch(f"{CLASSIC}{channel}/", json={"override": {}})).status_code == 200
        assert (await admin.patch(f"{CLASSIC}{channel}/", json={"override": None})).status_code == 200

    @pytest.mark.parametrize("path", [FACE, CLASSIC])
    async def test_who_may_not_is_told_so(self, world: World, path: str) -> None:
        channel = await world.channel()
        nobody, member, guest = world.client(None), world.client(Role.MEMBER), world.client(Role.GUEST)
        missing = await nobody.get(path)
        assert (missing.status_code, missing.json()) == (
            401,
            {"detail": "Authentication credentials were not provided."},
        )
        refused = {"detail": "You do not have permission to perform this action."}
        for answer in (
            await guest.get(path),
            await member.post(path, json={"name": "A"}),
            await member.delete(f"{path}{channel}/"),
        ):
            assert (answer.status_code, answer.json()) == (403, refused)

    @pytest.mark.parametrize("path", [FACE, CLASSIC])
    async def test_what_is_not_there_is_not_found(self, admin: AsgiClient, path: str) -> None:
        for method, sent in (("GET", None), ("PATCH", {}), ("DELETE", None)):
            answer = await admin.request(method, f"{path}77/", json=sent)
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
        assert (await admin.get(f"{path}words/")).status_code == 404


class TestAChannelChanges:
    async def test_absent_fields_stay(self, world: World, admin: AsgiClient) -> None:
        channel = await world.channel("News", 5)
        changed = (await admin.patch(f"{FACE}{channel}/", json={"enabled": False})).json()
        assert (changed["name"], changed["channel_number"], changed["enabled"]) == ("News", "5", False)

    async def test_put_wants_the_required_fields(self, world: World, admin: AsgiClient) -> None:
        channel = await world.channel("News", 5)
        assert (await admin.put(f"{FACE}{channel}/", json={"name": "More"})).json() == {
            "channel_number": ["This field is required."]
        }
        changed = await admin.put(f"{CLASSIC}{channel}/", json={"name": "More"})
        assert (changed.json()["name"], changed.json()["channel_number"]) == ("More", 5)

    async def test_its_streams_keep_their_order(self, world: World, admin: AsgiClient) -> None:
        first, second = await world.stream("One"), await world.stream("Two")
        channel = await world.channel(stream_ids=[first, second])
        await admin.patch(f"{CLASSIC}{channel}/", json={"streams": [second, first]})
        assert (await admin.get(f"{CLASSIC}{channel}/")).json()["streams"] == [second, first]
        whole = (await admin.get(f"{CLASSIC}{channel}/?include_streams=true")).json()["streams"]
        assert [stream["name"] for stream in whole] == ["Two", "One"]
        linked = (await admin.get(f"{CLASSIC}{channel}/streams/")).json()
        assert linked == whole

    async def test_deleted_it_is_gone(self, world: World, admin: AsgiClient) -> None:
        channel = await world.channel()
        answer = await admin.delete(f"{FACE}{channel}/?stop_stream=true")
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await admin.get(f"{CLASSIC}{channel}/")).status_code == 404
        assert world.kept.indexed[f"live.channel:{channel}"] is None


class TestAListIsRead:
    async def test_the_first_face_is_in_pages_by_number(self, world: World, admin: AsgiClient) -> None:
        for number in (3, 1, 2):
            await world.channel(f"Channel {number}", number)
        page = (await admin.get(f"{FACE}?page_size=2")).json()
        assert [row["channel_number"] for row in page["results"]] == ["1", "2"]
        assert (page["count"], page["previous"]) == (3, None)
        assert page["next"] == "http://testserver/api/channels/?page_size=2&page=2"
        last = (await admin.get(f"{FACE}?page_size=2&page=2")).json()
        assert (last["next"], last["previous"]) == (None, "http://testserver/api/channels/?page_size=2")
        for page_word in ("3", "x", "0"):
            answer = await admin.get(f"{FACE}?page_size=2&page={page_word}")
            assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})

    async def test_the_classic_face_is_a_bare_array_by_falling_number(self, world: World, admin: AsgiClient) -> None:
        for number in (3, 1, 2):
            await world.channel(f"Channel {number}", number)
        answer = await admin.get(CLASSIC)
        assert answer.content[:1] == b"["
        assert [row["channel_number"] for row in answer.json()] == [3, 2, 1]
        page = (await admin.get(f"{CLASSIC}?page=1")).json()
        assert list(page) == ["count", "next", "previous", "has_unassigned_epg_channels", "results"]
        assert page["has_unassigned_epg_channels"] is True

    async def test_filters_combine(self, each_world: World) -> None:
        world, admin = each_world, each_world.client()
        sports, news = await world.group("Sports"), await world.group("News")
        guide = await world.guide("bbc.uk")
        stream = await world.stream("One")
        await world.channel("BBC One", 1, group_id=news, guide_channel_id=guide, stream_ids=[stream])
        await world.channel("Sky 100%", 2, group_id=sports)
        await world.channel("Hidden", 3, group_id=sports, is_hidden=True)
        for query, names in (
            ("", ["BBC One", "Sky 100%"]),
            ("search=SPORT", ["Sky 100%"]),
            ("search=100%25", ["Sky 100%"]),
            ("name=bbc", ["BBC One"]),
            (f"channel_group={sports}", ["Sky 100%"]),
            ("channel_group=Sports,News", ["BBC One", "Sky 100%"]),
            ("epg=Guide", ["BBC One"]),
            ("epg=null", ["Sky 100%"]),
            ("epg=null,Guide", ["BBC One", "Sky 100%"]),
            ("only_streamless=true", ["Sky 100%"]),
            ("only_stale=true", []),
            ("only_has_overrides=true", []),
            ("only_catchup=true", []),
            ("visibility_filter=hidden", ["Hidden"]),
            ("visibility_filter=all&ordering=-name", ["Sky 100%", "Hidden", "BBC One"]),
            ("enabled=false", ["Hidden"]),
            ("enabled=true", ["BBC One", "Sky 100%"]),
            ("ordering=channel_group__name,name", ["BBC One", "Sky 100%"]),
            ("ordering=epg_data__name&name=o", ["BBC One"]),
            ("search=sport&epg=Guide", []),
        ):
            found = (await admin.get(f"{FACE}?{query}")).json()
            assert [row["name"] for row in found["results"]] == names, query
            assert found["count"] == len(names), query

    async def test_ids_and_summary_follow_the_filters(self, world: World, admin: AsgiClient) -> None:
        first = await world.channel("One", 1)
        await world.channel("Two", 2)
        assert (await admin.get(f"{CLASSIC}ids/?name=one")).json() == [first]
        [row] = (await admin.get(f"{CLASSIC}summary/?name=one")).json()
        assert list(row) == [
            "id",
            "uuid",
            "name",
            "logo_id",
            "channel_number",
            "epg_data_id",
            "channel_group_id",
        ]

    async def test_users_see_what_is_for_them(self, world: World, member: AsgiClient) -> None:
        open_one = await world.channel("Open", 1)
        await world.channel("For administrators", 2, user_level=10)
        adult = await world.channel("Late", 3, is_adult=True)
        assert (await member.get(f"{CLASSIC}ids/")).json() == [adult, open_one]
        world.people.viewers[2] = Viewer(level=1, hides_adult=True)
        assert (await member.get(f"{CLASSIC}ids/")).json() == [open_one]
        assert (await member.get(f"{CLASSIC}{adult}/")).status_code == 404
        found = await member.post(f"{CLASSIC}by-uuids/", json={"uuids": []})
        assert found.json() == []

    async def test_dashboards_ask_by_uuid(self, world: World, member: AsgiClient, admin: AsgiClient) -> None:
        first, second = await world.channel("One", 1), await world.channel("Two", 2)
        uuids = [(await admin.get(f"{CLASSIC}{one}/")).json()["uuid"] for one in (second, first)]
        found = (await member.post(f"{CLASSIC}by-uuids/", json={"uuids": [*uuids, "unknown"]})).json()
        assert [row["id"] for row in found] == [second, first]
