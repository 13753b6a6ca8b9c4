"""The start page: what somebody is in the middle of, what is new, what is near to what they have seen."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.library.media import film, put
from tests.library.world import World, library, world
from tests.server import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

NFO = "<movie><title>{0}</title><year>{1}</year>{2}<actor><name>{3}</name></actor><rating>{4}</rating></movie>"
FILMS = (
    ("Heat", 1995, ("Crime", "Drama"), "Al", 8.3),
    ("Up", 2009, ("Family",), "Ed", 8.2),
    ("Ronin", 1998, ("Crime",), "Al", 7.2),
    ("Coda", 2021, ("Drama",), "Em", 8.0),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with world(tmp_path_factory.mktemp("house")) as here:
        for number, (title, year, genres, actor, rating) in enumerate(FILMS):
            name = f"{title} ({year})"
            put(here.films, f"{name}/{name}.mkv", film(tone=500 + number))
            words = "".join(f"<genre>{one}</genre>" for one in genres)
            put(here.films, f"{name}/movie.nfo", content=NFO.format(title, year, words, actor, rating).encode())
        for number in (4, 5):
            put(here.shows, f"Scrubs (2001)/Season 1/Scrubs - S01E0{number}.mkv", film(tone=510 + number))
        await library(here, "Films", "movie", here.films)
        await library(here, "Shows", "tv", here.shows)
        yield here


async def rows(client: Client) -> dict[str, list[str]]:
    """Titles of each row, the changing part of a row's name left out."""
    found = (await client.get("/v1/home")).json()["rows"]
    return {
        row["id"].partition(":")[0] if "watched" in row["id"] else row["id"]: _titles(row["items"]) for row in found
    }


def _titles(items: list[dict[str, Any]]) -> list[str]:
    return [one["title"] for one in items]


async def seen(client: Client, *places: tuple[int, int]) -> list[int]:
    """Episodes (season, number) are seen one after the other, and no others; numbers of what is next."""
    [show] = (await client.get("/v1/shows")).json()["items"]
    base = f"/v1/shows/{show['id']}"
    await client.delete(f"{base}/watched")
    for season, number in places:
        assert (await client.put(f"{base}/seasons/{season}/episodes/{number}/watched")).status == 200
    shown = (await client.get("/v1/playback/next-up")).json()["items"]
    home = (await client.get("/v1/home")).json()["rows"]
    row = next((row["items"] for row in home if row["id"] == "next_up"), [])
    numbers = [one["media"]["episodeNumber"] for one in shown]
    assert [one["episodeNumber"] for one in row] == numbers
    return numbers


class TestTheStartPage:
    async def test_the_best_of_the_commonest_genres_have_rows(self, house: World) -> None:
        found = await rows(house.owner)
        assert found["genre:Crime"] == ["Heat", "Ronin"]
        assert found["genre:Drama"] == ["Heat", "Coda"]
        assert "genre:Family" in found
        assert set(found["recently_added_movies"]) >= {"Heat", "Up", "Ronin", "Coda"}
        assert found["recently_added_shows"] == ["Scrubs"]

    async def test_somebody_without_a_grant_has_none_of_it(self, house: World) -> None:
        assert await rows(house.member) == {}

    async def test_what_was_seen_last_brings_its_like(self, house: World) -> None:
        films = {one["title"]: one["id"] for one in (await house.owner.get("/v1/movies")).json()["items"]}
        await house.owner.put(f"/v1/movies/{films['Heat']}/watched")
        near = (await house.owner.get(f"/v1/movies/{films['Heat']}/similar")).json()["items"]
        found = await rows(house.owner)
        await house.owner.delete(f"/v1/movies/{films['Heat']}/watched")
        # Ronin has a genre and somebody in common, Coda a genre, Up nothing.
        assert found["because_you_watched"] == ["Ronin", "Coda"]
        assert _titles(near) == ["Ronin", "Coda"]

    async def test_the_next_episode_is_the_first_unseen_after_the_last_one_played(self, house: World) -> None:
        assert await seen(house.owner, (1, 5), (1, 2), (1, 3), (1, 1)) == [4]
        assert await seen(house.owner, (1, 1)) == [2]
        assert await seen(house.owner, (1, 4), (1, 5)) == []

    async def test_a_special_is_followed_by_no_episode(self, house: World) -> None:
        assert await seen(house.owner, (1, 1), (0, 1)) == []
        assert await seen(house.owner, (0, 1), (1, 1)) == [2]
