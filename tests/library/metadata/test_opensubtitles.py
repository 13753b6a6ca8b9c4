"""Subtitles that others have: found by what the file is, kept like those of our own."""

from pathlib import Path

from tests.fakes.json_service import serving
from tests.fakes.opensubtitles import KEY, FakeOpenSubtitles
from tests.library.world import World, library, world


def _settings(fake: FakeOpenSubtitles, **more: str) -> dict[str, str]:
    told = {"opensubtitles_api_key": KEY, "opensubtitles_url": fake.address, "jellyfin_enabled": "false"}
    return {f"library__{name}": value for name, value in (told | more).items()}


async def _heat(here: World) -> str:
    await library(here, "Films", "movie", here.films)
    [found] = (await here.owner.get("/v1/movies?search=heat")).json()["items"]
    return f"/v1/subtitles/movie/{found['id']}"


class TestSearching:
    async def test_a_match_by_hash_is_first_and_machines_are_last(self, tmp_path: Path) -> None:
        async with serving(FakeOpenSubtitles()) as fake, world(tmp_path, **_settings(fake)) as here:
            path = await _heat(here)
            found = (await here.owner.get(f"{path}/search?language=en,de")).json()["items"]
            assert [(one["fileId"], one["hashMatch"], one["aiTranslated"]) for one in found] == [
                (3, True, False), (4, False, False), (1, False, False), (2, False, True),
            ]  # fmt: skip
            assert found[0]["score"] == 1.0
            [asked] = [one for one in fake.questions if one.path.endswith("/subtitles")]
            assert asked.query["languages"] == "de,en"
            assert (asked.query["query"], asked.query["type"], asked.query["year"]) == ("heat", "movie", "1995")

    async def test_without_a_key_it_says_so(self, tmp_path: Path) -> None:
        async with world(tmp_path, library__jellyfin_enabled="false") as here:
            answer = await here.owner.get(f"{await _heat(here)}/search?language=en")
            assert (answer.status, answer.json()["error"]) == (503, "There is no key for OpenSubtitles.")

    async def test_another_person_s_titles_are_not_there(self, tmp_path: Path) -> None:
        async with serving(FakeOpenSubtitles()) as fake, world(tmp_path, **_settings(fake)) as here:
            answer = await here.owner.get(f"/v1/subtitles/movie/{'x' * 21}/search?language=en")
            assert answer.status == 404
            assert not fake.questions


class TestDownloading:
    async def test_the_words_are_kept_and_shown(self, tmp_path: Path) -> None:
        more = {"opensubtitles_username": "ada", "opensubtitles_password": "lovelace"}
        async with serving(FakeOpenSubtitles()) as fake, world(tmp_path, **_settings(fake, **more)) as here:
            path = await _heat(here)
            await here.owner.get(f"{path}/search?language=en")
            got = await here.owner.post(f"{path}/download", {"provider": "opensubtitles", "fileId": 4})
            assert got.status == 201, got.text()
            track = got.json()
            assert (track["source"], track["language"], track["format"], track["hearingImpaired"]) == (
                "downloaded", "en", "srt", True,
            )  # fmt: skip
            tracks = (await here.owner.get(path)).json()["items"]
            assert track["id"] in [one["id"] for one in tracks]
            assert fake.times("POST", "/login") == 1

    async def test_a_used_quota_is_told_and_not_asked_about_again(self, tmp_path: Path) -> None:
        async with serving(FakeOpenSubtitles()) as fake, world(tmp_path, **_settings(fake)) as here:
            path = await _heat(here)
            fake.left = 0
            said = ["You have downloaded your allowed 20 subtitles for 24h.", "The downloads of the day are used up."]
            for words in said:
                got = await here.owner.post(f"{path}/download", {"fileId": 1})
                assert (got.status, got.json()["error"]) == (429, words)
                assert got.json()["resetTime"] == "2030-01-01T00:00:00.000Z"
                assert int(got.headers["retry-after"]) > 3600
            assert fake.times("POST", "/download") == 1

    async def test_what_are_no_subtitles_is_refused(self, tmp_path: Path) -> None:
        async with serving(FakeOpenSubtitles()) as fake, world(tmp_path, **_settings(fake)) as here:
            path = await _heat(here)
            fake.content = b"<html>advertising</html>"
            got = await here.owner.post(f"{path}/download", {"fileId": 1})
            assert (got.status, got.json()["details"][0]["path"]) == (422, "fileId")
