"""What a magnet or a torrent file says."""

from msgspec import Struct


class TorrentFile(Struct, frozen=True, kw_only=True):
    """A file of a torrent. `path` has `/` between segments, as posted: never part of a real path without cleaning."""

    path: str
    size_bytes: int


class Torrent(Struct, frozen=True, kw_only=True):
    """A magnet, a torrent file, whose `content` is there then, or what stands for an NZB file."""

    info_hash: str  # 40 hex digits, lower case
    name: str
    size_bytes: int = 0
    trackers: tuple[str, ...] = ()
    files: tuple[TorrentFile, ...] = ()  # empty for a magnet
    piece_bytes: int = 0
    piece_hashes: tuple[str, ...] = ()
    is_private: bool = False
    comment: str = ""
    created_by: str = ""
    content: bytes | None = None
    protocol: str = "torrent"
