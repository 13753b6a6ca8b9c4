"""Parameters wherever a client puts them: query, form, multipart, or JSON whatever it is called."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from polycast.core.http import BadBody, Request, Upload, read_body
from polycast.core.http.bodies import Media, allow_body, header, media_type, read_multipart, read_pairs
from polycast.core.http.dialects import ByteEndpoint
from polycast.core.identity.caller import Caller

MIB: Final = 1024 * 1024
KEPT: Final = "acquire.asked"  # where a request keeps what was read of it
TRUE: Final = frozenset({"true", "1", "yes", "on"})


class Asked:
    """The parameters of one request; a form counts before the query."""

    def __init__(self, values: Mapping[str, Sequence[str | Upload]], json: Any = None) -> None:
        self._values = values
        self.json = json

    def text(self, name: str, default: str = "") -> str:
        """The first value."""
        return next((value for value in self._values.get(name, ()) if isinstance(value, str)), default)

    def has(self, name: str) -> bool:
        return name in self._values

    def texts(self, name: str) -> list[str]:
        return [value for value in self._values.get(name, ()) if isinstance(value, str)]

    def files(self, *names: str) -> list[Upload]:
        """Parts with these names that are files."""
        return [value for name in names for value in self._values.get(name, ()) if isinstance(value, Upload)]

    def all_files(self) -> list[Upload]:
        return [value for values in self._values.values() for value in values if isinstance(value, Upload)]

    def flag(self, name: str) -> bool | None:
        """None when it was not said."""
        return self.text(name).lower() in TRUE if self.has(name) else None

    def number(self, name: str) -> int | None:
        """A whole number; None when it is none."""
        text = self.text(name).strip()
        bare = text.removeprefix("-")
        return int(text) if bare.isascii() and bare.isdigit() and len(bare) < 18 else None

    def decimal(self, name: str) -> float | None:
        text = self.text(name).strip()
        try:
            found = float(text) if len(text) < 40 else None
        except ValueError:
            return None
        return found if found is not None and abs(found) < 1e12 else None

    def rows(self, name: str, separator: str = "|") -> list[str]:
        """Parts of a list in one value."""
        return [part.strip() for part in self.text(name).split(separator) if part.strip()]


def heard(endpoint: ByteEndpoint, limit_bytes: int = MIB) -> ByteEndpoint:
    """The endpoint, after its request has been understood: a body that cannot be read is refused even where nobody needs it."""

    async def checked(request: Request, caller: Caller) -> Any:
        await read(request, limit_bytes)
        return await endpoint(request, caller)

    return checked


async def read(request: Request, limit_bytes: int = MIB) -> Asked:
    """Query and body together; once for each request. Raises: BadBody; TooLarge."""
    known = request.scope.get(KEPT)
    if known is None:
        known = request.scope[KEPT] = await _read(request, limit_bytes)
    return cast("Asked", known)


async def _read(request: Request, limit_bytes: int) -> Asked:
    found: dict[str, list[str | Upload]] = {}
    for name, values in read_pairs(request.scope["query_string"], what="query").items():
        found[name] = list(values)
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return Asked(found)
    allow_body(request.scope, limit_bytes)
    written = header(request.scope, b"content-type") or ""
    kind, _ = media_type(written)
    if kind == Media.MULTIPART:
        for name, parts in (await read_multipart(request.receive, written, limit_bytes)).items():
            found[name] = list(parts)
        return Asked(found)
    content = await read_body(request.receive, limit_bytes)
    bare = content.lstrip()
    if bare[:1] in (b"{", b"[") or kind == Media.JSON:
        return Asked(found, _json(bare))
    for name, values in read_pairs(content.strip()).items():
        found[name] = list(values)
    return Asked(found)


def _json(content: bytes) -> Any:
    if not content:
        return None
    if content.count(b"[") + content.count(b"{") > 50_000:
        raise BadBody("it has too many parts")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBody("this is no JSON") from error
