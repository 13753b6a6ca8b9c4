"""A client that calls an ASGI app directly: what a browser or player sends, without the socket."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec


class Heard:
    """An answer, as it came."""

    def __init__(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.status_code = status
        self.all_headers = headers
        self.headers = dict(headers)
        self.content = content

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return msgspec.json.decode(self.content)


class AsgiClient:
    """Speaks to `app` as `testserver`, with `headers` on every request."""

    def __init__(
        self,
        app: Any,
        *,
        headers: Mapping[str, str] | None = None,
        peer: str = "127.0.0.1",
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._app = app
        self._headers = {"host": "testserver", **(headers or {})}
        self._peer = peer
        self._state = dict(state or {})

    def scope(self, kind: str, method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
        raw, _, query = target.partition("?")
        scope = {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "path": unquote(raw),
            "raw_path": raw.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [
                (name.lower().encode(), value.encode()) for name, value in {**self._headers, **headers}.items()
            ],
            "client": (self._peer, 50000),
            "server": ("testserver", 80),
            "state": dict(self._state),
        }
        if kind == "http":
            scope["method"] = method
        else:
            scope |= {"subprotocols": [], "extensions": {"websocket.http.response": {}}}
        return scope

    async def request(
        self,
        method: str,
        target: str,
        *,
        json: Any = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        announce: bool = True,
    ) -> Heard:
        """One request and its whole answer. `announce=False` sends no length, as chunked bodies do."""
        sent = dict(headers or {})
        if json is not None:
            content = msgspec.json.encode(json)
            sent.setdefault("content-type", "application/json")
        if content and announce:
            sent.setdefault("content-length", str(len(content)))
        pieces = [content[at : at + 65536] for at in range(0, len(content), 65536)] or [b""]
        messages: list[dict[str, Any]] = []
        is_over = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if not pieces:
                await is_over.wait()  # a client that stays until it has its answer
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                is_over.set()

        await self._app(self.scope("http", method, target, sent), receive, send)
        start, *rest = messages
        assert start["type"] == "http.response.start"
        told = [(name.decode(), value.decode()) for name, value in start["headers"]]
        return Heard(start["status"], told, b"".join(message.get("body", b"") for message in rest))

    async def get(self, target: str, **options: Any) -> Heard:
        return await self.request("GET", target, **options)

    async def post(self, target: str, **options: Any) -> Heard:
        return await self.request("POST", target, **options)

    async def put(self, target: str, **options: Any) -> Heard:
        return await self.request("PUT", target, **options)

    async def patch(self, target: str, **options: Any) -> Heard:
        return await self.request("PATCH", target, **options)

    async def delete(self, target: str, **options: Any) -> Heard:
        return await self.request("DELETE", target, **options)

    async def upload(
        self, target: str, *, file: tuple[str, bytes, str], fields: Mapping[str, str] | None = None
    ) -> Heard:
        """A multipart form with one file called `file`: (file name, content, type)."""
        name, content, kind = file
        lines = [
            f'--edge\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in (fields or {}).items()
        ]
        head = (
            f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        )
        body = b"".join([*lines, head.encode(), content, b"\r\n--edge--\r\n"])
        return await self.post(target, content=body, headers={"content-type": "multipart/form-data; boundary=edge"})

    def socket(self, target: str, *, headers: Mapping[str, str] | None = None) -> "AsgiSocket":
        return AsgiSocket(self._app, self.scope("websocket", "GET", target, headers or {}))


class AsgiSocket:
    """A WebSocket to the app, for an `async with`."""

    def __init__(self, app: Any, scope: dict[str, Any]) -> None:
        self._app = app
        self._scope = scope
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[Any] = asyncio.Queue()

    async def __aenter__(self) -> "AsgiSocket":
        await self._to_app.put({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(self._scope, self._to_app.get, self._from_app.put))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._to_app.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, 5)

    async def message(self) -> dict[str, Any]:
        """The app's next message, whatever it is."""
        return dict(await asyncio.wait_for(self._from_app.get(), 5))

    async def send_text(self, text: str) -> None:
        await self._to_app.put({"type": "websocket.receive", "text": text})


def host_of(url: str) -> str:
    """Host and port of a URL."""
    return urlsplit(url).netloc
