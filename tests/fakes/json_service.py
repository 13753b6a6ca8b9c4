"""What the fakes of services outside share: a route table over JSON on a real socket, and what was asked."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.http_upstream import Asked, Upstream

Reply = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]


class Question:
    """A request, taken apart."""

    def __init__(self, asked: Asked, found: tuple[str, ...]) -> None:
        parts = urlsplit(asked.path)
        self.method = asked.method
        self.path = parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.raw_query = parts.query
        self.headers = asked.headers
        self.body = asked.body
        self.parts = found  # of the path, as the route's pattern found them

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class JsonService(Upstream):
    """A service. `fail` answers everything with that status and a page; `asked` is what was asked, in order."""

    base = ""

    def __init__(self) -> None:
        super().__init__()
        self.fail = 0
        self.questions: list[Question] = []
        self._routes: list[tuple[str, re.Pattern[str], Callable[[Question], Reply]]] = []

    def route(self, method: str, pattern: str, answer: Callable[[Question], Reply]) -> None:
        """`pattern` is a regular expression over the whole path below `base`."""
        self._routes.append((method, re.compile(pattern), answer))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base}"

    def times(self, method: str, path: str) -> int:
        """How often that was asked; `path` as its beginning, below `base`."""
        return sum(one.method == method and one.path.startswith(self.base + path) for one in self.questions)

    def refuse(self, question: Question) -> Reply | None:
        """What is answered instead: to who is not let in."""
        del question
        return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            asked = Asked(head[:-4], b"")
            if length := int(asked.headers.get("content-length", "0")):
                asked.body = await reader.readexactly(length)
            self.asked.append(asked)
            status, body, *more = self._reply(asked)
            kind = "application/json"
            if isinstance(body, bytes):
                content, kind = body, "application/octet-stream"
            elif self.fail:
                content, kind = b"<html>no</html>", "text/html"
            else:
                content = b"" if body is None else json.dumps(body).encode()
            told = {"Content-Type": kind, "Content-Length": str(len(content)), **(more[0] if more else {})}
            lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
            writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + content)
            await writer.drain()

    def _reply(self, asked: Asked) -> Reply:
        path = urlsplit(asked.path).path.removeprefix(self.base)
        for method, pattern, answer in self._routes:
            match = pattern.fullmatch(path)
            if match is not None and method == asked.method:
                question = Question(asked, match.groups())
                self.questions.append(question)
                if self.fail:
                    return self.fail, None
                return self.refuse(question) or answer(question)
        self.questions.append(Question(asked, ()))
        return self.fail or 404, {"message": "not found"}


S = TypeVar("S", bound=JsonService)


@asynccontextmanager
async def serving(made: S) -> AsyncIterator[S]:
    """Running for the length of the block."""
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
