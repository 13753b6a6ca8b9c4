"""Sessions: who may have one, how long they last, what they leave behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from polycast.core.events import Sent
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.scopes import Scope
from tests.fakes.clock import FakeClock
from tests.library.playback.cinema import WEB, Cinema, cinema

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema")) as found:
        yield found


async def refused(house: Cinema, sent: Any, client: Any = None) -> tuple[int, Any]:
    answer = await (client or house.owner).post("/v1/playback/sessions", sent)
    body = answer.json()
    body.pop("requestId", None)
    return answer.status, body


class TestWhoMayWatch:
    async def test_nobody_without_a_credential(self, house: Cinema) -> None:
        status, body = await refused(house, {"mediaType": "movie", "mediaId": house.ids["Plain"]}, house.server)
        assert (status, body) == (401, {"error": "Unauthorized"})

    async def test_nobody_without_a_grant_for_the_library(self, house: Cinema) -> None:
        status, body = await refused(house, {"mediaType": "movie", "mediaId": house.ids["Plain"]}, house.member)
        assert (status, body) == (404, {"error": "Not found"})

    async def test_what_is_asked_must_make_sense(self, house: Cinema) -> None:
        status, body = await refused(house, {"mediaType": "podcast", "startPosition": -1})
        assert status == 422
        assert body["error"] == "Validation error"
        assert {one["path"] for one in body["details"]} == {"mediaType", "mediaId", "startPosition"}

    async def test_a_file_that_has_gone_is_said_to_be_gone(self, house: Cinema) -> None:
        place = house.films / "Broadcast (2004)" / "Broadcast (2004).ts"
        away = place.rename(place.with_suffix(".away"))
        status, body = await refused(house, {"mediaType": "movie", "mediaId": house.ids["Broadcast"]})
        away.rename(place)
        assert (status, body) == (409, {"error": "File missing", "code": "file_missing"})


class TestWhoHearsOfIt:
    async def test_those_who_look_after_the_house_and_no_other_viewer(self, house: Cinema) -> None:
        events, names = house.server.house.core.events, {"library.sessions_changed", "library.playback_started"}
        manager = Caller(user_id=901, scopes=frozenset({Scope.LIBRARY_WRITE}), credential=Credential.SESSION)
        viewer = Caller(user_id=902, scopes=frozenset({Scope.LIBRARY_PLAY}), credential=Credential.SESSION)
        async with events.subscribe(manager, names=names) as told, events.subscribe(viewer, names=names) as untold:
            session = await house.start("Plain")
            await house.owner.delete(f"/v1/playback/sessions/{session['id']}")
            async with asyncio.timeout(30):
                heard = [await anext(told), await anext(told)]
            await events.idle()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await anext(untold)
        assert [one.name for one in heard if isinstance(one, Sent)] == ["library.sessions_changed"] * 2
        assert all(isinstance(one, Sent) and session["id"].encode() in one.body for one in heard)


class TestStreamTokens:
    async def test_without_one_nothing_is_given(self, house: Cinema) -> None:
        session = await house.start("Plain")
        answer = await house.server.get(f"/api/stream/{session['id']}/file")
        assert answer.status == 401

    async def test_a_session_of_the_house_will_do_instead(self, house: Cinema) -> None:
        session = await house.start("Plain")
        answer = await house.owner.get(f"/api/stream/{session['id']}/file", headers={"range": "bytes=0-9"})
        assert (answer.status, len(answer.body)) == (206, 10)

    # Native players repeat the token that they were given: every address in a playlist has one.
    async def test_every_address_of_a_playlist_carries_one(self, house: Cinema) -> None:
        session = await house.start("Surround")
        answer = await house.owner.get(f"/api/stream/{session['id']}/master.m3u8")
        addresses = [line for line in answer.text().splitlines() if line and not line.startswith("#")]
        assert addresses
        assert all("?token=" in line for line in addresses)

    async def test_one_that_was_changed_is_refused(self, house: Cinema) -> None:
        session = await house.start("Plain")
        user, name, ends, mac = session["token"].split(":")
        wrong = [
            f"{user}:{name}:{int(ends) + 1}:{mac}",
            f"{user}:{name}:{ends}:{'0' * 64}",
            f"{user}:{name}:{ends}:{mac[:-1]}",
            ":::",
            "x" * 2000 + ":::",
            f"{user}:{name}:{ends}:{mac}é",
        ]
        for token in wrong:
            answer = await house.server.get(f"/api/stream/{session['id']}/file", params={"token": token})
            assert answer.status == 401, token

    async def test_one_of_another_session_is_refused(self, house: Cinema) -> None:
        mine, other = await house.start("Plain"), await house.start("Plain")
        answer = await house.server.get(f"/api/stream/{mine['id']}/file", params={"token": other["token"]})
        assert answer.status == 403

    async def test_it_opens_nothing_but_streams(self, house: Cinema) -> None:
        session = await house.start("Plain")
        answer = await house.server.get("/v1/movies", params={"token": session["token"]})
        assert answer.status == 401

    async def test_it_ends_with_its_session(self, house: Cinema) -> None:
        session = await house.start("Plain")
        assert (await house.owner.delete(f"/v1/playback/sessions/{session['id']}")).status == 204
        answer = await house.server.get(session["url"])
        assert answer.status == 404

    async def test_another_users_session_is_not_theirs_to_fetch(self, house: Cinema) -> None:
        session = await house.start("Plain")
        answer = await house.member.get(f"/api/stream/{session['id']}/file")
        assert answer.status == 403


class TestASessionsLife:
    async def test_it_is_seen_while_it_plays(self, house: Cinema) -> None:
        session = await house.start("Plain")
        path = f"/v1/playback/sessions/{session['id']}"
        answer = await house.owner.post(f"{path}/heartbeat", {"position": 3.5, "bandwidth": 9_000_000})
        assert (answer.status, answer.json()) == (200, {"ok": True, "commands": []})
        listed = (await house.owner.get("/v1/playback/sessions/active")).json()["items"]
        [mine] = [one for one in listed if one["id"] == session["id"]]
        assert (mine["position"], mine["bandwidth"], mine["paused"]) == (3.5, 9_000_000, False)
        assert (mine["mode"], mine["media"]["title"], mine["user"]["name"]) == ("direct_play", "Plain", "owner")
        assert (await house.member.get("/v1/playback/sessions/active")).json()["items"] == []
        assert (await house.member.post(f"{path}/heartbeat", {"position": 1})).status == 404
        assert (await house.owner.delete(path)).status == 204
        assert (await house.owner.post(f"{path}/heartbeat", {"position": 4})).status == 404
        assert (await house.owner.post(f"{path}/seek", {"position": 4})).status == 404

    async def test_quality_and_tracks_change_without_a_new_one(self, house: Cinema) -> None:
        session = await house.start("Surround")
        answer = await house.owner.patch(f"/v1/playback/sessions/{session['id']}", {"audioTrack": 2})
        assert answer.status == 200
        changed = answer.json()
        assert (changed["id"], changed["mode"]) == (session["id"], "remux_hls")
        assert [track["selected"] for track in changed["audioTracks"]] == [False, True]

    async def test_a_command_is_for_ones_own_players(self, house: Cinema) -> None:
        session = await house.start("Plain")
        path = f"/v1/playback/sessions/{session['id']}/command"
        assert (await house.owner.post(path, {"command": "pause"})).status == 204
        assert (await house.owner.post(path, {"command": "explode"})).status == 422
        assert (await house.member.post(path, {"command": "pause"})).status == 404


class TestALongFilm:
    async def test_one_goes_on_where_one_stopped_on_any_device(self, tmp_path: Any) -> None:
        async with cinema(tmp_path, with_long=True) as house:
            session = await house.start("Long")
            path = f"/v1/playback/sessions/{session['id']}"
            await house.owner.post(f"{path}/heartbeat", {"position": 120.0})
            await house.owner.delete(path)
            again = await house.start("Long")
            [card] = (await house.owner.get("/v1/playback/continue-watching")).json()["items"]
            assert again["startPosition"] == 120.0
            assert (card["mediaType"], card["media"]["title"], card["reason"]) == ("movie", "Long", "resume")
            assert (card["position"], card["duration"], card["percent"]) == (120.0, 400.0, 30.0)

            await house.owner.post(f"/v1/playback/sessions/{again['id']}/heartbeat", {"position": 361.0})
            await house.owner.post(f"/v1/playback/sessions/{again['id']}/heartbeat", {"position": 380.0})
            seen = (await house.owner.get(f"/v1/movies/{house.ids['Long']}")).json()["userState"]
            assert (seen["watched"], seen["position"], seen["playCount"]) == (True, 0.0, 1)
            assert (await house.owner.get("/v1/playback/continue-watching")).json()["items"] == []

            history = (await house.owner.get("/v1/playback/history?limit=1")).json()
            assert history["items"][0]["completed"] is True
            rest = (await house.owner.get(f"/v1/playback/history?cursor={history['nextCursor']}")).json()
            assert [one["completed"] for one in rest["items"]] == [False]

    async def test_a_title_can_be_put_away(self, tmp_path: Any) -> None:
        async with cinema(tmp_path, with_long=True) as house:
            session = await house.start("Long")
            beat = f"/v1/playback/sessions/{session['id']}/heartbeat"
            await house.owner.post(beat, {"position": 100.0})
            gone = await house.owner.delete(f"/v1/playback/continue-watching/movie/{house.ids['Long']}")
            hidden = (await house.owner.get("/v1/playback/continue-watching")).json()["items"]
            await house.owner.post(beat, {"position": 110.0})
            back = (await house.owner.get("/v1/playback/continue-watching")).json()["items"]
            assert (gone.status, hidden, len(back)) == (204, [], 1)


class TestASilentPlayer:
    async def test_it_is_suspended_then_expires(self, tmp_path: Any) -> None:
        clock = FakeClock()
        async with cinema(tmp_path, clock=clock) as house:
            session = await house.start("Plain")
            clock.move(timedelta(seconds=90))
            [row] = (await house.owner.get("/v1/playback/sessions/active")).json()["items"]
            assert row["state"] == "suspended"
            await house.owner.post(f"/v1/playback/sessions/{session['id']}/heartbeat", {"position": 2.0})
            [row] = (await house.owner.get("/v1/playback/sessions/active")).json()["items"]
            assert row["state"] == "playing"
            clock.move(timedelta(minutes=40))
            assert (await house.owner.get("/v1/playback/sessions/active")).json()["items"] == []


class TestTheDecision:
    async def test_it_can_be_asked_for_without_playing(self, house: Cinema) -> None:
        found = await house.decide("Bright")
        assert found == {
            "mode": "transcode_hls",
            "tier": 7,
            "reasons": ["ContainerNotSupported", "VideoCodecNotSupported", "VideoRangeTypeNotSupported"],
            "reasonTexts": [
                "The device does not open this kind of file.",
                "The device does not play the picture's codec.",
                "The device does not show this kind of HDR.",
            ],
            "container": "mkv",
            "video": {
                "index": 0,
                "delivery": "transcode",
                "codec": "h264",
                "height": 180,
                "bitrate": 700000,
                "toneMapped": True,
                "burnedSubtitle": None,
            },
            "audio": None,
            "quality": "240p",
        }

    async def test_an_empty_list_means_none_and_an_absent_one_what_browsers_play(self, house: Cinema) -> None:
        nothing = await house.decide("Plain", WEB | {"videoCodecs": []})
        absent = await house.decide("Plain", {"hls": True})
        assert (nothing["mode"], absent["mode"]) == ("transcode_hls", "direct_play")
