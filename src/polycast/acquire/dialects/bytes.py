"""Files of the tree over HTTP: ranges, validators, and no more memory than a few pieces."""

import mimetypes
from collections.abc import Sequence
from typing import Any, Final

from polycast.acquire.catalogue.tree import Shown
from polycast.acquire.reading.content import Left, SourceContent, open_source
from polycast.acquire.reading.service import LocalSource, Reading
from polycast.core.errors import PolycastError
from polycast.core.files import FileAnswer, RangeResponse, Span, Unsatisfiable, parse_range
from polycast.core.http.bodies import header

TYPES: Final = {"mkv": "video/x-matroska", "m2ts": "video/mp2t", "ts": "video/mp2t", "m4b": "audio/mp4"}


class Unobtainable(PolycastError):
    """A file is known, and no account gives a link to it."""

    code = "unobtainable"


def etag_of(shown: Shown) -> str:
    """`"<hex seconds>-<hex size>"`, as the original writes it."""
    return f'"{int(shown.file.added_at.timestamp()):x}-{shown.file.size_bytes:x}"'


def type_of(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"


class SourceAnswer:
    """An ASGI answer with (part of) a file. What cannot be read is told before anything is sent."""

    def __init__(self, reading: Reading, shown: Shown, *, attachment: bool) -> None:
        self._reading = reading
        self._shown = shown
        self._attachment = attachment

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["state"].get("is_head"):
            scope = {**scope, "method": "HEAD"}  # nothing is asked of a provider for it
        source = await self._reading.source(self._shown.detail, self._shown.file)
        file, etag = self._shown.file, etag_of(self._shown)
        options: dict[str, Any] = {
            "content_type": type_of(file.name),
            "name": file.name,
            "attachment": self._attachment,
        }
        if isinstance(source, LocalSource):
            await FileAnswer(source.path, etag=etag, **options)(scope, receive, send)
            return
        async with open_source(source, _spans(scope, file.size_bytes), etag=etag, modified_at=file.added_at) as content:
            answer = RangeResponse(content, **options)
            try:
                is_head = scope["method"] == "HEAD"
                await answer(scope, _watched(content, receive), _Primed(content, send, is_head=is_head))
            except Left:
                return


class _Primed:
    """Sends; the first bytes are fetched before the head of a good answer goes out."""

    def __init__(self, content: SourceContent, send: Any, *, is_head: bool) -> None:
        self._content = content
        self._send = send
        self._is_head = is_head

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] in (200, 206) and not self._is_head:
            try:
                await self._content.prime()
            except PolycastError as error:
                raise Unobtainable(error.message) from error
        await self._send(message)


def _watched(content: SourceContent, receive: Any) -> Any:
    async def watching() -> Any:
        message = await receive()
        if message["type"] == "http.disconnect":
            content.leave()
        return message

    return watching


def _spans(scope: Any, size_bytes: int) -> Sequence[Span]:
    """What will be read, so that no more than that is asked of the provider."""
    try:
        return parse_range(header(scope, b"range") or "", size_bytes) or []
    except Unsatisfiable:
        return []
