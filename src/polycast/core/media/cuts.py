"""Pieces of media files on demand: cut, encoded, drawn or read by sandboxed children, given back as bytes."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.media.asks import (
    Answer,
    Ask,
    CutAsk,
    Keyframes,
    KeyframesAsk,
    Line,
    MadeAnswer,
    PictureAsk,
    SoundAsk,
    TilesAsk,
    WordsAsk,
)
from polycast.core.media.model import Failed

CUT: Final = timedelta(seconds=30)
LONG: Final = timedelta(minutes=10)
_lines: Final = msgspec.json.Decoder(Line)


class CannotCut(Invalid):
    """The file does not give what was asked: it is damaged, or what it holds does not fit where it should go."""

    def __init__(self, why: str) -> None:
        super().__init__([Problem("file", "cannot_cut", {}, why)])


class Asker(Protocol):
    """Who talks to the children."""

    async def ask(self, ask: Ask, descriptor: int, *others: int, timeout: timedelta) -> Answer: ...


class Piece(Struct, frozen=True, kw_only=True):
    """A piece of one track as fragmented MP4: its fragments, and the init that goes before them."""

    content: bytes
    init: bytes
    count: int  # packets; 0 when the track has nothing in that span


class Words(Struct, frozen=True, kw_only=True):
    """Subtitles of a file. `head` are the styles when one ASS stream was asked for."""

    lines: list[Line]
    head: str


class Cuts:
    """Pieces of files. Every question opens the file anew: descriptors that share a position would disturb each other."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def keyframes(self, path: Path, stream: int, *, may_scan: bool = False) -> Keyframes | None:
        """Where a stream's pictures can be entered; None when the file has no index and `may_scan` is off.

        Raises: NotFound, CannotCut, and what `Media.ask` raises.
        """
        async with _source(path) as source:
            ask = KeyframesAsk(stream, may_scan)
            answer = await self._asker.ask(ask, source, timeout=LONG if may_scan else CUT)
        if isinstance(answer, Keyframes):
            return answer
        if not may_scan and isinstance(answer, Failed):
            return None
        raise CannotCut(_reason(answer))

    async def cut(self, path: Path, ask: CutAsk | SoundAsk) -> Piece:
        """A piece of one track. Raises: NotFound, CannotCut, and what `Media.ask` raises."""
        async with _source(path) as source, _target() as content, _target() as init:
            answer = await self._asker.ask(ask, source, content, init, timeout=CUT)
            made = _made(answer)
            return Piece(
                content=await asyncio.to_thread(_read, content, made.size_bytes),
                init=await asyncio.to_thread(_read, init, made.init_bytes),
                count=made.count,
            )

    async def words(self, path: Path, ask: WordsAsk) -> Words:
        """Text subtitles. Raises: NotFound, CannotCut, and what `Media.ask` raises."""
        async with _source(path) as source, _target() as content:
            made = _made(await self._asker.ask(ask, source, content, timeout=LONG))
            packed = await asyncio.to_thread(_read, content, made.size_bytes)
        return Words(lines=[_lines.decode(line) for line in packed.splitlines()], head=made.head)

    async def draw(self, path: Path, ask: PictureAsk | TilesAsk) -> bytes:
        """A JPEG. Raises: NotFound, CannotCut, and what `Media.ask` raises."""
        async with _source(path) as source, _target() as content:
            made = _made(await self._asker.ask(ask, source, content, timeout=LONG))
            return await asyncio.to_thread(_read, content, made.size_bytes)


def _made(answer: Answer) -> MadeAnswer:
    if isinstance(answer, MadeAnswer):
        return answer
    raise CannotCut(_reason(answer))


def _reason(answer: Answer) -> str:
    return answer.reason if isinstance(answer, Failed) else "an answer to another question"


@asynccontextmanager
async def _source(path: Path) -> AsyncIterator[int]:
    descriptor = await asyncio.to_thread(open_regular, path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@asynccontextmanager
async def _target() -> AsyncIterator[int]:
    """Memory that a child can write to as to a file."""
    descriptor = os.memfd_create("polycast-piece", os.MFD_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_regular(path: Path) -> int:
    """A descriptor of a plain file. Blocking. Raises: NotFound."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise NotFound("File") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotFound("File")
    return descriptor


def _read(descriptor: int, size_bytes: int) -> bytes:
    """Never more than was really written, whatever a child says."""
    size = min(size_bytes, os.fstat(descriptor).st_size)
    found = bytearray()
    while len(found) < size and (fresh := os.pread(descriptor, size - len(found), len(found))):
        found += fresh
    return bytes(found)
