"""The page that tells people what to enter in their players."""

from pathlib import Path

from polycast.core.identity.scopes import Role
from tests.server import running

PAGE = "/polycast/v1/live/outputs"


class TestSomebodyAsksWhereTheirPlayersShouldGo:
    async def test_every_address_is_ours_and_shows_no_secret(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            guest = await server.client(Role.GUEST)
            told = (await guest.get(PAGE)).json()
        assert {item["kind"] for item in told["items"]} == {"m3u", "xmltv", "hdhr", "xtream"}
        assert all(item["url"].startswith(server.url) for item in told["items"])
        assert all(
            ("{password}" in item["url"]) == item["needs_password"]
            for item in told["items"]
            if item["kind"] != "xtream"
        )
        assert (told["username"], told["reachable"]) == ("guest", False)
        assert "HOST=0.0.0.0" in told["warning"]

    async def test_a_profile_narrows_what_needs_no_password(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client()
            made = (await owner.post("/api/channels/profiles/", {"name": "Kids room"})).json()
            told = (await owner.get(f"{PAGE}?profile={made['id']}")).json()
            missing = await owner.get(f"{PAGE}?profile=999")
        assert f"{server.url}/output/m3u/Kids%20room" in {item["url"] for item in told["items"]}
        assert missing.status == 404

    async def test_nobody_in_particular_is_told_nothing(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            assert (await server.get(PAGE)).status == 401
