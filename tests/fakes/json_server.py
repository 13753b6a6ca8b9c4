"""What the small fakes of media servers share: JSON by path on a real socket, and who may read it."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes.http_upstream import Asked, Upstream, ok, status


class JsonServer(Upstream):
    """Answers `answers[path]` (a value, or a function without arguments) to whoever is let in by `admits`."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Any] = {}
        self.admits: Callable[[Asked], bool] = lambda _: True
        self.open_paths: set[str] = set()

    def serve(self, path: str, value: Any) -> None:
        self.answers[path] = value

        async def answer(asked: Asked, writer: Any) -> None:
            if path not in self.open_paths and not self.admits(asked):
                await status(401)(asked, writer)
                return
            found = self.answers[path]
            body = json.dumps(found() if callable(found) else found).encode()
            await ok(body, "application/json")(asked, writer)

        self.on(path, answer)


@asynccontextmanager
async def json_server(made: JsonServer) -> AsyncIterator[JsonServer]:
    """Running for the length of the block."""
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
