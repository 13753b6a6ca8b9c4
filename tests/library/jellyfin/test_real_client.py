"""jellyfin-apiclient-python, the core of Kodi's add-on and of mpv-shim, against the whole server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from jellyfin_apiclient_python import JellyfinClient

from tests.library.playback.cinema import Cinema, cinema
from tests.library.playback.player import Player, tracks_of
from tests.server import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANYTHING = {
    "DirectPlayProfiles": [{"Type": "Video"}, {"Type": "Audio"}],
    "TranscodingProfiles": [{"Container": "ts", "Type": "Video", "Protocol": "hls", "MaxAudioChannels": "8"}],
}
BROWSER = {
    "DirectPlayProfiles": [{"Type": "Video", "Container": "mp4,m4v", "VideoCodec": "h264", "AudioCodec": "aac"}],
    "TranscodingProfiles": [{"Container": "mp4", "Type": "Video", "Protocol": "hls", "MaxAudioChannels": "2"}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema"), with_long=True) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def app(house: Cinema) -> Any:
    """The client's calls, signed in as the owner."""
    return await asyncio.to_thread(signed_in, house.server.url + "/jellyfin")


def signed_in(address: str, device: str = "bench") -> Any:
    client = JellyfinClient()
    client.config.app("Polycast's tests", "1.0", "bench", device)
    client.config.http("tests/1.0")
    client.config.data["auth.ssl"] = False
    connected = client.auth.connect_to_address(address)
    given = client.auth.login(address, "owner", PASSWORD)
    assert given["ServerId"] == connected["Servers"][0]["Id"]
    return client.jellyfin


async def found(app: Any, title: str) -> dict[str, Any]:
    answer = await asyncio.to_thread(app.search_media_items, title)
    [item] = [one for one in answer["Items"] if one["Name"] == title]
    whole: dict[str, Any] = await asyncio.to_thread(app.get_item, item["Id"])
    return whole


class TestSigningIn:
    async def test_a_wrong_password_is_refused(self, house: Cinema) -> None:
        answer = await house.server.post("/Users/AuthenticateByName", {"Username": "owner", "Pw": "wrong"})
        assert (answer.status, answer.body) == (401, b"")

    # One token a device: a client that signs in again has lost the old one.
    async def test_signing_in_again_replaces_the_devices_token(self, house: Cinema) -> None:
        head = {"authorization": 'MediaBrowser Client="a, b", Device=x%20y, DeviceId="twice", Version=1'}
        sent = {"username": "owner", "Pw": PASSWORD}
        first = (await house.server.post("/jellyfin/users/authenticatebyname", sent, headers=head)).json()
        second = (await house.server.post("/emby/Users/AuthenticateByName", sent, headers=head)).json()
        old = await house.server.get("/System/Info", headers={"x-emby-token": first["AccessToken"]})
        new = await house.server.get("/system/info", params={"api_key": second["AccessToken"]})
        assert (old.status, old.body) == (401, b"")
        assert (new.status, new.json()["ServerName"]) == (200, "Polycast")
        assert second["SessionInfo"]["Client"] == "a, b"
        assert second["SessionInfo"]["DeviceName"] == "x y"
        assert second["User"]["Policy"]["IsAdministrator"] is True

    async def test_a_code_on_a_television_will_do(self, house: Cinema) -> None:
        begun = (await house.server.post("/QuickConnect/Initiate")).json()
        secret = {"Secret": begun["Secret"]}
        early = await house.server.post("/Users/AuthenticateWithQuickConnect", secret)
        waiting = (await house.server.get("/QuickConnect/Connect", params=secret)).json()
        said = await house.owner.post(f"/QuickConnect/Authorize?code={begun['Code']}")
        ready = (await house.server.get("/QuickConnect/Connect", params=secret)).json()
        inside = await house.server.post("/Users/AuthenticateWithQuickConnect", secret)
        again = await house.server.post("/Users/AuthenticateWithQuickConnect", secret)
        unknown = await house.server.get("/QuickConnect/Connect", params={"Secret": "0" * 64})
        assert (early.status, waiting["Authenticated"], said.json(), ready["Authenticated"]) == (401, False, True, True)
        assert (inside.json()["User"]["Name"], again.status, unknown.status) == ("owner", 404, 404)


class TestBrowsing:
    async def test_libraries_lead_to_their_titles(self, app: Any) -> None:
        [view] = (await asyncio.to_thread(app.get_views))["Items"]
        asked = {"ParentId": view["Id"], "Recursive": True, "IncludeItemTypes": "Movie", "SortBy": "SortName"}
        page = await asyncio.to_thread(app.user_items, params=asked | {"StartIndex": 1, "Limit": 2})
        assert (view["Name"], view["CollectionType"]) == ("Films", "movies")
        assert [one["Name"] for one in page["Items"]] == ["Broadcast", "Long"]
        assert (page["TotalRecordCount"], page["StartIndex"]) == (5, 1)

    async def test_a_title_has_all_that_strict_clients_want(self, app: Any) -> None:
        item = await found(app, "Surround")
        [source] = item["MediaSources"]
        kinds = [(one["Type"], one["Codec"], one["Index"]) for one in item["MediaStreams"]]
        assert (item["Type"], item["ProductionYear"], item["Container"]) == ("Movie", 2001, "mkv")
        assert kinds == [("Video", "h264", 0), ("Audio", "ac3", 1), ("Audio", "aac", 2), ("Subtitle", "subrip", 3)]
        assert source["Size"] > 0
        assert len(item["Chapters"]) == 2
        assert None not in item.values()

    async def test_who_has_no_grant_sees_nothing(self, house: Cinema) -> None:
        items = (await house.member.get("/Items?Recursive=true&IncludeItemTypes=Movie")).json()
        views = (await house.member.get("/UserViews")).json()
        assert (items["Items"], items["TotalRecordCount"], views["Items"]) == ([], 0, [])

    async def test_every_answer_is_dated(self, house: Cinema) -> None:
        answer = await house.server.get("/System/Info/Public")
        assert "date" in answer.headers


class TestPlaying:
    async def test_a_player_of_everything_gets_the_file(self, house: Cinema, app: Any) -> None:
        item = await found(app, "Surround")
        info = await asyncio.to_thread(app.get_play_info, item["Id"], ANYTHING)
        [source] = info["MediaSources"]
        path = await asyncio.to_thread(app.video_url, item["Id"], source["Id"])
        whole = await house.server.get(path.removeprefix(house.server.url))
        assert source["SupportsDirectPlay"] is True
        assert "TranscodingUrl" not in source
        assert len(whole.body) == source["Size"]

    async def test_a_browser_gets_hls_at_the_address_it_was_told(self, house: Cinema, app: Any) -> None:
        item = await found(app, "Surround")
        info = await asyncio.to_thread(app.get_play_info, item["Id"], BROWSER)
        address = info["MediaSources"][0]["TranscodingUrl"]
        master = await house.server.get("/jellyfin" + address)
        [variant] = [line for line in master.text().splitlines() if line.startswith("/api/stream/")]
        player = Player(client=house.server, session={"id": info["PlaySessionId"], "url": ""})
        playlist = await player.playlist(variant)
        content = await player.fetch(playlist.init) + await player.fetch(playlist.segments[0][0])
        assert [one.codec for one in tracks_of(content)] == ["h264", "aac"]
        assert "TranscodeReasons=ContainerNotSupported%2CAudioCodecNotSupported" in address

    async def test_what_it_reports_is_where_others_go_on(self, house: Cinema, app: Any) -> None:
        item = await found(app, "Long")
        info = await asyncio.to_thread(app.get_play_info, item["Id"], ANYTHING)
        told = {"ItemId": item["Id"], "PlaySessionId": info["PlaySessionId"]}
        await asyncio.to_thread(app.session_playing, told | {"PositionTicks": 0})
        await asyncio.to_thread(app.session_progress, told | {"PositionTicks": 100 * 10_000_000})
        await asyncio.to_thread(app.session_stop, told | {"PositionTicks": 150 * 10_000_000})
        [card] = (await house.owner.get("/v1/playback/continue-watching")).json()["items"]
        resume = (await asyncio.to_thread(app.get_resume_items))["Items"]
        assert (card["media"]["title"], card["position"]) == ("Long", 150.0)
        assert resume[0]["UserData"]["PlaybackPositionTicks"] == 150 * 10_000_000

    async def test_subtitles_come_in_the_form_it_wants(self, house: Cinema, app: Any) -> None:
        item = await found(app, "Surround")
        base = f"/Videos/{item['Id']}/{item['MediaSources'][0]['Id']}/Subtitles/3/0/Stream."
        vtt, srt, wrong = [await house.owner.get(base + form) for form in ("vtt", "srt", "exe")]
        assert vtt.text().startswith("WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<i>Good</i> evening")
        assert srt.text().startswith("1\n00:00:01,000 --> 00:00:03,000\n<i>Good</i> evening & welcome\n")
        assert wrong.status == 404

    async def test_seen_and_loved_are_marked(self, house: Cinema, app: Any) -> None:
        item = await found(app, "Bright")
        seen = await house.owner.post(f"/UserPlayedItems/{item['Id']}")
        loved = await house.owner.post(f"/UserFavoriteItems/{item['Id']}")
        listed = (await house.owner.get("/Items?Recursive=true&Filters=IsFavorite,IsPlayed")).json()["Items"]
        unseen = await house.owner.delete(f"/UserPlayedItems/{item['Id']}")
        assert (seen.json()["Played"], loved.json()["IsFavorite"], unseen.json()["Played"]) == (True, True, False)
        assert [one["Name"] for one in listed] == ["Bright"]

    async def test_the_speed_test_sends_what_was_asked(self, house: Cinema) -> None:
        answer = await house.owner.get("/Playback/BitrateTest?Size=12345")
        assert (answer.status, len(answer.body)) == (200, 12345)


class TestWhatIsNotThere:
    async def test_it_is_not_found_without_a_word(self, house: Cinema) -> None:
        for path in ("/Items/00000000000000000000000000000000", "/Items/nonsense", "/jellyfin/Nowhere", "/Users/ffff"):
            answer = await house.owner.get(path)
            assert (answer.status, answer.body) == (404, b""), path

    async def test_nobody_is_told_anything(self, house: Cinema) -> None:
        for path in ("/Items", "/UserViews", "/Users/Me", "/Sessions", "/Playback/BitrateTest"):
            answer = await house.server.get(path)
            assert (answer.status, answer.body) == (401, b""), path
