"""The reader of big playlists: `python -m polycast.live.sources.refresh.child CONTROL PARENT`. See `apart`."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

import msgspec

from polycast.core.errors import PolycastError
from polycast.core.processes.forked import serve_lasting
from polycast.core.processes.lasting import FarLine
from polycast.live.sources.addresses import Hider, Login
from polycast.live.sources.refresh.apart import LENGTH_BYTES, Ask, Report
from polycast.live.sources.refresh.identity import hasher
from polycast.live.sources.refresh.playlist import Tally, raw_entries
from polycast.live.sources.refresh.reading import Parsed, parsed

BLOCK_BYTES: Final = 256 * 1024
PART: Final = 1000  # entries
LONG_S: Final = 60.0
END: Final = bytes(LENGTH_BYTES)


def talk(line: FarLine) -> None:
    """Read one playlist: the first descriptor; its entries go to the second one, how it went to the line."""
    frames: list[bytes] = []
    while not frames:
        frames = line.heard(LONG_S)
    ask = msgspec.json.decode(frames[0], type=Ask)
    source, target = line.descriptor(), line.descriptor()
    report = read(ask, source, target)
    os.close(target)
    line.tell(msgspec.json.encode(report))
    with suppress(EOFError):
        while not line.heard(LONG_S):  # until the server hangs up
            pass


def read(ask: Ask, source: int, target: int) -> Report:
    """The playlist of one descriptor, its entries to the other."""
    tally, error = Tally(), ""
    hide = Hider(ask.login).hide if ask.login is not None else None
    make = hasher(ask.keys, account_id=ask.account_id, is_xtream=False)
    encoder = msgspec.msgpack.Encoder()
    try:
        for part in _in_parts(parsed(raw_entries(_blocks(source), tally), hide, make)):
            body = encoder.encode(part)
            _write(target, len(body).to_bytes(LENGTH_BYTES, "big") + body)
    except PolycastError as failure:
        error = failure.message
    _write(target, END)
    return Report(tally, error)


def _in_parts(entries: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    while part := list(islice(entries, PART)):
        yield part


def _blocks(descriptor: int) -> Iterator[bytes]:
    while block := os.read(descriptor, BLOCK_BYTES):
        yield block


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def warm_up() -> None:
    """Everything a child will use, used once."""
    line = '#EXTINF:-1 tvg-id="a" tvg-name="b" tvg-logo="c" tvg-chno="1" group-title="d",é\nhttp://a.example/1\n'
    entries = raw_entries([line.encode(), line.encode("cp1252")], Tally())
    found = list(parsed(entries, Hider(Login("a", "b")).hide, hasher(["url", "name"], account_id=1, is_xtream=False)))
    msgspec.msgpack.encode(found)
    msgspec.json.decode(msgspec.json.encode(Report(Tally(), "")), type=Report)


if __name__ == "__main__":
    serve_lasting(int(sys.argv[1]), int(sys.argv[2]), talk=talk, warm=warm_up)
