"""An answer whose head has come and whose body is still to be read."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final

from aiohttp import ClientResponse

from polycast.core.errors import PolycastError, TooLarge
from polycast.core.net.address import Trust
from polycast.core.net.decode import Identity, decoder_for
from polycast.core.net.errors import BadAnswer
from polycast.core.net.failures import FAILED, broken
from polycast.core.net.limits import Limits
from polycast.core.net.target import Target

CHUNK: Final = 64 * 1024


class Incoming:
    """Valid inside the block that opened it. The body can be read once."""

    def __init__(
        self, response: ClientResponse, target: Target, limits: Limits, deadline: float | None, trust: Trust
    ) -> None:
        self.status: int = response.status
        self.reason: str = response.reason or ""
        self.headers: Mapping[str, str] = response.headers  # names in any case
        self.url: str = target.text  # after redirects, without user and password
        self.trust = trust  # class that URLs of the same origin as `url` belong to
        self.has_failed = False
        self._response = response
        self._limits = limits
        self._deadline = deadline

    @property
    def content_type(self) -> str:
        """Media type in lower case, without parameters; "" when the server names none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def size_bytes(self) -> int | None:
        """Length of the body as it will be read, when it is known beforehand."""
        return None if self.headers.get("Content-Encoding") else self._response.content_length

    async def chunks(self, size: int = CHUNK) -> AsyncIterator[bytes]:
        """The body as it comes, decoded, in pieces of 1 to about `size` bytes.

        Raises: BadAnswer (reasons "silent", "broken", "lost", "slow", "encoding"); TooLarge.
        """
        decoder = decoder_for(self.headers.get("Content-Encoding", ""))
        limit = self._limits.size_bytes
        if limit is not None and (self.size_bytes or 0) > limit:
            raise self._failed(TooLarge("The answer is too large."))
        content, is_plain, count = self._response.content, isinstance(decoder, Identity), 0
        clock = asyncio.get_running_loop().time
        while True:
            try:
                piece = await content.read(size)
            except FAILED as error:
                raise self._failed(broken(error)) from error
            if not piece:
                break
            if self._deadline is not None and clock() > self._deadline:
                raise self._failed(BadAnswer("The server sends too slowly.", reason="slow"))
            for decoded in (piece,) if is_plain else decoder.feed(piece):
                count += len(decoded)
                if limit is not None and count > limit:
                    raise self._failed(TooLarge("The answer is too large."))
                yield decoded
        decoder.end()

    async def read(self) -> bytes:
        """The whole body. Raises as `chunks`."""
        return b"".join([piece async for piece in self.chunks()])

    async def head(self, size: int) -> bytes:
        """Up to `size` bytes of the body, for an error message; the rest is dropped."""
        taken = b""
        async for piece in self.chunks():
            taken += piece
            if len(taken) >= size:
                break
        return taken[:size]

    def _failed(self, error: PolycastError) -> PolycastError:
        self.has_failed = True
        return error
