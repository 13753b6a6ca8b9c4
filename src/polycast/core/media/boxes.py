"""Fragmented MP4 as bytes: taking it apart, and joining tracks that were made apart.

Source: ISO/IEC 14496-12, 8.8 (movie fragments).
"""

import struct
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

LONGEST: Final = 512 * 1024 * 1024  # bytes of one fragment
HEAD: Final = struct.Struct(">I4s")
WORD: Final = struct.Struct(">I")
LONG: Final = struct.Struct(">Q")
SIGNED: Final = struct.Struct(">i")
SIGNED_LONG: Final = struct.Struct(">q")
INIT: Final = frozenset({b"ftyp", b"moov"})
FRAGMENT: Final = frozenset({b"moof", b"mdat"})
# flags of a track run, in the order of their fields
RUN_OFFSET, RUN_FIRST, RUN_DURATION, RUN_SIZE, RUN_FLAGS, RUN_SHIFT = 0x1, 0x4, 0x100, 0x200, 0x400, 0x800


class BadBoxes(Exception):
    """Bytes that are no MP4, or none that we make."""


class Box(Struct, frozen=True):
    """Where a box lies; `body` is where its content begins."""

    kind: bytes
    start: int
    body: int
    end: int


def walk(content: bytes | bytearray, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes between two places. Raises: BadBoxes."""
    at, until = start, len(content) if end is None else end
    while at < until:
        box = _box(content, at)
        if box is None or box.end > until:
            raise BadBoxes("a box is cut off")
        yield box
        at = box.end


def inside(content: bytes | bytearray, *path: bytes) -> Box:
    """The first box at a path like `b"moov", b"trak"`. Raises: BadBoxes when there is none."""
    start, end = 0, len(content)
    found = None
    for kind in path:
        found = next((box for box in walk(content, start, end) if box.kind == kind), None)
        if found is None:
            raise BadBoxes(f"there is no {kind.decode()}")
        start, end = found.body, found.end
    if found is None:
        raise BadBoxes("no path was given")
    return found


class Pieces:
    """Takes an endless fragmented MP4 as it comes, and gives it back piece by piece."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._head = bytearray()  # ftyp, then moov
        self._fragment = bytearray()
        self.init = b""

    def feed(self, fresh: bytes) -> Iterator[bytes]:
        """Every fragment (moof and mdat) that is now complete; `init` is set before the first. Raises: BadBoxes."""
        self._rest += fresh
        while (box := _box(self._rest, 0)) is not None:
            if box.end > LONGEST:
                raise BadBoxes("a box is too large")
            if box.end > len(self._rest):
                return
            piece = self._rest[: box.end]
            del self._rest[: box.end]
            if box.kind in INIT:
                self._head += piece
                if box.kind == b"moov":
                    self.init = bytes(self._head)
            elif box.kind in FRAGMENT:
                self._fragment += piece
                if box.kind == b"mdat":
                    yield bytes(self._fragment)
                    self._fragment = bytearray()


def split(content: bytes) -> tuple[bytes, bytes]:
    """A whole fragmented MP4 as (init, fragments); its index at the end is left out. Raises: BadBoxes."""
    pieces = Pieces()
    fragments = b"".join(pieces.feed(content))
    return pieces.init, fragments


def delay(init: bytes) -> int:
    """How much later than shown the first track's frames are stamped, which its edit list takes off again.

    Muxers stamp a track with reordered frames so that no decode time is below zero. Raises: BadBoxes.
    """
    trak = inside(init, b"moov", b"trak")
    edts = next((box for box in walk(init, trak.body, trak.end) if box.kind == b"edts"), None)
    if edts is None:
        return 0
    elst = next((box for box in walk(init, edts.body, edts.end) if box.kind == b"elst"), None)
    if elst is None or WORD.unpack_from(init, elst.body + 4)[0] == 0:
        return 0
    is_long = init[elst.body] == 1
    at = SIGNED_LONG.unpack_from(init, elst.body + 16) if is_long else SIGNED.unpack_from(init, elst.body + 12)
    return max(0, int(at[0]))


def moved(fragments: bytes, by: int) -> bytes:
    """The same fragments, `by` units later. Raises: BadBoxes when that would be before the beginning."""
    if not by:
        return fragments
    content = bytearray(fragments)
    for moof in [box for box in walk(content) if box.kind == b"moof"]:
        for traf in [box for box in walk(content, moof.body, moof.end) if box.kind == b"traf"]:
            for clock in [box for box in walk(content, traf.body, traf.end) if box.kind == b"tfdt"]:
                word = LONG if content[clock.body] == 1 else WORD
                at = word.unpack_from(content, clock.body + 4)[0] + by
                if not 0 <= at < 1 << (word.size * 8):
                    raise BadBoxes("a time that cannot be written")
                word.pack_into(content, clock.body + 4, at)
    return bytes(content)


def begins(fragment: bytes, init: bytes) -> int:
    """When the first frame of a fragment is shown, in units of its track's timescale. Raises: BadBoxes."""
    traf = inside(fragment, b"moof", b"traf")
    clock = next((box for box in walk(fragment, traf.body, traf.end) if box.kind == b"tfdt"), None)
    run = next((box for box in walk(fragment, traf.body, traf.end) if box.kind == b"trun"), None)
    if clock is None or run is None:
        raise BadBoxes("a fragment without a time")
    word = LONG if fragment[clock.body] == 1 else WORD
    return int(word.unpack_from(fragment, clock.body + 4)[0]) + _first_shift(fragment, run) - delay(init)


def timescale(init: bytes) -> int:
    """Units a second of the first track. Raises: BadBoxes."""
    box = inside(init, b"moov", b"trak", b"mdia", b"mdhd")
    return int(WORD.unpack_from(init, box.body + (20 if init[box.body] == 1 else 12))[0])


def as_track(fragments: bytes, track: int, *, first: int) -> bytes:
    """The same fragments as those of another track, numbered from `first`. Raises: BadBoxes."""
    content = bytearray(fragments)
    number = first
    for moof in [box for box in walk(content) if box.kind == b"moof"]:
        for box in list(walk(content, moof.body, moof.end)):
            if box.kind == b"mfhd":
                WORD.pack_into(content, box.body + 4, number)
            if box.kind == b"traf":
                head = next(one for one in walk(content, box.body, box.end) if one.kind == b"tfhd")
                WORD.pack_into(content, head.body + 4, track)
        number += 1
    return bytes(content)


def join_inits(first: bytes, second: bytes) -> bytes:
    """One init for two tracks: the first keeps its number 1, the second becomes 2. Raises: BadBoxes."""
    ftyp, moov = inside(first, b"ftyp"), inside(first, b"moov")
    trak = _numbered(second, inside(second, b"moov", b"trak"), b"tkhd")
    trex = _numbered(second, inside(second, b"moov", b"mvex", b"trex"), b"trex")
    body = bytearray()
    for box in walk(first, moov.body, moov.end):
        content = first[box.start : box.end]
        if box.kind == b"mvex":
            body += trak
            content = _boxed(b"mvex", first[box.body : box.end] + trex)
        if box.kind == b"mvhd":
            content = _next_track(content)
        body += content
    return first[ftyp.start : ftyp.end] + _boxed(b"moov", bytes(body))


def _next_track(mvhd: bytes) -> bytes:
    return mvhd[:-4] + WORD.pack(3)


def _numbered(content: bytes, box: Box, kind: bytes) -> bytes:
    """A copy of a track's box with the track's number set to 2."""
    copied = bytearray(content[box.start : box.end])
    head = next(iter(walk(copied))) if kind == b"trex" else _child(copied, b"tkhd")
    at = head.body + 4 if kind == b"trex" else head.body + (20 if copied[head.body] == 1 else 12)
    WORD.pack_into(copied, at, 2)
    return bytes(copied)


def _child(content: bytearray, kind: bytes) -> Box:
    outer = next(iter(walk(content)))
    found = next((box for box in walk(content, outer.body, outer.end) if box.kind == kind), None)
    if found is None:
        raise BadBoxes(f"there is no {kind.decode()}")
    return found


def _boxed(kind: bytes, body: bytes) -> bytes:
    return HEAD.pack(len(body) + 8, kind) + body


def _box(content: bytes | bytearray, at: int) -> Box | None:
    """The box that begins at `at`; None when even its head is not there."""
    if len(content) - at < 8:
        return None
    size, kind = HEAD.unpack_from(content, at)
    body = at + 8
    if size == 1:
        if len(content) - at < 16:
            return None
        size = LONG.unpack_from(content, at + 8)[0]
        body = at + 16
    if size < body - at:
        raise BadBoxes("a box of no size")
    return Box(kind, at, body, at + size)


def _fields(content: bytes | bytearray, run: Box) -> tuple[int, int, int, int]:
    """(place of the first sample's entry, bytes of an entry, place of the shift in it or -1, samples)."""
    flags = WORD.unpack_from(content, run.body)[0] & 0xFFFFFF
    count = int(WORD.unpack_from(content, run.body + 4)[0])
    at = run.body + 8 + 4 * bool(flags & RUN_OFFSET) + 4 * bool(flags & RUN_FIRST)
    before = sum(4 for flag in (RUN_DURATION, RUN_SIZE, RUN_FLAGS) if flags & flag)
    width = before + 4 * bool(flags & RUN_SHIFT)
    if at + width * count > run.end:
        raise BadBoxes("a run is cut off")
    return at, width, before if flags & RUN_SHIFT else -1, count


def _first_shift(content: bytes | bytearray, run: Box) -> int:
    at, _, shift_at, count = _fields(content, run)
    return int(SIGNED.unpack_from(content, at + shift_at)[0]) if shift_at >= 0 and count else 0
