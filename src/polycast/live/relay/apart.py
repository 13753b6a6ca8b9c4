"""Picture and sound that a provider sends apart, joined by a confined ffmpeg; nothing is encoded anew."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from msgspec import Struct

from polycast.core.media.piping import LIVE_FORMATS, QUICK
from polycast.core.media.ts import PTS_TICKS
from polycast.core.net import BadAnswer
from polycast.core.processes import PIPE, Processes, Running
from polycast.core.processes.allowed import input_words

HEAD_BYTES: Final = 1024  # enough to see what a source is
ID3_HEAD: Final = 10
CLOCK: Final = b"com.apple.streaming.transportStreamTimestamp\0"  # RFC 8216, 3.4
LAYER: Final = 0x06  # two bits behind an MPEG sync word; zero in ADTS


class Part(Struct, frozen=True):
    """One of the two."""

    form: str  # as ffmpeg calls it: "mpegts", "mp4", "aac", ...
    chunks: AsyncIterator[bytes]
    starts_s: float = 0.0  # where its clock begins, of a form that has none


async def part_of(chunks: AsyncIterator[bytes]) -> Part:
    """A source whose form its first bytes tell. Raises: BadAnswer for what cannot be joined; what `chunks` raises."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    form, starts_s = _seen(head)
    return Part(form, _behind(head, chunks), starts_s)


@asynccontextmanager
async def joined(processes: Processes, picture: Part, sound: Part) -> AsyncIterator[Running]:
    """The transport stream of both for the length of the block, in `chunks()` of what is given.

    When either of them fails, its error is raised at the end of the block.
    """
    near, far = os.pipe()
    try:
        argv = joined_argv(picture, sound, near)
        running = processes.running(processes.tools.ffmpeg, argv, stdin=PIPE, stdout=PIPE, fds=[near])
        async with _way(far) as way, running as child:
            os.close(near)  # the child's alone, so that its end is seen
            near = -1
            feeding = [
                asyncio.ensure_future(_feed(child, picture.chunks)),
                asyncio.ensure_future(way.feed(sound.chunks)),
            ]
            try:
                yield child
                for one in feeding:
                    if one.done():
                        one.result()
            finally:
                for one in feeding:
                    one.cancel()
                await asyncio.wait(feeding)
                for one in feeding:
                    if not one.cancelled():
                        one.exception()  # raised above, or the block's own error is the one that counts
    finally:
        if near >= 0:
            os.close(near)


def joined_argv(picture: Part, sound: Part, descriptor: int) -> list[str]:
    """ffmpeg takes the picture of its input and the sound of `descriptor`, both by their own clocks."""
    words = ["-hide_banner", "-nostdin", "-loglevel", "warning", "-copyts"]
    for part, url in ((picture, "pipe:0"), (sound, f"pipe:{descriptor}")):
        offset = ["-itsoffset", f"{part.starts_s:.6f}"] if part.starts_s else []
        words += [*QUICK, "-f", part.form, *input_words(formats=LIVE_FORMATS), *offset, "-i", url]
    words += ["-map", "0:v?", "-map", "1:a", "-c", "copy"]
    return [*words, "-mpegts_flags", "+resend_headers", "-flush_packets", "1", "-f", "mpegts", "pipe:1"]


class _Way(asyncio.BaseProtocol):
    """A pipe that is written to at the speed it is read."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self._is_lost = False
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        self._room.set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    async def feed(self, chunks: AsyncIterator[bytes]) -> None:
        """All of it, until nobody reads any more."""
        try:
            async for chunk in chunks:
                await self._room.wait()
                if self._is_lost or self.transport is None:
                    return
                self.transport.write(chunk)
        finally:
            if self.transport is not None:
                self.transport.close()


@asynccontextmanager
async def _way(descriptor: int) -> AsyncIterator[_Way]:
    loop = asyncio.get_running_loop()
    transport, way = await loop.connect_write_pipe(_Way, os.fdopen(descriptor, "wb", buffering=0))
    try:
        yield way
    finally:
        transport.close()


async def _feed(child: Running, source: AsyncIterator[bytes]) -> None:
    try:
        async for chunk in source:
            if chunk and not await child.feed(chunk):
                return
    finally:
        await child.end_input()


async def _behind(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for chunk in chunks:
        yield chunk


def _seen(head: bytes) -> tuple[str, float]:
    """The form of what begins with `head`, and where its clock begins. Raises: BadAnswer."""
    starts_s, rest = 0.0, head
    if head[:3] == b"ID3" and len(head) > ID3_HEAD:
        length = ID3_HEAD + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        with suppress(ValueError):
            at = head.index(CLOCK, 0, length) + len(CLOCK)
            starts_s = int.from_bytes(head[at : at + 8], "big") / PTS_TICKS
        rest = head[length:]
    if rest[:1] == b"\x47":
        return "mpegts", 0.0
    if rest[4:8] in {b"ftyp", b"styp", b"moov", b"sidx"}:
        return "mp4", 0.0
    if rest[:2] == b"\x0b\x77":
        return "ac3", starts_s
    if len(rest) > 1 and rest[0] == 0xFF and rest[1] & 0xE0 == 0xE0:
        return ("mp3" if rest[1] & LAYER else "aac"), starts_s
    raise BadAnswer("The provider's sound cannot be read.", reason="shape")
