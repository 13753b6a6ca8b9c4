"""A provider is asked once for each title, and what it says is written where nobody has locked it."""

from pathlib import Path

from tests.fakes.tmdb import KEY, FakeTmdb, fake_tmdb
from tests.library.world import World, library, world


def _settings(fake: FakeTmdb) -> dict[str, str]:
    return {
        "library__tmdb_api_key": KEY,
        "library__tmdb_url": fake.url,
        "library__tmdb_images_url": fake.pictures,
    }


async def _movie(here: World, title: str) -> dict[str, object]:
    found = (await here.owner.get(f"/v1/movies?search={title}")).json()["items"]
    got: dict[str, object] = (await here.owner.get(f"/v1/movies/{found[0]['id']}")).json()
    return got


class TestAProviderThatKnowsTheTitles:
    async def test_films_and_shows_are_told_of(self, tmp_path: Path) -> None:
        async with fake_tmdb() as fake, world(tmp_path, **_settings(fake)) as here:
            await library(here, "Films", "movie", here.films)
            await library(here, "Shows", "tv", here.shows)
            heat = await _movie(here, "heat")
            assert heat["matchStatus"] == "matched"
            assert heat["externalIds"] == {"tmdb": 949, "imdb": "tt0113277", "tvdb": None}
            assert (heat["contentRating"], heat["minAge"], heat["runtime"]) == ("R", 17, 170)
            assert heat["genres"] == ["Crime", "Drama"]
            assert (await _movie(here, "brazil"))["matchStatus"] == "unmatched"
            told = (await here.owner.get(f"/v1/movies/{heat['id']}/credits")).json()
            assert [one["person"]["name"] for one in told["cast"]] == ["Al Pacino", "Robert De Niro"]
            picture = await here.server.get(str(heat["images"]["poster"]))  # type: ignore[index]
            assert (picture.status, picture.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
            show = (await here.owner.get("/v1/shows")).json()["items"][0]
            assert (show["status"], show["episodeCount"], show["availableEpisodeCount"]) == ("ended", 5, 4)
            path = f"/v1/shows/{show['id']}/seasons/1/episodes"
            assert len((await here.owner.get(path)).json()["items"]) == 3
            more = (await here.owner.get(f"{path}?includeMissing=true")).json()["items"]
            assert [(one["title"], one["missing"]) for one in more][-1] == ("My Old Lady", True)

    async def test_what_a_person_wrote_stays(self, tmp_path: Path) -> None:
        async with fake_tmdb() as fake, world(tmp_path, **_settings(fake)) as here:
            films = await library(here, "Films", "movie", here.films)
            heat = await _movie(here, "heat")
            await here.owner.patch(f"/v1/movies/{heat['id']}", {"title": "Heat (my cut)", "overview": "Mine."})
            await here.owner.post(f"/v1/libraries/{films['id']}/scan", {"mode": "refresh_metadata"})
            await here.server.idle()
            again = (await here.owner.get(f"/v1/movies/{heat['id']}")).json()
            assert (again["title"], again["overview"], again["tagline"]) == (
                "Heat (my cut)",
                "Mine.",
                "A Los Angeles crime saga",
            )
            assert again["lockedFields"] == ["overview", "title"]

    # A wrong match that a person has put right must not come back with the next scan.
    async def test_a_chosen_title_survives_rescans(self, tmp_path: Path) -> None:
        async with fake_tmdb() as fake, world(tmp_path, **_settings(fake)) as here:
            films = await library(here, "Films", "movie", here.films)
            brazil = await _movie(here, "brazil")
            asked = {"mediaType": "movie", "mediaId": brazil["id"], "externalId": 14160}
            answer = await here.owner.post("/v1/metadata/identify", asked)
            assert answer.status == 202
            await here.server.idle()
            await here.owner.post(f"/v1/libraries/{films['id']}/scan", {"mode": "refresh_metadata"})
            await here.server.idle()
            # Up is there already: its file and this one are now versions of one film.
            up = await _movie(here, "up")
            assert len(up["files"]) == 2  # type: ignore[arg-type]


class TestAProviderThatFails:
    async def test_titles_stay_usable_and_are_asked_for_later(self, tmp_path: Path) -> None:
        async with fake_tmdb() as fake, world(tmp_path, **_settings(fake)) as here:
            fake.fail = 500
            await library(here, "Films", "movie", here.films)
            heat = await _movie(here, "heat")
            assert (heat["title"], heat["matchStatus"]) == ("Heat", "pending_retry")

    async def test_discover_says_that_there_is_no_key(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            answer = await here.owner.get("/v1/discover")
            assert answer.status == 503
            assert answer.json()["error"] == "There is no key for TMDB."
