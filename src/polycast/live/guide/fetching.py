"""Getting hold of a guide as a file, as it comes: compressed ones stay so."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.net import GUIDE, Limits, Net, Trust
from polycast.core.net.save import Progress
from polycast.live.guide.files import GuideFiles
from polycast.live.guide.ports import Unpack
from polycast.live.guide.reading import NoGuide, require_guide
from polycast.live.guide.sources import Opened

DOWNLOAD: Final[Limits] = replace(
    GUIDE, connect=timedelta(seconds=30), first_byte=timedelta(seconds=60), idle=timedelta(seconds=60)
)
BLOCK_BYTES: Final = 256 * 1024


class Material(Struct, frozen=True, kw_only=True):
    """A guide, ready to be read."""

    path: Path
    is_unchanged: bool
    digest: bytes  # of the file as it is
    etag: str = ""
    last_modified: str = ""


class GuideFetches:
    """Downloads guides; the last one of each source is kept."""

    def __init__(self, *, net: Net, unpack: Unpack, files: GuideFiles) -> None:
        self._net = net
        self._unpack = unpack
        self._files = files

    async def fetch(self, opened: Opened, progress: Progress) -> tuple[Path, str, str]:
        """Where the guide lies now, with the download's etag and last-modified; of a user's file its time as etag.

        Raises: NoGuide, Invalid; what `core/net` raises.
        """
        source = opened.source
        if not opened.url:
            if not source.file_path:
                raise NoGuide("empty", "The source has neither an address nor a file.")
            path = self._files(source.file_path)
            return path, str(path.stat().st_mtime_ns), ""
        path = self._files.kept(source.id)
        is_kept = path.is_file()
        client = self._net.client(Trust.SOURCE, owner=f"live.guide_source:{source.id}", limits=DOWNLOAD)
        saved = await client.save(
            opened.url,
            path,
            progress=progress,
            if_none_match=opened.etag if is_kept and opened.etag else None,
            if_modified_since=opened.last_modified if is_kept and opened.last_modified else None,
            sniff=require_guide,
        )
        if saved.is_unchanged:
            return path, opened.etag, opened.last_modified
        return path, saved.etag or "", saved.last_modified or ""

    def kept(self, opened: Opened) -> Path | None:
        """The guide as it was last read; None when it is gone. Raises: Invalid."""
        if not opened.url:
            return self._files(opened.source.file_path) if opened.source.file_path else None
        path = self._files.kept(opened.source.id)
        return path if path.is_file() else None

    def forget(self, source_id: int) -> None:
        """Remove what was downloaded for a source."""
        with suppress(FileNotFoundError):
            self._files.kept(source_id).unlink()

    def blocks(self, path: Path) -> Iterator[bytes]:
        """The plain bytes of a guide that may be compressed."""
        with self._unpack(path) as file:
            while block := file.read(BLOCK_BYTES):
                yield block


def digest_of(path: Path) -> bytes:
    """A fingerprint of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()
