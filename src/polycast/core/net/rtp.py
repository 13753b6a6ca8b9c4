"""RTP, as far as live television needs it: the header off, packets back in order. Source: RFC 3550, 5.1; RFC 2250."""

import struct
from typing import Final

WINDOW: Final = 64  # packets that may overtake one another: about 15 ms at 50 Mbit/s, 200 ms at 4 Mbit/s
RESTART: Final = 3000  # sequence numbers; a larger jump is a new start of the sender, not a gap
TS_SYNC: Final = 0x47
TS_PACKET: Final = 188
_HEADER: Final = struct.Struct("!BBHII")


def looks_like_rtp(packet: bytes) -> bool:
    """Whether `packet` is RTP around whole TS packets; some senders do so under a `udp://` address."""
    payload = payload_of(packet)
    return (
        packet[:1] != bytes([TS_SYNC])
        and payload is not None
        and len(payload) >= TS_PACKET
        and len(payload) % TS_PACKET == 0
        and payload[0] == TS_SYNC
    )


def payload_of(packet: bytes) -> bytes | None:
    """What an RTP packet carries; None when it is none."""
    if len(packet) < _HEADER.size:
        return None
    first, _, _, _, _ = _HEADER.unpack_from(packet)
    if first >> 6 != 2:
        return None
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:  # an extension: profile, length in words, words
        if len(packet) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - (packet[-1] if first & 0x20 else 0)
    return packet[start:end] if start <= end else None


class Reorder:
    """Puts the packets of one sender in order; a gap that is not filled within WINDOW packets is given up."""

    def __init__(self) -> None:
        self.lost = 0  # packets
        self._sender: int | None = None
        self._next = 0
        self._held: dict[int, bytes] = {}

    def feed(self, packet: bytes) -> list[bytes]:
        """The payloads that are now in turn."""
        payload = payload_of(packet)
        if payload is None:
            return []
        _, _, sequence, _, sender = _HEADER.unpack_from(packet)
        ahead = (sequence - self._next) & 0xFFFF
        if sender != self._sender or RESTART < ahead < 0x10000 - RESTART:
            rest = [self._held[key] for key in sorted(self._held, key=self._distance)]
            self._held.clear()
            self._sender, self._next = sender, (sequence + 1) & 0xFFFF
            return [*rest, payload]
        if ahead > RESTART:
            return []  # late or a second time
        self._held.setdefault(sequence, payload)
        out = self._in_turn()
        if len(self._held) > WINDOW:
            first = min(self._held, key=self._distance)
            self.lost += self._distance(first)
            self._next = first
            out += self._in_turn()
        return out

    def _in_turn(self) -> list[bytes]:
        out: list[bytes] = []
        while (payload := self._held.pop(self._next, None)) is not None:
            out.append(payload)
            self._next = (self._next + 1) & 0xFFFF
        return out

    def _distance(self, sequence: int) -> int:
        return (sequence - self._next) & 0xFFFF
