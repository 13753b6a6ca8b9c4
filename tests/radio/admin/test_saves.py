"""Backups of accounts: real archives, restored where keys and ports are taken. Source: `specs/radio.md` 3.3, 5.5."""

import io
import json
import os
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from polycast.core.jobs import Tick
from polycast.radio.stations.store_setup import SetupStore
from tests.radio.world import FORBIDDEN, NOT_FOUND, World, hosting

pytestmark = pytest.mark.asyncio(loop_scope="module")
ALL = "/api/v1/broadcasters/"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with hosting(tmp_path_factory.mktemp("saves")) as world:
        yield world


async def setup_of(world: World, pk: int) -> Any:
    core = world.server.house.core
    [found] = await core.db.read(SetupStore(core.secrets).of_account, pk)
    return found


async def saved(world: World, username: str, *, quick: bool = False, **fields: Any) -> tuple[dict[str, Any], bytes]:
    """A customer with a song, and the archive of both."""
    made = await world.broadcaster(username, **fields)
    media = (await media_of(world, made["pk"])) / "Rock"
    media.mkdir(parents=True)
    (media / "Привет.mp3").write_bytes(b"song" * 1000)
    place = f"{ALL}{made['pk']}/"
    got = await world.admin.post(f"{place}backup/", {"action": "backup", "backup_quick": quick})
    assert (got.status, got.json()["backup_status"]) == (200, 1)
    await world.server.idle()
    assert (await world.admin.get(place)).json()["backup_status"] == 3
    ticket = (await world.admin.post(f"{place}backup_token/")).json()["token"]
    archive = await world.server.get(f"{place}download_backup/", params={"t": ticket})
    assert archive.status == 200
    return made, archive.body


async def media_of(world: World, pk: int) -> Path:
    station = (await setup_of(world, pk)).station.id
    return world.server.house.core.data_dir / "radio" / "accounts" / str(pk) / "media" / f"Server_{station}"


class TestAnArchive:
    async def test_is_one_that_tar_reads(self, world: World) -> None:
        made, archive = await saved(world, "kept")
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            names = packed.getnames()
            manifest = json.load(packed.extractfile("manifest.json"))  # type: ignore[arg-type]
        station = (await setup_of(world, made["pk"])).station.id
        assert f"media/Server_{station}/Rock/Привет.mp3" in names
        assert {"account.json", "db/stations.jsonl", "db/channels.jsonl", "manifest.json"} <= set(names)
        assert (manifest["username"], manifest["quick"], manifest["files"]) == ("kept", False, len(names) - 1)

    async def test_a_quick_one_has_no_music(self, world: World) -> None:
        _, archive = await saved(world, "quickly", quick=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            assert not [name for name in packed.getnames() if name.startswith("media/")]

    async def test_is_sent_in_parts_too(self, world: World) -> None:
        made, archive = await saved(world, "parted")
        token = world.admin.headers["X-API-Key"]
        place = f"{ALL}{made['pk']}/download_backup/"
        got = await world.server.get(place, params={"t": token}, headers={"Range": "bytes=0-99"})
        assert (got.status, got.body, got.headers["content-type"]) == (206, archive[:100], "application/gzip")
        assert 'filename="parted.tar.gz"' in got.headers["content-disposition"]

    async def test_who_may_not_have_it(self, world: World) -> None:
        made, _ = await saved(world, "private")
        place = f"{ALL}{made['pk']}/download_backup/"
        for params in ({}, {"t": "nonsense"}):
            got = await world.server.get(place, params=params)
            assert (got.status, got.json()) == (403, FORBIDDEN)
        await world.reseller("nosy")
        nosy = await world.signed_in("nosy", "respass")
        token = nosy.headers["Authorization"].removeprefix("Token ")
        got = await world.server.get(place, params={"t": token})
        assert (got.status, got.json()) == (404, NOT_FOUND)
        for method, path in (("POST", f"{ALL}{made['pk']}/backup/"), ("POST", f"{ALL}{made['pk']}/backup_token/")):
            got = await nosy.ask(method, path, json={"action": "backup"})
            assert (got.status, got.json()) == (404, NOT_FOUND)

    async def test_there_is_none_yet(self, world: World) -> None:
        made = await world.broadcaster("unsaved")
        got = await world.server.get(
            f"{ALL}{made['pk']}/download_backup/", params={"t": world.admin.headers["X-API-Key"]}
        )
        assert (got.status, got.json()) == (404, NOT_FOUND)


class TestWhatIsAsked:
    async def test_the_schedule(self, world: World) -> None:
        made = await world.broadcaster("scheduled")
        other = await world.broadcaster("scheduled2")
        place = f"{ALL}{made['pk']}/backup/"
        got = (await world.admin.post(place, {"action": "save", "when": 1, "type": 0})).json()
        assert (got["backup_auto_when"], got["backup_auto_type"]) == (1, 0)
        await world.admin.ask("POST", place, data={"action": "save", "when": "2", "type": "1", "all": "true"})
        got = (await world.admin.get(f"{ALL}{other['pk']}/")).json()
        assert (got["backup_auto_when"], got["backup_auto_type"]) == (2, 1)

    @pytest.mark.parametrize(
        ("sent", "body"),
        [
            ({"action": "explode"}, {"action": ["invalid_choice"]}),
            ({}, {"action": ["invalid_choice"]}),
            ({"action": "save", "when": 9}, {"when": ["max_value"]}),
            ({"action": "restore", "file": "../other.tar.gz"}, {"file": ["does_not_exist"]}),
        ],
    )
    async def test_what_is_wrong(self, world: World, sent: dict[str, Any], body: dict[str, Any]) -> None:
        [made] = [row for row in (await world.admin.get(ALL)).json() if row["username"] == "asked"] or [
            await world.broadcaster("asked")
        ]
        got = await world.admin.post(f"{ALL}{made['pk']}/backup/", sent)
        assert (got.status, got.json()) == (400, body)


class TestComingBack:
    async def test_to_what_it_was(self, world: World) -> None:
        made, _ = await saved(world, "undone")
        song = (await media_of(world, made["pk"])) / "Rock" / "Привет.mp3"
        song.unlink()
        before = await setup_of(world, made["pk"])
        sent = {"action": "restore", "file": "undone.tar.gz"}
        got = await world.admin.post(f"{ALL}{made['pk']}/backup/", sent)
        assert got.json()["backup_status"] == 5
        await world.server.idle()
        after = await setup_of(world, made["pk"])
        assert (await world.admin.get(f"{ALL}{made['pk']}/")).json()["backup_status"] == 3
        assert after.secrets == before.secrets
        assert ((await media_of(world, made["pk"])) / "Rock" / "Привет.mp3").read_bytes() == b"song" * 1000

    async def drop_in(self, world: World, name: str, archive: bytes) -> None:
        """A file in the restore folder, old enough to be whole, found by the job that looks there."""
        core = world.server.house.core
        folder = core.data_dir / "radio" / "restore"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(archive)
        os.utime(folder / name, (1, 1))
        await core.db.write(core.queue.put, "radio.watch_restores", Tick())
        await world.server.idle()

    async def test_on_a_machine_where_keys_and_ports_are_taken(self, world: World, tmp_path: Path) -> None:
        made, archive = await saved(world, "mover", limit_du=500)
        async with hosting(tmp_path) as other:
            for number in range(3):
                await other.broadcaster(f"there{number}")
            await self.drop_in(other, "mover.tar.gz", archive)
            [shown] = (await other.admin.get(ALL, params={"search": "mover"})).json()
            assert (shown["account_status"], shown["limit_du"], shown["stations_current"]) == (2, 500, 1)
            setup = await setup_of(other, shown["pk"])
            assert setup.channels[0].port == shown["default_channel_port"] != made["default_channel_port"]
            assert len(setup.secrets.channels[setup.channels[0].id]) == 16
            song = (await media_of(other, shown["pk"])) / "Rock" / "Привет.mp3"
            assert song.read_bytes() == b"song" * 1000
            events = (await other.admin.get(f"{ALL}{shown['pk']}/events/")).json()
            assert {"restored", "ports_moved"} <= {row["code"] for row in events}

    @pytest.mark.parametrize("damage", ["cut", "changed", "not an archive"])
    async def test_a_damaged_archive_changes_nothing(self, world: World, damage: str) -> None:
        name = f"dmg{len(damage)}"
        made, archive = await saved(world, name)
        await world.admin.delete(f"{ALL}{made['pk']}/")
        await world.server.idle()
        broken = {"cut": archive[:-200], "changed": _changed(archive), "not an archive": b"hello"}[damage]
        await self.drop_in(world, f"{name}.tar.gz", broken)
        assert (await world.admin.get(ALL, params={"search": name})).json() == []
        folder = world.server.house.core.data_dir / "radio" / "restore"
        assert (folder / f"{name}.tar.gz.failed").exists()
        assert not list(folder.parent.glob("restore-*"))


def _changed(archive: bytes) -> bytes:
    """The same files but for one byte of the song."""
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as old, tarfile.open(fileobj=made, mode="w:gz") as new:
        for member in old:
            content = old.extractfile(member).read()  # type: ignore[union-attr]
            new.addfile(member, io.BytesIO(content.replace(b"songsong", b"songsonG", 1)))
    return made.getvalue()


class TestTheLastOne:
    async def test_is_kept_when_an_account_goes_and_brings_it_back(self, tmp_path: Path) -> None:
        async with hosting(tmp_path, radio__keep_final_backup="true") as world:
            made = await world.broadcaster("leaving")
            media = await media_of(world, made["pk"])
            media.mkdir(parents=True, exist_ok=True)
            (media / "last.mp3").write_bytes(b"song" * 1000)
            assert (await world.admin.delete(f"{ALL}{made['pk']}/")).status == 204
            await world.server.idle()
            assert (await world.admin.get(f"{ALL}{made['pk']}/")).status == 404
            core = world.server.house.core
            kept = core.data_dir / "radio" / "backups" / "leaving.tar.gz"
            with tarfile.open(kept) as packed:
                assert [name for name in packed.getnames() if name.endswith("last.mp3")]
            folder = core.data_dir / "radio" / "restore"
            folder.mkdir(parents=True, exist_ok=True)
            kept.rename(folder / kept.name)
            os.utime(folder / kept.name, (1, 1))
            await core.db.write(core.queue.put, "radio.watch_restores", Tick())
            await world.server.idle()
            [again] = (await world.admin.get(ALL)).json()
            assert (again["username"], again["account_status"], again["is_active"]) == ("leaving", 2, True)
