"""Ratings of others: with a scan, each in its own scale, asked once."""

from pathlib import Path

from tests.fakes.json_service import serving
from tests.fakes.mdblist import KEY, FakeMdbList
from tests.fakes.tmdb import KEY as TMDB_KEY
from tests.fakes.tmdb import FakeTmdb, fake_tmdb
from tests.library.world import World, library, world


def _settings(fake: FakeMdbList, tmdb: FakeTmdb) -> dict[str, str]:
    told = {"mdblist_api_key": KEY, "mdblist_url": fake.address, "tmdb_api_key": TMDB_KEY, "tmdb_url": tmdb.url,
            "tmdb_images_url": tmdb.pictures, "jellyfin_enabled": "false"}  # fmt: skip
    return {f"library__{name}": value for name, value in told.items()}


async def _ratings(here: World) -> dict[str, tuple[float, int]]:
    [found] = (await here.owner.get("/v1/movies?search=heat")).json()["items"]
    got = (await here.owner.get(f"/v1/movies/{found['id']}")).json()
    return {one["source"]: (one["value"], one["scale"]) for one in got["ratings"]}


class TestRatingsOfOthers:
    async def test_come_with_the_scan_and_are_asked_for_once(self, tmp_path: Path) -> None:
        async with (
            serving(FakeMdbList()) as fake,
            fake_tmdb() as tmdb,
            world(tmp_path, **_settings(fake, tmdb)) as here,
        ):
            films = await library(here, "Films", "movie", here.films)
            assert await _ratings(here) == {
                "tmdb": (7.9, 10), "imdb": (8.3, 10), "rt_critics": (83.0, 100), "rt_audience": (94.0, 100),
            }  # fmt: skip
            assert fake.times("POST", "/tmdb/movie") == 1  # two films in one question
            await here.owner.post(f"/v1/libraries/{films['id']}/scan", {"mode": "full"})
            await here.server.idle()
            assert fake.times("POST", "/tmdb/movie") == 1

    async def test_a_used_quota_costs_nothing_but_ratings(self, tmp_path: Path) -> None:
        async with (
            serving(FakeMdbList()) as fake,
            fake_tmdb() as tmdb,
            world(tmp_path, **_settings(fake, tmdb)) as here,
        ):
            fake.left = 0
            films = await library(here, "Films", "movie", here.films)
            assert (films["scanStatus"], films["itemCount"]) == ("idle", 3)
            assert set(await _ratings(here)) == {"tmdb"}
