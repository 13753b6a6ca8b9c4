"""Accounts brought over from another host. Source: `specs/radio.md` 3.7, 5.5."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes.ssh_host import OldHost, openssh_host, ssh_host
from tests.radio.songs import song
from tests.radio.world import FORBIDDEN, NOBODY, World, hosting

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHECK, TRANSFER = "/api/v1/before_migration_check/", "/api/v1/migration_file_transfer/"
ROOT = {"host": "127.0.0.1", "username": "root", "password": "let-me-in"}


OPENSSH = [pytest.mark.needs_tool("sshd"), pytest.mark.needs_kernel]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["asyncssh", pytest.param("openssh", marks=OPENSSH)]
)
async def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OldHost]:
    """The machine that customers come from, under two servers."""
    host = ssh_host if request.param == "asyncssh" else openssh_host
    async with host(tmp_path_factory.mktemp("old"), root="let-me-in") as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(old: OldHost, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Ours; a new one for each of them, because customers come once."""
    async with hosting(tmp_path_factory.mktemp("migration")) as world:
        yield world


def fill(old: OldHost, user: str, count: int) -> None:
    """A customer's home as the original lays it out."""
    home = old.root / "var" / "users" / user
    (home / "media" / "Server_7" / "Rock").mkdir(parents=True)
    (home / "jingles").mkdir()
    (home / "jingles" / "hello.mp3").write_bytes(b"jingle")
    (home / "media" / "link.mp3").symlink_to("/etc/passwd")
    for number in range(count):
        (home / "media" / "Server_7" / "Rock" / f"{number}.mp3").write_bytes(song(title=f"Old {number}"))


def params(old: OldHost, **more: str) -> dict[str, str]:
    return ROOT | {"port": str(old.port)} | more


class TestTheCheck:
    async def test_a_session_opens(self, world: World, old: OldHost) -> None:
        got = await world.admin.get(CHECK, params=params(old))
        assert (got.status, got.json()) == (200, {"success": True})
        got = await world.admin.ask("POST", CHECK, data=params(old, fingerprint=old.fingerprint))
        assert (got.status, got.json()) == (200, {"success": True})

    @pytest.mark.parametrize(
        ("more", "word"),
        [({"password": "wrong"}, "auth"), ({"port": "1"}, "connect"), ({"fingerprint": "SHA256:other"}, "hostkey")],
    )
    async def test_why_not(self, world: World, old: OldHost, more: dict[str, str], word: str) -> None:
        for method, how in (("GET", "params"), ("POST", "data")):
            got = await world.admin.ask(method, CHECK, **{how: params(old, **more)})
            assert (got.status, got.json()) == (500, {"success": False, "error": word})

    async def test_another_key_than_before_is_refused(self, world: World, tmp_path: Path) -> None:
        async with ssh_host(tmp_path, root="let-me-in") as first:
            assert (await world.admin.get(CHECK, params=params(first))).status == 200
        async with ssh_host(tmp_path, port=first.port, root="let-me-in") as second:
            got = await world.admin.get(CHECK, params=params(second))
            assert (got.status, got.json()) == (500, {"success": False, "error": "hostkey"})

    async def test_a_host_without_sftp(self, world: World, tmp_path: Path) -> None:
        async with ssh_host(tmp_path, sftp=False, root="let-me-in") as bare:
            got = await world.admin.get(CHECK, params=params(bare))
            assert (got.status, got.json()) == (500, {"success": False, "error": "sftp"})

    async def test_what_is_missing(self, world: World) -> None:
        needed = {name: ["required"] for name in ("host", "username", "password")}
        for method in ("GET", "POST"):
            got = await world.admin.ask(method, CHECK)
            assert (got.status, got.json()) == (400, needed)
            got = await world.admin.ask(method, TRANSFER)
            assert (got.status, got.json()) == (400, needed | {"user": ["required"]})

    async def test_it_is_for_admins(self, world: World) -> None:
        await world.reseller("reader")
        client = await world.signed_in("reader", "respass")
        for method, path in (("GET", CHECK), ("POST", CHECK), ("GET", TRANSFER), ("POST", TRANSFER)):
            got = await client.ask(method, path)
            assert (got.status, got.json()) == (403, FORBIDDEN)
            got = await world.server.ask(method, path)
            assert (got.status, got.json()) == (401, NOBODY)


class TestTheTransfer:
    async def files(self, world: World, pk: int) -> list[str]:
        folder = world.server.house.core.data_dir / "radio" / "accounts" / str(pk)
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    async def station(self, world: World, username: str) -> tuple[int, Any]:
        client = await world.signed_in(username, "initpass")
        [server] = (await client.get("/radio/api/v2/servers/")).json()
        return server["id"], client

    async def test_music_comes_to_our_station_and_is_found(self, world: World, old: OldHost) -> None:
        made = await world.broadcaster("moved")
        fill(old, "moved", 10)
        got = await world.admin.get(TRANSFER, params=params(old, user="moved"))
        assert (got.status, got.json()) == (200, {"success": True, "files": 11})
        await world.server.idle()
        server, client = await self.station(world, "moved")
        files = await self.files(world, made["pk"])
        assert files == ["jingles/hello.mp3", *[f"media/Server_{server}/Rock/{n}.mp3" for n in range(10)]]
        page = (await client.get(f"/radio/api/v2/music/?server={server}")).json()
        assert page["count"] == 10
        assert {row["title"] for row in page["results"]} == {f"Old {number}" for number in range(10)}
        again = await world.admin.ask("POST", TRANSFER, data=params(old, user="moved"))
        assert (again.status, again.json()) == (200, {"success": True, "files": 0})

    async def test_it_goes_on_where_it_stopped(self, world: World, old: OldHost) -> None:
        made = await world.broadcaster("resumed")
        fill(old, "resumed", 1)
        server, _ = await self.station(world, "resumed")
        folder = world.server.house.core.data_dir / "radio" / "accounts" / str(made["pk"]) / "media"
        part = folder / f"Server_{server}" / "Rock" / "0.mp3.part"
        part.parent.mkdir(parents=True)
        part.write_bytes(song(title="Old 0")[:1000])
        got = await world.admin.ask("POST", TRANSFER, data=params(old, user="resumed"))
        assert got.json() == {"success": True, "files": 2}
        assert (part.parent / "0.mp3").read_bytes() == song(title="Old 0")
        assert not part.exists()

    async def test_as_a_job(self, world: World, old: OldHost) -> None:
        made = await world.broadcaster("behind")
        fill(old, "behind", 2)
        got = (await world.admin.ask("POST", TRANSFER, data=params(old, user="behind", background="1"))).json()
        assert got == {"success": True, "job": got["job"]}
        await world.server.idle()
        assert len(await self.files(world, made["pk"])) == 3

    async def test_what_is_wrong(self, world: World, old: OldHost) -> None:
        got = await world.admin.get(TRANSFER, params=params(old, user="nobody"))
        assert got.status == 404
        await world.broadcaster("tiny", limit_du=1)
        fill(old, "tiny", 1)
        (old.root / "var/users/tiny/htdocs").mkdir()
        (old.root / "var/users/tiny/htdocs/big").write_bytes(bytes(1_100_000))
        got = await world.admin.get(TRANSFER, params=params(old, user="tiny"))
        assert (got.status, got.json()) == (400, {"non_field_errors": ["disk_quota_exceeded"]})
        got = await world.admin.get(TRANSFER, params=params(old, user="tiny", password="wrong"))
        assert (got.status, got.json()) == (500, {"success": False, "error": "auth"})
