"""Bytes of what was acquired, by every way that leads to them."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import pytest_asyncio

from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Place:
    """A server with two accounts, and a release at the first."""

    def __init__(self, world: World, first: RealDebrid, second: RealDebrid) -> None:
        self.world = world
        self.first = first
        self.second = second
        self.count = 0

    async def acquired(self, files: Any = (("movie.mkv", 3_000_000),), **form: str) -> Release:
        self.count += 1
        made = release(f"Open.Movie.{self.count}", files)
        self.first.know(made)
        self.second.know(made)
        await self.world.acquired(made.magnet, **form)
        return made

    def paths(self, made: Release, name: str = "movie.mkv") -> list[str]:
        folder = quote(made.name)
        return [
            f"/webdav/__all__/{folder}/{name}",
            f"/webdav/stream/__all__/{folder}/{name}",
            f"/api/browse/download/{folder}/{name}",
            f"/acquire/webdav/realdebrid/{folder}/{name}",
            f"/acquire/api/browse/download/{folder}/{name}",
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with real_debrid() as first, real_debrid() as second:
        second.keys = {"second-key-canary"}
        debrids = [
            {"provider": "realdebrid", "name": "realdebrid", "api_key": "rd-key-canary", "base_url": first.base_url},
            {"provider": "realdebrid", "name": "other", "api_key": "second-key-canary", "base_url": second.base_url},
        ]
        async with world_of(tmp_path_factory.mktemp("files"), debrids=debrids) as world:
            yield Place(world, first, second)


@pytest.fixture(autouse=True)
def _healthy(place: Place) -> None:
    for fake in (place.first, place.second):
        fake.cdn_down, fake.cdn_status, fake.cdn_drops_after = False, None, None


class TestWholeFiles:
    async def test_every_way_leads_to_the_same_bytes(self, place: Place) -> None:
        made = await place.acquired()
        digests = set()
        for path in place.paths(made):
            answer = await place.world.bearer.get(path)
            assert answer.status == 200
            assert answer.headers["content-length"] == "3000000"
            digests.add(hashlib.sha256(answer.body).hexdigest())
        assert digests == {hashlib.sha256(made.files[0][1]).hexdigest()}

    async def test_a_link_points_to_the_file_of_the_same_name_in_the_tree(self, place: Place) -> None:
        made = await place.acquired()
        [link] = (place.world.folder / "radarr" / made.name).iterdir()
        inside = str(link.readlink()).removeprefix("/mnt/acquire")
        answer = await place.world.bearer.get(f"/webdav{quote(inside)}")
        assert answer.body == made.files[0][1]

    async def test_the_providers_address_is_in_no_header(self, place: Place) -> None:
        made = await place.acquired()
        answer = await place.world.bearer.get(place.paths(made)[2])
        assert str(place.first.port) not in str(dict(answer.headers))
        assert answer.headers["content-disposition"] == 'attachment; filename="movie.mkv"'

    async def test_a_strm_file_holds_a_link_that_needs_nothing_else(self, place: Place) -> None:
        made = await place.acquired(category="strm", sequentialDownload="false")
        await place.world.configure(default_download_action="strm")
        again = await place.acquired(files=(("other film.mkv", 10_000),), category="strm")
        await place.world.configure(default_download_action="symlink")
        assert made.name != again.name
        text = (place.world.folder / "strm" / again.name / "other film.mkv.strm").read_text().strip()
        parts = urlsplit(text)
        answer = await place.world.server.get(f"{parts.path}?{parts.query}")
        assert answer.body == again.files[0][1]
        wrong = await place.world.server.get(f"{parts.path}?{parts.query[:-4]}0000")
        assert wrong.status == 401

    async def test_a_download_is_a_real_file(self, place: Place) -> None:
        made = await place.acquired(sequentialDownload="true")
        path: Path = place.world.folder / "radarr" / made.name / "movie.mkv"
        assert path.read_bytes() == made.files[0][1]
        assert not path.is_symlink()
        reads = len(place.first.cdn_reads)
        answer = await place.world.bearer.get(place.paths(made)[0], headers={"Range": "bytes=100-199"})
        assert answer.body == made.files[0][1][100:200]
        assert len(place.first.cdn_reads) == reads


class TestRanges:
    async def test_random_ranges_are_those_of_the_source(self, place: Place) -> None:
        made = await place.acquired()
        source, chance = made.files[0][1], random.Random(7)
        for path in place.paths(made)[:3]:
            for _ in range(12):
                start = chance.randrange(len(source))
                end = min(len(source), start + chance.randrange(1, 700_000))
                answer = await place.world.bearer.get(path, headers={"Range": f"bytes={start}-{end - 1}"})
                assert answer.status == 206
                assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(source)}"
                assert answer.body == source[start:end]

    @pytest.mark.parametrize(
        ("wanted", "status", "start", "end"),
        [
            ("bytes=-1000", 206, 2_999_000, 3_000_000),
            ("bytes=2999990-", 206, 2_999_990, 3_000_000),
            ("bytes=0-0", 206, 0, 1),
            ("bytes=0-99999999", 206, 0, 3_000_000),
            ("bytes=3000000-", 416, 0, 0),
            ("lines=1-2", 200, 0, 3_000_000),
        ],
    )
    async def test_the_ends(self, place: Place, wanted: str, status: int, start: int, end: int) -> None:
        made = await place.acquired()
        answer = await place.world.bearer.get(place.paths(made)[0], headers={"Range": wanted})
        assert answer.status == status
        assert answer.body == made.files[0][1][start:end]

    async def test_a_head_asks_no_provider(self, place: Place) -> None:
        made = await place.acquired()
        calls, reads = len(place.first.calls), len(place.first.cdn_reads)
        answer = await place.world.bearer.ask("HEAD", place.paths(made)[0])
        assert (answer.status, answer.headers["content-length"]) == (200, "3000000")
        assert (len(place.first.calls), len(place.first.cdn_reads)) == (calls, reads)

    async def test_who_has_it_is_not_sent_it_again(self, place: Place) -> None:
        made = await place.acquired()
        path = place.paths(made)[0]
        tag = (await place.world.bearer.ask("HEAD", path)).headers["etag"]
        answer = await place.world.bearer.get(path, headers={"If-None-Match": tag})
        assert (answer.status, answer.body) == (304, b"")


class TestTroubleWhileReading:
    async def test_one_link_is_asked_for_once_however_many_read(self, place: Place) -> None:
        made = await place.acquired()
        path = place.paths(made)[0]
        answers = await asyncio.gather(
            *(
                place.world.bearer.get(path, headers={"Range": f"bytes={at}-{at + 999}"})
                for at in range(0, 20_000, 1000)
            )
        )
        assert b"".join(answer.body for answer in answers) == made.files[0][1][:20_000]
        assert place.first.calls.count("POST /unrestrict/link") == _links_before(place) + 1

    async def test_a_connection_that_breaks_is_taken_up_where_it_was(self, place: Place) -> None:
        made = await place.acquired()
        place.first.cdn_drops_after = 1_200_000
        answer = await place.world.bearer.get(place.paths(made)[0])
        assert answer.body == made.files[0][1]

    async def test_an_expired_link_is_asked_for_anew(self, place: Place) -> None:
        made = await place.acquired()
        path = place.paths(made)[0]
        await place.world.bearer.get(path, headers={"Range": "bytes=0-9"})
        place.first.expire_links()
        answer = await place.world.bearer.get(path)
        assert answer.body == made.files[0][1]

    async def test_another_account_takes_over_in_the_middle(self, place: Place) -> None:
        made = release(f"Open.Movie.Twice.{place.count}", (("movie.mkv", 6_000_000),))
        place.first.know(made)
        place.second.know(made)
        await place.world.acquired(made.magnet)
        await place.world.bearer.post(f"/api/torrents/{made.info_hash}/switch", {"target": "other", "keep_old": True})
        await place.world.server.idle()
        shown = (await place.world.bearer.get(f"/api/torrents/{made.info_hash}")).json()
        assert set(shown["providers"]) == {"realdebrid", "other"}
        async with place.world.server.session.get(
            place.world.url + place.paths(made)[0], headers=place.world.bearer.headers
        ) as answer:
            first = await answer.content.readexactly(1_000_000)
            place.second.cdn_down = True
            rest = await answer.content.read()
        assert first + rest == made.files[0][1]

    async def test_what_nobody_has_is_told_before_anything_is_sent(self, place: Place) -> None:
        made = await place.acquired()
        place.first.cdn_status = 404
        place.first.releases.pop(made.info_hash)
        place.second.releases.pop(made.info_hash)
        answer = await place.world.bearer.get(f"/api/browse/download/{made.name}/movie.mkv")
        assert answer.status == 412
        assert answer.json()["code"] == 412

    async def test_a_file_that_is_not_there_is_404(self, place: Place) -> None:
        made = await place.acquired()
        answer = await place.world.bearer.get(f"/api/browse/download/{made.name}/none.mkv")
        assert (answer.status, answer.json()) == (
            404,
            {"error": "The file was not found.", "code": 404, "status": 404},
        )


def _links_before(place: Place) -> int:
    """Links asked for by the tests before: each of them reads its own file."""
    return place.first.calls[: _last_select(place)].count("POST /unrestrict/link")


def _last_select(place: Place) -> int:
    return max(number for number, call in enumerate(place.first.calls) if "selectFiles" in call)
