"""Transport streams made by hand, a packet at a time."""

from itertools import count

VIDEO_PID = 0x100
PMT_PID = 0x1000


def packet(pid: int, body: bytes, *, starts: bool = False, random_access: bool = False, counter: int = 0) -> bytes:
    """One packet; a body shorter than 184 bytes is padded with an adaptation field."""
    stuffing = 184 - len(body)
    if random_access:
        stuffing = max(stuffing, 2)
    field = b""
    if stuffing:
        flags = bytes([0x40 if random_access else 0]) + b"\xff" * (stuffing - 2) if stuffing > 1 else b""
        field = bytes([stuffing - 1]) + flags
    control = (0x30 if field else 0x10) | counter & 0x0F
    return bytes([0x47, (0x40 if starts else 0) | pid >> 8, pid & 0xFF, control]) + field + body[: 184 - len(field)]


def pat(pmt_pid: int = PMT_PID) -> bytes:
    section = b"\x00\xb0\x0d\x00\x01\xc1\x00\x00\x00\x01" + (0xE000 | pmt_pid).to_bytes(2, "big") + b"\0\0\0\0"
    return packet(0, (b"\0" + section).ljust(184, b"\xff"), starts=True)


def pmt(*streams: tuple[int, int, bytes], pid: int = PMT_PID, clock: int = VIDEO_PID) -> bytes:
    """Tables for `streams` of (stream type, pid, descriptors); several packets when one is too small."""
    rows = b"".join(
        bytes([kind]) + (0xE000 | at).to_bytes(2, "big") + (0xF000 | len(more)).to_bytes(2, "big") + more
        for kind, at, more in streams
    )
    body = b"\x00\x01\xc1\x00\x00" + (0xE000 | clock).to_bytes(2, "big") + b"\xf0\x00" + rows + b"\0\0\0\0"
    section = b"\0\x02" + (0xB000 | len(body)).to_bytes(2, "big") + body
    pieces = [section[at : at + 184] for at in range(0, len(section), 184)]
    return b"".join(
        packet(pid, piece.ljust(184, b"\xff"), starts=index == 0, counter=index) for index, piece in enumerate(pieces)
    )


def picture(*, key: bool, size: int = 10, counter: int = 0, mark: int = 0) -> bytes:
    """An H.264 picture of `size` packets; `mark` is a byte to tell it by."""
    unit = b"\x67" if key else b"\x41"
    pes = b"\x00\x00\x01\xe0\x00\x00\x80\x80\x05\x21\x00\x01\x00\x01\x00\x00\x00\x01\x09\xf0\x00\x00\x00\x01" + unit
    first = packet(VIDEO_PID, pes.ljust(184, bytes([mark])), starts=True, counter=counter)
    rest = [packet(VIDEO_PID, bytes([mark]) * 184, counter=counter + n) for n in range(1, size)]
    return first + b"".join(rest)


def tables() -> bytes:
    return pat() + pmt((0x1B, VIDEO_PID, b""))


def stream(pictures: int, *, every: int = 5, size: int = 10) -> bytes:
    """Pictures with a keyframe and tables at each `every`th."""
    numbers = count()
    return b"".join(
        (tables() if number % every == 0 else b"") + picture(key=number % every == 0, size=size, mark=number % 256)
        for number, _ in zip(numbers, range(pictures), strict=False)
    )
