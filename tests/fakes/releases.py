"""Things that can be acquired: torrents with files of known bytes, made from a seed."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote


def bencode(value: Any) -> bytes:
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(bencode(one) for one in value) + b"e"
    rows = sorted((key.encode() if isinstance(key, str) else key, one) for key, one in value.items())
    return b"d" + b"".join(bencode(key) + bencode(one) for key, one in rows) + b"e"


@dataclass
class Release:
    """A torrent and its content. `files` are (path with the torrent's folder, bytes)."""

    name: str
    files: list[tuple[str, bytes]] = field(repr=False)
    info_hash: str
    torrent: bytes = field(repr=False)
    trackers: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(content) for _, content in self.files)

    @property
    def magnet(self) -> str:
        return f"magnet:?xt=urn:btih:{self.info_hash}&dn={quote(self.name)}"


def content(seed: str, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def release(
    name: str = "Open.Movie.2008.1080p", files: Sequence[tuple[str, int]] = (("movie.mkv", 300_000),)
) -> Release:
    """A release whose files lie in a folder of its name; sizes in bytes."""
    rows = [(f"{name}/{path}", content(f"{name}/{path}", size)) for path, size in files]
    piece = 64 * 1024
    whole = b"".join(one for _, one in rows)
    pieces = b"".join(hashlib.sha1(whole[at : at + piece]).digest() for at in range(0, len(whole), piece))
    info = {
        "name": name,
        "piece length": piece,
        "pieces": pieces,
        "files": [{"length": len(one), "path": path.split("/")[1:]} for path, one in rows],
    }
    trackers = ["udp://tracker.example.net:1337/announce"]
    torrent = bencode({"announce": trackers[0], "comment": "made by a test", "created by": "polycast", "info": info})
    return Release(
        name=name,
        files=rows,
        info_hash=hashlib.sha1(bencode(info)).hexdigest(),
        torrent=torrent,
        trackers=trackers,
    )
