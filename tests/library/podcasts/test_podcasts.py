"""Podcasts: found, subscribed to, kept fresh, heard, kept here, queued."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from polycast.core.identity.scopes import Role
from tests.fakes.json_service import serving
from tests.fakes.podcasts import KEY, SECRET, SOUND, FakePodcasts
from tests.server import Client, Server, running


class Listener:
    """A server, somebody who hears, and a podcast out there."""

    def __init__(self, server: Server, member: Client, there: FakePodcasts) -> None:
        self.server = server
        self.member = member
        self.there = there

    async def subscribed(self) -> dict[str, Any]:
        made = await self.member.post("/v1/podcasts", {"feedUrl": self.there.feed})
        assert made.status == 201, made.text()
        found: dict[str, Any] = made.json()
        return found

    async def episodes(self, podcast: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.member.get(f"/v1/podcasts/{podcast}/episodes")).json()["items"]
        return found


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Listener]:
    async with serving(FakePodcasts()) as there:
        told = {"podcast_index_key": KEY, "podcast_index_secret": SECRET, "podcast_index_url": there.index,
                "podcast_hosts": "127.0.0.1", "jellyfin_enabled": "false"}  # fmt: skip
        async with running(tmp_path, **{f"library__{name}": value for name, value in told.items()}) as server:
            yield Listener(server, await server.client(Role.MEMBER), there)


class TestSubscribing:
    async def test_by_address_by_directory_and_only_once(self, here: Listener) -> None:
        found = (await here.member.get("/v1/podcasts/search?q=sea")).json()["items"]
        assert [(one["title"], one["podcastIndexId"], one["categories"]) for one in found] == [
            ("Deep Sea", 920666, ["News"])
        ]
        made = await here.member.post("/v1/podcasts", {"podcastIndexId": 920666})
        assert (made.status, made.json()["title"], made.json()["episodeCount"]) == (201, "Deep Sea", 3)
        assert (await here.member.post("/v1/podcasts", {"feedUrl": here.there.feed})).status == 409
        assert (await here.member.post("/v1/podcasts", {"itunesId": 7})).status == 404

    async def test_what_is_no_feed_or_not_there_is_told(self, here: Listener) -> None:
        audio = await here.member.post("/v1/podcasts", {"feedUrl": f"{here.there.address}/audio/1.mp3"})
        assert (audio.status, audio.json()["details"][0]["message"]) == (422, "This is no podcast feed")
        here.there.feed_status = 500
        assert (await here.member.post("/v1/podcasts", {"feedUrl": here.there.feed})).status == 503

    async def test_a_new_episode_comes_with_the_next_reading(self, here: Listener) -> None:
        podcast = (await here.subscribed())["id"]
        assert (await here.member.post(f"/v1/podcasts/{podcast}/refresh")).status == 200
        here.there.episodes = 4
        assert (await here.member.post(f"/v1/podcasts/{podcast}/refresh")).status == 200
        assert [one["title"] for one in await here.episodes(podcast)] == [f"Episode {n}" for n in (4, 3, 2, 1)]


class TestHearing:
    async def test_a_part_comes_by_way_of_this_server(self, here: Listener) -> None:
        podcast = (await here.subscribed())["id"]
        url = (await here.episodes(podcast))[0]["audioUrl"]
        got = await here.member.get(url, headers={"Range": "bytes=100-199"})
        assert (got.status, got.body, got.headers["content-type"]) == (206, SOUND[100:200], "audio/mpeg")
        other = await here.server.client(Role.GUEST)
        assert (await other.get(url)).status == 404

    async def test_ninety_percent_is_played(self, here: Listener) -> None:
        podcast = (await here.subscribed())["id"]
        episode = (await here.episodes(podcast))[0]["id"]
        path = f"/v1/podcasts/episodes/{episode}/progress"
        assert (await here.member.put(path, {"position": 60})).json() == {"position": 60.0, "played": False}
        assert (await here.member.put(path, {"position": 541})).json() == {"position": 0.0, "played": True}
        left = (await here.member.get(f"/v1/podcasts/{podcast}/episodes?unplayed=true")).json()["items"]
        assert len(left) == 2

    async def test_a_kept_episode_is_heard_without_its_server(self, here: Listener) -> None:
        podcast = (await here.subscribed())["id"]
        episode = (await here.episodes(podcast))[0]
        path = f"/v1/podcasts/episodes/{episode['id']}/download"
        assert (await here.member.post(path)).json() == {"status": "pending"}
        await here.server.idle()
        assert (await here.member.post(path)).json() == {"status": "ready"}
        here.there.fail = 500
        got = await here.member.get(episode["audioUrl"], headers={"Range": "bytes=0-2"})
        assert (got.status, got.body) == (206, b"ID3")
        assert (await here.member.delete(path)).status == 204
        assert (await here.member.delete(path)).status == 404


class TestArranging:
    async def test_the_queue_is_each_person_s_own(self, here: Listener) -> None:
        podcast = (await here.subscribed())["id"]
        third, second, first = [one["id"] for one in await here.episodes(podcast)]
        await here.member.post("/v1/podcasts/queue", {"episodeId": first})
        await here.member.post("/v1/podcasts/queue", {"episodeId": second})
        queue = (await here.member.post("/v1/podcasts/queue", {"episodeId": third, "position": "next"})).json()["items"]
        assert [one["id"] for one in queue] == [third, first, second]
        put = (await here.member.put("/v1/podcasts/queue", {"episodeIds": [second, third]})).json()["items"]
        assert [one["id"] for one in put] == [second, third]
        other = await here.server.client(Role.OWNER)
        assert (await other.get("/v1/podcasts/queue")).json()["items"] == []
        assert (await other.put("/v1/podcasts/queue", {"episodeIds": [second]})).status == 422
        assert (await here.member.delete("/v1/podcasts/queue")).status == 204
        assert (await here.member.get("/v1/podcasts/queue")).json()["items"] == []

    async def test_settings_stay_with_the_subscription(self, here: Listener) -> None:
        podcast = (await here.subscribed())["id"]
        changed = await here.member.patch(f"/v1/podcasts/{podcast}/settings", {"speed": 1.5, "autoQueue": "next"})
        assert changed.json()["settings"] == {"speed": 1.5, "autoQueue": "next", "skipForward": 30, "skipBack": 15}
        wrong = await here.member.patch(f"/v1/podcasts/{podcast}/settings", {"speed": 9})
        assert (wrong.status, wrong.json()["details"][0]["path"]) == (422, "speed")

    async def test_a_list_goes_out_and_comes_in(self, here: Listener) -> None:
        await here.subscribed()
        out = await here.member.get("/v1/podcasts/opml")
        assert here.there.feed in out.text()
        form = aiohttp.FormData()
        form.add_field("file", out.body, filename="podcasts.opml", content_type="text/x-opml")
        other = await here.server.client(Role.OWNER)
        taken = await other.ask("POST", "/v1/podcasts/opml", data=form)
        assert (taken.status, taken.json()) == (200, {"added": 1, "skipped": 0, "failed": []})
