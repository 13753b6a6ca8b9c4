"""Finished documents on disk, each made once for all who ask: whoever comes while it is made reads along.

A document is written by the builder (a daemon of the web process) and read by its followers from one open file, so
that it may be removed at any time without cutting anybody off.
"""

import asyncio
import logging
import os
import shutil
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import ExitStack, aclosing
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from polycast.core.clock import Clock
from polycast.core.errors import Busy, PolycastError, Storage
from polycast.core.files import FileAnswer, gzip_writer
from polycast.core.http import StreamingResponse
from polycast.core.module import ASGIApp

Source = Callable[[], AsyncGenerator[bytes, None]]  # the pieces of a document, in order
PIECE: Final = 512 * 1024
FRESH: Final = timedelta(minutes=5)
KEPT: Final = 24  # documents on disk
KEPT_BYTES: Final = 1536 * 1024 * 1024
AT_ONCE: Final = 2  # documents being made
WAITING: Final = 32  # documents waiting to be made; then the next one is told to come again
LEVEL: Final = 2  # of gzip: a quarter of the time of level 6, which makes it a tenth smaller

log = logging.getLogger("polycast.live.outputs")


class Half:
    """A file without a name, growing."""

    def __init__(self, folder: Path) -> None:
        path = folder / f".{uuid4().hex}.part"
        self.file = path.open("w+b", buffering=0)
        path.unlink()  # no name: a crash leaves nothing behind
        self.size_bytes = 0
        self.is_done = False

    def append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self.file.write(view) :]
        self.size_bytes += len(data)

    def descriptor(self) -> int:
        """A descriptor of the caller's own, which outlives us."""
        return os.dup(self.file.fileno())


class Artefact:
    """One document: as it is, and packed once somebody wants it so."""

    def __init__(self, folder: Path, made_at: timedelta, version: object) -> None:
        self.made_at = made_at
        self.version = version
        self.folder = folder
        self.plain = Half(folder)
        self.packed: Half | None = None
        self.failure: PolycastError | None = None
        self.etag = ""
        self.is_closed = False
        self._grown = asyncio.Event()

    @property
    def is_done(self) -> bool:
        return self.plain.is_done

    @property
    def size_bytes(self) -> int:
        return self.plain.size_bytes + (self.packed.size_bytes if self.packed is not None else 0)

    def tell(self) -> None:
        """Wake the followers."""
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def fail(self, why: PolycastError) -> None:
        self.failure = self.failure or why
        self.tell()

    async def grown(self) -> None:
        """Return once there is more, or an end."""
        await self._grown.wait()

    def close(self) -> None:
        """Give the space back as soon as the last follower has gone. A half that is being written is its writer's."""
        self.is_closed = True
        for half in (self.plain, self.packed):
            if half is not None and (half.is_done or self.failure is not None):
                half.file.close()

    async def follow(self, half: Half, handle: int) -> AsyncGenerator[bytes, None]:
        """The bytes of a half, those to come too. `handle` becomes ours. Raises: why there are no more."""
        try:
            at = 0
            while True:
                size = half.size_bytes
                if at < size:
                    piece = await asyncio.to_thread(os.pread, handle, min(PIECE, size - at), at)
                    at += len(piece)
                    yield piece
                elif half.is_done:
                    return
                elif self.failure is not None:
                    raise self.failure
                else:
                    await self.grown()
        finally:
            os.close(handle)


class Artefacts:
    """Documents by key, on disk. `run` makes them, as a daemon of each web process."""

    def __init__(self, *, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._kept: OrderedDict[object, Artefact] = OrderedDict()
        self._wanted: asyncio.Queue[tuple[Artefact, Source]] = asyncio.Queue(WAITING)
        self._to_pack: asyncio.Queue[Artefact] = asyncio.Queue()

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: object, version: object, source: Source) -> Artefact:
        """The document of `key` as of `version`; begun now if there is none. Raises: Busy."""
        found = self._kept.get(key)
        if found is not None and self._is_good(found, version):
            self._kept.move_to_end(key)
            return found
        if self._wanted.full():
            raise Busy("Too many guides are being made.", retry_after=5)
        made = await asyncio.to_thread(self._begin, version)
        again = self._kept.get(key)
        if again is not None and self._is_good(again, version):
            made.plain.file.close()  # somebody was faster
            return again
        self._drop(key)
        self._kept[key] = made
        self._wanted.put_nowait((made, source))
        self._trim()
        return made

    async def run(self) -> None:
        """Make what is wanted, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(AT_ONCE):
                    tasks.create_task(self._serve())
                    tasks.create_task(self._serve_packers())
        finally:
            while not self._wanted.empty():
                artefact, _ = self._wanted.get_nowait()
                artefact.fail(Busy("The server is stopping.", retry_after=5))
                artefact.close()
            self.forget()

    def forget(self) -> None:
        """Everything may differ from now on."""
        for key in list(self._kept):
            self._drop(key)

    def packed(self, artefact: Artefact) -> Half:
        """The packed half, begun now if there is none."""
        if artefact.packed is None:
            artefact.packed = Half(artefact.folder)
            self._to_pack.put_nowait(artefact)
        return artefact.packed

    async def _serve(self) -> None:
        while True:
            artefact, source = await self._wanted.get()
            try:
                await self._guarded(artefact, self._write(artefact, source))
            finally:
                if not artefact.is_done:
                    self._fail(artefact, Busy("The guide was not finished.", retry_after=2))
                if artefact not in self._kept.values():
                    artefact.close()

    async def _serve_packers(self) -> None:
        while True:
            artefact = await self._to_pack.get()
            half = artefact.packed
            if half is None:
                continue
            try:
                if not artefact.is_closed:
                    await self._guarded(artefact, self._pack(artefact, half))
            finally:
                if not half.is_done:
                    self._fail(artefact, Busy("The guide was not finished.", retry_after=2))
                if artefact.is_closed:
                    half.file.close()

    async def _guarded(self, artefact: Artefact, work: Awaitable[None]) -> None:
        try:
            await work
        except OSError as error:
            log.error("a guide could not be written: %s", error.strerror)
            self._fail(artefact, Storage("There is no room for the guide on the disk.", reason="full"))
        except PolycastError as error:
            self._fail(artefact, error)

    async def _write(self, artefact: Artefact, source: Source) -> None:
        digest = blake2b(digest_size=12)
        async for piece in source():
            await asyncio.to_thread(_add, artefact.plain, digest, piece)
            artefact.tell()
        artefact.etag = f'"{digest.hexdigest()}"'
        artefact.made_at = self._clock.monotonic()
        artefact.plain.is_done = True
        artefact.tell()
        self._trim()

    async def _pack(self, artefact: Artefact, half: Half) -> None:
        """In step with the plain half: the packer lets other threads run."""
        packer = gzip_writer(_Sink(half), level=LEVEL)  # type: ignore[arg-type]  # it writes and no more
        async with aclosing(artefact.follow(artefact.plain, artefact.plain.descriptor())) as pieces:
            async for piece in pieces:
                await asyncio.to_thread(packer.write, piece)
                artefact.tell()
        await asyncio.to_thread(packer.close)
        half.is_done = True
        artefact.tell()

    def _fail(self, artefact: Artefact, why: PolycastError) -> None:
        artefact.fail(why)
        for key in [key for key, kept in self._kept.items() if kept is artefact]:
            self._drop(key)

    def _is_good(self, artefact: Artefact, version: object) -> bool:
        if artefact.failure is not None or artefact.version != version:
            return False
        return not artefact.is_done or self._clock.monotonic() - artefact.made_at <= FRESH

    def _begin(self, version: object) -> Artefact:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < KEPT_BYTES // 16:
                raise Storage("There is no room for the guide on the disk.", reason="full")
            return Artefact(self._folder, self._clock.monotonic(), version)
        except OSError as error:
            raise Storage("The guide cannot be written.", reason="full") from error

    def _trim(self) -> None:
        while len(self._kept) > 1 and (
            len(self._kept) > KEPT or sum(one.size_bytes for one in self._kept.values()) > KEPT_BYTES
        ):
            self._drop(next(iter(self._kept)))

    def _drop(self, key: object) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            found.close()

    async def answer(
        self, artefact: Artefact, scope: Mapping[str, Any], *, packed: bool, as_file: bool, headers: Mapping[str, str]
    ) -> ASGIApp:
        """The document for one client. `packed`: as gzip, which `as_file` makes the content and not its encoding.

        Raises: why it cannot be made, while nothing has been sent.
        """
        half = self.packed(artefact) if packed else artefact.plain
        handle = half.descriptor()
        with ExitStack() as stack:
            stack.callback(os.close, handle)
            waits_for_all = any(name == b"if-none-match" for name, _ in scope["headers"])
            while not half.is_done and (waits_for_all or not half.size_bytes):
                if artefact.failure is not None:
                    raise artefact.failure
                await artefact.grown()
            stack.pop_all()  # whoever sends it closes it
        kind = "application/gzip" if as_file else "application/xml"
        told = dict(headers) | {"vary": "accept-encoding"}
        if packed and not as_file:
            told["content-encoding"] = "gzip"
        if half.is_done:
            etag = f'{artefact.etag[:-1]}-gz"' if packed else artefact.etag
            return FileAnswer(handle, content_type=kind, etag=etag, headers=told)
        told["cache-control"] = "no-store"
        return StreamingResponse(artefact.follow(half, handle), media_type=kind, headers=told)


class _Sink:
    """What `gzip` needs of a file."""

    def __init__(self, half: Half) -> None:
        self._half = half

    def write(self, data: bytes) -> int:
        self._half.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def _add(half: Half, digest: Any, piece: bytes) -> None:
    half.append(piece)
    digest.update(piece)
