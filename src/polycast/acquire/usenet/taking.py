"""An NZB file as something that can be added: judged, named and known by its articles."""

from hashlib import sha1

from polycast.acquire.torrents.model import Torrent, TorrentFile
from polycast.acquire.usenet.importing import pieces_of
from polycast.acquire.usenet.nzb import read_nzb

_HEADS = (b"<?xml", b"<nzb", b"<!DOCTYPE nzb", b"\x1f\x8b", b"BZh", b"PK\x03\x04", b"\xfd7zXZ", b"\xef\xbb\xbf<")


def looks_like_nzb(content: bytes) -> bool:
    """Whether it may be an NZB file, packed or not; reading it will tell."""
    return content[:64].lstrip().startswith(_HEADS)


def read_post(content: bytes, *, file_name: str = "") -> Torrent:
    """What is written down of an NZB file. The same articles are the same post, whatever the file is called.

    Blocking. Raises: RefusedPost; TooLarge.
    """
    nzb = read_nzb(pieces_of(content), file_name=file_name)
    known_by = sha1(usedforsecurity=False)
    for message_id in sorted(file.segments[0].message_id for file in nzb.files):
        known_by.update(message_id.encode() + b"\n")
    return Torrent(
        info_hash=known_by.hexdigest(),
        name=nzb.name,
        size_bytes=sum(file.encoded_bytes for file in nzb.files),
        files=tuple(
            TorrentFile(path=file.name or file.subject[:200], size_bytes=file.encoded_bytes) for file in nzb.files
        ),
        content=content,
        protocol="nzb",
    )
