"""Magnets and torrent files, validated and sized before anything is stored. Source: BEP 3, 9, 12, 53."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from polycast.acquire.torrents.bencode import BadBencode, Decoder
from polycast.acquire.torrents.model import Torrent, TorrentFile
from polycast.core.errors import Invalid, TooLarge
from polycast.core.storage import clean

CONTENT_BYTES: Final = 10 * 1024 * 1024
FILES: Final = 200_000
TRACKERS: Final = 200
NAME: Final = 500
MAGNET_CHARACTERS: Final = 64 * 1024
_HEX: Final = re.compile(r"[0-9a-fA-F]{40}")
_BASE32: Final = re.compile(r"[A-Za-z2-7]{32}")
_TRACKER: Final = re.compile(r"(?:https?|udp|wss?)://[^\s\x00-\x1f]{1,500}")


def bad_magnet(why: str) -> Invalid:
    return Invalid.one("magnet", "magnet", f"This is no usable magnet: {why}.")


def info_hash(text: str) -> str | None:
    """A v1 hash in either spelling as 40 hex digits; None when it is none."""
    if _HEX.fullmatch(text):
        return text.lower()
    if _BASE32.fullmatch(text):
        try:
            return base64.b32decode(text.upper()).hex()
        except binascii.Error:
            return None
    return None


def read_magnet(text: str) -> Torrent:
    """A `magnet:` link, or a bare hash. Raises: Invalid."""
    text = text.strip()
    if (bare := info_hash(text)) is not None:
        return Torrent(info_hash=bare, name=bare)
    if len(text) > MAGNET_CHARACTERS or not text[:8].lower() == "magnet:?":
        raise bad_magnet("it does not start with magnet:?")
    try:
        pairs = parse_qsl(urlsplit(text).query, max_num_fields=1000, errors="replace")
    except ValueError as error:
        raise bad_magnet("it has too many fields") from error
    found = next((known for urn in _named(pairs, "xt") if (known := _of_urn(urn))), None)
    if found is None:
        newer = any(urn.lower().startswith("urn:btmh:") for urn in _named(pairs, "xt"))
        raise bad_magnet("only a v2 hash is there, and no v1 hash" if newer else "its hash is missing or wrong")
    name = clean(next(_named(pairs, "dn"), ""), NAME)
    length = next(_named(pairs, "xl"), "0")
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0
    return Torrent(info_hash=found, name=name or found, size_bytes=size, trackers=_trackers(_named(pairs, "tr")))


def _named(pairs: list[tuple[str, str]], name: str) -> Iterator[str]:
    """Values of `name`, also numbered as `xt.1`."""
    return (value for key, value in pairs if key.partition(".")[0].lower() == name)


def _of_urn(urn: str) -> str | None:
    kind, _, rest = urn.rpartition(":")
    return info_hash(rest) if kind.lower() == "urn:btih" else None


def magnet_of(torrent: Torrent, *, with_trackers: bool = True) -> str:
    """The torrent as a magnet link."""
    parts = [f"magnet:?xt=urn:btih:{torrent.info_hash}"]
    if torrent.name != torrent.info_hash:
        parts.append(f"dn={quote(torrent.name, safe='')}")
    if torrent.size_bytes:
        parts.append(f"xl={torrent.size_bytes}")
    if with_trackers:
        parts += [f"tr={quote(tracker, safe='')}" for tracker in torrent.trackers]
    return "&".join(parts)


def read_torrent(content: bytes) -> Torrent:
    """A `.torrent` file. Takes time with its size: call it off the loop. Raises: Invalid, TooLarge."""
    if len(content) > CONTENT_BYTES:
        raise TooLarge("A torrent file may have 10 MiB.")
    decoder = Decoder(content)
    whole = decoder.whole()
    info = whole.get(b"info") if isinstance(whole, dict) else None
    if not isinstance(info, dict):
        raise BadBencode("it has no info")
    start, end = decoder.spans[b"info"]
    name = _text(info.get(b"name.utf-8", info.get(b"name")), NAME)
    pieces = info.get(b"pieces")
    if not isinstance(pieces, bytes) or len(pieces) % 20:
        raise BadBencode("it has no v1 pieces")
    files = tuple(_files(info, name))
    if not files:
        raise BadBencode("it has no files")
    digest = hashlib.sha1(content[start:end], usedforsecurity=False).hexdigest()
    length = info.get(b"piece length")
    return Torrent(
        info_hash=digest,
        name=name or digest,
        size_bytes=sum(file.size_bytes for file in files),
        trackers=_trackers(_announced(whole)),
        files=files,
        piece_bytes=length if isinstance(length, int) and 0 < length < 1 << 40 else 0,
        piece_hashes=tuple(pieces[at : at + 20].hex() for at in range(0, len(pieces), 20)),
        is_private=info.get(b"private") == 1,
        comment=_text(whole.get(b"comment"), NAME),
        created_by=_text(whole.get(b"created by"), 200),
        content=content,
    )


def _files(info: dict[bytes, Any], name: str) -> Iterator[TorrentFile]:
    if b"files" not in info:
        yield TorrentFile(path=name, size_bytes=_length(info))
        return
    rows = info[b"files"]
    if not isinstance(rows, list):
        raise BadBencode("its files are no list")
    if len(rows) > FILES:
        raise TooLarge("The torrent has too many files.")
    for row in rows:
        parts = row.get(b"path.utf-8", row.get(b"path")) if isinstance(row, dict) else None
        if not isinstance(parts, list) or not parts or b"p" in _attributes(row):
            if isinstance(parts, list) and parts:
                continue  # padding between files, BEP 47
            raise BadBencode("a file has no path")
        path = "/".join(
            part for part in (_text(part, 255).replace("/", "_") for part in parts) if part not in {"", ".", ".."}
        )
        yield TorrentFile(path=f"{name}/{path}" if name else path, size_bytes=_length(row))


def _attributes(row: dict[bytes, Any]) -> bytes:
    found = row.get(b"attr", b"")
    return found if isinstance(found, bytes) else b""


def _length(row: dict[bytes, Any]) -> int:
    found = row.get(b"length")
    if not isinstance(found, int) or not 0 <= found < 1 << 60:
        raise BadBencode("a file has no size")
    return found


def _announced(whole: dict[bytes, Any]) -> Iterator[str]:
    tiers = whole.get(b"announce-list")
    rows = [[whole.get(b"announce")], *(tiers if isinstance(tiers, list) else [])]
    for row in rows:
        for one in row if isinstance(row, list) else []:
            if isinstance(one, bytes):
                yield one.decode("utf-8", "replace")


def _trackers(found: Iterable[str]) -> tuple[str, ...]:
    kept = dict.fromkeys(text.strip() for text in found if _TRACKER.fullmatch(text.strip()))
    return tuple(kept)[:TRACKERS]


def _text(value: object, longest: int) -> str:
    return clean(value.decode("utf-8", "replace"), longest) if isinstance(value, bytes) else ""


def looks_like_torrent(content: bytes) -> bool:
    """Whether bytes are worth reading as a torrent file."""
    return content[:1] == b"d" and content[1:2].isdigit()
