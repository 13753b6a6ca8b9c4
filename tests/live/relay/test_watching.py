"""How long a channel lives, where a player begins, and what becomes of one that does not read."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

from polycast.core.identity.caller import SYSTEM
from polycast.core.media.ts import PACKET, pcr_distance, read_pcr
from tests.live.relay.world import World

MIB = 1024 * 1024


def clocks(body: bytes) -> list[int]:
    """The clock references in it, as they come."""
    found = (read_pcr(body, at) for at in range(0, len(body) // PACKET * PACKET, PACKET))
    return [clock for clock in found if clock is not None]


class TestAPlayerRewinds:
    async def test_it_begins_that_many_seconds_back(self, world: World) -> None:
        await world.settings(new_client_behind_seconds=0)
        channel = await world.channel("news")
        async with asyncio.timeout(30), world.viewer(channel) as first:
            while len(stamps := clocks(bytes(first.body))) < 2 or pcr_distance(stamps[0], stamps[-1]) < 5:
                await first.take(20_000)
            async with world.viewer(channel) as live, world.viewer(channel, "?start=-3") as back:
                await asyncio.gather(live.take(30_000), back.take(30_000))
                lag = pcr_distance(clocks(bytes(back.body))[0], clocks(bytes(live.body))[0])
        assert 2 <= lag <= 5, "three seconds, from the keyframe before"
        assert world.provider.feed("news").connections_peak == 1

    async def test_what_is_no_number_is_not_asked_for(self, world: World) -> None:
        channel = await world.channel("news")
        for word in ("soon", "nan", "-inf", "9e999"):
            async with world.viewer(channel, f"?start={word}") as viewer:
                await viewer.take(10_000)


class TestTheRedirectProfile:
    async def test_a_stream_of_ones_own_is_pointed_at(self, world: World) -> None:
        profile = await world.stream_profile("Redirect")
        for url, status in ((f"{world.provider.base}/a.ts", 302), ("rtsp://192.0.2.1/a", 301)):
            channel = await world.channel_at(url, stream_profile_id=profile, is_custom=True)
            async with world.http.get(f"{world.url}/proxy/ts/stream/{channel}", allow_redirects=False) as answer:
                assert (answer.status, answer.headers["location"]) == (status, url)

    async def test_a_provider_s_address_or_a_login_never_leaves(self, world: World) -> None:
        profile = await world.stream_profile("Redirect")
        with_login = world.provider.base.replace("://", "://user:pass@") + "/b.ts"
        for url, is_custom in ((f"{world.provider.base}/a.ts", False), (with_login, True)):
            channel = await world.channel_at(url, stream_profile_id=profile, is_custom=is_custom)
            async with world.viewer(channel) as viewer:
                await viewer.take(20_000)


class TestTheLastPlayerLeaves:
    async def test_the_channel_ends_at_once(self, world: World) -> None:
        channel = await world.channel("news")
        for times in (1, 2):
            async with world.viewer(channel) as viewer:
                await viewer.take(20_000)
            await world.quiet()
            assert await world.used_slots() == 0
            assert len(world.provider.feed("news").requests) == times

    async def test_it_waits_as_long_as_the_settings_say_and_who_returns_finds_it_running(self, world: World) -> None:
        await world.settings(channel_shutdown_delay=300)
        channel = await world.channel("news")
        for _ in range(2):
            async with world.viewer(channel) as viewer:
                await viewer.take(20_000)
        assert len(world.provider.feed("news").requests) == 1
        assert await world.used_slots() == 1
        await world.relay.relays.stop(channel)
        await world.quiet()
        assert await world.used_slots() == 0

    async def test_a_short_delay_passes(self, world: World) -> None:
        await world.settings(channel_shutdown_delay=1)
        channel = await world.channel("news")
        async with world.viewer(channel) as viewer:
            await viewer.take(20_000)
        assert world.relay.relays.sessions
        await world.quiet()
        assert await world.used_slots() == 0


@asynccontextmanager
async def stalled(world: World, channel: str) -> AsyncIterator[asyncio.StreamReader]:
    """A player that has asked and does not read, with little room in the kernel."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.setblocking(False)
    host, _, port = world.url.partition("://")[2].partition(":")
    await asyncio.get_running_loop().sock_connect(opened, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=opened, limit=4096)
    writer.write(f"GET /proxy/ts/stream/{channel} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    try:
        yield reader
    finally:
        writer.transport.abort()


async def payload(reader: asyncio.StreamReader, size: int) -> bytes:
    """So much of a chunked answer's body, from its beginning."""
    await reader.readuntil(b"\r\n\r\n")
    body = bytearray()
    while len(body) < size:
        length = int((await reader.readuntil(b"\r\n")).strip(), 16)
        body += await reader.readexactly(length)
        await reader.readexactly(2)
    return bytes(body)


class TestAPlayerThatDoesNotRead:
    async def test_it_goes_on_further_ahead_and_nobody_else_notices(self, world: World) -> None:
        channel = await world.channel("news")
        await world.options(channel, redis_chunk_ttl=1)
        world.provider.feed("news").speed = 40.0  # 5 MB a second
        async with asyncio.timeout(50), world.viewer(channel) as other, stalled(world, channel) as reader:
            await other.take(24 * MIB)
            body = await payload(reader, 12 * MIB)
        assert body[::PACKET] == b"\x47" * (len(body) // PACKET + bool(len(body) % PACKET))
        steps = [pcr_distance(one, two) for one, two in pairwise(clocks(body))]
        assert max(steps) > 10, "it has missed something"
        assert min(steps) >= 0, "and nothing came twice"
        others = clocks(bytes(other.body))
        assert max(pcr_distance(one, two) for one, two in pairwise(others)) < 1

    async def test_with_too_much_waiting_it_is_let_go(self, world: World) -> None:
        channel = await world.channel("news")
        world.provider.feed("news").speed = 40.0
        async with asyncio.timeout(50), world.viewer(channel) as other, stalled(world, channel):
            while len(world.relay.relays.session(channel).clients) < 2:
                await other.take(MIB)
            while len(world.relay.relays.session(channel).clients) > 1:
                await other.take(MIB)
        await world.quiet()
        await world.written()
        past, _ = await world.relay.clients.history(SYSTEM, limit=10, offset=0)
        assert sorted(one.end_reason for one in past) == ["left", "stalled"]


class TestAccountsThatShareALogin:
    async def test_their_connections_are_counted_together(self, world: World) -> None:
        # A busy machine must not look like a provider that stalls: its connection would be free while it is tried again.
        await world.settings(no_data_timeout_s=30, buffering_timeout=300)
        group = await world.server_group()
        login = "?username=u&password=p"
        accounts = [await world.account(max_streams=1, server_group_id=group) for _ in range(3)]
        one = await world.channel_at(f"{world.provider.base}/one.ts{login}", account=accounts[0])
        two = await world.channel_at(f"{world.provider.base}/two.ts{login}", account=accounts[1])
        three = await world.channel_at(f"{world.provider.base}/three.ts?username=v&password=p", account=accounts[2])
        async with world.viewer(one) as viewer:
            await viewer.take(20_000)
            async with world.http.get(f"{world.url}/proxy/ts/stream/{two}") as answer:
                assert answer.status == 503
            async with world.viewer(three) as another:
                await another.take(20_000)
            assert await world.used_slots() == 2
        await world.quiet()
        async with world.viewer(two) as viewer:
            await viewer.take(20_000)
