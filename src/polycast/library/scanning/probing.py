"""The second phase: what the files hold. Only in sandboxed children; a file they choke on is noted and passed over."""

import asyncio
import hashlib
import os
import struct
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.errors import Invalid, PolycastError, Unavailable
from polycast.core.jobs import Run
from polycast.core.media import Probed
from polycast.core.storage import Database, Unit
from polycast.library.probing.model import encode, resolution
from polycast.library.scanning.model import Counts
from polycast.library.scanning.ports import LooksInto
from polycast.library.scanning.store import ScanStore

PAGE: Final = 128
AT_ONCE: Final = 8
TRIES: Final = 3
FIRST: Final = timedelta(seconds=30)
SECOND: Final = timedelta(seconds=120)  # alone, when the first look came to nothing
PIECE: Final = 64 * 1024
PLACE: Final = ("path", "folder_id", "path_id", "mtime_ns", "inode", "device")
PROBED: Final = (
    "probe_tries", "probe_error", "probe_status", "fingerprint", "movie_hash", "probed", "duration_ms", "bitrate",
    "container", "video_codec", "audio_codec", "audio_channels", "width", "height", "resolution", "hdr",
)  # fmt: skip
HDR: Final = {"hdr10": "HDR10", "hlg": "HLG", "dolby_vision": "DolbyVision"}
CONTAINERS: Final = {
    "matroska": "mkv", "mov": "mp4", "mp4": "mp4", "mpegts": "ts", "avi": "avi", "asf": "wmv", "flv": "flv", "ogg": "ogg",
    "mpeg": "mpg", "webm": "webm",
}  # fmt: skip


class Fingerprint(Struct, frozen=True):
    """What tells a file from others without reading it whole."""

    fingerprint: str
    movie_hash: str  # OpenSubtitles', 16 hex digits


class Looked(Struct, frozen=True, kw_only=True):
    """What became of one file."""

    file_id: int
    print: Fingerprint | None
    probed: Probed | None
    error: str
    may_retry: bool = False


class ProbePhase:
    """Looks into every file that has not been looked into since it changed."""

    def __init__(self, *, db: Database, store: ScanStore, prober: LooksInto) -> None:
        self._db = db
        self._store = store
        self._prober = prober

    async def run(self, library_id: int, run: Run, counts: Counts) -> set[int]:
        """The keys of titles whose files are known better now."""
        touched: set[int] = set()
        unlucky: list[Any] = []
        total = await self._db.read(self._store.count_to_probe, library_id)
        done, after = 0, 0
        await run.progress(0, total, "probe")
        while rows := await self._db.read(self._store.to_probe, library_id, after=after, limit=PAGE):
            run.check()
            after = rows[-1].id
            places = asyncio.Semaphore(AT_ONCE)
            looked = await asyncio.gather(*(self._look(row, places, FIRST) for row in rows))
            touched |= await self._db.write(self._keep, library_id, looked, counts)
            again = {one.file_id for one in looked if one.may_retry and one.print is not None}
            unlucky += [row for row in rows if row.id in again]
            done += len(rows)
            await run.progress(done, total, "probe")
        return touched | await self._calmly(library_id, unlucky, run, counts)

    async def _calmly(self, library_id: int, rows: Sequence[Any], run: Run, counts: Counts) -> set[int]:
        """Those whose child died or was too slow, once more: one after the other, with patience.

        On a busy machine a sound film may need more than its time among seven others; it must not stay unknown till
        somebody happens to scan again.
        """
        touched: set[int] = set()
        for row in rows:
            run.check()
            looked = await self._look(row, asyncio.Semaphore(1), SECOND)
            counts.probed -= 1
            counts.failed -= 1
            touched |= await self._db.write(self._keep, library_id, [looked], counts)
        return touched

    def again_in(self, unit: Unit, library_id: int) -> None:
        """Have every file of a library looked into anew, in `unit`."""
        self._store.reprobe(unit, library_id)

    async def _look(self, row: Any, places: asyncio.Semaphore, patience: timedelta) -> Looked:
        path = Path(row.path)
        async with places:
            prints = await asyncio.to_thread(fingerprint_of, path)
            if prints is None:
                return Looked(file_id=row.id, print=None, probed=None, error="The file cannot be read.", may_retry=True)
            if path.suffix.lower() in (".strm", ".iso", ".img"):
                return Looked(file_id=row.id, print=prints, probed=None, error="")
            try:
                probed = await self._prober.probe(path, timeout=patience)
            except Unavailable as error:
                return Looked(file_id=row.id, print=prints, probed=None, error=error.message, may_retry=True)
            except Invalid as error:
                return Looked(file_id=row.id, print=prints, probed=None, error=error.problems[0].text)
            except PolycastError as error:
                return Looked(file_id=row.id, print=prints, probed=None, error=error.message)
        why = "" if probed.video or probed.audio else "There is neither picture nor sound in it."
        return Looked(file_id=row.id, print=prints, probed=probed, error=why)

    def _keep(self, unit: Unit, library_id: int, looked: Sequence[Looked], counts: Counts) -> set[int]:
        touched: set[int] = set()
        rows = self._store.file_rows(unit, [one.file_id for one in looked])
        some_missing = self._store.has_missing(unit, library_id)
        told: list[dict[str, Any]] = []
        for one in looked:
            row = rows.get(one.file_id)
            if row is None:
                continue
            counts.probed += 1
            counts.failed += bool(one.error)
            moved = None
            if some_missing and row.item_id is None and one.print is not None:
                moved = self._store.missing_like(unit, library_id, one.print.fingerprint, row.size, but=row.id)
            if moved is None:
                told.append({"key": row.id} | {name: row._mapping[name] for name in PROBED} | self._values(one, row))
            else:  # the content is known: it has a new place, nothing else
                counts.moved += 1
                counts.missing -= 1
                self._store.drop_file(unit, row.id)
                place = {name: row._mapping[name] for name in PLACE}
                self._store.change_file(unit, moved.id, **place, state="available", missing_since=None)
                row = moved
            if row.item_id is not None:
                touched.add(row.item_id)
        self._store.probed(unit, told, PROBED)
        return touched

    def _values(self, one: Looked, row: Any) -> dict[str, Any]:
        tries = row.probe_tries + 1
        values: dict[str, Any] = {"probe_tries": tries, "probe_error": one.error}
        if one.print is not None:
            values |= {"fingerprint": one.print.fingerprint, "movie_hash": one.print.movie_hash}
        if one.error:
            again = one.may_retry and tries < TRIES
            return values | {"probe_status": "pending" if again else "failed", "probed": None}
        return values | {"probe_status": "ok"} | (told_by(one.probed) if one.probed is not None else {})


def told_by(probed: Probed) -> dict[str, Any]:
    """The columns that lists filter by."""
    video = probed.video
    sound = next((one for one in probed.audio if one.is_default), probed.audio[0] if probed.audio else None)
    return {
        "probed": encode(probed),
        "duration_ms": 0 if probed.duration is None else probed.duration // timedelta(milliseconds=1),
        "bitrate": probed.bitrate_bps or 0,
        "container": container_of(probed.container),
        "video_codec": video.codec if video else "",
        "audio_codec": sound.codec if sound else "",
        "audio_channels": (sound.channels or 0) if sound else 0,
        "width": (video.width or 0) if video else 0,
        "height": (video.height or 0) if video else 0,
        "resolution": resolution(video) or "",
        "hdr": HDR.get(video.hdr or "", "") if video else "",
    }


def container_of(names: str) -> str:
    """ffmpeg's "matroska,webm" as people say it."""
    first = names.split(",", maxsplit=1)[0]
    return CONTAINERS.get(first, first)


def fingerprint_of(path: Path) -> Fingerprint | None:
    """Size and the first, middle and last 64 KiB, and the hash that OpenSubtitles knows. None when it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        size = os.fstat(descriptor).st_size
        first = os.pread(descriptor, PIECE, 0)
        middle = os.pread(descriptor, PIECE, max(0, size // 2 - PIECE // 2)) if size > 2 * PIECE else b""
        last = os.pread(descriptor, PIECE, max(0, size - PIECE))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    digest = hashlib.blake2b(digest_size=16)
    for piece in (str(size).encode(), first, middle, last):
        digest.update(len(piece).to_bytes(8, "big"))
        digest.update(piece)
    return Fingerprint(digest.hexdigest(), movie_hash(size, first, last))


def movie_hash(size: int, first: bytes, last: bytes) -> str:
    """OpenSubtitles' hash: size and both ends as 64-bit little-endian words, summed. "" for less than 64 KiB."""
    if len(first) < PIECE or len(last) < PIECE:
        return ""
    words = struct.unpack(f"<{PIECE // 8}Q", first) + struct.unpack(f"<{PIECE // 8}Q", last)
    return f"{(size + sum(words)) & 0xFFFFFFFFFFFFFFFF:016x}"
