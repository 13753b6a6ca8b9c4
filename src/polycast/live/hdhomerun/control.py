"""TCP 65001: programs read a tuner's names and states. Source: `specs/live.md` 4.5."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from polycast.core.net import listen
from polycast.live.hdhomerun.discovery import PORT, WhoAmI
from polycast.live.hdhomerun.model import FIRMWARE_NAME, FIRMWARE_VERSION, MODEL
from polycast.live.hdhomerun.packets import MOST_BYTES, Kind, Packet, Tag, body_bytes, pack, text, unpack

IDLE: Final = timedelta(seconds=60)  # a connection that says nothing is closed
MOST: Final = 32  # connections
UNKNOWN: Final = "ERROR: unknown getset variable"
FEATURES: Final = "channelmap: us-bcast us-cable\nmodulation: 8vsb qam256 qam64\nauto-modulation: auto auto6t auto6c\n"
HELP: Final = "Supported configuration options:\n/sys/features\n/sys/hwmodel\n/sys/model\n/sys/version\n/tuner<n>/lockkey\n/tuner<n>/status\n"
FREE: Final = "ch=none lock=none ss=0 snq=0 seq=0 bps=0 pps=0"
PACKET_BITS: Final = 188 * 8
_TUNER: Final = re.compile(r"/tuner([0-9]{1,3})/(status|lockkey)")
_FIXED: Final[Mapping[str, str]] = {
    "help": HELP,
    "/sys/model": FIRMWARE_NAME,
    "/sys/features": FEATURES,
    "/sys/version": FIRMWARE_VERSION,
    "/sys/hwmodel": MODEL,
}
Busy = Callable[[], Awaitable[Mapping[int, tuple[str, int]]]]  # by tuner: channel number, bits a second


class Control:
    """Reads are answered, nothing can be set: channels are tuned over HTTP."""

    def __init__(self, *, who: WhoAmI, busy: Busy, host: str) -> None:
        self._who = who
        self._busy = busy
        self._host = host
        self._open = 0

    async def run(self) -> None:
        """Until cancelled. Raises: Taken."""
        sockets = listen(self._host, PORT)
        async with asyncio.TaskGroup() as tasks:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tasks.create_task(self._serve(reader, writer))

            for opened in sockets:
                server = await asyncio.start_server(accept, sock=opened, limit=MOST_BYTES)
                tasks.create_task(_until_cancelled(server))

    async def answer(self, question: Packet) -> bytes:
        """The reply to a get or a set."""
        name = question.text(Tag.NAME) or ""
        value = None if question.all(Tag.VALUE) else await self._value(name)
        if value is None:
            return pack(Kind.GETSET_REPLY, [(Tag.ERROR, text(UNKNOWN))])
        return pack(Kind.GETSET_REPLY, [(Tag.NAME, text(name)), (Tag.VALUE, text(value))])

    async def _value(self, name: str) -> str | None:
        if name in _FIXED:
            return _FIXED[name]
        asked = _TUNER.fullmatch(name)
        if asked is None or int(asked[1]) >= (await self._who()).tuners:
            return None
        if asked[2] == "lockkey":
            return "none"
        playing = (await self._busy()).get(int(asked[1]))
        if playing is None:
            return FREE
        return f"ch={playing[0]} lock=8vsb ss=100 snq=100 seq=100 bps={playing[1]} pps={playing[1] // PACKET_BITS}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= MOST:
                await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            """The other side has left, or sleeps."""
        finally:
            self._open -= 1
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(IDLE.total_seconds()):
                head = await reader.readexactly(4)
                if body_bytes(head) > MOST_BYTES:
                    return
                question = unpack(head + await reader.readexactly(body_bytes(head)))
            if question is None or question.kind != Kind.GETSET:
                return
            writer.write(await self.answer(question))
            async with asyncio.timeout(IDLE.total_seconds()):
                await writer.drain()


async def _until_cancelled(server: asyncio.Server) -> None:
    async with server:
        await server.serve_forever()
