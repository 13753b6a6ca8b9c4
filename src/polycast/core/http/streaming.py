"""A streamed body that notices when its client leaves, and is closed on the spot."""

import asyncio
from typing import Any

import starlette.responses
from starlette.requests import ClientDisconnect


class StreamingResponse(starlette.responses.StreamingResponse):
    """Starlette's, with an end in time: `content` (an async generator) is closed before the response returns.

    Whatever it holds (a seat, a file, an upstream) is given back at once, and not when the collector comes by.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(_until_gone(receive))
                try:
                    await self._send(send)
                finally:
                    watching.cancel()
        except ExceptionGroup as failures:
            first = failures.exceptions[0]
            if not isinstance(first, ClientDisconnect):
                raise first from None
        if self.background is not None:
            await self.background()

    async def _send(self, send: Any) -> None:
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for chunk in self.body_iterator:
                body = chunk.encode(self.charset) if isinstance(chunk, str) else chunk
                await send({"type": "http.response.body", "body": body, "more_body": True})
                await asyncio.sleep(0)  # a source that never waits would keep the loop from seeing the client leave
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            aclose = getattr(self.body_iterator, "aclose", None)
            if aclose is not None:
                await aclose()


async def _until_gone(receive: Any) -> None:
    """Raises: ClientDisconnect, which cancels the sending beside it."""
    while (await receive())["type"] != "http.disconnect":
        pass
    raise ClientDisconnect
