"""Another station: MP3 at the pace of time, with titles, as Icecast sends them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fakes.radio_sounds import packed, tone

METAINT = 8192
TITLE = b"StreamTitle='Far - Away';"


@asynccontextmanager
async def transmitting_station(hz: float) -> AsyncIterator[str]:
    """Its address for the length of the block."""
    sound = packed(tone(hz, 30.0))
    size = -(-len(TITLE) // 16)
    block = bytes([size]) + TITLE.ljust(size * 16, b"\0")
    tasks: set[asyncio.Task[None]] = set()

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-metaint: %d\r\n\r\n" % METAINT)
        at = 0
        try:
            while True:
                piece = (sound + sound)[at % len(sound) :][:METAINT]
                writer.write(piece + (block if at == 0 else b"\0"))
                await writer.drain()
                at += METAINT
                await asyncio.sleep(METAINT / 16_000 if at > 48_000 else 0)
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(send, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
