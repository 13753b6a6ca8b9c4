"""A file of a torrent, read from whichever account can serve it; a reader does not notice the change."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Final, Protocol

from polycast.acquire.catalogue.model import Detail, File, Placement
from polycast.acquire.links.service import Links, Resolved
from polycast.acquire.providers.accounts import Accounts, Live
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.model import FileAt
from polycast.core.errors import PolycastError, Unavailable
from polycast.core.net import Incoming, Unreachable
from polycast.core.net.errors import BadAnswer, Forbidden

FIRST_BYTE: Final = 10.0  # seconds
STALL: Final = 10.0
RESUMES: Final = 5
FRESH_LINKS: Final = 2
PIECE: Final = 512 * 1024
STALE: Final = frozenset({401, 403, 404, 410, 416})
BUSY: Final = frozenset({429, 500, 502, 503, 504})


class Mender(Protocol):
    """Puts an entry that a provider has lost back there."""

    async def mend(self, detail: Detail, provider: str) -> Detail | None:
        """The entry with its new placement; None when nobody can."""
        ...


class Meter(Protocol):
    """Counts what was read from whom."""

    def served(self, provider: str, count: int) -> None: ...


class Lost(Exception):
    """The reading broke off; `is_stale` when only a new address helps, `is_over` when this account cannot at all."""

    def __init__(self, why: str, *, is_stale: bool = False, is_over: bool = False, is_gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_stale = is_stale
        self.is_over = is_over
        self.is_gone = is_gone


class RemoteSource:
    """Tries the active account first, then the others in the order of the configuration."""

    def __init__(
        self, detail: Detail, file: File, *, accounts: Accounts, links: Links, mender: Mender, meter: Meter
    ) -> None:
        self.size_bytes = file.size_bytes
        self._detail = detail
        self._file = file
        self._accounts = accounts
        self._links = links
        self._mender = mender
        self._meter = meter

    async def read(self, offset: int, length: int) -> AsyncIterator[bytes]:
        """Pieces of at most half a MiB. Raises: Unavailable, when no account can serve it."""
        end = min(offset + length, self.size_bytes)
        at, reasons, mended, gone = offset, list[str](), False, list[str]()
        candidates = await self._candidates()
        while at < end:
            if not candidates:
                again = None if mended else await self._mended(gone)
                if again is None:
                    raise Unavailable("; ".join(dict.fromkeys(reasons)) or "No account has this file.")
                self._detail, mended = again, True
                candidates = await self._candidates()
                continue
            live, placement = candidates.pop(0)
            async with aclosing(self._from(live, placement, at, end)) as pieces:
                try:
                    async for piece in pieces:
                        at += len(piece)
                        yield piece
                except Lost as lost:
                    reasons.append(f"{live.name}: {lost.why}")
                    if lost.is_gone:
                        gone.append(live.name)

    async def _candidates(self) -> list[tuple[Live, Placement]]:
        by_name = {placement.provider: placement for placement in self._detail.placements if placement.is_live}
        lives = [live for live in await self._accounts.all() if live.name in by_name]
        active = self._detail.entry.active_provider
        lives.sort(key=lambda live: (self._links.is_spent(live), live.name != active))
        return [(live, by_name[live.name]) for live in lives]

    async def _mended(self, gone: Sequence[str]) -> Detail | None:
        for provider in gone:
            if (found := await self._mender.mend(self._detail, provider)) is not None:
                return found
        return None

    async def _from(self, live: Live, placement: Placement, at: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes from one account; broken connections are taken up again. Raises: Lost."""
        file = self._file_at(placement)
        breaks, fresh = 0, 0
        while at < end:
            resolved = await self._resolved(live, file)
            try:
                async with aclosing(self._stream(live, resolved, file.start, at, end)) as pieces:
                    async for piece in pieces:
                        at += len(piece)
                        breaks = 0
                        self._meter.served(live.name, len(piece))
                        yield piece
            except Lost as lost:
                breaks += 1
                if lost.is_over or breaks > RESUMES:
                    raise
                if lost.is_stale or breaks >= 2:
                    fresh += 1
                    if fresh > FRESH_LINKS:
                        raise Lost(lost.why, is_gone=lost.is_stale) from lost
                    await self._links.expired(live, file)

    async def _resolved(self, live: Live, file: FileAt) -> Resolved:
        try:
            return await self._links.get(live, file)
        except ProviderError as error:
            await self._accounts.failed(live, error)
            gone = error.trouble in (Trouble.GONE, Trouble.NOT_FOUND)
            raise Lost(error.message, is_over=True, is_gone=gone) from error

    async def _stream(
        self, live: Live, resolved: Resolved, start: int, at: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        """One connection. Raises: Lost."""
        size = end - at
        headers = {"Range": f"bytes={start + at}-{start + end - 1}", "Accept-Encoding": "identity"}
        net = self._accounts.stream_client(live, resolved.link.url)
        try:
            async with (
                asyncio.timeout(FIRST_BYTE) as patience,
                net.stream("GET", resolved.link.url, headers=headers) as incoming,
            ):
                self._check(incoming, resolved, start + at)
                left = size
                async with aclosing(incoming.chunks(PIECE)) as chunks:  # type: ignore[type-var]
                    async for chunk in chunks:
                        patience.reschedule(None)
                        piece = chunk[:left]
                        left -= len(piece)
                        if piece:
                            yield piece
                        if left <= 0:
                            return
                        patience.reschedule(asyncio.get_running_loop().time() + STALL)
        except TimeoutError as error:
            raise Lost("it stalled") from error
        except Forbidden as error:
            raise Lost(error.message, is_over=True) from error
        except Unreachable as error:
            raise Lost(error.message, is_over=error.reason == "resting") from error
        except (BadAnswer, PolycastError) as error:
            raise Lost(error.message) from error
        if left > 0:
            raise Lost("it ended early")

    def _check(self, incoming: Incoming, resolved: Resolved, wanted: int) -> None:
        """Raises: Lost, when the answer is not the bytes that were asked for."""
        status = incoming.status
        if status in STALE:
            raise Lost(f"its address does not work any more ({status})", is_stale=True)
        if status == 509:
            self._links.spent(resolved)
            raise Lost("its traffic is used up", is_stale=True)
        if status in BUSY:
            raise Lost(f"it has a fault ({status})")
        if status == 200 and wanted == 0:
            return
        if status != 206 or not incoming.headers.get("Content-Range", "").startswith(f"bytes {wanted}-"):
            raise Lost(f"it sent something else ({status})", is_stale=True)

    def _file_at(self, placement: Placement) -> FileAt:
        ref = placement.remote_files.get(self._file.name)
        return FileAt(
            item_id=placement.remote_id,
            file_id=ref.id if ref else "",
            link=ref.link if ref else "",
            path=ref.path if ref else self._file.path,
            size_bytes=self._file.size_bytes,
            start=ref.start if ref else 0,
        )


class RemoteSources:
    """Sources of torrents' files."""

    protocol = "torrent"

    def __init__(self, *, accounts: Accounts, links: Links, mender: Mender, meter: Meter) -> None:
        self._accounts = accounts
        self._links = links
        self._mender = mender
        self._meter = meter

    def source(self, detail: Detail, file: File) -> RemoteSource:
        return RemoteSource(
            detail, file, accounts=self._accounts, links=self._links, mender=self._mender, meter=self._meter
        )
