"""As a provider would: sold by WHMCS, filled, heard, taken over live, limited, silenced, saved and restored elsewhere."""

import asyncio
import io
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import imageio_ffmpeg
import msgspec
import pytest
import pytest_asyncio

from polycast.core.jobs import Tick
from tests.radio.songs import song
from tests.radio.world import World, hosting
from tests.server import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
V2 = "/radio/api/v2"
PATIENCE = 30.0  # seconds, on a busy machine
CREATE = {
    "username": "labfm",
    "email": "lab@example.com",
    "password": "initpass",
    "template": "no_template",
    "server_type": "icecast",
    "limit_stations": "1",
    "limit_streams": "1",
    "limit_listeners": "2",
    "limit_bitrate": "128",
    "limit_du": "50",
    "limit_traffic": "",
    "youtube_streaming_enabled": "on",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with hosting(tmp_path_factory.mktemp("provider"), radio__broadcast="true") as world:
        yield world


class Customer:
    """The account that was sold, and its station."""

    def __init__(self, world: World, details: dict[str, Any], client: Client, server: int) -> None:
        self.world = world
        self.details = details
        self.client = client
        self.server = server
        self.url = f"http://127.0.0.1:{details['default_channel_port']}/stream"

    async def upload(self, title: str, *, tone: int) -> int:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("server_id", str(self.server))
        content = song(seconds=6, title=title, artist="Lab", tone=tone)
        form.add_field("filename", io.BytesIO(content), filename=f"{title}.mp3")
        got = await self.client.ask("PUT", f"{V2}/mediafile/upload/", data=form)
        assert got.status == 201, got.text()
        return int(got.json()["id"])

    async def alone(self) -> None:
        """Wait until whoever has listened before is gone."""
        async with asyncio.timeout(PATIENCE):
            while (await self.client.get(f"{V2}/channels/?server={self.server}")).json()[0]["listeners_current"]:
                await asyncio.sleep(0.1)  # the panel's rhythm

    async def played(self) -> list[int | None]:
        """The tracks of the history, as soon as there is one: it is written a moment after."""
        async with asyncio.timeout(PATIENCE):
            while True:
                got = await self.world.server.get(f"{V2}/history/?server={self.server}")
                if rows := got.json()["results"]:
                    return [row["all_music_id"] for row in rows]
                await asyncio.sleep(0.1)  # a widget's rhythm

    async def heard(self, wanted: str) -> bytes:
        """Listen as a player does until a title is told; the sound of the way there."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with self.world.server.session.get(self.url, headers={"Icy-MetaData": "1"}) as got:
                        if got.status == 200:
                            return await titled(got, wanted)
                except aiohttp.ClientError:
                    pass  # the port opens when the station starts
                await asyncio.sleep(0.2)  # a player that tries again


async def titled(got: aiohttp.ClientResponse, wanted: str) -> bytes:
    """Blocks of sound and titles, taken apart as the protocol says. Source: `specs/radio.md` 4.1."""
    interval, sound = int(got.headers["icy-metaint"]), b""
    while True:
        sound += await got.content.readexactly(interval)
        size = (await got.content.readexactly(1))[0] * 16
        title = (await got.content.readexactly(size)).rstrip(b"\0").decode()
        if wanted in title:
            return sound


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def customer(world: World) -> Customer:
    got = await world.remote("POST", "remote_bcaster_create_from_template", **CREATE)
    assert (got.status, got.json()) == (200, {})
    await world.server.idle()
    details = (await world.remote("POST", "remote_get_details", username="labfm")).json()
    client = await world.signed_in("labfm", "initpass")
    [server] = (await client.get(f"{V2}/servers/")).json()
    customer = Customer(world, details, client, server["id"])
    await customer.upload("Erster", tone=520)  # so that each test, run alone, has something to hear
    return customer


class TestAsAProviderWould:
    async def test_music_is_heard_with_its_titles(self, customer: Customer) -> None:
        first = await customer.upload("Привет", tone=440)
        sound = await customer.heard("StreamTitle='Lab - Привет'")
        assert sound[:1] == b"\xff"
        assert first in await customer.played()

    async def test_what_is_queued_at_once_is_heard_next(self, customer: Customer) -> None:
        track = await customer.upload("Jetzt", tone=600)
        sent = {"server": customer.server, "music_id": track, "immediately": True}
        assert (await customer.client.post(f"{V2}/queue/", sent)).status == 201
        await customer.heard("Lab - Jetzt")

    async def test_a_dj_takes_over_and_hands_back(self, customer: Customer) -> None:
        made = await customer.client.post(f"{V2}/djs/", {"server": customer.server, "name": "Ana"})
        dj = made.json()
        argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-re", "-f", "lavfi", "-i"]
        argv += ["sine=frequency=880:sample_rate=44100", "-c:a", "libmp3lame", "-b:a", "128k"]
        argv += ["-f", "mp3", "-content_type", "audio/mpeg", "-ice_name", "Live"]
        target = f"icecast://source:{dj['password']}@127.0.0.1:{dj['port']}/live"
        await listening(int(dj["port"]))
        encoder = await asyncio.to_thread(subprocess.Popen, [*argv, target], stdin=subprocess.DEVNULL)
        try:
            assert await self.until(customer, dj["id"], on_air=True)
            now = (await customer.world.server.get(f"{V2}/nowplaying/{customer.server}/")).json()
            assert (now["live"]["is_live"], now["live"]["streamer_name"]) == (True, "Ana")
        finally:
            encoder.kill()
            await asyncio.to_thread(encoder.wait)
        assert await self.until(customer, dj["id"], on_air=False)
        await customer.heard("Lab - ")

    async def test_pages_are_told_what_is_on(self, customer: Customer) -> None:
        url = f"{customer.world.server.url}{V2}/nowplaying/{customer.server}/events/"
        await customer.heard("Lab - ")
        async with asyncio.timeout(PATIENCE), customer.world.server.session.get(url) as got:
            frames = await told(got, 1)
            await customer.client.post(f"{V2}/servers/{customer.server}/skip/")
            frames += await told(got, 1)
        before, after = [frame["now_playing"]["sh_id"] for frame in frames]
        assert before != after or frames[0]["listeners"] != frames[1]["listeners"]

    async def until(self, customer: Customer, dj_id: int, *, on_air: bool) -> bool:
        """Ask as a panel does until the DJ is, or is not, on air."""
        async with asyncio.timeout(PATIENCE):
            while (await customer.client.get(f"{V2}/djs/{dj_id}/")).json()["on_air"] is not on_air:
                await asyncio.sleep(0.2)  # the panel's rhythm
        return True

    async def test_the_third_listener_of_two_is_turned_away(self, customer: Customer) -> None:
        await customer.alone()
        session = customer.world.server.session
        async with session.get(customer.url) as one, session.get(customer.url) as two:
            assert (one.status, two.status) == (200, 200)
            async with session.get(customer.url) as three:
                assert (three.status, (await three.text()).strip()) == (403, "max listeners reached")

    async def test_what_the_package_does_not_have_is_refused(self, customer: Customer) -> None:
        assert (await customer.client.post(f"{V2}/servers/", {"title": "Second"})).json() == {
            "non_field_errors": ["limit_stations"]
        }
        port = (await customer.client.get(f"{V2}/catalog/free_port/")).json()["port"]
        sent = {"server": customer.server, "port": port, "bitrate": 192, "listeners": 1, "s_type": "icecast"}
        got = await customer.client.post(f"{V2}/channels/", sent | {"s_format": "mp3", "mount_point": "/two"})
        assert got.json() == {"bitrate": ["limit_bitrate"], "non_field_errors": ["limit_streams"]}

    async def test_suspended_means_silent(self, customer: Customer) -> None:
        await customer.alone()
        async with customer.world.server.session.get(customer.url) as listener:
            assert listener.status == 200
            await customer.world.remote("POST", "remote_user_suspend", username="labfm")
            async with asyncio.timeout(PATIENCE):
                assert await drained(listener)
        await customer.world.remote("POST", "remote_user_unsuspend", username="labfm")
        await customer.heard("Lab - ")

    async def test_saved_and_heard_again_on_another_machine(self, customer: Customer, tmp_path: Path) -> None:
        world, place = customer.world, f"/api/v1/broadcasters/{customer.details['pk']}/"
        await world.admin.post(f"{place}backup/", {"action": "backup"})
        await world.server.idle()
        ticket = (await world.admin.post(f"{place}backup_token/")).json()["token"]
        archive = (await world.server.get(f"{place}download_backup/", params={"t": ticket})).body
        ports = {"radio__port_pool_min": str(world.first_port + 500)}
        async with hosting(tmp_path, radio__broadcast="true", **ports) as other:
            await other.broadcaster("there")
            core = other.server.house.core
            folder = core.data_dir / "radio" / "restore"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "labfm.tar.gz").write_bytes(archive)
            os.utime(folder / "labfm.tar.gz", (1, 1))
            await core.db.write(core.queue.put, "radio.watch_restores", Tick())
            await other.server.idle()
            [shown] = (await other.admin.get("/api/v1/broadcasters/", params={"search": "labfm"})).json()
            assert shown["default_channel_port"] != customer.details["default_channel_port"]
            again = Customer(other, shown, other.admin, 0)
            await again.heard("Lab - ")


async def told(got: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:
    """The next frames of what is on."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        line = await got.content.readline()
        if line.startswith(b"data: "):
            found.append(msgspec.json.decode(line.removeprefix(b"data: ")))
    return found


async def listening(port: int) -> None:
    """Until the engine has heard of a new port: an encoder that is refused does not try again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)  # somebody who tries again
                continue
            writer.close()
            return


async def drained(listener: aiohttp.ClientResponse) -> bool:
    """Read until the other side closes; True when it has."""
    try:
        while await listener.content.readany():
            pass
    except aiohttp.ClientError:
        return True
    return True
