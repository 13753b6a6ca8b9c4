"""What a scan finds, keeps, and refuses to believe."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.library.media import age, film, put
from tests.library.world import World, library, world


async def _rescan(here: World, found: dict[str, Any], mode: str = "quick") -> dict[str, Any]:
    answer = await here.owner.post(f"/v1/libraries/{found['id']}/scan", {"mode": mode})
    assert answer.status == 202, answer.text()
    await here.server.idle()
    got: dict[str, Any] = (await here.owner.get(f"/v1/libraries/{found['id']}")).json()
    return got


async def _movies(here: World) -> dict[str, dict[str, Any]]:
    return {one["title"]: one for one in (await here.owner.get("/v1/movies")).json()["items"]}


async def _result(here: World) -> dict[str, Any]:
    runs = (await here.owner.get("/v1/workflows?type=library.scan")).json()["items"]
    result: dict[str, Any] = runs[0]["result"]
    return result


class TestAFirstScan:
    async def test_names_films_shows_extras_and_several_episodes_in_one_file(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            films = await library(here, "Films", "movie", here.films)
            await library(here, "Shows", "tv", here.shows)
            assert (films["itemCount"], films["scanStatus"]) == (3, "idle")
            movies = await _movies(here)
            assert sorted((title, one["year"]) for title, one in movies.items()) == [
                ("Brazil", 1985),
                ("Heat", 1995),
                ("Up", 2009),
            ]
            extras = (await here.owner.get(f"/v1/movies/{movies['Up']['id']}/extras")).json()["items"]
            assert [one["kind"] for one in extras] == ["trailer"]
            [show] = (await here.owner.get("/v1/shows")).json()["items"]
            seasons = (await here.owner.get(f"/v1/shows/{show['id']}/seasons")).json()["items"]
            assert [one["seasonNumber"] for one in seasons] == [0, 1]
            episodes = (await here.owner.get(f"/v1/shows/{show['id']}/seasons/1/episodes")).json()["items"]
            assert [(one["episodeNumber"], one["title"], one["endEpisodeNumber"]) for one in episodes] == [
                (1, "My First Day", None),
                (2, "Episode 2", 3),
                (3, "Episode 3", None),
            ]
            assert episodes[1]["files"] == episodes[2]["files"]

    async def test_versions_and_parts_are_one_film(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            put(here.films, "Heat (1995)/Heat (1995) - Extended.mkv", film(tone=500, seconds=3))
            put(here.films, "Gandhi (1982)/Gandhi (1982) cd1.mkv", film(tone=510))
            put(here.films, "Gandhi (1982)/Gandhi (1982) cd2.mkv", film(tone=520))
            await library(here, "Films", "movie", here.films)
            movies = await _movies(here)
            assert sorted(str(one["edition"]) for one in movies["Heat"]["files"]) == ["Extended", "None"]
            [gandhi] = movies["Gandhi"]["files"]
            assert (gandhi["parts"], round(gandhi["duration"])) == (2, 4)

    async def test_lists_what_it_passed_over_and_why(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            put(here.films, "Empty (2001)/Empty (2001).mkv", content=b"")
            put(here.films, "Broken (2002)/Broken (2002).mkv", content=b"this is no film" * 1000)
            put(here.films, "Loading (2003)/Loading (2003).mkv.part", content=b"x")
            put(here.films, "line\nbreak 😀 (2004).mkv", film(tone=530))
            (here.films / "loop").symlink_to(here.films)
            (here.films / "nowhere.mkv").symlink_to(here.films / "gone.mkv")
            found = await library(here, "Films", "movie", here.films)
            told = (await here.owner.get(f"/v1/libraries/{found['id']}/skipped")).json()["items"]
            reasons = {Path(one["path"]).name: one["reason"] for one in told}
            assert reasons == {
                "Empty (2001).mkv": "the file is empty",
                "Broken (2002).mkv": "The file is no media that can be read, or it is damaged.",
                "Loading (2003).mkv.part": "an unfinished download",
                "nowhere.mkv": "a link that leads nowhere",
            }
            movies = await _movies(here)
            assert set(movies) == {"Brazil", "Heat", "Up", "Broken", "linebreak 😀"}

    async def test_waits_for_files_that_are_still_written(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            fresh = put(here.films, "Fresh (2005)/Fresh (2005).mkv", film(tone=540))
            os.utime(fresh)
            found = await library(here, "Films", "movie", here.films)
            assert "Fresh" not in await _movies(here)
            assert found["scanStatus"] == "queued"  # it is looked at again soon: not "done, nothing found"
            age(fresh)
            await _rescan(here, found)
            assert "Fresh" in await _movies(here)


class TestAScanOfWhatIsKnown:
    async def test_reads_and_probes_nothing_again(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            found = await library(here, "Films", "movie", here.films)
            await _rescan(here, found)
            result = await _result(here)
            assert (result["folders_read"], result["probed"], result["matched"]) == (0, 0, 0)

    async def test_a_second_one_is_refused_while_the_first_waits(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            found = await library(here, "Films", "movie", here.films)
            first = await here.owner.post(f"/v1/libraries/{found['id']}/scan")
            second = await here.owner.post(f"/v1/libraries/{found['id']}/scan")
            assert (first.status, second.status) == (202, 409)
            assert second.json()["workflowId"] == first.json()["workflowId"]

    # Watch state was lost by every rename elsewhere, because it hung on paths.
    async def test_a_moved_file_stays_the_same_title(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            found = await library(here, "Films", "movie", here.films)
            before = (await _movies(here))["Heat"]
            await here.owner.put(f"/v1/movies/{before['id']}/watched")
            shutil.move(here.films / "Heat (1995)", here.films / "Thrillers" / "Heat 1995 remaster")
            await _rescan(here, found)
            result = await _result(here)
            assert (result["moved"], result["missing"]) == (1, 0)
            after = (await _movies(here))["Heat"]
            assert (after["id"], after["userState"]["watched"]) == (before["id"], True)
            assert [one["id"] for one in after["files"]] == [one["id"] for one in before["files"]]

    async def test_a_better_file_keeps_what_was_seen(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            found = await library(here, "Films", "movie", here.films)
            before = (await _movies(here))["Brazil"]
            await here.owner.put(f"/v1/movies/{before['id']}/watched")
            (here.films / "Brazil.1985.720p.BluRay.x264-GRP.mkv").unlink()
            put(here.films, "Brazil.1985.2160p.mkv", film(tone=555, seconds=3))
            await _rescan(here, found)
            after = (await _movies(here))["Brazil"]
            assert (after["id"], after["userState"]["watched"], len(after["files"])) == (before["id"], True, 1)

    async def test_a_file_that_is_gone_is_hidden_and_comes_back(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            found = await library(here, "Films", "movie", here.films)
            before = (await _movies(here))["Heat"]
            away = tmp_path / "away"
            shutil.move(here.films / "Heat (1995)", away)
            await _rescan(here, found)
            assert "Heat" not in await _movies(here)
            missing = (await here.owner.get(f"/v1/libraries/{found['id']}/missing")).json()["items"]
            assert [one["title"] for one in missing] == ["Heat"]
            shutil.move(away, here.films / "Heat (1995)")
            await _rescan(here, found)
            assert (await _movies(here))["Heat"]["id"] == before["id"]


class TestADiskThatIsUnplugged:
    @pytest.mark.parametrize("how", ["gone", "empty"])
    async def test_deletes_nothing(self, tmp_path: Path, how: str) -> None:
        async with world(tmp_path) as here:
            for number in range(20):
                put(here.films, f"Film {number} (2010).strm", content=b"https://example.org/film")
            found = await library(here, "Films", "movie", here.films)
            shutil.move(here.films, tmp_path / "elsewhere")
            if how == "empty":
                here.films.mkdir()
            after = await _rescan(here, found, "full")
            assert after["scanStatus"] == "error"
            assert "path unavailable" in after["scanError"]
            assert after["itemCount"] == 23
            if how == "empty":
                here.films.rmdir()
            shutil.move(tmp_path / "elsewhere", here.films)
            again = await _rescan(here, found)
            assert (again["scanStatus"], again["scanError"], again["itemCount"]) == ("idle", None, 23)


class TestRemovingALibrary:
    async def test_leaves_the_files(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            found = await library(here, "Films", "movie", here.films)
            assert (await here.owner.delete(f"/v1/libraries/{found['id']}")).status == 204
            await here.server.idle()
            assert (await here.owner.get("/v1/movies")).json()["items"] == []
            assert (here.films / "Heat (1995)" / "Heat (1995).mkv").is_file()
            again = await library(here, "Films", "movie", here.films)
            assert again["itemCount"] == 3
