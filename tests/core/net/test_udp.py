"""Datagrams: discovery answered to neighbours only, live sources received in order."""

import asyncio
import socket
import struct
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.net import BadAnswer, Forbidden, Peer, Taken, Trust, Unreachable, open_datagrams
from polycast.core.net.datagrams import Datagrams
from polycast.core.net.multicast import open_feed, parse_feed
from polycast.core.net.rtp import RESTART, WINDOW, Reorder, looks_like_rtp, payload_of
from tests.fakes.clock import FakeClock

TS = b"\x47" + bytes(187)


def rtp(sequence: int, payload: bytes = TS, *, sender: int = 1, flags: int = 0x80, extra: bytes = b"") -> bytes:
    return struct.pack("!BBHII", flags, 33, sequence & 0xFFFF, 0, sender) + extra + payload


@pytest.fixture
def sender():
    """A socket whose multicasts stay on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        made.setblocking(False)
        yield made


@pytest.fixture
def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("", 0))
        return made.getsockname()[1]


class TestAQuestion:
    async def test_of_a_neighbour_is_heard_and_answered(self, sender) -> None:
        def heard(talk: Datagrams, data: bytes, peer: Peer) -> None:
            talk.answer(b"we " + data + talk.our_address(peer).encode(), peer)

        async with open_datagrams(0, host="127.0.0.1", heard=heard, clock=FakeClock()) as talk:
            sender.sendto(b"who? ", ("127.0.0.1", talk.port))
            got = await asyncio.get_running_loop().sock_recv(sender, 100)
        assert got == b"we who? 127.0.0.1"

    async def test_to_a_group_is_heard_on_our_interface(self, sender) -> None:
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        async with open_datagrams(
            0,
            host="127.0.0.1",
            group="239.255.255.250",
            clock=FakeClock(),
            heard=lambda _, data, peer: heard.put_nowait(data),
        ) as talk:
            sender.sendto(b"M-SEARCH", ("239.255.255.250", talk.port))
            assert await heard.get() == b"M-SEARCH"

    @pytest.mark.parametrize(
        "host", ["8.8.8.8", "239.255.255.250", "255.255.255.255", "169.254.1.1", "0.0.0.0", "10.1.2.3"]
    )
    async def test_from_elsewhere_gets_no_answer(self, host: str) -> None:
        # 10.1.2.3 is private, but not reached over the loopback interface that the server listens on.
        async with open_datagrams(0, host="127.0.0.1", heard=lambda *_: None, clock=FakeClock()) as talk:
            assert not talk.answer(b"x", Peer(host, 1900))

    async def test_gets_ten_small_answers_a_second(self, sender) -> None:
        clock = FakeClock()
        sender.bind(("127.0.0.1", 0))
        peer = Peer(*sender.getsockname())
        async with open_datagrams(0, host="0.0.0.0", heard=lambda *_: None, clock=clock) as talk:
            assert not talk.answer(b"x" * 513, peer)
            assert [talk.answer(b"x" * 512, peer) for _ in range(11)] == [True] * 10 + [False]
            clock.move(timedelta(seconds=1))
            assert talk.answer(b"x", peer)

    async def test_port_taken_is_told(self, free_port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("", free_port))
            with pytest.raises(Taken, match=str(free_port)):
                async with open_datagrams(free_port, host="127.0.0.1", heard=lambda *_: None, clock=FakeClock()):
                    pass


class TestALiveSource:
    async def test_is_received_from_its_group(self, sender, free_port: int) -> None:
        feed = parse_feed(f"udp://@239.1.2.3:{free_port}", "127.0.0.1")
        async with open_feed(feed, idle=timedelta(seconds=5)) as stream:
            pieces = stream.chunks()
            for number in range(3):
                sender.sendto(TS + bytes([number]), ("239.1.2.3", free_port))
            got = b""
            while len(got) < 3 * 189:
                got += await anext(pieces)
        assert got == b"".join(TS + bytes([number]) for number in range(3))

    async def test_from_one_sender_alone_hears_no_other(self, sender, free_port: int) -> None:
        feed = parse_feed(f"udp://127.0.0.9@232.1.2.3:{free_port}?localaddr=127.0.0.1")
        async with open_feed(feed, idle=timedelta(seconds=0.1)) as stream:
            sender.sendto(TS, ("232.1.2.3", free_port))
            with pytest.raises(BadAnswer) as caught:
                await anext(stream.chunks())
        assert caught.value.reason == "silent"

    @pytest.mark.parametrize("scheme", ["rtp", "udp"])
    async def test_in_rtp_is_unwrapped_and_ordered(self, net, sender, free_port: int, scheme: str) -> None:
        client = net.client(Trust.SOURCE, owner="live")
        async with client.udp(f"{scheme}://127.0.0.1:{free_port}", idle=timedelta(seconds=5)) as stream:
            for number in (65534, 65535, 1, 0, 2):
                sender.sendto(rtp(number, TS[:-1] + bytes([number & 0xFF])), ("127.0.0.1", free_port))
            pieces = stream.chunks()
            got = b""
            while len(got) < 5 * 188:
                got += await anext(pieces)
        assert list(got[187::188]) == [254, 255, 0, 1, 2]

    async def test_of_anyone_but_an_administrator_is_refused(self, net) -> None:
        for trust in (Trust.CONTENT, Trust.USER):
            with pytest.raises(Forbidden):
                net.client(trust, owner="live").udp("udp://@239.1.1.1:5000")

    @pytest.mark.parametrize(
        "url",
        [
            "udp://@8.8.8.8:5000",
            "udp://@169.254.1.1:5000",
            "udp://@240.0.0.1:5000",
            "udp://@239.1.1.1:80",
            "udp://@239.1.1.1:99999",
            "udp://@239.1.1.1",
            "udp://@host.test:5000",
            "udp://a@b@239.1.1.1:5000",
            "udp://@239.1.1.1:5000?localaddr=evil",
            "rtsp://239.1.1.1:5000",
            "file:///etc/passwd",
        ],
    )
    def test_anywhere_odd_is_refused(self, url: str) -> None:
        with pytest.raises(Forbidden):
            parse_feed(url)

    async def test_that_cannot_be_joined_is_told(self) -> None:
        with pytest.raises(Unreachable):
            async with open_feed(parse_feed("udp://@239.1.1.1:5000", "192.0.2.1"), idle=timedelta(seconds=1)):
                pass


class TestRtp:
    @given(st.integers(0, 65535), st.randoms(use_true_random=False))
    def test_packets_that_overtake_each_other_come_out_in_order(self, first: int, chance: Random) -> None:
        order = list(range(1, 200))
        for place in range(0, len(order) - 8, 8):
            part = order[place : place + 8]
            chance.shuffle(part)
            order[place : place + 8] = part
        reorder = Reorder()
        out = reorder.feed(rtp(first, b"0"))
        for number in order:
            out += reorder.feed(rtp(first + number, str(number).encode()))
            if chance.random() < 0.2:
                out += reorder.feed(rtp(first + number, b"again"))
        assert [int(piece) for piece in out] == list(range(200))
        assert reorder.lost == 0

    def test_a_packet_that_never_comes_is_given_up(self) -> None:
        reorder = Reorder()
        out = [piece for number in range(200) if number != 50 for piece in reorder.feed(rtp(number, b"%d" % number))]
        assert [int(piece) for piece in out] == [number for number in range(200) if number != 50]
        assert reorder.lost == 1

    def test_a_new_start_of_the_sender_loses_nothing_held(self) -> None:
        reorder = Reorder()
        out = reorder.feed(rtp(1, b"a")) + reorder.feed(rtp(3, b"c"))
        out += reorder.feed(rtp(3 + 2 * RESTART, b"x")) + reorder.feed(rtp(9, b"y", sender=2))
        assert out == [b"a", b"c", b"x", b"y"]

    def test_a_header_may_have_sources_extension_and_padding(self) -> None:
        extra = bytes(8) + b"\xbe\xde\x00\x01" + bytes(4)
        packet = rtp(1, b"payload" + b"\x00\x00\x03", flags=0x80 | 0x20 | 0x10 | 2, extra=extra)
        assert payload_of(packet) == b"payload"

    @given(st.binary(max_size=60))
    def test_any_bytes_are_taken_or_dropped(self, packet: bytes) -> None:
        Reorder().feed(packet)
        looks_like_rtp(packet)

    def test_is_told_from_plain_ts(self) -> None:
        assert looks_like_rtp(rtp(1, TS * 7))
        assert not looks_like_rtp(TS * 7)

    def test_holds_a_bounded_number(self) -> None:
        reorder = Reorder()
        reorder.feed(rtp(0))
        for number in range(2, 2000, 2):
            reorder.feed(rtp(number))
            assert len(reorder._held) <= WINDOW
