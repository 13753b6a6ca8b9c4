"""The neighbourhood finds the tuner: SiliconDust's own program asks, over real sockets."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from polycast.live.hdhomerun.packets import Kind, Tag, pack, text, unpack
from tests.live.hdhomerun.world import tuner_world
from tests.live.outputs.world import World

pytestmark = [pytest.mark.needs_kernel, pytest.mark.needs_tool("ip")]


async def hdhomerun_config(*words: str) -> str:
    """What the program says, tried again while the ports are being opened."""
    said = ""
    for _ in range(20):
        process = await asyncio.create_subprocess_exec("hdhomerun_config", *words, stdout=PIPE, stderr=STDOUT)
        said = (await process.communicate())[0].decode()
        if process.returncode == 0:
            return said
    return said


@pytest.mark.needs_tool("hdhomerun_config")
class TestItsOwnProgramAsks:
    async def test_it_is_found_and_told(self, found_world: World) -> None:
        number = (await found_world.get("/discover.json")).json()["DeviceID"]
        assert await hdhomerun_config("discover", "127.0.0.1") == f"hdhomerun device {number} found at 127.0.0.1\n"
        assert await hdhomerun_config("127.0.0.1", "get", "/sys/model") == "hdhomerun3_atsc\n"
        assert (await hdhomerun_config("127.0.0.1", "get", "/tuner0/status")).startswith("ch=none lock=none")
        found_world.tuner.on_air["9f0c0000-0000-4000-8000-000000000002"] = 4_000_000
        assert (await hdhomerun_config("127.0.0.1", "get", "/tuner0/status")).startswith("ch=2.1 lock=8vsb ss=100")
        process = await asyncio.create_subprocess_exec(
            "hdhomerun_config", "127.0.0.1", "get", "/sys/none", stdout=PIPE, stderr=STDOUT
        )
        assert (await process.communicate())[0].decode() == "ERROR: unknown getset variable\n"


class Ears(asyncio.DatagramProtocol):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard.put_nowait(data)


class TestAMediaServerSearches:
    async def test_it_reads_where_the_description_is(self, found_world: World) -> None:
        search = (
            'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n'
        )
        transport, ears = await asyncio.get_running_loop().create_datagram_endpoint(Ears, local_addr=("127.0.0.1", 0))
        try:
            transport.sendto(search.encode(), ("127.0.0.1", 1900))
            answers = [(await asyncio.wait_for(ears.heard.get(), 5)).decode() for _ in range(3)]
        finally:
            transport.close()
        assert all(f"LOCATION: {found_world.url}/device.xml\r\n" in one for one in answers)
        assert len({one.partition("ST: ")[2] for one in answers}) == 3


class TestAPortIsTaken:
    async def test_the_rest_goes_on(self, found_world: World, tmp_path: Path) -> None:
        async with tuner_world(tmp_path / "second", is_found=True) as second:
            assert (await second.get("/discover.json")).status == 200


class TestSomebodySendsGarbage:
    async def test_the_connection_is_closed_and_nothing_else(self, found_world: World) -> None:
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x00\x04\xff\xff", b"\x00\x04\x00\x00\x00\x00\x00\x00"):
            reader, writer = await asyncio.open_connection("127.0.0.1", 65001)
            writer.write(garbage)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", 65001)
        for name in ("help", "/sys/version"):
            writer.write(pack(Kind.GETSET, [(Tag.NAME, text(name))]))
            head = await reader.readexactly(4)
            answer = unpack(head + await reader.readexactly(int.from_bytes(head[2:]) + 4))
            assert answer is not None and answer.text(Tag.NAME) == name
        writer.close()
