"""Logos: where channels' pictures lie, and the pictures themselves."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem, TooLarge
from polycast.core.files import UnsafePath, safe_name, safe_path, write_bytes
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.media import ImageFile, sniff
from polycast.core.storage import Database, Unit
from polycast.live.lineup.events import LogoChanged
from polycast.live.lineup.model import EVERYTHING, Logo, Viewer
from polycast.live.lineup.ports import Fetcher, Pictures
from polycast.live.lineup.store_links import LinkStore
from polycast.live.lineup.store_logos import LogoQuery, LogoStore

LOCAL: Final = "/data/logos/"  # how clients of the original know a file below <data>/logos
UPLOAD_LIMIT: Final = 5 * 1024 * 1024  # bytes
TYPES: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}
CLEANED: Final = 1000  # logos dropped in one unit

Sees = Callable[[Caller], Awaitable[Viewer]]


class LogosDeleted(Struct, frozen=True, kw_only=True):
    """What a clean-up has dropped."""

    names: Sequence[str]
    files: int


class Logos:
    """Pictures of channels, one row per address."""

    def __init__(
        self,
        *,
        db: Database,
        store: LogoStore,
        links: LinkStore,
        pictures: Pictures,
        fetcher: Fetcher,
        folder: Path,
        clock: Clock,
        sees: Sees,
    ) -> None:
        self._db = db
        self._store = store
        self._links = links
        self._pictures = pictures
        self._fetcher = fetcher
        self._folder = folder
        self._clock = clock
        self._sees = sees

    async def page(
        self, caller: Caller, query: LogoQuery, *, offset: int = 0, limit: int | None = 50
    ) -> tuple[list[Logo], int]:
        """By name, with the channels that `caller` sees; and how many there are in all."""
        viewer = await self._sees(caller)
        rows = await self._db.read(self._store.page, query, viewer, limit=limit, offset=offset)
        return rows, len(rows) if limit is None else await self._db.read(self._store.count, query)

    async def get(self, caller: Caller, logo_id: int) -> Logo:
        """With the channels that `caller` sees. Raises: NotFound."""
        return await self._db.read(self._one, logo_id, await self._sees(caller))

    async def create(self, caller: Caller, name: str, url: str) -> Logo:
        """Raises: NotAllowed; Invalid when the address is none or is taken."""
        caller.require(Scope.LIVE_ADMIN)
        self._check_url(url)
        return await self._db.write(self._create, name, url)

    async def change(self, caller: Caller, logo_id: int, *, name: str | None, url: str | None) -> Logo:
        """Raises: NotAllowed, NotFound; Invalid."""
        caller.require(Scope.LIVE_ADMIN)
        if url is not None:
            self._check_url(url)
        return await self._db.write(self._change, logo_id, name, url)

    async def delete(self, caller: Caller, logo_ids: Sequence[int], *, files: bool = False) -> int:
        """Drop logos, with their uploaded files when asked; how many there were. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        urls = await self._db.write(self._delete, logo_ids)
        if files:
            await asyncio.to_thread(self._drop_files, list(urls.values()))
        return len(urls)

    async def clean_up(self, caller: Caller, *, files: bool = False) -> LogosDeleted:
        """Drop every logo that no channel uses. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        names: list[str] = []
        dropped = 0
        while gone := await self._db.write(self._clean_up):
            names.extend(logo.name for logo in gone)
            if files:
                dropped += await asyncio.to_thread(self._drop_files, [logo.url for logo in gone])
        return LogosDeleted(names=names, files=dropped)

    async def upload(self, caller: Caller, filename: str, content: bytes, name: str = "") -> Logo:
        """Keep a picture below `<data>/logos`; the same file name again replaces it.

        Raises: NotAllowed; TooLarge; Invalid when it is no picture that we take.
        """
        caller.require(Scope.LIVE_ADMIN)
        if len(content) > UPLOAD_LIMIT:
            raise TooLarge("A logo may have at most 5 MB.")
        kind = sniff(content)
        if kind is None or not is_picture(content):
            raise Invalid([Problem("file", "not_a_picture", {}, "Only JPEG, PNG, GIF, WebP or SVG pictures.")])
        stem = Path(safe_name(filename, extensions=tuple(TYPES.values()))).stem
        local = f"{stem}.{TYPES[kind]}"
        await asyncio.to_thread(self._keep, local, content)
        return await self._db.write(self._uploaded, name or stem, LOCAL + local)

    async def picture(self, logo_id: int, width: int | None = None) -> ImageFile:
        """The picture, fetched once and kept. Raises: NotFound."""
        url = (await self._db.read(self._store.urls, [logo_id])).get(logo_id)
        if not url:
            raise NotFound("The logo")
        if url.startswith(LOCAL):
            path = self._local(url)
            known = await asyncio.to_thread(_changed_at, path)
            return await self._pictures.get(f"live.logo:{url}:{known}", lambda: _itself(path), width)
        return await self._pictures.get(f"live.logo:{url}", lambda: self._fetch(url), width)

    async def _fetch(self, url: str) -> bytes:
        fetched = await self._fetcher.fetch(url)
        if fetched.status != 200:
            raise NotFound("The logo")
        return fetched.body

    def _local(self, url: str) -> Path:
        try:
            return safe_path(self._folder, url.removeprefix(LOCAL))
        except UnsafePath as error:
            raise NotFound("The logo") from error

    def _keep(self, local: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_bytes(safe_path(self._folder, local), content)

    def _drop_files(self, urls: Sequence[str]) -> int:
        paths = [self._local(url) for url in urls if url.startswith(LOCAL)]
        present = [path for path in paths if path.is_file()]
        for path in present:
            path.unlink(missing_ok=True)
        return len(present)

    def _one(self, unit: Unit, logo_id: int, viewer: Viewer = EVERYTHING) -> Logo:
        logo = self._store.get(unit, logo_id, viewer)
        if logo is None:
            raise NotFound("The logo")
        return logo

    def _create(self, unit: Unit, name: str, url: str) -> Logo:
        self._check_free(unit, url)
        return self._changed(unit, self._store.insert(unit, name, url, self._clock.now()))

    def _change(self, unit: Unit, logo_id: int, name: str | None, url: str | None) -> Logo:
        logo = self._one(unit, logo_id)
        if url is not None and url != logo.url:
            self._check_free(unit, url)
        self._store.update(unit, logo_id, logo.name if name is None else name, logo.url if url is None else url)
        return self._changed(unit, logo_id)

    def _uploaded(self, unit: Unit, name: str, url: str) -> Logo:
        known = self._store.with_url(unit, url)
        return self._changed(unit, self._store.insert(unit, name, url, self._clock.now()) if known is None else known)

    def _delete(self, unit: Unit, logo_ids: Sequence[int]) -> dict[int, str]:
        urls = self._store.urls(unit, logo_ids)
        self._store.delete(unit, list(urls))
        self._links.recover(unit, "logo_id")
        for logo_id in urls:
            unit.publish(LogoChanged(logo_id=logo_id))
        return urls

    def _clean_up(self, unit: Unit) -> list[Logo]:
        gone = self._store.unused(unit, CLEANED)
        self._store.delete(unit, [logo.id for logo in gone])
        if gone:
            unit.publish(LogoChanged(logo_id=gone[0].id))
        return gone

    def _changed(self, unit: Unit, logo_id: int) -> Logo:
        unit.publish(LogoChanged(logo_id=logo_id))
        return self._one(unit, logo_id)

    def _check_free(self, unit: Unit, url: str) -> None:
        if self._store.with_url(unit, url) is not None:
            raise Invalid.one("url", "unique", model="logo", field="url")

    def _check_url(self, url: str) -> None:
        is_remote = url.startswith(("http://", "https://")) and url.isprintable() and " " not in url
        if not is_remote and not (url.startswith(LOCAL) and self._is_inside(url)):
            raise Invalid.one("url", "not_a_url", "Enter a valid URL.")

    def _is_inside(self, url: str) -> bool:
        try:
            self._local(url)
        except NotFound:
            return False
        return True


def version_of(url: str) -> str:
    """Eight digits that change with the address, for links that are kept for long."""
    return hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()[:8]


def is_picture(content: bytes) -> bool:
    """Whether it is one that we take."""
    kind = sniff(content)
    return kind in TYPES and not (kind == "image/svg+xml" and _is_active(content))


async def _itself(path: Path) -> Path:
    return path


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise NotFound("The logo") from error


def _is_active(svg: bytes) -> bool:
    """Whether a drawing could run something: scripts, handlers, foreign content. Sent ones are sandboxed besides."""
    low = svg.lower()
    return any(word in low for word in (b"<script", b"<foreignobject", b"javascript:", b" onload", b"<!entity"))
