"""The broadcaster API: stations, music, playlists, the grid, wishes. Source: `specs/radio.md` 2.5, 3.13, 3.14."""

import io
import re
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.keys.model import ApiKeyNew
from tests.radio.panel.world import V2, Station, customer
from tests.radio.songs import song
from tests.radio.world import NOBODY, NOT_FOUND, World

pytestmark = pytest.mark.asyncio(loop_scope="package")

GRID = {
    "name": "Morning playlist",
    "periodicity": "onetime",
    "cast_type": "playlist",
    "break_track": True,
    "start_playlist_from_beginning": True,
    "start_date": "2026-04-08",
    "start_time": "08:00:00",
    "local_time": "08:00:00",
    "timezone": "Europe/Moscow",
    "color": "#87c95f",
}


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at(books: World) -> Station:
    return await customer(books, "labfm", limit_streams=3, limit_bitrate=192, limit_stations=2, limit_du=3)


class TestServers:
    async def test_what_strangers_see_and_what_its_owner(self, at: Station) -> None:
        mine = (await at.owner.get(f"{V2}/servers/{at.server}/")).json()
        seen = await at.public.get(f"{V2}/servers/{at.server}/")
        assert seen.headers["access-control-allow-origin"] == "*"
        hidden = {"owner", "password", "geo_mode", "geo_countries", "fallback_file", "is_started", "is_paused"}
        assert set(mine) - set(seen.json()) == hidden
        assert len(mine["password"]) == 16
        assert (mine["title"], mine["slug"], mine["state"], mine["default"]) == ("labfm", "labfm", 0, True)

    async def test_their_life(self, at: Station) -> None:
        made = await at.owner.post(f"{V2}/servers/", {"title": "Zweiter <Sender>", "timezone": "Europe/Berlin"})
        assert (made.status, made.json()["slug"], made.json()["timezone"]) == (201, "zweiter-sender", "Europe/Berlin")
        full = await at.owner.post(f"{V2}/servers/", {"title": "Third"})
        assert (full.status, full.json()) == (400, {"non_field_errors": ["limit_stations"]})
        place = f"{V2}/servers/{made.json()['id']}/"
        got = await at.owner.put(place, {"description": "Neu", "crossfade_mode": "off"})
        assert (got.json()["description"], got.json()["title"]) == ("Neu", "Zweiter <Sender>")
        wrong = {"slug": "api", "timezone": "Nowhere", "crossfade_mode": "loud", "eq_gains": [1, 2]}
        got = await at.owner.put(place, wrong)
        assert (got.status, got.json()) == (400, {
            "crossfade_mode": ["invalid_choice"], "slug": ["invalid"], "timezone": ["invalid"], "eq_gains": ["invalid"],
        })  # fmt: skip
        got = await at.owner.put(place, {"slug": "labfm"})
        assert (got.status, got.json()) == (400, {"slug": ["unique"]})
        got = await at.owner.put(place, {"geo_mode": "deny"})
        assert (got.status, got.json()) == (403, {"detail": "feature_disabled"})
        for verb in ("start", "stop", "restart", "skip"):
            assert (await at.owner.post(f"{place}{verb}/")).json() == {"result": "ok"}
        assert (await at.owner.get(place)).json()["is_started"] is False
        assert (await at.owner.delete(place)).status == 204
        assert (await at.owner.get(place)).json() == NOT_FOUND

    async def test_one_that_is_not_public_is_not_there(self, at: Station) -> None:
        place = f"{V2}/servers/{at.server}/"
        await at.owner.put(place, {"public": False})
        for path in (place, f"{V2}/channels/?server={at.server}", f"{V2}/history/?server={at.server}",
                     f"{V2}/nowplaying/labfm/", f"{V2}/music/?server={at.server}"):  # fmt: skip
            got = await at.public.get(path)
            assert (got.status, got.json()) == (404, NOT_FOUND), path
        await at.owner.put(place, {"public": True})
        assert (await at.public.get(place)).status == 200

    async def test_api_keys_and_tokens(self, at: Station) -> None:
        keys, users = at.world.server.house.core.identity.keys, at.world.server.house.core.identity.users
        user = await users.find("labfm")
        assert user is not None
        made = await keys.create(SYSTEM, ApiKeyNew(name="site"), user_id=user.id)
        got = await at.public.get(f"{V2}/queue/?server={at.server}", headers={"SC-API-KEY": made.key})
        assert (got.status, got.json()) == (200, [])
        bad = await at.public.get(f"{V2}/queue/?server={at.server}", headers={"SC-API-KEY": "abcdefgh.nonsense"})
        assert (bad.status, bad.json()) == (403, {"detail": "Invalid API key."})
        got = await at.public.post(f"{V2}/api-token-auth/", {"username": "labfm", "password": "initpass"})
        assert got.json() == {"token": at.owner.headers["Authorization"].removeprefix("Token ")}
        got = await at.public.post(f"{V2}/api-token-auth/", {"username": "labfm", "password": "wrong"})
        assert got.status == 400


class TestChannelsAndDjs:
    async def test_a_channels_life(self, at: Station) -> None:
        port = (await at.owner.get(f"{V2}/catalog/free_port/")).json()["port"]
        sent = {
            "server": at.server,
            "port": port,
            "bitrate": 64,
            "listeners": 10,
            "s_type": "icecast",
            "s_format": "aac",
        }
        made = await at.owner.post(f"{V2}/channels/", sent | {"mount_point": "/low"})
        shown = made.json()
        assert (made.status, shown["bitrate"], shown["listeners"], shown["state"]) == (201, "64", "10", 0)
        assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/low", shown["stream_url"])
        place = f"{V2}/channels/{shown['id']}/"
        seen = (await at.public.get(place)).json()
        secret = {"password", "admin_password", "sc_authhash", "youtube_stream_key", "proxy_stream_url"}
        assert secret <= set(shown)
        assert not secret & set(seen)
        for bad, body in (
            ({"bitrate": 320}, {"bitrate": ["limit_bitrate"]}),
            ({"port": port}, {"port": ["port_busy"]}),
            ({"port": 80}, {"port": ["port_out_of_range"]}),
            ({"s_format": "wma"}, {"s_format": ["invalid_choice"]}),
            ({"mount_point": "/hls"}, {"mount_point": ["invalid"]}),
        ):
            fresh = (await at.owner.get(f"{V2}/catalog/free_port/")).json()["port"]
            got = await at.owner.post(f"{V2}/channels/", sent | {"port": fresh, "mount_point": "/x"} | bad)
            assert (got.status, got.json()) == (400, body)
        got = await at.owner.put(place, {"bitrate": 96, "youtube_stream_key": "KEY", "youtube_stream_url": "rtmp://y"})
        assert (got.json()["bitrate"], got.json()["youtube_stream_key"]) == ("96", "KEY")
        assert "KEY" not in (await at.public.get(place)).text()
        got = await at.owner.put(place, {"youtube_stream_enabled": True})
        assert (got.status, got.json()) == (403, {"detail": "feature_disabled"})
        assert len((await at.public.get(f"{V2}/channels/?server={at.server}")).json()) == 2
        assert (await at.owner.delete(place)).status == 204
        assert (await at.public.get(place)).json() == NOT_FOUND
        got = await at.owner.post(f"{V2}/channels/", {})
        assert (got.status, got.json()) == (400, {"server": ["required"]})

    async def test_a_djs_life(self, at: Station) -> None:
        made = await at.owner.post(f"{V2}/djs/", {"server": at.server, "name": "Ana", "password": "live-one"})
        shown = made.json()
        assert (made.status, shown["cat"], shown["password"], shown["on_air"]) == (201, "real", "live-one", False)
        assert int(shown["port"]) > at.world.first_port
        place = f"{V2}/djs/{shown['id']}/"
        assert "password" not in (await at.public.get(place)).json()
        rows = (await at.public.get(f"{V2}/djs/?server={at.server}")).json()
        assert [row["cat"] for row in rows] == ["real", "auto"]
        assert (await at.owner.put(place, {"name": "Ana B"})).json()["name"] == "Ana B"
        got = await at.owner.put(place, {"name": "", "meta_source": "x"})
        assert (got.status, got.json()) == (400, {"meta_source": ["invalid_choice"], "name": ["required"]})
        for verb in ("disconnect", "next_track"):
            assert (await at.owner.post(f"{place}{verb}/")).json() == {"result": "ok"}
        assert (await at.owner.delete(place)).status == 204
        assert (await at.public.get(place)).json() == NOT_FOUND
        auto = f"{V2}/djs/{rows[1]['id']}/"
        got = await at.owner.delete(auto)
        assert (got.status, got.json()) == (400, {"non_field_errors": ["autodj"]})
        got = await at.owner.post(f"{V2}/djs/", {"server": at.server, "name": "Relay", "cat": "server"})
        assert (got.status, got.json()) == (400, {"stream_url": ["required"]})


class TestMusic:
    async def test_an_upload_is_looked_into_and_joins_the_default_playlist(self, at: Station) -> None:
        got = await at.upload("x.mp3", song(title="Привет", artist="Лаб"), folder="/Rock/")
        shown = got.json()
        assert got.status == 201
        assert (shown["meta"], shown["path"], shown["filename"]) == ("Лаб - Привет", "Rock/x.mp3", "x")
        assert (shown["length"] // 1000, shown["length_formatted"], shown["audio_format"]) == (2, "00:02", 1)
        [default] = (await at.public.get(f"{V2}/playlists/?server={at.server}")).json()
        assert (default["name"], default["is_default"], default["tracks_num"]) == ("All music", True, 1)
        place = f"{V2}/music/{shown['id']}/"
        assert (await at.public.get(place)).json() == shown
        page = (await at.public.get(f"{V2}/music/", params={"server": str(at.server), "search_q": "приВЕТ"})).json()
        assert (page["count"], page["results"]) == (1, [shown])
        for word, value in (("get_artists", ["Лаб"]), ("get_genres", [])):
            assert (await at.public.get(f"{V2}/music/{word}/?server={at.server}")).json() == value
        tree = (await at.public.get(f"{V2}/music/folder_tree/?server={at.server}")).json()
        assert tree == [{"path": "/Rock/", "tracks_num": 1}]
        assert (await at.owner.get(f"{place}download/")).body == song(title="Привет", artist="Лаб")
        changed = (await at.owner.put(place, {"genre": "Test", "requestable": False})).json()
        assert changed == shown | {"genre": "Test", "requestable": False}
        got = await at.owner.put(place, {"requestable": "maybe"})
        assert (got.status, got.json()) == (400, {"requestable": ["invalid"]})
        assert (await at.owner.delete(place)).status == 204
        for path in (place, f"{place}download/"):
            assert (await at.owner.get(path)).json() == NOT_FOUND
        assert (await at.owner.get(f"{V2}/playlists/{default['id']}/")).json()["tracks_num"] == 0

    async def test_without_tags_the_name_tells(self, at: Station) -> None:
        shown = (await at.upload("Some Band - The Song.mp3", song(tone=300))).json()
        assert (shown["author"], shown["title"]) == ("Some Band", "The Song")
        await at.owner.delete(f"{V2}/music/{shown['id']}/")

    @pytest.mark.parametrize(
        ("name", "content", "folder", "body"),
        [
            ("a.txt", b"x", "/", {"filename": ["invalid_format"]}),
            ("a.mp3", b"no sound at all", "/", {"filename": ["invalid_format"]}),
            ("a.mp3", b"", "/", {"filename": ["empty"]}),
            ("a.mp3", b"x", "/../../etc/", {"parent_dir": ["invalid"]}),
            ("a.mp3", bytes(4_000_000), "/", {"non_field_errors": ["disk_quota_exceeded"]}),
        ],
        ids=["another kind", "no sound", "nothing", "out of its folder", "too much"],
    )
    async def test_what_is_no_music(self, at: Station, name: str, content: bytes, folder: str, body: Any) -> None:
        got = await at.upload(name, content, folder=folder)
        assert (got.status, got.json()) == (400, body)
        page = (await at.public.get(f"{V2}/music/?server={at.server}")).json()
        assert page == {"count": 0, "next": None, "previous": None, "results": []}

    async def test_an_upload_without_a_file(self, at: Station) -> None:
        for method in ("PUT", "POST"):
            got = await at.owner.ask(method, f"{V2}/mediafile/upload/", data=aiohttp.FormData({"server_id": "1"}))
            assert got.status == 400
        form = aiohttp.FormData()
        form.add_field("filename", song(), filename="posted.mp3")
        got = await at.owner.ask("POST", f"{V2}/mediafile/upload/?server_id={at.server}", data=form)
        assert got.status == 201
        await at.owner.delete(f"{V2}/music/{got.json()['id']}/")

    async def test_votes(self, at: Station) -> None:
        one = await at.track("Voted")
        place = f"{V2}/music/{one['id']}/"
        assert (await at.public.post(f"{place}like/")).json() == {"up": 1, "down": 0}
        got = await at.public.post(f"{place}dislike/")
        assert (got.status, got.json()) == (400, {"result": "already_voted", "up": 1, "down": 0})
        assert (await at.public.post(f"{V2}/music/99999/like/")).json() == NOT_FOUND
        other = await at.track("Voted2")
        assert (await at.public.post(f"{V2}/music/{other['id']}/dislike/")).json() == {"up": 0, "down": 1}
        for track in (one, other):
            await at.owner.delete(f"{V2}/music/{track['id']}/")


class TestPlaylists:
    async def test_their_life(self, at: Station) -> None:
        tracks = [(await at.track(f"Song {number}"))["id"] for number in range(3)]
        made = await at.playlist("Morning")
        place = f"{V2}/playlists/{made['id']}/"
        for word in ("add_tracks", "add_tracks_ordered"):
            got = await at.owner.post(f"{place}{word}/", [tracks[2], tracks[0]])
            assert (got.status, got.json()) == (200, {})
            got = await at.owner.post(f"{place}{word}/", [99999])
            assert (got.status, got.json()) == (400, {"tracks": ["does_not_exist"]})
        rows = (await at.owner.get(f"{place}tracks/")).json()
        assert [row["track"]["id"] for row in rows["results"]] == [tracks[2], tracks[0], tracks[2], tracks[0]]
        assert (await at.owner.get(f"{place}tracks/", params={"q": "song 2", "limit": "1"})).json()["count"] == 2
        assert (await at.owner.post(f"{place}clean_duplicates/")).json() == {}
        entries = [row["id"] for row in (await at.owner.get(f"{place}tracks/")).json()["results"]]
        assert len(entries) == 2
        assert (await at.owner.post(f"{place}order_tracks/", entries[::-1])).json() == {}
        got = await at.owner.put(f"{place}tracks/bulk_move/", {"tracks": [entries[0]], "position": 1})
        assert got.json() == {}
        rows = (await at.owner.get(f"{place}tracks/")).json()["results"]
        assert [row["id"] for row in rows] == entries
        assert (await at.owner.post(f"{place}shuffle_tracks/")).json() == {}
        copied = (await at.owner.post(f"{place}copy/", {"new_name": "Copy"})).json()
        assert copied == {"new_name": "Copy", "id": copied["id"]}
        assert (await at.owner.get(f"{place}tracks/{entries[0]}/")).json()["id"] == entries[0]
        both = (await at.owner.get(f"{place}tracks/{entries[0]},{entries[1]}/")).json()
        assert len(both) == 2
        length = both[0]["track"]["length"]
        assert (await at.owner.delete(f"{place}tracks/{entries[0]}/")).json() == {"length": length}
        assert (await at.owner.delete(f"{place}tracks/{entries[0]}/")).json() == NOT_FOUND
        sent = {"tracks": [entries[1]], "fs": True}
        assert (await at.owner.post(f"{place}tracks/bulk_delete/", sent)).json() == {"length": 0}
        assert (await at.public.get(f"{V2}/music/?server={at.server}")).json()["count"] == 2
        assert (await at.owner.put(place, {"name": "Evening"})).json()["name"] == "Evening"
        got = await at.owner.put(place, {"name": ""})
        assert (got.status, got.json()) == (400, {"name": ["required"]})
        started = (await at.owner.post(f"{place}start_broadcasting/")).json()
        event = (await at.public.get(f"{V2}/grid/{started['event']}/")).json()
        assert (event["playlist"], event["periodicity"], event["start_time"][-3:]) == (made["id"], "onetime", ":00")
        assert (await at.owner.delete(place)).status == 204
        page = (await at.public.get(f"{V2}/playlists/?server={at.server}")).json()
        default = next(row for row in page if row["is_default"])
        got = await at.owner.delete(f"{V2}/playlists/{default['id']}/")
        assert (got.status, got.json()) == (400, {"non_field_errors": ["default_playlist"]})
        for track in (await at.public.get(f"{V2}/music/?server={at.server}")).json()["results"]:
            await at.owner.delete(f"{V2}/music/{track['id']}/")

    async def test_what_is_wrong(self, at: Station) -> None:
        got = await at.owner.post(f"{V2}/playlists/", {"name": "x"})
        assert (got.status, got.json()) == (400, {"server": ["required"]})
        made = await at.playlist("Wrongs")
        for path in ("add_tracks", "add_tracks_ordered", "order_tracks"):
            got = await at.owner.post(f"{V2}/playlists/{made['id']}/{path}/", {"not": "a list"})
            assert got.status == 400
        for path, sent in (("copy", {"new_name": ""}), ("tracks/bulk_delete", {}), ("start_broadcasting", None)):
            got = await at.owner.post(f"{V2}/playlists/99999/{path}/", sent)
            assert got.status in (400, 404)


class TestTheGrid:
    async def test_the_sample(self, at: Station) -> None:
        playlist = (await at.playlist("Gridded"))["id"]
        sent = GRID | {"server": at.server, "playlist": playlist}
        made = await at.owner.post(f"{V2}/grid/", sent)
        shown = made.json()
        assert made.status == 201
        assert {name: shown[name] for name in sent} == sent
        ranged = {"server": str(at.server), "start_ts": "1775606400000", "end_ts": "1775692800000"}
        [row] = (await at.public.get(f"{V2}/grid/", params=ranged)).json()
        assert (row["id"], row["start_ts_utc_readable"]) == (shown["id"], "2026-04-08 05:00:00")
        busy = await at.owner.post(f"{V2}/grid/", sent | {"name": "Again"})
        assert (busy.status, busy.json()) == (400, {"non_field_errors": ["time_slot_busy"]})
        place = f"{V2}/grid/{shown['id']}/"
        assert (await at.owner.put(place, {"start_time": "09:00:00"})).json()["start_time"] == "09:00:00"
        got = await at.owner.put(place, {"start_time": "25:00:00"})
        assert (got.status, got.json()) == (400, {"start_time": ["invalid"]})
        assert (await at.owner.delete(place)).status == 204
        assert (await at.public.get(place)).json() == NOT_FOUND
        assert (await at.owner.delete(f"{V2}/grid/clear/?server={at.server}")).json() == {"result": "ok"}

    @pytest.mark.parametrize(
        ("sent", "body"),
        [
            ({"playlist": None}, {"playlist": ["playlist_required"]}),
            ({"playlist": 99999}, {"playlist": ["does_not_exist"]}),
            ({"periodicity": "periodic"}, {"non_field_errors": ["repeat_week_days_not_set", "repeat_weeks_not_set"]}),
            ({"periodicity": "periodic", "wd_mon": True}, {"non_field_errors": ["repeat_weeks_not_set"]}),
            ({"timezone": "Mars/Base"}, {"timezone": ["invalid"]}),
            ({"color": "red;}"}, {"color": ["invalid"]}),
            ({"server": None}, {"server": ["null"]}),
        ],
    )
    async def test_what_is_wrong(self, at: Station, sent: dict[str, Any], body: dict[str, Any]) -> None:
        rows = (await at.public.get(f"{V2}/playlists/?server={at.server}")).json()
        got = await at.owner.post(f"{V2}/grid/", GRID | {"server": at.server, "playlist": rows[0]["id"]} | sent)
        assert (got.status, got.json()) == (400, body)


class TestWishes:
    async def test_the_queue(self, at: Station) -> None:
        track = await at.track("Queued")
        sent = {"server": at.server, "music_id": track["id"]}
        first, second = [(await at.owner.post(f"{V2}/queue/", sent)).json()["id"] for _ in range(2)]
        rows = (await at.owner.get(f"{V2}/queue/?server={at.server}")).json()
        assert [row["id"] for row in rows] == [first, second]
        assert (await at.owner.delete(f"{V2}/queue/?server={at.server}&id={first}")).status == 204
        assert (await at.owner.delete(f"{V2}/queue/?server={at.server}")).status == 204
        assert (await at.owner.get(f"{V2}/queue/?server={at.server}")).json() == []
        got = await at.owner.post(f"{V2}/queue/", sent | {"music_id": 99999})
        assert (got.status, got.json()) == (404, NOT_FOUND)
        await at.owner.delete(f"{V2}/music/{track['id']}/")

    async def test_a_listeners_request(self, at: Station) -> None:
        track, other = [await at.track(f"Asked {number}") for number in range(2)]
        sent = {"server_id": at.server, "music_id": track["id"], "person": "Bo", "message": "<b>bitte</b>"}
        made = await at.public.post(f"{V2}/track_requests/", sent)
        assert made.status == 201
        got = await at.public.post(f"{V2}/track_requests/", sent)
        assert (got.status, got.json()) == (400, {"track_blocked": True})
        got = await at.public.post(f"{V2}/track_requests/", sent | {"music_id": other["id"], "ip_timeout": 0})
        assert (got.status, got.json()) == (400, {"ip_blocked": True})
        [mine] = (await at.owner.get(f"{V2}/track_requests/?server={at.server}")).json()
        [seen] = (await at.public.get(f"{V2}/track_requests/?server={at.server}")).json()
        assert mine == seen | {"src_ip": "127.0.0.1"}
        assert (seen["person"], seen["all_music"]["id"]) == ("Bo", track["id"])
        place = f"{V2}/track_requests/{mine['id']}/"
        assert (await at.owner.put(place)).json() == {"result": "ok"}
        assert (await at.owner.delete(place)).status == 204
        for method in ("PUT", "DELETE"):
            assert (await at.owner.ask(method, place)).json() == NOT_FOUND
        for one in (track, other):
            await at.owner.delete(f"{V2}/music/{one['id']}/")

    async def test_what_is_on_and_was(self, at: Station) -> None:
        empty = {"count": 0, "next": None, "previous": None, "results": []}
        assert (await at.public.get(f"{V2}/history/?server={at.server}")).json() == empty
        assert (await at.public.get(f"{V2}/forecast/?server={at.server}")).json() == []
        assert (await at.owner.get(f"{V2}/listeners/?server={at.server}")).json() == []
        assert (await at.owner.delete(f"{V2}/listeners/7/?server={at.server}")).status == 204
        by_slug = (await at.public.get(f"{V2}/nowplaying/labfm/")).json()
        assert by_slug == (await at.public.get(f"{V2}/nowplaying/{at.server}/")).json()
        assert by_slug in (await at.public.get(f"{V2}/nowplaying/")).json()
        assert (by_slug["station"]["shortcode"], by_slug["is_online"], by_slug["now_playing"]) == ("labfm", False, None)
        assert by_slug["listeners"] == {"total": 0, "unique": 0, "current": 0}


class TestTwoTenants:
    async def test_neither_finds_what_is_the_others(self, at: Station) -> None:
        track, playlist = await at.track("Mine"), await at.playlist("Mine")
        event = (await at.owner.post(f"{V2}/grid/", GRID | {"server": at.server, "playlist": playlist["id"]})).json()
        [channel] = (await at.owner.get(f"{V2}/channels/?server={at.server}")).json()
        [dj] = [row for row in (await at.owner.get(f"{V2}/djs/?server={at.server}")).json() if row["cat"] == "auto"]
        one, lists = f"{V2}/servers/{at.server}/", f"{V2}/playlists/{playlist['id']}/"
        calls: list[tuple[str, str, Any]] = [
            ("PUT", one, {"title": "x"}), ("DELETE", one, None), ("POST", f"{one}skip/", None), ("POST", f"{one}start/", None), ("POST", f"{one}stop/", None),
            ("POST", f"{one}restart/", None),
            ("POST", f"{V2}/channels/", {"server": at.server}), ("PUT", f"{V2}/channels/{channel['id']}/", {}),
            ("DELETE", f"{V2}/channels/{channel['id']}/", None), ("POST", f"{V2}/djs/", {"server": at.server}),
            ("PUT", f"{V2}/djs/{dj['id']}/", {}), ("DELETE", f"{V2}/djs/{dj['id']}/", None),
            ("POST", f"{V2}/djs/{dj['id']}/disconnect/", None), ("POST", f"{V2}/djs/{dj['id']}/next_track/", None),
            ("PUT", f"{V2}/music/{track['id']}/", {}), ("DELETE", f"{V2}/music/{track['id']}/", None),
            ("GET", f"{V2}/music/{track['id']}/download/", None), ("GET", lists, None), ("PUT", lists, {}),
            ("DELETE", lists, None), ("POST", f"{lists}add_tracks/", [track["id"]]), ("POST", f"{lists}copy/", {}),
            ("POST", f"{lists}add_tracks_ordered/", []), ("POST", f"{lists}order_tracks/", []),
            ("POST", f"{lists}shuffle_tracks/", None), ("POST", f"{lists}clean_duplicates/", None),
            ("POST", f"{lists}start_broadcasting/", None), ("GET", f"{lists}tracks/", None),
            ("GET", f"{lists}tracks/1/", None), ("DELETE", f"{lists}tracks/1/", None),
            ("POST", f"{lists}tracks/bulk_delete/", {"tracks": []}),
            ("PUT", f"{lists}tracks/bulk_move/", {"tracks": [], "position": 1}),
            ("POST", f"{V2}/grid/", GRID | {"server": at.server}), ("PUT", f"{V2}/grid/{event['id']}/", {}),
            ("DELETE", f"{V2}/grid/{event['id']}/", None), ("DELETE", f"{V2}/grid/clear/?server={at.server}", None),
            ("GET", f"{V2}/queue/?server={at.server}", None), ("DELETE", f"{V2}/queue/?server={at.server}", None),
            ("POST", f"{V2}/queue/", {"server": at.server, "music_id": track["id"]}),
            ("GET", f"{V2}/listeners/?server={at.server}", None),
            ("DELETE", f"{V2}/listeners/1/?server={at.server}", None),
        ]  # fmt: skip
        for method, path, sent in calls:
            got = await at.other.ask(method, path, json=sent)
            assert (got.status, got.json()) == (404, NOT_FOUND), (method, path)
            got = await at.public.ask(method, path, json=sent)
            assert (got.status, got.json()) == (401, NOBODY), (method, path)
        got = await at.upload("x.mp3", song(), by=at.other)
        assert (got.status, got.json()) == (404, NOT_FOUND)

    async def test_a_suspended_station_is_not_there_and_not_written(self, at: Station) -> None:
        pk = (await at.owner.get("/api/v1/user_profile/")).json()["pk"]
        await at.world.admin.post(f"/api/v1/broadcasters/{pk}/suspend/")
        assert (await at.public.get(f"{V2}/servers/{at.server}/")).json() == NOT_FOUND
        assert (await at.owner.get(f"{V2}/servers/{at.server}/")).status == 200
        got = await at.owner.put(f"{V2}/servers/{at.server}/", {"title": "x"})
        assert (got.status, got.json()) == (403, {"detail": "account_suspended"})
        await at.world.admin.post(f"/api/v1/broadcasters/{pk}/unsuspend/")


class TestWaysIn:
    async def test_a_ticket_opens_the_pages_once(self, at: Station) -> None:
        got = await at.world.remote("POST", "remote_user_login", username="labfm")
        path = got.json()["url"].removeprefix(at.public.url)
        first = await at.public.get(path)
        assert (first.status, first.headers["location"]) == (302, "/app/radio")
        cookie = first.headers["set-cookie"].partition(";")[0]
        mine = await at.public.get("/api/v1/user_profile/", headers={"Cookie": cookie})
        assert mine.json()["username"] == "labfm"
        again = await at.public.get(path)
        assert (again.status, again.json()) == (401, {"detail": "Invalid token."})

    async def test_the_admins_link(self, at: Station) -> None:
        got = await at.public.get("/login/", params={"token": at.world.admin.headers["X-API-Key"]})
        assert (got.status, got.headers["location"]) == (302, "/app/radio")
        assert "polycast_session" in got.headers["set-cookie"]
        assert "set-cookie" not in (await at.public.get("/login/")).headers
        assert (await at.public.get("/login/", params={"token": "nonsense"})).status == 401

    async def test_pictures(self, at: Station) -> None:
        for path in ("/media/user/none.png", "/media/company/logo-000000000000.png", "/media/user/user_default.txt"):
            assert (await at.public.get(path)).json() == NOT_FOUND


class TestRotationsAndJingles:
    async def test_a_rotations_life(self, at: Station) -> None:
        playlist = (await at.playlist("Rotated"))["id"]
        item = {"block": "playlist", "playlist": playlist, "weight": 3}
        sent = {"server": at.server, "name": "Day", "type": "weighted", "items": [item], "fallback_playlist": playlist}
        none = await at.owner.post(f"{V2}/rotations/", {"name": "Day"})
        assert (none.status, none.json()) == (400, {"server": ["required"]})
        made = await at.owner.post(f"{V2}/rotations/", sent)
        shown = made.json()
        assert (made.status, shown["items"][0]["weight"], shown["fallback_playlist"]) == (201, 3, playlist)
        place = f"{V2}/rotations/{shown['id']}/"
        assert (await at.public.get(place)).json() == shown
        assert (await at.public.get(f"{V2}/rotations/?server={at.server}")).json() == [shown]
        assert (await at.owner.put(place, {"shuffled": True})).json() == shown | {"shuffled": True}
        for bad, body in (
            ({"items": [{"block": "bomb"}]}, ["items"]),
            ({"items": [{"block": "track", "track": 99999}]}, ["items"]),
            ({"type": "spiral"}, ["type"]),
            ({"fallback_playlist": 99999}, ["fallback_playlist"]),
            ({"name": ""}, ["name"]),
        ):
            got = await at.owner.put(place, bad)
            assert (got.status, list(got.json())) == (400, body)
        assert (await at.owner.delete(place)).status == 204
        for method in ("GET", "PUT", "DELETE"):
            assert (await at.owner.ask(method, place, json={} if method == "PUT" else None)).json() == NOT_FOUND

    async def test_jingles_with_what_says_when(self, at: Station) -> None:
        form = aiohttp.FormData({"server": str(at.server)}, quote_fields=False)
        form.add_field("file", io.BytesIO(song(seconds=1)), filename="Hello.mp3")
        made = await at.owner.ask("POST", f"{V2}/jingles/", data=form)
        jingle = made.json()
        assert (made.status, jingle["name"], jingle["server"], "path" in jingle) == (201, "Hello", at.server, False)
        group = (await at.owner.post(f"{V2}/jingle_categories/", {"server": at.server, "name": "Hour"})).json()
        place = f"{V2}/jingles/{jingle['id']}/"
        filed = (await at.owner.put(place, {"category": group["id"]})).json()
        assert filed == jingle | {"category": group["id"]}
        [tree] = (await at.public.get(f"{V2}/jingles/tree/?server={at.server}")).json()
        assert tree == group | {"jingles": [filed]}
        sent = {"server": at.server, "name": "Full", "category": group["id"], "minutes": [0, 30], "weekdays": [0, 6]}
        scheme = (await at.owner.post(f"{V2}/jingle_schemes/", sent)).json()
        assert (scheme["minutes"], scheme["weekdays"], scheme["category"]) == ([0, 30], [0, 6], group["id"])
        block = {"server": at.server, "name": "Both", "items": [{"block": "jingle", "jingle": jingle["id"]}]}
        both = (await at.owner.post(f"{V2}/jingle_blocks/", block)).json()
        assert both["items"][0]["jingle"] == jingle["id"]
        for kind, key, bad in (
            ("jingle_schemes", scheme["id"], {"times": ["25:00:00"], "minutes": [60]}),
            ("jingle_blocks", both["id"], {"items": [{"block": "jingle", "jingle": 99999}]}),
            ("jingle_categories", group["id"], {"name": ""}),
            ("jingles", jingle["id"], {"category": 99999}),
        ):
            one = f"{V2}/{kind}/{key}/"
            assert (await at.public.get(one)).json()["id"] == key
            assert len((await at.public.get(f"{V2}/{kind}/?server={at.server}")).json()) == 1
            assert (await at.owner.put(one, bad)).status == 400
            assert (await at.owner.put(one, {"name": "Renamed"})).json()["name"] == "Renamed"
            for method in ("PUT", "DELETE"):
                got = await at.other.ask(method, one, json={} if method == "PUT" else None)
                assert (got.status, got.json()) == (404, NOT_FOUND)
            if kind != "jingles":
                got = await at.owner.post(f"{V2}/{kind}/", {"name": "x"})
                assert (got.status, got.json()) == (400, {"server": ["required"]})
            assert (await at.owner.delete(one)).status == 204
            assert (await at.owner.get(one)).json() == NOT_FOUND

    @pytest.mark.parametrize(("name", "content"), [("a.exe", b"x"), ("a.mp3", b"no sound"), ("a.mp3", b"")])
    async def test_what_is_no_jingle(self, at: Station, name: str, content: bytes) -> None:
        form = aiohttp.FormData({"server": str(at.server)}, quote_fields=False)
        form.add_field("file", io.BytesIO(content), filename=name)
        got = await at.owner.ask("POST", f"{V2}/jingles/", data=form)
        assert (got.status, list(got.json())) == (400, ["filename"])
        assert (await at.public.get(f"{V2}/jingles/?server={at.server}")).json() == []
