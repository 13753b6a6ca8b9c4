"""Artwork: foreign pictures fetched once, judged, written anew in a few widths, and kept within bounds."""

import asyncio
import hashlib
import logging
import os
import tempfile
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.errors import NotFound, PolycastError, TooLarge
from polycast.core.files import write_bytes
from polycast.core.media.media import Media
from polycast.core.media.model import ResizeAnswer, ResizeAsk

log = logging.getLogger("polycast.media.images")

SOURCE_BYTES: Final = 10 * 1024 * 1024
SOURCE_PIXELS: Final = 50_000_000
STEPS: Final = (64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096)  # widths in pixels
CACHE_BYTES: Final = 2 * 1024**3
FULL_TO: Final = 0.9  # how much of the cache stays when it has become full
MISSING: Final = timedelta(seconds=300)
MISSING_KEYS: Final = 10_000
TIMEOUT: Final = timedelta(seconds=60)
TOUCH_S: Final = 3600.0
ENDINGS: Final = {"jpg": "image/jpeg", "webp": "image/webp", "svg": "image/svg+xml"}
MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
)

Fetch = Callable[[], Awaitable[bytes | Path]]


class ImageFile(Struct, frozen=True):
    """A picture on disk, ready to be sent (`files.FileAnswer` puts SVG into a sandbox)."""

    path: Path
    content_type: str
    etag: str  # with its quotes


class Images:
    """The cache of pictures. Everything in it can be made again."""

    def __init__(
        self,
        *,
        folder: Path,
        media: Media,
        limit_bytes: int = CACHE_BYTES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._media = media
        self._limit_bytes = limit_bytes
        self._now = now
        self._missing: OrderedDict[str, float] = OrderedDict()  # key -> monotonic seconds until which it is
        self._working: dict[str, asyncio.Lock] = {}
        self._held_bytes: int | None = None  # None: not counted yet

    async def get(self, key: str, fetch: Fetch, width: int | None = None) -> ImageFile:
        """The picture named `key` (change the key when the picture changes), at most as wide as the next step from `width`.

        `fetch` gives its bytes or its file, and is called once; a picture that is missing or broken is not asked for
        again for 5 minutes. Raises: NotFound.
        """
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:40]
        step = step_for(width)
        if (found := self._look(digest, step)) is not None:
            return found
        self._refuse_missing(digest)
        lock = self._working.setdefault(digest, asyncio.Lock())
        try:
            async with lock:
                if (found := self._look(digest, step)) is not None:
                    return found
                self._refuse_missing(digest)
                try:
                    return await self._make(digest, fetch, step)
                except PolycastError as error:
                    self._miss(digest)
                    log.info("no picture for %s: %s", key, error)
                    raise NotFound("Picture") from error
        finally:
            if not lock.locked():
                self._working.pop(digest, None)

    def forget(self, key: str) -> None:
        """Drop every size of a picture, and that it was missing."""
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:40]
        self._missing.pop(digest, None)
        for path in self._place(digest).glob(f"{digest}-*"):
            path.unlink(missing_ok=True)

    async def _make(self, digest: str, fetch: Fetch, step: int) -> ImageFile:
        fetched = await fetch()
        content = await asyncio.to_thread(_read, fetched) if isinstance(fetched, Path) else fetched
        if len(content) > SOURCE_BYTES:
            raise TooLarge("The picture is larger than 10 MiB.")
        kind = sniff(content)
        if kind is None:
            raise NotFound("Picture")
        place = self._place(digest)
        await asyncio.to_thread(place.mkdir, parents=True, exist_ok=True)
        if kind == "image/svg+xml":
            path = place / f"{digest}-0.svg"
            await asyncio.to_thread(write_bytes, path, content)
        else:
            path = await self._shrink(content, place, digest, step)
        await self._keep_bounds(path)
        return self._file(path)

    async def _shrink(self, content: bytes, place: Path, digest: str, step: int) -> Path:
        with tempfile.TemporaryFile(dir=place) as source:
            await asyncio.to_thread(_fill, source.fileno(), content)
            handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=place)
            part = Path(name)
            try:
                ask = ResizeAsk(step, 0, SOURCE_PIXELS)
                answer = await self._media.ask(ask, source.fileno(), handle, timeout=TIMEOUT)
                if not isinstance(answer, ResizeAnswer):
                    raise NotFound("Picture")
                ending = next(word for word, kind in ENDINGS.items() if kind == answer.content_type)
                return await asyncio.to_thread(part.rename, place / f"{digest}-{step}.{ending}")
            finally:
                os.close(handle)
                _drop(part)

    def _look(self, digest: str, step: int) -> ImageFile | None:
        place = self._place(digest)
        for name in (f"{digest}-{step}.jpg", f"{digest}-{step}.webp", f"{digest}-0.svg"):
            with suppress(FileNotFoundError):
                return self._file(place / name)
        return None

    def _file(self, path: Path) -> ImageFile:
        known = path.stat()
        if time.time() - known.st_mtime > TOUCH_S:
            os.utime(path)  # the order of going is that of last use, to the hour
        return ImageFile(path, ENDINGS[path.suffix[1:]], f'"{path.stem[:20]}{path.stem[40:]}-{known.st_ino:x}"')

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2]

    def _refuse_missing(self, digest: str) -> None:
        until = self._missing.get(digest)
        if until is not None and self._now() < until:
            raise NotFound("Picture")

    def _miss(self, digest: str) -> None:
        self._missing[digest] = self._now() + MISSING.total_seconds()
        self._missing.move_to_end(digest)
        while len(self._missing) > MISSING_KEYS:
            self._missing.popitem(last=False)

    async def _keep_bounds(self, added: Path) -> None:
        if self._held_bytes is None:
            self._held_bytes = await asyncio.to_thread(_size, self._folder)
        else:
            self._held_bytes += _held(added)
        if self._held_bytes > self._limit_bytes:
            self._held_bytes = await asyncio.to_thread(_evict, self._folder, int(self._limit_bytes * FULL_TO), added)


def step_for(width: int | None) -> int:
    """The width that is made for a wanted one: the next step, 4096 at most; 0, the picture's own, for None."""
    if not width or width < 0:
        return 0
    return next((step for step in STEPS if step >= width), STEPS[-1])


def sniff(content: bytes) -> str | None:
    """The type of a picture by its first bytes; None when it is none that we take."""
    for magic, kind in MAGIC:
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in {b"avif", b"avis"}:
        return "image/avif"
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head):
        return "image/svg+xml"
    return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(SOURCE_BYTES + 1)
    except OSError as error:
        raise NotFound("Picture") from error


def _fill(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.lseek(handle, 0, os.SEEK_SET)


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


def _held(path: Path) -> int:
    return path.stat().st_size


def _all(folder: Path) -> list[tuple[float, int, Path]]:
    found = []
    for path in folder.glob("??/*"):
        with suppress(FileNotFoundError):
            known = path.stat()
            found.append((known.st_mtime, known.st_size, path))
    return found


def _size(folder: Path) -> int:
    return sum(size for _, size, _ in _all(folder))


def _evict(folder: Path, goal: int, spared: Path) -> int:
    """Delete what was not used for longest until `goal` bytes are left; how many are left."""
    files = sorted(_all(folder))
    held = sum(size for _, size, _ in files)
    for _, size, path in files:
        if held <= goal:
            break
        if path != spared:
            path.unlink(missing_ok=True)
            held -= size
    return held
