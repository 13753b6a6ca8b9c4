"""Big playlists are read by a confined child, while what it has read so far is being written.

Reading and writing both want the interpreter; in one process they take turns. Besides, a stranger's text is then taken
apart where it can do no harm.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from polycast.core.errors import TooLarge, Unavailable
from polycast.core.processes.forks import open_forks
from polycast.core.processes.lasting import Line
from polycast.live.sources.addresses import Login
from polycast.live.sources.refresh.playlist import Tally
from polycast.live.sources.refresh.reading import Parsed

CHILD: Final = "polycast.live.sources.refresh.child"
APART_FROM: Final = 50_000  # entries; below, a child costs more than it brings
PACKED: Final = (b"\x1f\x8b", b"\xfd7", b"PK", b"BZ")  # how compressed files begin
LONGEST: Final = timedelta(minutes=40)
LENGTH_BYTES: Final = 4
ENDED: Final = "The playlist could not be read: its reader ended."
PART_BYTES: Final = 64 * 1024 * 1024  # more than any part of a thousand entries


class Ask(Struct, frozen=True):
    """What the child is to do with the playlist it is handed."""

    account_id: int
    keys: tuple[str, ...]  # of the identity
    login: Login | None  # to be hidden


class Report(Struct, frozen=True):
    """How it went."""

    tally: Tally
    error: str = ""


def suits(path: Path, entries: int) -> bool:
    """Whether the playlist at `path` is worth a child: big, and plain text."""
    if entries < APART_FROM:
        return False
    with path.open("rb") as file:
        return file.read(2) not in PACKED


@asynccontextmanager
async def read_apart(path: Path, ask: Ask, tally: Tally) -> AsyncIterator[Iterator[list[Parsed]]]:
    """The playlist's entries in parts, to be pulled in a thread; `tally` is complete at the end of the block.

    Raises: Unavailable, when the child dies; TooLarge.
    """
    async with open_forks(CHILD, size=1) as forks:
        line = await forks.hold()
        near, far = os.pipe()
        parts = os.fdopen(near, "rb")
        try:
            with path.open("rb") as source:
                line.tell(msgspec.json.encode(ask), [source.fileno(), far])
        finally:
            os.close(far)
        asking = asyncio.ensure_future(_report(line))
        try:
            yield _parts(parts)
            async with asyncio.timeout(LONGEST.total_seconds()):
                report = await asking
        finally:
            asking.cancel()
            await asyncio.wait([asking])
            if not asking.cancelled():
                asking.exception()
            line.close()
            await asyncio.to_thread(parts.close)  # whoever still reads meets the end first: the child is gone
    for name in Tally.__struct_fields__:
        setattr(tally, name, getattr(report.tally, name))
    if report.error:
        raise TooLarge(report.error)


async def _report(line: Line) -> Report:
    async for frame in line.frames():
        return msgspec.json.decode(frame, type=Report)
    raise Unavailable(ENDED)


def _parts(file: BinaryIO) -> Iterator[list[Parsed]]:
    decoder = msgspec.msgpack.Decoder(list[Parsed])
    while True:
        head = file.read(LENGTH_BYTES)
        if len(head) < LENGTH_BYTES:
            raise Unavailable(ENDED)
        length = int.from_bytes(head, "big")
        if not length:
            return
        body = file.read(min(length, PART_BYTES))
        if len(body) < length:
            raise Unavailable(ENDED)
        yield decoder.decode(body)
