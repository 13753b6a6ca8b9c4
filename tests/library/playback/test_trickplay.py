"""Small pictures for the seek bar."""

import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from tests.library.playback.cinema import Cinema, cinema

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema")) as found:
        yield found


class TestTheSeekBar:
    async def test_is_told_what_there_is(self, house: Cinema) -> None:
        answer = await house.owner.get(f"/api/trickplay/movie/{house.ids['Surround']}/manifest.json")
        assert answer.json() == {
            "interval": 10, "width": 320, "height": 180, "columns": 5, "rows": 20, "count": 2, "sprites": ["0.jpg"],
        }  # fmt: skip

    async def test_gets_a_sheet_with_different_pictures(self, house: Cinema) -> None:
        answer = await house.owner.get(f"/api/trickplay/movie/{house.ids['Surround']}/0.jpg")
        sheet = Image.open(io.BytesIO(answer.body))
        first, second = sheet.crop((0, 0, 320, 180)), sheet.crop((320, 0, 640, 180))
        assert (answer.headers["content-type"], sheet.size) == ("image/jpeg", (1600, 180))
        assert first.tobytes() != second.tobytes()

    async def test_a_player_of_webvtt_finds_its_way(self, house: Cinema) -> None:
        answer = await house.owner.get(f"/api/trickplay/movie/{house.ids['Surround']}/thumbs.vtt")
        assert answer.text() == (
            "WEBVTT\n\n00:00:00.000 --> 00:00:10.000\n0.jpg#xywh=0,0,320,180\n"
            "\n00:00:10.000 --> 00:00:20.000\n0.jpg#xywh=320,0,320,180\n"
        )

    async def test_the_original_sprite_is_there_too(self, house: Cinema) -> None:
        answer = await house.owner.get(f"/api/trickplay/movie/{house.ids['Plain']}/sprite_640x360.jpg")
        assert Image.open(io.BytesIO(answer.body)).size == (3200, 360)

    async def test_it_is_for_those_who_may_see_the_film(self, house: Cinema) -> None:
        base = f"/api/trickplay/movie/{house.ids['Plain']}"
        nobody, member = await house.server.get(f"{base}/0.jpg"), await house.member.get(f"{base}/0.jpg")
        beyond, strange = await house.owner.get(f"{base}/7.jpg"), await house.owner.get(f"{base}/x.exe")
        forbidden = await house.member.post(f"{base}/regenerate")
        again = await house.owner.post(f"{base}/regenerate")
        assert [one.status for one in (nobody, member, beyond, strange, forbidden, again)] == [
            401,
            404,
            404,
            404,
            403,
            204,
        ]
