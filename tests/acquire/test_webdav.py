"""The tree and the inbox over WebDAV, with rclone and litmus."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from polycast.core.identity.scopes import Role
from polycast.core.xmlin import read_xml
from tests.acquire.world import World, world_of
from tests.fakes.real_debrid import RealDebrid, real_debrid
from tests.fakes.releases import Release, release
from tests.server import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAV = "{DAV:}"


class Place:
    def __init__(self, world: World, debrid: RealDebrid, made: Release) -> None:
        self.world = world
        self.debrid = debrid
        self.made = made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with real_debrid() as debrid:
        account = {
            "provider": "realdebrid",
            "name": "realdebrid",
            "api_key": "rd-key-canary",
            "base_url": debrid.base_url,
        }
        async with world_of(tmp_path_factory.mktemp("dav"), debrids=[account]) as world:
            made = debrid.know(release("Ünder & <over>", (("a b.mkv", 700_000), ("c.mkv", 20_000))))
            await world.acquired(made.magnet)
            yield Place(world, debrid, made)


async def hrefs(world: World, path: str, depth: str = "1") -> list[str]:
    answer = await world.bearer.ask("PROPFIND", path, headers={"Depth": depth})
    assert answer.status == 207, answer.text()
    root = read_xml(answer.body, namespaces=True)
    return [one.text_of(f"{DAV}href") for one in root.all(f"{DAV}response")]


class TestListing:
    async def test_the_root_has_the_groups(self, place: Place) -> None:
        found = await hrefs(place.world, "/webdav/")
        assert found[0] == "/webdav/"
        assert {"/webdav/__all__/", "/webdav/__bad__/", "/webdav/radarr/", "/webdav/inbox/"} <= set(found)
        assert "/webdav/version.txt" in found

    async def test_names_are_encoded_and_carry_the_prefix(self, place: Place) -> None:
        [own, *files] = await hrefs(place.world, "/acquire/webdav/__all__/%C3%9Cnder%20%26%20%3Cover%3E/")
        assert own == "/acquire/webdav/__all__/%C3%9Cnder%20&%20%3Cover%3E/"
        assert [one.rpartition("/")[2] for one in files] == ["a%20b.mkv", "c.mkv"]

    async def test_no_provider_is_asked(self, place: Place) -> None:
        calls = len(place.debrid.calls)
        await hrefs(place.world, "/webdav/__all__/")
        await hrefs(place.world, "/webdav/__all__/%C3%9Cnder%20%26%20%3Cover%3E/c.mkv", "0")
        assert len(place.debrid.calls) == calls

    async def test_infinity_is_refused(self, place: Place) -> None:
        answer = await place.world.bearer.ask("PROPFIND", "/webdav/", headers={"Depth": "infinity"})
        assert answer.status == 403
        assert "propfind-finite-depth" in answer.text()

    async def test_props_by_name(self, place: Place) -> None:
        body = (
            b'<?xml version="1.0"?><D:propfind xmlns:D="DAV:" xmlns:x="urn:x"><D:prop><D:getcontentlength/><x:none/>'
            b"</D:prop></D:propfind>"
        )
        path = "/webdav/__all__/%C3%9Cnder%20%26%20%3Cover%3E/c.mkv"
        answer = await place.world.bearer.ask("PROPFIND", path, headers={"Depth": "0"}, data=body)
        assert "<d:getcontentlength>20000</d:getcontentlength>" in answer.text()
        assert "404 Not Found" in answer.text()
        broken = await place.world.bearer.ask("PROPFIND", path, headers={"Depth": "0"}, data=b"<no")
        assert broken.status == 400

    async def test_options_and_what_is_read_only(self, place: Place) -> None:
        answer = await place.world.bearer.ask("OPTIONS", "/webdav/")
        assert answer.headers["dav"] == "1, 2"
        for method in ("PUT", "MKCOL", "DELETE", "PROPPATCH"):
            refused = await place.world.bearer.ask(method, "/webdav/__all__/x")
            assert refused.status == 403, method
        lock = await place.world.bearer.ask("LOCK", "/webdav/__all__/x")
        assert lock.status == 200

    async def test_strangers(self, place: Place) -> None:
        answer = await place.world.server.ask("PROPFIND", "/webdav/")
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
        off = await place.world.bearer.get("/webdav/none-such/")
        assert off.status == 404


@pytest.mark.needs_tool("rclone")
class TestRclone:
    async def run(self, place: Place, *words: str) -> str:
        port = place.world.url.rpartition(":")[2]
        secret = subprocess.run(["rclone", "obscure", place.world.token], capture_output=True, text=True, check=True)
        remote = f":webdav,url='http://127.0.0.1:{port}/webdav',vendor=other,user=owner,pass={secret.stdout.strip()}:"
        argv = ["rclone", "--config", "/dev/null", *(word.replace("REMOTE", remote) for word in words)]
        done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def test_it_lists_copies_and_checks(self, place: Place, tmp_path: Path) -> None:
        listed = await self.run(place, "lsf", "-R", "REMOTE__all__")
        assert f"{place.made.name}/a b.mkv" in listed.splitlines()
        await self.run(place, "copy", f"REMOTE__all__/{place.made.name}", str(tmp_path))
        assert (tmp_path / "a b.mkv").read_bytes() == place.made.files[0][1]
        await self.run(place, "check", "--download", f"REMOTE__all__/{place.made.name}", str(tmp_path))


class TestTheInbox:
    @pytest.mark.needs_tool("litmus")
    async def test_litmus(self, place: Place, tmp_path: Path) -> None:
        url = f"{place.world.url}/webdav/inbox/"
        argv = ["litmus", url, "owner", PASSWORD]
        env = {"TESTS": "basic copymove props", "PATH": "/usr/bin:/bin"}
        done = await asyncio.to_thread(
            subprocess.run, argv, capture_output=True, text=True, env=env, cwd=tmp_path, timeout=60, errors="replace"
        )
        summaries = [line for line in done.stdout.splitlines() if "summary for" in line]
        assert len(summaries) == 3, done.stdout
        assert all("100.0%" in line for line in summaries), done.stdout

    async def test_a_dropped_torrent_is_added(self, place: Place) -> None:
        made = place.debrid.know(release("Dropped.Film", (("movie.mkv", 9_000),)))
        assert (await place.world.bearer.ask("MKCOL", "/webdav/inbox/sonarr")).status == 201
        answer = await place.world.bearer.ask("PUT", "/webdav/inbox/sonarr/x.torrent", data=made.torrent)
        assert answer.status == 201
        shown = await place.world.until(made.info_hash, "pausedUP")
        assert shown["category"] == "sonarr"
        assert await hrefs(place.world, "/webdav/inbox/sonarr/") == ["/webdav/inbox/sonarr/"]

    @pytest.mark.parametrize("name", ["..%2f..%2fx", "%2e%2e/x", "a%00b", "..\\x"])
    async def test_names_that_lead_out(self, place: Place, name: str) -> None:
        answer = await place.world.bearer.ask("PUT", f"/webdav/inbox/{name}", data=b"x")
        assert answer.status in (400, 403, 404)

    async def test_a_member_may_not_write(self, place: Place) -> None:
        member = await place.world.server.client(name="a-member", role=Role.MEMBER)
        assert (await member.ask("PUT", "/webdav/inbox/x.txt", data=b"x")).status == 403
