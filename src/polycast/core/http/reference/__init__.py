"""Pages that show a dialect's OpenAPI document, to try out and to read; everything they load is ours."""

import asyncio
import html
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from polycast.core.http.etag import etag_of, not_modified, validators
from polycast.core.http.routing import Docs, Route, get
from polycast.core.http.yaml import to_yaml
from polycast.core.identity.caller import OPEN, Policy

_HERE: Final = Path(__file__).parent
_HIDDEN: Final = Docs(hidden=True)
CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_ASSETS: Final = {"reference.js": "text/javascript; charset=utf-8", "reference.css": "text/css; charset=utf-8"}


class ApiReference:
    """The document of one dialect and the pages around it."""

    def __init__(self, title: str, document: Callable[[], Mapping[str, Any]], *, file: Path | None = None) -> None:
        """`file` is what `polycast openapi` has written; where it is missing, `document` is built at the first question."""
        self._title = title
        self._document = document
        self._file = file
        self._json = b""
        self._yaml = b""
        self._building = asyncio.Lock()

    def routes(
        self, *, schemas: Sequence[str], try_out: Sequence[str], reading: Sequence[str] = (), policy: Policy = OPEN
    ) -> list[Route]:
        """Routes for the dialect's own list: `schemas` answer the document, the first of them feeds the pages.

        The pages' script and style stand below the first page of `try_out`.
        """
        assets = try_out[0].rstrip("/")
        found = [_route(path, policy, self._schema) for path in schemas]
        found += [_route(path, policy, self._page("try", schemas[0], assets)) for path in try_out]
        found += [_route(path, policy, self._page("read", schemas[0], assets)) for path in reading]
        return [*found, *(_route(f"{assets}/{name}", policy, _asset(name)) for name in _ASSETS)]

    async def _schema(self, request: Request) -> Response:
        await self._ready()
        is_yaml = _wants_yaml(request)
        content = self._yaml if is_yaml else self._json
        tag = etag_of(content)
        known = not_modified(request.scope, etag=tag)
        kind = "application/yaml" if is_yaml else "application/json"
        return known or Response(content, media_type=kind, headers={**validators(etag=tag), "vary": "accept"})

    async def _ready(self) -> None:
        async with self._building:
            if not self._json:
                self._json, self._yaml = await asyncio.to_thread(self._built)

    def _built(self) -> tuple[bytes, bytes]:
        try:
            content = self._file.read_bytes() if self._file is not None else b""
        except FileNotFoundError:
            content = b""
        document = msgspec.json.decode(content) if content else self._document()
        return content or msgspec.json.encode(document), to_yaml(document)

    def _page(self, layout: str, schema: str, assets: str) -> Callable[[Request], Any]:
        words = {"layout": layout, "schema": schema, "assets": assets, "title": self._title}

        async def page(request: Request) -> Response:
            text = await asyncio.to_thread((_HERE / "page.html").read_text, "utf-8")
            for name, value in words.items():
                text = text.replace("{{" + name + "}}", html.escape(value))
            headers = {"content-security-policy": CONTENT_POLICY, "cache-control": "no-cache"}
            return Response(text, media_type="text/html; charset=utf-8", headers=headers)

        return page


def _route(path: str, policy: Policy, answer: Callable[[Request], Any]) -> Route:
    return get(path, policy=policy, docs=_HIDDEN)(answer)


def _asset(name: str) -> Callable[[Request], Any]:
    async def asset(request: Request) -> Response:
        content = await asyncio.to_thread((_HERE / name).read_bytes)
        tag = etag_of(content)
        known = not_modified(request.scope, etag=tag)
        return known or Response(content, media_type=_ASSETS[name], headers=validators(etag=tag))

    return asset


def _wants_yaml(request: Request) -> bool:
    if (asked := request.query_params.get("format")) is not None:
        return asked in ("yaml", "yml", "openapi")
    accepted = request.headers.get("accept", "")
    return "yaml" in accepted and "json" not in accepted
