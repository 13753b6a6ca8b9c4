"""The server under the front, on a real socket: slow clients, old clients, many clients, and the end."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import uvloop

from polycast.front.protocol import Patience
from tests.front.toys import Toys, listening

SOON = timedelta(milliseconds=150)
GET = b"GET /toy/notes/1/ HTTP/1.1\r\nHost: here\r\n\r\n"
NOTE = b'{"text":"one"}'


@pytest.fixture
def toys() -> Toys:
    return Toys()


class TestAPatientClient:
    async def test_may_ask_again_and_again(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            for _ in range(3):
                await wire.send(GET)
                status, headers, body = await wire.answer()
                assert (status, body) == (200, NOTE)
                assert "date" in headers

    async def test_may_ask_ahead(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(GET * 3)
            assert [(await wire.answer())[2] for _ in range(3)] == [NOTE] * 3

    async def test_may_send_a_body_in_pieces(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"PUT /bytes/upload HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(5):
                await wire.send(b"3\r\nabc\r\n")
            await wire.send(b"0\r\n\r\n")
            assert (await wire.answer())[2] == b"15"

    async def test_learns_that_its_body_is_too_large_before_it_is_all_sent(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"PUT /bytes/upload HTTP/1.1\r\nHost: here\r\nContent-Length: 900000\r\n\r\n")
            assert (await wire.answer())[0] == 413

    async def test_gets_no_body_for_head_and_may_go_on(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"HEAD /toy/notes/1/ HTTP/1.1\r\nHost: here\r\n\r\n")
            status, headers = await wire.head()
            assert (status, headers["content-length"]) == (200, "14")
            await wire.send(GET)
            assert (await wire.answer())[2] == NOTE

    # curl --http2 asks for an upgrade that we do not make.
    async def test_may_offer_another_protocol_in_vain(self, toys: Toys) -> None:
        async with listening(toys.front) as server:
            asked = GET[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n"
            assert (await server.ask(asked))[2] == NOTE

    async def test_gets_only_headers_of_an_endless_stream(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"HEAD /bytes/endless HTTP/1.1\r\nHost: here\r\n\r\n")
            assert (await wire.head())[0] == 200
            await wire.send(GET)
            assert (await wire.answer())[2] == NOTE
            assert toys.streams.open == 0


class TestASlowClient:
    async def test_with_half_a_head_is_closed(self, toys: Toys) -> None:
        async with listening(toys.front, patience=Patience(head=SOON)) as server, server.wire() as wire:
            await wire.send(b"GET /toy/ HTTP/1.1\r\nHost: h")
            assert (await wire.rest()).startswith(b"HTTP/1.1 408 ")

    async def test_that_drips_its_head_is_closed_all_the_same(self, toys: Toys) -> None:
        async with listening(toys.front, patience=Patience(head=SOON)) as server, server.wire() as wire:
            rest = asyncio.ensure_future(wire.rest())
            await wire.send(b"GET /toy/ HTTP/1.1\r\n")
            while not rest.done():
                await asyncio.wait([rest], timeout=0.03)
                if not rest.done():
                    wire.writer.write(b"X-A: b\r\n")
            assert rest.result().startswith(b"HTTP/1.1 408 ")

    async def test_with_a_silent_body_is_closed(self, toys: Toys) -> None:
        async with listening(toys.front, patience=Patience(body_silence=SOON)) as server, server.wire() as wire:
            await wire.send(b"PUT /bytes/upload HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nabc")
            assert await wire.rest() == b""

    async def test_that_says_nothing_is_closed(self, toys: Toys) -> None:
        async with listening(toys.front, patience=Patience(idle=SOON)) as server, server.wire() as wire:
            assert await wire.rest() == b""

    async def test_that_says_nothing_more_is_closed(self, toys: Toys) -> None:
        async with listening(toys.front, patience=Patience(idle=SOON)) as server, server.wire() as wire:
            await wire.send(GET)
            assert (await wire.answer())[0] == 200
            assert await wire.rest() == b""

    # Blank lines before a request are legal, and kept a connection open for ever.
    async def test_that_sends_only_blank_lines_is_closed(self, toys: Toys) -> None:
        async with listening(toys.front, patience=Patience(idle=SOON)) as server, server.wire() as wire:
            await wire.send(GET)
            await wire.answer()
            await wire.send(b"\r\n")
            assert await wire.rest() == b""

    async def test_does_not_keep_others_waiting(self, toys: Toys) -> None:
        async with listening(toys.front) as server:
            slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(200)]
            for _, writer in slow:
                writer.write(b"GET /toy/ HTTP/1.1\r\nX: ")
            started = time.perf_counter()
            assert (await server.ask(GET))[0] == 200
            assert time.perf_counter() - started < 1
            for _, writer in slow:
                writer.close()

    async def test_with_an_endless_head_is_told_it_is_too_large(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"GET /toy/ HTTP/1.1\r\nX: " + b"a" * 300_000)
            assert (await wire.rest()).startswith(b"HTTP/1.1 431 ")


class TestANoisyClient:
    @pytest.mark.parametrize(
        "data",
        [
            b"GARBAGE\r\n\r\n",
            b"GET /toy/ HTTP/9.9\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            b"GET /toy/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST /toy/notes/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            b"GET * HTTP/1.1\r\nHost: h\r\n\r\n",
        ],
    )
    async def test_is_refused_and_harms_nobody(self, toys: Toys, data: bytes) -> None:
        async with listening(toys.front, patience=Patience(idle=SOON)) as server:
            async with server.wire() as wire:
                await wire.send(data)
                assert (await wire.rest())[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 404", b"")
            assert (await server.ask(GET))[0] == 200

    async def test_may_open_only_so_many_connections(self, toys: Toys) -> None:
        async with (
            listening(toys.front, patience=Patience(per_peer=3)) as server,
            server.wire() as one,
            server.wire() as two,
            server.wire() as three,
        ):
            for wire in (one, two, three):
                await wire.send(GET)
                assert (await wire.answer())[0] == 200
            async with server.wire() as fourth:
                assert await fourth.rest() == b""
            await one.close()
            await two.send(GET)
            await two.answer()
            async with server.wire() as again:
                await again.send(GET)
                assert (await again.answer())[0] == 200

    async def test_shares_the_house_with_all_others(self, toys: Toys) -> None:
        async with listening(toys.front, patience=Patience(in_all=1)) as server, server.wire() as stream:
            await stream.send(b"GET /bytes/endless HTTP/1.1\r\nHost: here\r\n\r\n")
            await stream.head()  # streams do not count
            async with server.wire() as one, server.wire() as two:
                await one.send(GET)
                await one.answer()
                assert await two.rest() == b""

    async def test_may_open_more_when_it_is_a_proxy_of_ours(self, toys: Toys) -> None:
        async with (
            listening(toys.front, patience=Patience(per_peer=1), trusts=lambda host: True) as server,
            server.wire() as one,
            server.wire() as two,
        ):
            for wire in (one, two):
                await wire.send(GET)
                assert (await wire.answer())[0] == 200


class TestAnOldPlayer:
    # Chunk sizes in the middle of a stream are heard as clicks, or end it.
    async def test_gets_a_stream_without_chunks(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"GET /bytes/short HTTP/1.0\r\n\r\n")
            status, headers = await wire.head()
            assert (status, await wire.rest()) == (200, b"abc")
            assert "transfer-encoding" not in headers
            assert headers["connection"] == "close"

    async def test_gets_a_length_where_there_is_one(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"GET /toy/notes/1/ HTTP/1.0\r\n\r\n")
            status, headers = await wire.head()
            assert (status, headers["content-length"], await wire.rest()) == (200, "14", NOTE)

    async def test_gets_headers_for_head(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(b"HEAD /bytes/short HTTP/1.0\r\n\r\n")
            assert (await wire.head())[0] == 200
            assert await wire.rest() == b""


class TestAClientThatLeaves:
    async def test_ends_its_stream(self, toys: Toys) -> None:
        async with listening(toys.front) as server:
            async with server.wire() as wire:
                await wire.send(b"GET /bytes/endless HTTP/1.1\r\nHost: here\r\n\r\n")
                assert (await wire.head())[0] == 200
                assert toys.streams.open == 1
            await asyncio.wait_for(toys.streams.ended.wait(), 5)
            assert toys.streams.open == 0


class TestTheEnd:
    async def test_cuts_streams_that_would_go_on(self, toys: Toys) -> None:
        patience = Patience(streams_end=SOON, all_ends=3 * SOON)
        async with AsyncExitStack() as clients:
            async with listening(toys.front, patience=patience) as server:
                wire = await clients.enter_async_context(server.wire())
                await wire.send(b"GET /bytes/endless HTTP/1.1\r\nHost: here\r\n\r\n")
                await wire.head()
                reading = asyncio.ensure_future(wire.rest())
                started = time.perf_counter()
            assert time.perf_counter() - started < 2
            assert toys.streams.open == 0
            assert await reading != b""

    async def test_cuts_clients_that_do_not_even_read(self, toys: Toys) -> None:
        patience = Patience(streams_end=SOON, all_ends=3 * SOON)
        async with AsyncExitStack() as clients:
            async with listening(toys.front, patience=patience) as server:
                wire = await clients.enter_async_context(server.wire())
                wire.reader._transport.pause_reading()  # type: ignore[attr-defined]
                await wire.send(b"GET /bytes/endless HTTP/1.1\r\nHost: here\r\n\r\n")
                await asyncio.wait_for(toys.streams.begun.wait(), 5)
                started = time.perf_counter()
            assert time.perf_counter() - started < 2
            assert toys.streams.open == 0

    async def test_lets_a_short_answer_finish(self, toys: Toys) -> None:
        async with AsyncExitStack() as clients:
            async with listening(toys.front) as server:
                wire = await clients.enter_async_context(server.wire())
                await wire.send(b"PUT /bytes/upload HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\na")
                await server.ask(GET)
                ending = asyncio.ensure_future(wire.answer())
                asyncio.get_running_loop().call_later(0.05, wire.writer.write, b"bc")
            assert (await ending)[2] == b"3"

    async def test_is_at_once_when_nobody_is_there(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(GET)
            await wire.answer()
            started = time.perf_counter()
        assert time.perf_counter() - started < 1

    def test_is_promised_within_ten_seconds(self) -> None:
        assert Patience().streams_end == timedelta(seconds=5)
        assert Patience().all_ends == timedelta(seconds=10)


class TestASocket:
    async def test_speaks_over_the_wire(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(
                b"GET /toy/ws/ HTTP/1.1\r\nHost: here\r\nX-API-Key: reader\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            assert (await wire.head())[0] == 101
            await wire.send(b"\x81\x82\x00\x00\x00\x00hi")
            assert await wire.reader.readexactly(12) == b"\x81\x0areader: hi"
            assert (await wire.reader.readexactly(4))[:2] == b"\x88\x02"
            await wire.send(b"\x88\x82\x00\x00\x00\x00\x03\xe8")
            assert await wire.rest() == b""

    async def test_is_refused_with_the_words_of_its_dialect(self, toys: Toys) -> None:
        async with listening(toys.front) as server, server.wire() as wire:
            await wire.send(
                b"GET /toy/ws/ HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            status, _, body = await wire.answer()
            assert (status, body) == (401, b'{"toy":"not_signed_in"}')


class TestTheLoopThatIsUsed:
    """The same promises under uvloop, whose transports are not asyncio's."""

    @pytest.mark.parametrize(
        "promise",
        [
            TestAPatientClient().test_may_ask_ahead,
            TestAPatientClient().test_gets_only_headers_of_an_endless_stream,
            TestASlowClient().test_with_half_a_head_is_closed,
            TestASlowClient().test_with_a_silent_body_is_closed,
            TestANoisyClient().test_may_open_only_so_many_connections,
            TestAnOldPlayer().test_gets_a_stream_without_chunks,
            TestAClientThatLeaves().test_ends_its_stream,
            TestTheEnd().test_cuts_streams_that_would_go_on,
            TestTheEnd().test_lets_a_short_answer_finish,
            TestASocket().test_speaks_over_the_wire,
        ],
    )
    def test_keeps_the_promise(self, promise: Callable[[Toys], Coroutine[Any, Any, None]]) -> None:
        uvloop.run(promise(Toys()))
