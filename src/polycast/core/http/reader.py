"""From bytes to a typed struct: fast when all is well, thorough when not."""

import asyncio
import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import inspect as shape

from polycast.core.errors import Invalid, Problem
from polycast.core.http.bodies import (
    Media,
    Receive,
    Upload,
    allow_body,
    header,
    media_type,
    read_body,
    read_multipart,
    read_pairs,
)
from polycast.core.http.errors import BadBody, UnsupportedMedia
from polycast.core.http.walk import FORM, JSON, LENIENT_JSON, Walk

MAX_DEPTH: Final = 64
_THREAD_ABOVE: Final = 256 * 1024  # bytes of JSON; above it reading leaves the event loop
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
# What msgspec accepts and our stores do not: NUL and lone surrogates in text, integers beyond 64 bits.
_SUSPECT: Final = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|[0-9]{19}")
_OFFSET: Final = re.compile(r"^JSON is malformed: ")


class Reader:
    """Reads one type from bodies or queries. Build once, use for every request."""

    def __init__(self, kind: Any, *, lenient_text: bool = False, media: Sequence[Media] = (Media.JSON,)) -> None:
        self.kind = kind
        self.media = tuple(media)
        self._shape = shape.type_info(kind)
        self._decoder = msgspec.json.Decoder(kind)
        self._source = LENIENT_JSON if lenient_text else JSON
        self._is_plain = not _needs_walk(self._shape, set())

    async def body(self, scope: MutableMapping[str, Any], receive: Receive, limit_bytes: int) -> Any:
        """The request's body as `kind`.

        Raises: Invalid with every Problem; UnsupportedMedia; BadBody; TooLarge.
        """
        allow_body(scope, limit_bytes)
        written = header(scope, b"content-type") or ""
        kind, parameters = media_type(written)
        form = self._media_of(kind)
        if form is Media.MULTIPART:
            return self.form(await read_multipart(receive, written, limit_bytes))
        content = await read_body(receive, limit_bytes)
        if form is None:
            if content:
                raise UnsupportedMedia(kind)
            return self.form({})  # nothing was sent, whatever it is called: aiohttp names a type for no body at all
        if form is Media.FORM:
            return self.form(read_pairs(content))
        if not content.strip():
            return self.value({})
        if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
            raise UnsupportedMedia(written)
        if len(content) > _THREAD_ABOVE:
            return await asyncio.to_thread(self.json, content)
        return self.json(content)

    def _media_of(self, kind: str) -> Media | None:
        if not kind:
            return self.media[0] if self.media[0] is not Media.MULTIPART else None
        if kind.startswith("application/") and kind.endswith("+json"):
            kind = Media.JSON
        return next((media for media in self.media if media == kind), None)

    def json(self, content: bytes) -> Any:
        """JSON text as `kind`."""
        _check_depth(content)
        if self._is_plain and not _SUSPECT.search(content):
            try:
                return self._decoder.decode(content)
            except msgspec.ValidationError:
                pass  # valid JSON of the wrong shape: walk it and tell all that is wrong
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass  # told below, in the same words as for a body that skips the fast path
        try:
            value = msgspec.json.decode(content)
        except UnicodeDecodeError as error:
            raise BadBody("the text is not UTF-8") from error
        except msgspec.DecodeError as error:
            raise BadBody(_OFFSET.sub("", str(error))) from error
        return self.value(value)

    def value(self, value: object) -> Any:
        """A decoded JSON value as `kind`."""
        return self._finish(Walk(self._source), value)

    def form(self, fields: Mapping[str, Sequence[str | Upload]]) -> Any:
        """Lists of texts by name (a form, a query) as `kind`."""
        return self._finish(Walk(FORM), {name: list(values) for name, values in fields.items()})

    def query(self, query_string: bytes) -> Any:
        """A query string as `kind`."""
        return self.form(read_pairs(query_string, what="query"))

    def _finish(self, walk: Walk, value: object) -> Any:
        taken = walk.read(self._shape, value)
        if walk.problems:
            raise Invalid(walk.problems)
        try:
            return msgspec.convert(taken, self.kind, strict=True)
        except msgspec.ValidationError as error:  # a rule that the walk does not know
            text, _, where = str(error).partition(" - at `$")
            path = where.rstrip("`").replace("[", ".").replace("]", "").strip(".")
            raise Invalid([Problem(path, "invalid", {}, text)]) from error


def _check_depth(content: bytes) -> None:
    """Raises: BadBody when brackets nest deeper than MAX_DEPTH; a cheap count answers for nearly all bodies."""
    if content.count(b"[") + content.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRUCTURE.finditer(content):
        token = match[0]
        if token in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise BadBody(f"nested deeper than {MAX_DEPTH} levels")
        elif token in (b"]", b"}"):
            depth -= 1


def _needs_walk(kind: shape.Type, seen: set[int]) -> bool:
    """Whether a value needs repair or a look that msgspec does not give.

    Those are text to be trimmed or not to be blank, and decimals and times that our stores cannot hold.
    """
    if isinstance(kind, shape.Metadata):
        return bool(kind.extra) or _needs_walk(kind.type, seen)
    if isinstance(kind, shape.DecimalType | shape.DateTimeType):
        return True
    if isinstance(kind, shape.StrType):
        return bool(kind.min_length)
    if isinstance(kind, shape.UnionType):
        return any(_needs_walk(option, seen) for option in kind.types)
    if isinstance(kind, shape.StructType):
        if id(kind.cls) in seen:
            return False
        seen.add(id(kind.cls))
        return any(_needs_walk(field.type, seen) for field in kind.fields)
    if isinstance(kind, shape.DictType):
        return _needs_walk(kind.key_type, seen) or _needs_walk(kind.value_type, seen)
    item = getattr(kind, "item_type", None)
    return item is not None and _needs_walk(item, seen)
