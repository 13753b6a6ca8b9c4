"""TheTVDB: as the first provider, as the second, and when its token has run out."""

import shutil
from pathlib import Path

from tests.fakes.json_service import serving
from tests.fakes.tmdb import KEY as TMDB_KEY
from tests.fakes.tmdb import fake_tmdb
from tests.fakes.tvdb import KEY, FakeTvdb
from tests.library.world import World, library, world


def _settings(fake: FakeTvdb, **more: str) -> dict[str, str]:
    told = {"tvdb_api_key": KEY, "tvdb_url": fake.address, "tv_provider": "tvdb", "jellyfin_enabled": "false"}
    return {f"library__{name}": value for name, value in told.items()} | more


async def _show(here: World) -> dict[str, object]:
    [found] = (await here.owner.get("/v1/shows")).json()["items"]
    got: dict[str, object] = (await here.owner.get(f"/v1/shows/{found['id']}")).json()
    return got


class TestShowsFromTheTvdb:
    async def test_what_is_not_translated_is_told_in_english(self, tmp_path: Path) -> None:
        async with serving(FakeTvdb()) as fake, world(tmp_path, **_settings(fake)) as here:
            made = await here.owner.post(
                "/v1/libraries",
                {"name": "Serien", "type": "tv", "paths": [str(here.shows)], "language": "de", "country": "US"},
            )
            assert made.status == 201
            await here.server.idle()
            show = await _show(here)
            assert (show["title"], show["overview"]) == ("Scrubs - Die Anfänger", "Junge Ärzte.")
            assert show["externalIds"] == {"tmdb": 4556, "imdb": "tt0285403", "tvdb": 76156}
            assert (show["contentRating"], show["status"], show["networks"]) == ("TV-14", "ended", ["NBC"])
            [listed] = (await here.owner.get("/v1/shows")).json()["items"]
            assert (listed["seasonCount"], show["seasonCount"]) == (1, 1)
            path = f"/v1/shows/{show['id']}/seasons/1/episodes?includeMissing=true"
            episodes = (await here.owner.get(path)).json()["items"]
            assert [one["title"] for one in episodes] == [
                "Mein erster Tag", "Mein Mentor", "My Best Friend's Mistake", "My Old Lady",
            ]  # fmt: skip
            assert [one["absoluteNumber"] for one in episodes] == [1, 2, 3, 4]
            picture = await here.server.get(str(show["images"]["poster"]))  # type: ignore[index]
            assert picture.status == 200
            assert fake.times("POST", "/login") == 1  # once for all questions

    async def test_a_token_that_has_run_out_is_made_anew(self, tmp_path: Path) -> None:
        async with serving(FakeTvdb()) as fake, world(tmp_path, **_settings(fake)) as here:
            await library(here, "Shows", "tv", here.shows)
            fake.expire()
            found = await here.owner.get("/v1/metadata/search?type=movie&q=heat&provider=tvdb")
            assert [(one["provider"], one["id"], one["year"]) for one in found.json()["items"]] == [("tvdb", 148, 1995)]
            assert fake.times("POST", "/login") == 2

    async def test_a_wrong_key_is_said_and_titles_stay(self, tmp_path: Path) -> None:
        settings = {"library__tvdb_api_key": "wrong"}
        async with serving(FakeTvdb()) as fake, world(tmp_path, **_settings(fake) | settings) as here:
            await library(here, "Shows", "tv", here.shows)
            show = await _show(here)
            assert (show["title"], show["matchStatus"]) == ("Scrubs", "pending_retry")
            answer = await here.owner.get("/v1/metadata/search?type=tv&q=scrubs&provider=tvdb")
            assert (answer.status, answer.json()["error"]) == (503, "TheTVDB does not take the key.")


class TestTheSecondProvider:
    # TMDB does not know the film; without a second provider it would wait for a person.
    async def test_is_asked_when_the_first_does_not_know(self, tmp_path: Path) -> None:
        async with serving(FakeTvdb()) as fake, fake_tmdb() as tmdb:
            tmdb.movies = {}
            settings = _settings(fake, library__tmdb_api_key=TMDB_KEY, library__tmdb_url=tmdb.url)
            async with world(tmp_path, **settings) as here:
                await library(here, "Films", "movie", here.films)
                [heat] = (await here.owner.get("/v1/movies?search=heat")).json()["items"]
                got = (await here.owner.get(f"/v1/movies/{heat['id']}")).json()
                assert (got["matchStatus"], got["externalIds"]["tvdb"]) == ("matched", 148)
                assert [one["person"]["name"] for one in (
                    await here.owner.get(f"/v1/movies/{heat['id']}/credits")
                ).json()["cast"]] == ["Robert De Niro"]  # fmt: skip

    async def test_a_person_may_choose_from_it(self, tmp_path: Path) -> None:
        async with serving(FakeTvdb()) as fake, world(tmp_path, **_settings(fake)) as here:
            shutil.rmtree(here.films / "Heat (1995)")  # or the two would become versions of one film
            await library(here, "Films", "movie", here.films)
            [up] = (await here.owner.get("/v1/movies?search=up")).json()["items"]
            asked = {"mediaType": "movie", "mediaId": up["id"], "provider": "tvdb", "externalId": 148}
            assert (await here.owner.post("/v1/metadata/identify", asked)).status == 202
            await here.server.idle()
            got = (await here.owner.get(f"/v1/movies/{up['id']}")).json()
            assert (got["title"], got["matchStatus"], got["externalIds"]["tvdb"]) == ("Heat", "manual", 148)
