"""A broker that is told of every server: Mosquitto, read by its own client. Source: specs/monitor.md 4.7."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.monitor.mqtt import wire
from tests.monitor.test_house_keeping import rooms
from tests.monitor.world import World, until, world

BROKER = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def mosquitto(folder: Path, port: int, *, password: str = "") -> AsyncIterator[None]:
    """The real broker, on loopback, for the length of the block."""
    lines = [
        f"listener {port} 127.0.0.1",
        f"allow_anonymous {'false' if password else 'true'}",
        "persistence false",
        "user root",
    ]
    if password:
        users = folder / "users"
        users.touch(mode=0o600)
        made = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", str(users), "watch", password)
        assert await made.wait() == 0
        lines.append(f"password_file {users}")
    config = folder / f"mosquitto-{port}.conf"
    config.write_text("\n".join(lines) + "\n")
    broker = await asyncio.create_subprocess_exec(BROKER, "-c", str(config), stdout=-3, stderr=-3)
    try:
        await until(lambda: listens(port), "the broker")
        yield
    finally:
        if broker.returncode is None:
            broker.terminate()
        await broker.wait()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


class Ear:
    """`mosquitto_sub`, and the last message of each topic."""

    def __init__(self) -> None:
        self.last: dict[str, str] = {}

    async def listen(self, stream: asyncio.StreamReader) -> None:
        while raw := await stream.readline():
            topic, _, payload = raw.decode().rstrip("\n").partition(" ")
            self.last[topic] = payload

    def json(self, topic: str) -> Any:
        return json.loads(self.last[topic])


@asynccontextmanager
async def listening(port: int, *options: str) -> AsyncIterator[Ear]:
    ear = Ear()
    process = await asyncio.create_subprocess_exec(
        "mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-t", "#", "-v", "-V", "mqttv311", *options, stdout=-1
    )
    assert process.stdout is not None
    reading = asyncio.ensure_future(ear.listen(process.stdout))
    try:
        yield ear
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading


async def switch_on(here: World, port: int, **more: Any) -> None:
    password = {"mqtt_password": more.pop("password")} if "password" in more else {}
    sent = {"mqtt": {"enabled": True, "host": "127.0.0.1", "port": port, **more}, **password}
    answer = await here.owner.post("/api/settings", sent)
    assert answer.status == 200, answer.text()


async def said(ear: Ear, topic: str, **wanted: Any) -> bool:
    if not ear.last.get(topic, "").startswith("{"):
        return False
    body = ear.json(topic)
    return all(body.get(name) == value for name, value in wanted.items())


async def holds(ear: Ear, topic: str, payload: str) -> bool:
    return ear.last.get(topic) == payload


@pytest.mark.needs_tool("mosquitto_sub")
@pytest.mark.needs_tool("mosquitto")
class TestARealBroker:
    async def test_is_told_of_each_server_and_home_assistant_finds_its_sensors(self, tmp_path: Path) -> None:
        port = free_port()
        async with mosquitto(tmp_path, port), world(tmp_path) as here, listening(port) as ear:
            await switch_on(here, port)
            root = f"polycast/monitor/{here.dvr_id}"
            await until(lambda: holds(ear, "polycast/monitor/availability", "online"))
            await until(lambda: said(ear, f"{root}/state", state="online", name="Living Room"))
            await until(lambda: said(ear, f"{root}/disk", used_percent=42, free_gb=1160.0, severity="normal"))
            config = f"homeassistant/sensor/{here.dvr_id}_disk_free/config"
            await until(lambda: said(ear, config, unit_of_measurement="GiB"))
            found = ear.json(config)
            assert found["device"] | {"sw_version": ""} == {
                "identifiers": [here.dvr_id], "name": "Living Room", "manufacturer": "Polycast", "model": "channels", "sw_version": "",
            }  # fmt: skip
            assert (found["unique_id"], found["state_topic"]) == (f"{here.dvr_id}_disk_free", f"{root}/disk")
            assert found["availability_topic"] == "polycast/monitor/availability"
            key = here.dvr.watch("206", "ESPN", "Apple TV")
            await until(lambda: said(ear, f"{root}/streams", count=1))
            assert ear.json(f"{root}/streams")["watching"][0]["device"] == "Apple TV"
            here.dvr.stop(key)
            await until(lambda: said(ear, f"{root}/streams", count=0))
            await here.owner.delete(f"/api/v1/dvrs/{here.dvr_id}")
            await until(lambda: holds(ear, config, "(null)"))  # as mosquitto_sub shows an empty message
            await here.owner.post("/api/settings", {"mqtt": {"enabled": False}})
            await until(lambda: holds(ear, "polycast/monitor/availability", "offline"))

    async def test_wants_a_password_dies_and_comes_back(self, tmp_path: Path) -> None:
        port = free_port()
        async with world(tmp_path) as here:
            broadcast = rooms(here.server).broadcast
            async with mosquitto(tmp_path, port, password="river-stone"):
                await switch_on(here, port, username="watch", password="wrong")
                await until(lambda: has_problem(broadcast, "let us in", "user name"))
                assert "river" not in (await here.owner.get("/api/settings")).text()
                await switch_on(
                    here, port, username="watch", password="river-stone", topic="house/tv", discovery_prefix=""
                )
                async with listening(port, "-u", "watch", "-P", "river-stone") as ear:
                    await until(lambda: holds(ear, "house/tv/availability", "online"))
                    await until(lambda: said(ear, f"house/tv/{here.dvr_id}/state", state="online"))
                    assert not any(topic.startswith("homeassistant") for topic in ear.last)
            await until(lambda: has_problem(broadcast, "broker", "connect", "answer", "refused"))
            async with (
                mosquitto(tmp_path, port, password="river-stone"),
                listening(port, "-u", "watch", "-P", "river-stone") as ear,
            ):
                await until(lambda: holds(ear, "house/tv/availability", "online"))
                await until(lambda: has_problem(broadcast))


async def has_problem(broadcast: Any, *words: str) -> bool:
    return any(word in broadcast.problem for word in words) if words else not broadcast.problem


class TestWhatIsNoBroker:
    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x02\x00\x05", b"\xff" * 20])
    async def test_it_is_told_in_the_health_and_harms_nobody(self, tmp_path: Path, answer: bytes) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(10)
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with world(tmp_path) as here:
            await switch_on(here, server.sockets[0].getsockname()[1])
            await until(lambda: has_problem(rooms(here.server).broadcast, "broker", "Broker", "server"))
            lines = [line for line in await rooms(here.server).health() if line.name == "monitor.mqtt"]
            assert [line.ok for line in lines] == [False]
            assert (await here.dvr_get())["connected"] is True
        server.close()

    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_packet_or_refused(self, data: bytes) -> None:
        async def read() -> None:
            reader = asyncio.StreamReader()
            reader.feed_data(data)
            reader.feed_eof()
            packet = await wire.read_packet(reader)
            wire.acked(packet)
            wire.check_connack(packet)

        with suppress(wire.Refused, EOFError):
            asyncio.run(read())

    def test_lengths_are_written_as_the_standard_shows(self) -> None:
        for size, head in (
            (0, b"\x00"),
            (127, b"\x7f"),
            (128, b"\x80\x01"),
            (16_383, b"\xff\x7f"),
            (16_384, b"\x80\x80\x01"),
        ):
            made = wire._packet(0x30, b"x" * size)
            assert made[1 : 1 + len(head)] == head
            assert len(made) == 1 + len(head) + size
