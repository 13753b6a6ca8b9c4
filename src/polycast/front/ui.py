"""The UI's built files: one page for every address below `/app/`, and assets that never change."""

import asyncio
import html
import mimetypes
import os
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.http import MethodNotAllowed, UnknownPath
from polycast.core.http.answers import Sending
from polycast.core.http.bodies import header
from polycast.core.ids import Ids

NONCE_PLACEHOLDER: Final = b"{{nonce}}"  # stands in index.html wherever a nonce belongs
MAX_FILES: Final = 5000
IMMUTABLE: Final = b"public, max-age=31536000, immutable"
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_ROOT_FILES: Final = (
    "favicon.ico",
    "favicon.svg",
    "icon.svg",
    "manifest.webmanifest",
    "robots.txt",
    "apple-touch-icon.png",
)
_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Polycast</title></head>
<body><h1>Polycast is running</h1>
<p>Its pages are not built yet. Build them with <code>make run</code>, which starts the server again with its UI,
or use the APIs, which are all here.</p>
<p>Looked for: <code>{where}</code></p></body></html>
"""


class _File(Struct, frozen=True):
    path: Path
    content_type: bytes
    modified: bytes  # an HTTP date
    etag: bytes
    encodings: Mapping[str, Path]  # "br" -> the precompressed twin


class UiFiles:
    """Serves a folder as Vite builds it: `index.html`, `assets/`, and a few files at its root."""

    claims = ("/", "/app/*", "/assets/*", *(f"/{name}" for name in _ROOT_FILES))

    def __init__(self, folder: Path, *, ids: Ids) -> None:
        """`folder` may be missing: then a plain page says how to build it."""
        self._folder = folder
        self._ids = ids
        self._files: Mapping[str, _File] = {}
        self._index_seen: tuple[int, int] | None = None  # mtime and size of the index.html that `_files` goes with

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(scope["method"], ["GET", "HEAD"])
        sending = await asyncio.to_thread(self._answer, scope)
        await sending(scope, receive, send)

    def _answer(self, scope: Any) -> Sending:
        self._look()
        path = scope["path"]
        scope["state"]["route"] = "/assets/*" if path.startswith("/assets/") else "/app/*"
        if path in ("/", "/app") or path.startswith("/app/"):
            return self._page()
        file = self._files.get(path)  # only what the folder's own listing named: no request text ever joins a path
        if file is None:
            raise UnknownPath
        return _file_answer(file, scope, is_immutable=path.startswith("/assets/"))

    def _look(self) -> None:
        """List the folder again when its index.html has changed: a new build, or the first look."""
        try:
            status = (self._folder / "index.html").stat()
        except OSError:
            self._index_seen, self._files = None, {}
            return
        seen = (status.st_mtime_ns, status.st_size)
        if seen != self._index_seen:
            self._files = _listed(self._folder)
            self._index_seen = seen

    def _page(self) -> Sending:
        nonce = self._ids.nanoid()
        if self._index_seen is None:
            body = _NOT_BUILT.format(where=html.escape(str(self._folder / "index.html"))).encode()
        else:
            body = (self._folder / "index.html").read_bytes().replace(NONCE_PLACEHOLDER, nonce.encode())
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-cache"),
            (b"content-security-policy", content_policy(nonce).encode()),
        ]
        return Sending(200, body, headers)


def content_policy(nonce: str) -> str:
    """The content security policy of our pages; `nonce` lets in the styles that belong to this one answer."""
    return (
        f"default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'self'"
    )


def _file_answer(file: _File, scope: Mapping[str, Any], *, is_immutable: bool) -> Sending:
    headers = [
        (b"cache-control", IMMUTABLE if is_immutable else b"public, max-age=3600"),
        (b"last-modified", file.modified),
        (b"vary", b"accept-encoding"),
    ]
    accepted = (header(scope, b"accept-encoding") or "").lower()
    encoding = next((name for name in file.encodings if _accepts(accepted, name)), None)
    etag = file.etag if encoding is None else file.etag[:-1] + f'-{encoding}"'.encode()
    headers.append((b"etag", etag))
    if header(scope, b"if-none-match") == etag.decode():
        return Sending(304, b"", headers)
    if encoding is not None:
        headers.append((b"content-encoding", encoding.encode()))
    body = (file.path if encoding is None else file.encodings[encoding]).read_bytes()
    headers += [(b"content-type", file.content_type), (b"content-length", str(len(body)).encode())]
    return Sending(200, body, headers)


def _accepts(accepted: str, encoding: str) -> bool:
    for offer in accepted.split(","):
        name, _, parameters = offer.strip().partition(";")
        if name.strip() == encoding:
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _listed(folder: Path) -> dict[str, _File]:
    found: dict[str, _File] = {}
    for name in _ROOT_FILES:
        _add(found, f"/{name}", folder / name)
    assets = folder / "assets"
    for place, folders, names in os.walk(assets, followlinks=False):
        folders.sort()
        for name in sorted(names):
            file = Path(place) / name
            if len(found) < MAX_FILES:
                _add(found, f"/assets/{file.relative_to(assets).as_posix()}", file)
    return found


def _add(found: dict[str, _File], url: str, file: Path) -> None:
    if file.is_symlink() or not file.is_file() or file.suffix in (".br", ".gz", ".map"):
        return
    status = file.stat()
    twins = {name: twin for name, suffix in _ENCODINGS if (twin := file.with_name(file.name + suffix)).is_file()}
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if file.suffix in (".js", ".mjs"):
        kind = "text/javascript"
    elif file.suffix == ".webmanifest":
        kind = "application/manifest+json"
    kind += "; charset=utf-8" if kind.startswith("text/") else ""
    etag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
    found[url] = _File(file, kind.encode(), formatdate(status.st_mtime, usegmt=True).encode(), etag.encode(), twins)
