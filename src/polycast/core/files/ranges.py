"""Files, and things that read like files, over HTTP: ranges, validators, and no more memory than two pieces."""

import asyncio
import contextlib
import os
import secrets
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from polycast.core.errors import NotFound
from polycast.core.files.spans import Span, Unsatisfiable, parse_range

PIECE: Final = 1024 * 1024
SANDBOX: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
PLAIN: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$&'()+,-.;=@[]^_`{}~"
)  # what a quoted file name may hold without confusing an old client


class Content(Protocol):
    """Bytes with a known length that can be read from anywhere."""

    size_bytes: int
    etag: str  # with its quotes; "" for none
    modified_at: datetime | None

    async def read(self, start: int, size_bytes: int) -> bytes:
        """At most `size_bytes` from `start`; empty only when the content has become shorter."""
        ...


class FileContent:
    """An open regular file."""

    def __init__(self, handle: int, *, etag: str | None = None) -> None:
        known = os.fstat(handle)
        self._handle = handle
        self.size_bytes = known.st_size
        self.etag = etag or f'"{known.st_mtime_ns:x}-{known.st_size:x}-{known.st_ino:x}"'
        self.modified_at: datetime | None = datetime.fromtimestamp(int(known.st_mtime), UTC)

    async def read(self, start: int, size_bytes: int) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(None, os.pread, self._handle, size_bytes, start)


@asynccontextmanager
async def open_content(source: Path | int, *, etag: str | None = None) -> AsyncIterator[FileContent]:
    """A file's content for the length of the block. A descriptor becomes ours and is closed. Raises: NotFound."""
    handle = source if isinstance(source, int) else await asyncio.to_thread(_open, source)
    try:
        yield FileContent(handle, etag=etag)
    finally:
        os.close(handle)


class RangeResponse:
    """An ASGI answer with (part of) a content: 200, 206, 304, 412 or 416."""

    def __init__(
        self,
        content: Content,
        *,
        content_type: str,
        name: str | None = None,
        attachment: bool = False,
        cache: str = "private, no-cache",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._content = content
        self._content_type = content_type
        disposition = [("content-disposition", disposed(name, attachment=attachment))] if name else []
        sandbox = [("content-security-policy", SANDBOX)] if runs_scripts(content_type) else []
        self._headers = [
            ("accept-ranges", "bytes"),
            ("cache-control", cache),
            ("x-content-type-options", "nosniff"),
            *([("etag", content.etag)] if content.etag else []),
            *([("last-modified", _date(content.modified_at))] if content.modified_at else []),
            *disposition,
            *sandbox,
            *(headers or {}).items(),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = {name: value for name, value in scope["headers"] if name in ASKED}
        condition = _condition(asked, self._content)
        if condition:
            await self._answer(send, condition, [])
            return
        size = self._content.size_bytes
        try:
            spans = parse_range(asked[b"range"].decode("latin-1"), size) if _is_ranged(asked, self._content) else None
        except Unsatisfiable:
            await self._answer(send, 416, [("content-range", f"bytes */{size}"), ("content-length", "0")])
            return
        is_head = scope["method"] == "HEAD"
        if spans is None:
            await self._send(receive, send, 200, _Whole(self._content_type, size), is_head=is_head)
        elif len(spans) == 1:
            await self._send(receive, send, 206, _Part(self._content_type, size, spans[0]), is_head=is_head)
        else:
            await self._send(receive, send, 206, _Parts(self._content_type, size, spans), is_head=is_head)

    async def _answer(self, send: Send, status: int, headers: Sequence[tuple[str, str]]) -> None:
        await send({"type": "http.response.start", "status": status, "headers": _raw([*self._headers, *headers])})
        await send({"type": "http.response.body", "body": b""})

    async def _send(self, receive: Receive, send: Send, status: int, plan: "_Plan", *, is_head: bool) -> None:
        start = {"type": "http.response.start", "status": status, "headers": _raw([*self._headers, *plan.headers])}
        await send(start)
        if is_head:
            await send({"type": "http.response.body", "body": b""})
            return
        # Bare ASGI `send` never raises after the client has left: without this watch the whole file would be read.
        gone = asyncio.ensure_future(_departure(receive))
        try:
            async with aclosing(_pieces(self._content, plan)) as pieces:
                async for piece in pieces:
                    if gone.done():
                        return
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone


class FileAnswer:
    """A file as an ASGI answer, opened when it is sent and closed after; NotFound before anything was sent."""

    def __init__(
        self,
        source: Path | int,
        *,
        content_type: str,
        name: str | None = None,
        attachment: bool = False,
        cache: str = "private, no-cache",
        etag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._source = source
        self._content_type = content_type
        self._name = name
        self._attachment = attachment
        self._cache = cache
        self._etag = etag
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with open_content(self._source, etag=self._etag) as content:
            answer = RangeResponse(
                content,
                content_type=self._content_type,
                name=self._name,
                attachment=self._attachment,
                cache=self._cache,
                headers=self._headers,
            )
            await answer(scope, receive, send)


ASKED: Final = frozenset({b"range", b"if-range", b"if-none-match", b"if-modified-since", b"if-match"})


def disposed(name: str, *, attachment: bool) -> str:
    """A `Content-Disposition` value for a file name of any characters. Source: RFC 6266, appendix D."""
    kind = "attachment" if attachment else "inline"
    plain = "".join(ch if ch in PLAIN else "_" for ch in name)
    if plain == name:
        return f'{kind}; filename="{name}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe='')}"


def runs_scripts(content_type: str) -> bool:
    """Whether a browser could run what is inside when it opens it as a page."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"text/html", "text/xml", "application/xml", "application/pdf"} or kind.endswith("+xml")


class _Plan:
    headers: Sequence[tuple[str, str]]
    steps: Sequence[bytes | Span]


class _Whole(_Plan):
    def __init__(self, content_type: str, size: int) -> None:
        self.headers = [("content-type", content_type), ("content-length", str(size))]
        self.steps = [Span(0, size)]


class _Part(_Plan):
    def __init__(self, content_type: str, size: int, span: Span) -> None:
        self.headers = [
            ("content-type", content_type),
            ("content-length", str(span.size_bytes)),
            ("content-range", f"bytes {span.start}-{span.end - 1}/{size}"),
        ]
        self.steps = [span]


class _Parts(_Plan):
    def __init__(self, content_type: str, size: int, spans: Sequence[Span]) -> None:
        boundary = secrets.token_hex(16)
        steps: list[bytes | Span] = []
        for span in spans:
            steps.append(
                f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n"
                f"Content-Range: bytes {span.start}-{span.end - 1}/{size}\r\n\r\n".encode("latin-1")
            )
            steps.append(span)
        steps.append(f"\r\n--{boundary}--\r\n".encode())
        length = sum(step.size_bytes if isinstance(step, Span) else len(step) for step in steps)
        self.headers = [
            ("content-type", f"multipart/byteranges; boundary={boundary}"),
            ("content-length", str(length)),
        ]
        self.steps = steps


async def _pieces(content: Content, plan: _Plan) -> AsyncGenerator[bytes, None]:
    """The plan's bytes in order; while one piece is being sent, the next is already being read."""
    for step in plan.steps:
        if isinstance(step, bytes):
            yield step
            continue
        at = step.start
        ahead = asyncio.ensure_future(content.read(at, min(PIECE, step.end - at))) if at < step.end else None
        try:
            while ahead is not None:
                piece = await ahead
                if not piece:
                    raise NotFound("The rest of the file")  # it became shorter; the connection must not look complete
                at += len(piece)
                ahead = asyncio.ensure_future(content.read(at, min(PIECE, step.end - at))) if at < step.end else None
                yield piece
        finally:
            if ahead is not None:
                # A pread in a thread cannot be stopped, and the descriptor must outlive it.
                await asyncio.wait([ahead])
                if not ahead.cancelled():
                    ahead.exception()


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _open(path: Path) -> int:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise NotFound("File") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotFound("File")
    return handle


def _condition(asked: Mapping[bytes, bytes], content: Content) -> int | None:
    """304 or 412 when a condition says so. Source: RFC 9110, 13.2.2."""
    if (match := asked.get(b"if-match")) is not None and not _matches(match, content.etag, weak=False):
        return 412
    if (none := asked.get(b"if-none-match")) is not None:
        return 304 if _matches(none, content.etag, weak=True) else None
    since = _parsed(asked.get(b"if-modified-since"))
    if since and content.modified_at and content.modified_at.replace(microsecond=0) <= since:
        return 304
    return None


def _matches(header: bytes, etag: str, *, weak: bool) -> bool:
    if header.strip() == b"*":
        return True
    names = [name.strip() for name in header.decode("latin-1").split(",")]
    bare = etag.removeprefix("W/")
    return bool(etag) and any((name.removeprefix("W/") if weak else name) == bare for name in names)


def _is_ranged(asked: Mapping[bytes, bytes], content: Content) -> bool:
    if b"range" not in asked:
        return False
    condition = asked.get(b"if-range", b"").decode("latin-1").strip()
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == content.etag and not condition.startswith("W/")
    since = _parsed(condition.encode("latin-1"))
    return bool(since and content.modified_at and content.modified_at.replace(microsecond=0) == since)


def _parsed(header: bytes | None) -> datetime | None:
    if not header:
        return None
    try:
        found = parsedate_to_datetime(header.decode("latin-1"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _raw(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
