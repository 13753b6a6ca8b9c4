"""The Xtream API, as players read it: to the type."""

from typing import Any

import pytest

from polycast.live import tables
from polycast.live.guide.model import programme_id
from tests.live.outputs.world import DEVICE_PASSWORD, HOUR, NOW, PASSWORD, World, attribute_values

BAD = {"error": "Unauthorized"}


@pytest.fixture
async def anna(world: World) -> Any:
    return await world.user("anna")


class TestAPlayerSignsIn:
    async def test_it_is_told_of_account_and_server(self, world: World, anna: Any) -> None:
        port = world.url.rpartition(":")[2]
        assert await world.api() == {
            "user_info": {
                "username": "anna", "password": DEVICE_PASSWORD, "message": "Welcome to Polycast", "auth": 1,
                "status": "Active", "exp_date": str(NOW + 90 * 24 * HOUR), "is_trial": "0", "active_cons": "0",
                "created_at": str(NOW - 90 * 24 * HOUR), "max_connections": "1", "allowed_output_formats": ["ts", "mp4"],
            },
            "server_info": {
                "url": "127.0.0.1", "server_protocol": "http", "port": port, "https_port": "", "rtmp_port": "",
                "timezone": "UTC", "timestamp_now": NOW, "time_now": "2026-11-21 12:00:00", "process": True,
            },
        }  # fmt: skip

    async def test_an_unknown_action_is_as_good_as_none(self, world: World, anna: Any) -> None:
        assert await world.api("get_strange_things") == await world.api()

    # IPTV Smarters posts everything as a form.
    async def test_a_form_is_as_good_as_a_query(self, world: World, anna: Any) -> None:
        form = {"username": "anna", "password": DEVICE_PASSWORD, "action": "get_live_categories"}
        answer = await world.ask("POST", "/player_api.php", data=form)
        assert answer.json() == await world.api("get_live_categories")

    @pytest.mark.parametrize(
        "login", [("anna", PASSWORD), ("anna", "wrong-one-4"), ("nobody", "wrong-one-4"), ("", "")]
    )
    async def test_any_other_password_is_refused(self, world: World, anna: Any, login: tuple[str, str]) -> None:
        query = {"username": login[0], "password": login[1]}
        for page in ("player_api", "panel_api", "get", "xmltv"):
            answer = await world.get(f"/{page}.php", params=query)
            assert (answer.status, answer.json()) == (401, BAD)

    async def test_who_asks_for_it_reads_of_the_refusal(self, world: World, anna: Any) -> None:
        answer = await world.get("/player_api.php?username=anna&password=x&xc_auth0=1")
        assert (answer.status, answer.json()) == (200, {"user_info": {"auth": 0}})

    async def test_own_networks_only_narrow(self, world: World, anna: Any) -> None:
        await world.change(anna.user_id, custom_properties={"allowed_networks": {"XC_API": "10.0.0.0/8"}})
        answer = await world.get(f"/get.php?username=anna&password={DEVICE_PASSWORD}")
        assert (answer.status, answer.json()) == (403, {"error": "Forbidden"})


class TestThePlayerReadsTheLineUp:
    async def test_categories_are_by_lowest_number(self, world: World, anna: Any) -> None:
        assert await world.api("get_live_categories") == [
            {"category_id": "1", "category_name": "US News", "parent_id": 0},
            {"category_id": "0", "category_name": "Default Group", "parent_id": 0},
        ]

    async def test_streams_have_the_types_that_clients_need(self, world: World, anna: Any) -> None:
        streams = await world.api("get_live_streams")
        assert streams[0] == {
            "num": 2, "name": "News", "stream_type": "live", "stream_id": 1,
            "stream_icon": f"{world.url}/api/channels/logos/1/cache/", "epg_channel_id": "2", "added": "1780999200",
            "is_adult": 0, "category_id": "1", "category_ids": [1], "custom_sid": "", "tv_archive": 1,
            "direct_source": "", "tv_archive_duration": 7,
        }  # fmt: skip
        assert [(one["num"], one["name"]) for one in streams] == [
            (2, "News"), (3, 'The "Quoted", One'), (5, "Radio Five"), (9, "Late Night"), (1, "Numberless"),
        ]  # fmt: skip
        assert streams[1]["stream_icon"] is None

    async def test_a_category_holds_its_own(self, world: World, anna: Any) -> None:
        assert [one["name"] for one in await world.api("get_live_streams", category_id=1)] == ["News", "Radio Five"]
        assert await world.api("get_live_streams", category_id=77) == []

    async def test_films_and_series_are_none_yet(self, world: World, anna: Any) -> None:
        for action in ("get_vod_categories", "get_vod_streams", "get_series_categories", "get_series"):
            assert await world.api(action) == []
        query = {"username": "anna", "password": DEVICE_PASSWORD, "action": "get_vod_info", "vod_id": "1"}
        answer = await world.get("/player_api.php", params=query)
        assert (answer.status, answer.json()) == (404, {"error": "Not found"})

    async def test_the_panel_has_all_at_once(self, world: World, anna: Any) -> None:
        panel = (await world.get(f"/panel_api.php?username=anna&password={DEVICE_PASSWORD}")).json()
        streams = await world.api("get_live_streams")
        assert panel["available_channels"] == {str(one["stream_id"]): one for one in streams}
        assert panel["categories"] == {"live": await world.api("get_live_categories"), "movie": [], "series": []}
        assert {key: panel[key] for key in ("user_info", "server_info")} == await world.api()

    async def test_what_they_may_not_see_is_not_there(self, world: World, anna: Any) -> None:
        await world.change(anna.user_id, custom_properties={"hide_adult_content": True, "catchup_enabled": False})
        streams = await world.api("get_live_streams")
        assert "Late Night" not in [one["name"] for one in streams]
        assert [one["tv_archive"] for one in streams] == [0, 0, 0, 0]


class TestThePlayerReadsTheGuide:
    async def test_the_short_one_begins_with_what_runs(self, world: World, anna: Any) -> None:
        found = (await world.api("get_short_epg", stream_id=1))["epg_listings"]
        assert len(found) == 4
        assert found[0] == {
            "id": str(programme_id(1, NOW)), "epg_id": "1", "title": "TW9ybmluZyAmIE1vcmU=", "lang": "",
            "start": "2026-11-21 12:00:00", "end": "2026-11-21 13:00:00",
            "description": "QWxsIGFib3V0IDxiPiJpdCI8L2I+", "channel_id": "2", "start_timestamp": str(NOW),
            "stop_timestamp": str(NOW + HOUR), "stream_id": "1", "has_archive": 0,
        }  # fmt: skip

    async def test_the_long_one_tells_what_can_be_seen_again(self, world: World, anna: Any) -> None:
        found = (await world.api("get_simple_data_table", stream_id=1))["epg_listings"]
        assert [(one["has_archive"], one["now_playing"]) for one in found[:8]] == [(1, 0)] * 6 + [(0, 1), (0, 0)]

    @pytest.mark.parametrize("stream_id", ["5", "99", "x", ""])
    async def test_a_channel_they_do_not_see_is_not_found(self, world: World, anna: Any, stream_id: str) -> None:
        query = {"username": "anna", "password": DEVICE_PASSWORD, "action": "get_short_epg", "stream_id": stream_id}
        answer = await world.get("/player_api.php", params=query)
        assert (answer.status, answer.json()) == (404, {"error": "Not found"})

    async def test_ids_are_the_same_in_all_three_lists(self, world: World, anna: Any) -> None:
        login = f"username=anna&password={DEVICE_PASSWORD}"
        playlist = (await world.get(f"/get.php?{login}&type=m3u_plus&output=ts")).text()
        guide = (await world.get(f"/xmltv.php?{login}")).text()
        streams = [one["epg_channel_id"] for one in await world.api("get_live_streams")]
        assert attribute_values(playlist, "tvg-id") == attribute_values(guide, "<channel id") == streams

    async def test_it_goes_back_as_far_as_channels_can_be_watched(self, world: World, anna: Any) -> None:
        guide = (await world.get(f"/xmltv.php?username=anna&password={DEVICE_PASSWORD}")).text()
        assert guide.count('channel="2"') == 54


class TestThePlayerFetchesItsPlaylist:
    async def test_each_address_has_the_login(self, world: World, anna: Any) -> None:
        text = (await world.get(f"/get.php?username=anna&password={DEVICE_PASSWORD}")).text()
        assert text.splitlines()[:3] == [
            f'#EXTM3U x-tvg-url="{world.url}/xmltv.php?username=anna&password={DEVICE_PASSWORD}"'
            f' url-tvg="{world.url}/xmltv.php?username=anna&password={DEVICE_PASSWORD}"',
            f'#EXTINF:-1 tvg-id="2" tvg-name="News" tvg-logo="{world.url}/api/channels/logos/1/cache/" tvg-chno="2"'
            ' tvc-guide-stationid="11331" catchup="xc" catchup-days="7" group-title="US News",News',
            f"{world.url}/live/anna/{DEVICE_PASSWORD}/1",
        ]
        assert (
            "catchup=" not in (await world.get(f"/get.php?username=anna&password={DEVICE_PASSWORD}&catchup=0")).text()
        )


class TestThePlayerOpensAChannel:
    @pytest.mark.parametrize(
        ("path", "container"),
        [
            ("/live/{u}/{p}/1", None), ("/live/{u}/{p}/1.ts", "mpegts"), ("/live/{u}/{p}/1.mp4", "fmp4"),
            ("/live/{u}/{p}/1.m3u8", "hls"), ("/{u}/{p}/1", None), ("/{u}/{p}/1.ts", "mpegts"),
            ("/live/{u}/{p}/1?output_format=fmp4", "fmp4"),
        ],
    )  # fmt: skip
    async def test_bytes_come(self, world: World, anna: Any, path: str, container: str | None) -> None:
        answer = await world.get(path.format(u="anna", p=DEVICE_PASSWORD))
        assert (answer.status, answer.headers["content-type"], answer.body[:1]) == (200, "video/mp2t", b"\x47")
        [(username, uuid, wanted)] = world.tuner.asked
        assert (username, uuid[-1], wanted.container) == ("anna", "1", container)

    async def test_a_wrong_login_is_refused(self, world: World, anna: Any) -> None:
        for path in ("/live/anna/wrong/1.ts", "/anna/wrong/1", "/movie/anna/wrong/1.mp4"):
            answer = await world.get(path)
            assert (answer.status, answer.json()) == (401, {"error": "Invalid credentials"})

    async def test_what_they_do_not_see_is_not_found(self, world: World, anna: Any) -> None:
        for place in ("live/anna", "movie/anna", "series/anna", "anna"):
            answer = await world.get(f"/{place}/{DEVICE_PASSWORD}/5")
            assert (answer.status, answer.json()) == (404, {"error": "Not found"})

    async def test_what_was_on_is_not_built(self, world: World, anna: Any) -> None:
        answer = await world.get(f"/timeshift/anna/{DEVICE_PASSWORD}/60/2026-11-21:10-00/1.ts")
        assert (answer.status, answer.json()) == (501, {"error": "Catch-up is not built yet."})

    async def test_a_full_house_says_when_to_come_again(self, world: World, anna: Any) -> None:
        world.tuner.is_full = True
        answer = await world.get(f"/live/anna/{DEVICE_PASSWORD}/1")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")

    async def test_what_is_open_is_counted(self, world: World, anna: Any) -> None:
        world.tuner.open[anna.user_id] = 2
        await world.change(anna.user_id, stream_limit=3)
        user = (await world.api())["user_info"]
        assert (user["active_cons"], user["max_connections"]) == ("2", "3")


class TestTheDefaultGroup:
    async def test_channels_without_one_are_counted_there(self, world: World, anna: Any) -> None:
        await world.core.db.write(
            lambda unit: unit.execute(tables.groups.insert().values(name="Default Group", name_key="default group"))
        )
        assert (await world.api("get_live_categories"))[1]["category_name"] == "Default Group"
