"""Getting a request's body off the wire: whole and bounded, or part by part."""

import codecs
import re
from collections.abc import AsyncIterator, Mapping, MutableMapping
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl

from multipart import MultipartError, MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]
from starlette.requests import ClientDisconnect

from polycast.core.errors import TooLarge
from polycast.core.http.errors import BadBody

MAX_FIELDS: Final = 1000
_TOKEN: Final = re.compile(r'([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')

Receive = Any  # ASGI's receive; Litestar and Starlette type it differently


class Media(StrEnum):
    """What a body may be written in."""

    JSON = "application/json"
    FORM = "application/x-www-form-urlencoded"
    MULTIPART = "multipart/form-data"


class Upload:
    """A file of a multipart form, whole in memory: only for what a route's `body_limit` keeps small."""

    __slots__ = ("content", "content_type", "filename")

    def __init__(self, filename: str, content_type: str, content: bytes) -> None:
        self.filename = filename  # as the client spells it: never part of a path without `safe_name`
        self.content_type = content_type
        self.content = content


class Part:
    """A part of a multipart body while it comes in. Read `chunks` before asking for the next part."""

    def __init__(self, name: str, filename: str | None, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        self.name = name
        self.filename = filename
        self.content_type = content_type
        self.chunks = chunks


def media_type(value: str) -> tuple[str, dict[str, str]]:
    """A `Content-Type` in two: the type in lower case, and its parameters."""
    kind, _, rest = value.partition(";")
    parameters = {
        match[1].lower(): re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        for match in _TOKEN.finditer(rest)
    }
    return kind.strip().lower(), parameters


def header(scope: Mapping[str, Any], name: bytes) -> str | None:
    """The first header called `name` (lower case), as Latin-1 text."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def allow_body(scope: MutableMapping[str, Any], limit_bytes: int) -> None:
    """Set the body limit of this request; the front door's counter reads the same place.

    Raises: TooLarge when the announced length is above it.
    """
    scope.setdefault("state", {})["body_limit"] = limit_bytes
    length = header(scope, b"content-length")
    if length is not None and length.isdigit() and int(length) > limit_bytes:
        raise TooLarge(f"The body is larger than {limit_bytes} bytes.")


async def chunks_of(receive: Receive, limit_bytes: int) -> AsyncIterator[bytes]:
    """The body as it comes. Raises: TooLarge beyond the limit, ClientDisconnect when the client leaves."""
    seen = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        seen += len(chunk)
        if seen > limit_bytes:
            raise TooLarge(f"The body is larger than {limit_bytes} bytes.")
        if chunk:
            yield chunk
        if not message.get("more_body", False):
            return


async def read_body(receive: Receive, limit_bytes: int) -> bytes:
    """The whole body."""
    chunks = [chunk async for chunk in chunks_of(receive, limit_bytes)]
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def read_pairs(text: bytes, *, what: str = "form") -> dict[str, list[str]]:
    """`a=1&a=2&b=` as lists by name. Raises: BadBody when it is not UTF-8 or has too many fields."""
    try:
        pairs = parse_qsl(
            text.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS, encoding="utf-8", errors="strict"
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise BadBody(f"the {what} is not UTF-8 or has too many fields", form="form") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


async def parts_of(receive: Receive, content_type: str, limit_bytes: int) -> AsyncIterator[Part]:
    """A multipart body, part by part, never whole in memory.

    Raises: BadBody when it is not well formed, TooLarge beyond the limit.
    """
    boundary = media_type(content_type)[1].get("boundary", "")
    if not boundary or len(boundary) > 200:
        raise BadBody("the multipart boundary is missing", form="form")
    events = _events(receive, boundary, limit_bytes)
    async for event in events:
        if isinstance(event, MultipartSegment):
            if not event.name:
                raise BadBody("a part of the multipart body has no name", form="form")
            kind = event.content_type or ("text/plain" if event.filename is None else "application/octet-stream")
            part = Part(event.name, _filename(event.filename), kind, _content(events))
            yield part
            async for _ in part.chunks:  # what the reader left
                pass


def _filename(name: str | None) -> str | None:
    """Browsers write three characters of a file name as escapes, and no others. Source: HTML, multipart/form-data."""
    if name is None:
        return None
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


async def _events(receive: Receive, boundary: str, limit_bytes: int) -> AsyncIterator[Any]:
    parser = PushMultipartParser(boundary, max_segment_count=MAX_FIELDS)
    try:
        async for chunk in chunks_of(receive, limit_bytes):
            for event in parser.parse(chunk):
                yield event
        parser.close()
    except (MultipartError, UnicodeDecodeError, LookupError) as error:
        raise BadBody("the multipart body is not well formed", form="form") from error


async def _content(events: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        yield bytes(event)


async def read_multipart(receive: Receive, content_type: str, limit_bytes: int) -> dict[str, list[str | Upload]]:
    """A multipart form, whole: texts and `Upload`s by field name."""
    found: dict[str, list[str | Upload]] = {}
    async for part in parts_of(receive, content_type, limit_bytes):
        content = b"".join([chunk async for chunk in part.chunks])
        value: str | Upload
        if part.filename is None:
            try:
                value = codecs.decode(content, "utf-8")
            except UnicodeDecodeError as error:
                raise BadBody(f"the field {part.name!r} is not UTF-8", form="form") from error
        else:
            value = Upload(part.filename, part.content_type, content)
        found.setdefault(part.name, []).append(value)
    return found
