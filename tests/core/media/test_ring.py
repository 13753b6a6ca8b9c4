"""One writer, many readers: each starts at a picture, each gets every byte or is moved forward."""

import asyncio
from datetime import timedelta

import pytest

from polycast.core.errors import Unavailable
from polycast.core.media import Ring
from polycast.core.media.ts import PACKET, TsScan
from tests.core.media.packets import picture, stream, tables


class Hand:
    """A monotonic clock moved by hand, seconds."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def ring(hand: Hand) -> Ring:
    return Ring(span=timedelta(seconds=10), size_bytes=10_000_000, now=hand)


def fill(ring: Ring, hand: Hand, seconds: int, *, size: int = 10) -> None:
    """A second of stream with one keyframe at its beginning, `seconds` times."""
    for _ in range(seconds):
        ring.write(stream(5, size=size))
        ring.flush()
        hand.at += 1


async def drain(cursor: object) -> bytes:
    pieces = []
    while piece := await cursor.read(timeout=timedelta(0)):  # type: ignore[attr-defined]
        pieces.append(piece)
    return b"".join(pieces)


class TestAReader:
    async def test_begins_with_tables_and_a_keyframe(self, ring: Ring, hand: Hand) -> None:
        ring.write(picture(key=False) + stream(7))
        first = await ring.join().read()
        assert first is not None
        assert first[: 3 * PACKET] == tables() + picture(key=True, mark=5)[:PACKET]

    async def test_begins_as_far_behind_as_it_likes(self, ring: Ring, hand: Hand) -> None:
        fill(ring, hand, 8)
        assert len(await drain(ring.join())) < len(await drain(ring.join(behind=timedelta(seconds=5))))
        assert ring.join(behind=timedelta(seconds=5)).behind == timedelta(seconds=5)
        assert ring.join(behind=timedelta(minutes=5)).behind == timedelta(seconds=8)

    async def test_gets_every_byte_in_order(self, ring: Ring) -> None:
        data = stream(200, size=30)
        cursor = ring.join()
        reading = asyncio.ensure_future(_to_the_end(cursor))
        for at in range(0, len(data), 7001):
            ring.write(data[at : at + 7001])
            await asyncio.sleep(0)
        ring.end()
        assert await reading == data

    async def test_shares_its_bytes_with_all_others(self, ring: Ring) -> None:
        readers = [ring.join() for _ in range(3)]
        ring.write(stream(100, size=20))
        for reader in readers:
            await reader.read()
        ring.write(stream(100, size=20))
        ring.flush()
        pieces = [await reader.read() for reader in readers]
        assert pieces[0] is pieces[1] is pieces[2]

    async def test_gets_small_chunks_joined(self, ring: Ring) -> None:
        cursor = ring.join()
        for _ in range(30):
            ring.write(picture(key=False))
        await cursor.read()
        piece = await cursor.read()
        assert piece is not None
        assert len(piece) == 29 * 10 * PACKET
        for _ in range(30):
            ring.write(picture(key=False))
        assert len(await cursor.read(4000) or b"") == 2 * 10 * PACKET

    async def test_hears_nothing_for_its_patience(self, ring: Ring) -> None:
        assert await ring.join().read(timeout=timedelta(milliseconds=5)) == b""

    async def test_that_stops_waiting_leaves_nothing_behind(self, ring: Ring) -> None:
        waiting = asyncio.ensure_future(ring.join().read())
        other = asyncio.ensure_future(ring.join().read())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        ring.write(stream(1))
        assert await other

    async def test_is_told_of_the_end_after_the_last_byte(self, ring: Ring) -> None:
        cursor = ring.join()
        ring.write(stream(2))
        ring.end()
        assert await cursor.read()
        assert await cursor.read() is None

    async def test_is_told_why_it_ended(self, ring: Ring) -> None:
        cursor = ring.join()
        ring.end(Unavailable("All sources are down."))
        with pytest.raises(Unavailable):
            await cursor.read()


class TestASlowReader:
    async def test_goes_on_at_a_keyframe_and_harms_nobody(self, ring: Ring, hand: Hand) -> None:
        slow, good = ring.join(), ring.join()
        fill(ring, hand, 1)
        await slow.read()
        for _ in range(30):
            await drain(good)
            fill(ring, hand, 1)
        piece = await slow.read()
        assert piece is not None
        assert piece[: 3 * PACKET] == tables() + picture(key=True)[:PACKET]
        assert (slow.skips, good.skips) == (1, 0)
        assert slow.skipped_chunks > 0

    async def test_can_be_seen_and_moved(self, ring: Ring, hand: Hand) -> None:
        slow = ring.join()
        fill(ring, hand, 5)
        assert slow.behind_bytes == ring.held_bytes
        slow.to_live()
        assert slow.behind_bytes < ring.held_bytes / 4


class TestTheRing:
    async def test_holds_no_more_than_its_time(self, ring: Ring, hand: Hand) -> None:
        fill(ring, hand, 60)
        assert timedelta(seconds=9) <= ring.held <= timedelta(seconds=12)

    async def test_holds_no_more_than_its_size(self, hand: Hand) -> None:
        ring = Ring(span=timedelta(hours=1), size_bytes=1_000_000, now=hand)
        fill(ring, hand, 200, size=50)
        assert 900_000 < ring.held_bytes <= 1_000_000

    async def test_takes_large_chunks_once_it_runs(self, ring: Ring) -> None:
        ring.write(stream(600, size=10))
        cursor = ring.join()
        await cursor.read()
        for _ in range(10):
            ring.write(picture(key=False))
        assert await cursor.read(timeout=timedelta(0)) == b""
        for _ in range(100):
            ring.write(picture(key=False))
        assert len(await cursor.read() or b"") >= 120_000

    async def test_tells_what_is_on(self, ring: Ring) -> None:
        assert (ring.programme, ring.can_start) == (None, False)
        ring.write(b"\x00" * 30 + stream(2))
        assert ring.programme is not None
        assert (ring.can_start, ring.dropped_bytes) == (True, 30)


class TestAnotherSource:
    async def test_begins_at_its_keyframe_behind_a_flag(self, ring: Ring, hand: Hand) -> None:
        ring.write(stream(10))
        cursor = ring.join()
        await drain(cursor)
        ring.write(picture(key=False)[:-50])
        ring.splice()
        await drain(cursor)
        ring.write(picture(key=False))
        ring.write(tables() + picture(key=False))
        assert await cursor.read(timeout=timedelta(0)) == b""
        ring.write(picture(key=True, counter=5))
        piece = await cursor.read()
        assert piece is not None
        assert piece[: 2 * PACKET] == tables()
        assert piece[2 * PACKET : 2 * PACKET + 6] == bytes([0x47, 1, 0, 0x24, 183, 0x80])
        assert piece[3 * PACKET :] == picture(key=True, counter=5)

    async def test_without_any_keyframe_is_taken_in_the_end(self, ring: Ring) -> None:
        ring.splice()
        for _ in range(500):
            ring.write(picture(key=False, size=100))
        assert await ring.join().read()

    async def test_is_what_new_readers_begin_with(self, ring: Ring) -> None:
        ring.write(stream(5))
        ring.splice()
        ring.write(stream(5))
        assert TsScan().scan(await ring.join().read() or b"").keyframes[0] == 2 * PACKET


async def _to_the_end(cursor: object) -> bytes:
    pieces = []
    while (piece := await cursor.read()) is not None:  # type: ignore[attr-defined]
        pieces.append(piece)
    return b"".join(pieces)
