"""@jellyfin/sdk, what Jellyfin's own apps are made with: its calls, its socket, and its types of every answer."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.library.media import film, put
from tests.library.playback.cinema import Cinema, cinema
from tests.server import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEB: Final = Path(__file__).parents[3] / "web"
WALK: Final = Path(__file__).with_name("sdk") / "walk.mjs"
PATIENCE_S: Final = 120


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    folder = tmp_path_factory.mktemp("cinema")
    async with cinema(folder, with_long=True) as found:
        for number in (1, 2, 3):
            put(folder / "shows", f"Scrubs (2001)/Season 1/Scrubs - S01E0{number}.mkv", film(tone=400 + number))
        sent = {"name": "Shows", "type": "tv", "paths": [str(folder / "shows")]}
        assert (await found.owner.post("/v1/libraries", sent)).status == 201
        await found.server.idle()
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walked(house: Cinema) -> dict[str, Any]:
    """What the script has seen; see `walk.mjs`."""
    words = ["--experimental-websocket", "--no-warnings", str(WALK), house.server.url, "owner", PASSWORD, str(WEB)]
    node = Path(sys.executable).with_name("node")  # where the machine's own is too old, `make setup` has put one there
    child = await asyncio.create_subprocess_exec(
        str(node) if node.exists() else "node", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE_S):
        out, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()
    found: dict[str, Any] = json.loads(out)
    return found


class TestTheOfficialSdk:
    async def test_every_answer_is_of_its_types(self, walked: dict[str, Any]) -> None:
        assert walked["wrong"] == []

    # Its makers' servers to come are newer than the one we say we are; it says so, and works.
    async def test_it_finds_the_server_and_signs_in(self, walked: dict[str, Any]) -> None:
        facts = walked["facts"]
        assert facts["issues"] == ["VersionOutdatedIssue"]
        assert (facts["wrongPassword"], facts["isOneServer"]) == (401, True)
        assert (facts["isQuick"], facts["approved"], facts["capabilities"]) == (True, True, 204)
        assert facts["afterwards"] == 401

    async def test_it_browses(self, walked: dict[str, Any]) -> None:
        facts = walked["facts"]
        assert facts["views"] == [["Films", "movies"], ["Shows", "tvshows"]]
        assert facts["films"] == ["Bright", "Broadcast", "Long", "Plain", "Surround"]
        assert (facts["shows"], facts["episodes"]) == (["Scrubs"], [[1, 1], [1, 2], [1, 3]])
        assert facts["film"] == ["Long", 2005, 1, ["Video", "Audio"]]
        assert (facts["hints"], facts["searched"]) == (["Long"], ["Surround"])
        assert facts["picture"] == "image/jpeg"

    async def test_it_marks_and_goes_on(self, walked: dict[str, Any]) -> None:
        facts = walked["facts"]
        assert facts["marks"] == [True, True]
        assert facts["next"] == [["Scrubs", 2]]
        assert facts["favourites"] == ["Long"]
        assert facts["resume"] == [["Long", 150 * 10_000_000]]

    async def test_it_plays_directly_and_by_hls(self, walked: dict[str, Any]) -> None:
        facts = walked["facts"]
        assert facts["direct"] == [True, 206, 100]
        assert facts["transcode"] == [False, "hls", True, True]
        assert facts["subtitles"] is True
        assert facts["nowPlaying"] == ["Long", 120 * 10_000_000, "DirectPlay"]

    async def test_its_socket_tells_what_happens(self, walked: dict[str, Any]) -> None:
        facts = walked["facts"]
        assert facts["toldOfSessions"] == ["Bänk & co", "Living room"]
        assert facts["toldOfMarks"] is True

    async def test_one_device_asks_another(self, walked: dict[str, Any]) -> None:
        facts = walked["facts"]
        assert facts["canControl"] == [True, ["DisplayMessage"]]
        assert facts["told"] == [["Playstate", "Seek"], ["GeneralCommand", "DisplayMessage"], ["Play", "PlayNow"]]
        assert facts["unknownSession"] == 404
