"""An account at Trakt: linked by a code, told what is played, kept alike in both directions."""

from pathlib import Path
from typing import Any

from tests.fakes.json_service import serving
from tests.fakes.tmdb import KEY as TMDB_KEY
from tests.fakes.tmdb import FakeTmdb, fake_tmdb
from tests.fakes.trakt import CLIENT, SECRET, FakeTrakt
from tests.library.world import World, library, world


def _settings(fake: FakeTrakt, tmdb: FakeTmdb | None = None) -> dict[str, str]:
    told = {
        "trakt_client_id": CLIENT,
        "trakt_client_secret": SECRET,
        "trakt_url": fake.address,
        "jellyfin_enabled": "false",
    }
    if tmdb is not None:
        told |= {"tmdb_api_key": TMDB_KEY, "tmdb_url": tmdb.url, "tmdb_images_url": tmdb.pictures}
    return {f"library__{name}": value for name, value in told.items()}


async def _link(here: World, fake: FakeTrakt) -> dict[str, Any]:
    begun = await here.owner.post("/v1/integrations/trakt/connect")
    assert begun.status == 200, begun.text()
    fake.approve()
    await here.owner.get("/v1/integrations/trakt/status")
    await here.server.idle()
    found: dict[str, Any] = (await here.owner.get("/v1/integrations/trakt/status")).json()
    return found


async def _movie(here: World, title: str) -> dict[str, Any]:
    [found] = (await here.owner.get(f"/v1/movies?search={title}")).json()["items"]
    got: dict[str, Any] = (await here.owner.get(f"/v1/movies/{found['id']}")).json()
    return got


class TestLinking:
    async def test_waits_until_the_code_was_typed(self, tmp_path: Path) -> None:
        async with serving(FakeTrakt()) as fake, world(tmp_path, **_settings(fake)) as here:
            begun = (await here.owner.post("/v1/integrations/trakt/connect")).json()
            assert (begun["userCode"], begun["verificationUrl"]) == ("5055CC52", "https://trakt.tv/activate")
            waiting = (await here.owner.get("/v1/integrations/trakt/status")).json()
            assert (waiting["connected"], waiting["pending"]) == (False, True)
            fake.approve()
            linked = (await here.owner.get("/v1/integrations/trakt/status")).json()
            assert (linked["connected"], linked["pending"], linked["username"]) == (True, False, "ada")
            assert not (await here.member.get("/v1/integrations/trakt/status")).json()["connected"]

    async def test_says_that_it_was_refused(self, tmp_path: Path) -> None:
        async with serving(FakeTrakt()) as fake, world(tmp_path, **_settings(fake)) as here:
            await here.owner.post("/v1/integrations/trakt/connect")
            fake.poll_status = 418
            told = (await here.owner.get("/v1/integrations/trakt/status")).json()
            assert (told["connected"], told["pending"], told["error"]) == (False, False, "It was refused at Trakt.")

    async def test_without_an_application_it_says_so(self, tmp_path: Path) -> None:
        async with world(tmp_path, library__jellyfin_enabled="false") as here:
            answer = await here.owner.post("/v1/integrations/trakt/connect")
            assert (answer.status, answer.json()["error"]) == (503, "There is no application for Trakt.")

    async def test_ends_there_too(self, tmp_path: Path) -> None:
        async with serving(FakeTrakt()) as fake, world(tmp_path, **_settings(fake)) as here:
            await _link(here, fake)
            assert (await here.owner.delete("/v1/integrations/trakt/connection")).status == 204
            assert fake.times("POST", "/oauth/revoke") == 1
            assert (await here.owner.post("/v1/integrations/trakt/sync")).status == 409


class TestComparing:
    async def test_what_was_seen_goes_both_ways_and_not_back_again(self, tmp_path: Path) -> None:
        async with serving(FakeTrakt()) as fake, fake_tmdb() as tmdb, world(tmp_path, **_settings(fake, tmdb)) as here:
            await library(here, "Films", "movie", here.films)
            await library(here, "Shows", "tv", here.shows)
            up, heat = await _movie(here, "up"), await _movie(here, "heat")
            await here.owner.put(f"/v1/movies/{up['id']}/watched")
            seen = "2026-01-02T20:00:00.000Z"
            fake.movies = [{"plays": 3, "last_watched_at": seen, "movie": {"title": "Heat", "ids": {"tmdb": 949}}}]
            fake.shows = [
                {"plays": 1, "last_watched_at": seen, "show": {"title": "Scrubs", "ids": {"tvdb": 76156}},
                 "seasons": [{"number": 1, "episodes": [{"number": 1, "plays": 1, "last_watched_at": seen}]}]},
            ]  # fmt: skip
            await _link(here, fake)
            heat = await _movie(here, "heat")
            assert (heat["userState"]["watched"], heat["userState"]["playCount"]) == (True, 3)
            [show] = (await here.owner.get("/v1/shows")).json()["items"]
            assert (await here.owner.get(f"/v1/shows/{show['id']}")).json()["userState"]["watchedEpisodes"] == 1
            assert [one["ids"]["tmdb"] for told in fake.history for one in told["movies"]] == [14160]
            assert (await here.owner.post("/v1/integrations/trakt/sync")).status == 202
            await here.server.idle()
            assert len(fake.history) == 1
            assert fake.times("GET", "/sync/watched/movies") == 1  # nothing has changed there

    async def test_a_token_that_runs_out_is_renewed(self, tmp_path: Path) -> None:
        async with serving(FakeTrakt()) as fake, world(tmp_path, **_settings(fake)) as here:
            fake.life = 60
            assert (await _link(here, fake))["syncedAt"] is not None
            assert fake.generation >= 2

    async def test_a_right_that_was_taken_back_is_told(self, tmp_path: Path) -> None:
        async with serving(FakeTrakt()) as fake, world(tmp_path, **_settings(fake)) as here:
            await _link(here, fake)
            fake.generation += 10
            await here.owner.post("/v1/integrations/trakt/sync")
            await here.server.idle()
            told = (await here.owner.get("/v1/integrations/trakt/status")).json()
            assert told["error"] == "Trakt does not let us any more; link the account again."


class TestPlaying:
    async def test_start_and_stop_are_told_but_not_what_a_child_watches(self, tmp_path: Path) -> None:
        async with serving(FakeTrakt()) as fake, fake_tmdb() as tmdb, world(tmp_path, **_settings(fake, tmdb)) as here:
            await library(here, "Films", "movie", here.films)
            await _link(here, fake)
            heat = await _movie(here, "heat")
            made = await here.owner.post("/v1/playback/sessions", {"mediaType": "movie", "mediaId": heat["id"]})
            assert made.status == 201, made.text()
            path = f"/v1/playback/sessions/{made.json()['id']}"
            await here.owner.post(f"{path}/heartbeat", {"position": 1.95, "paused": False})
            await here.owner.delete(path)
            await here.server.idle()
            assert [(action, sent["movie"]["ids"]["tmdb"]) for action, sent in fake.scrobbles] == [
                ("start", 949), ("stop", 949),
            ]  # fmt: skip
            assert fake.scrobbles[1][1]["progress"] > 80
            await here.owner.post("/v1/integrations/trakt/sync")
            await here.server.idle()
            assert fake.history == []  # it was scrobbled: Trakt has it
