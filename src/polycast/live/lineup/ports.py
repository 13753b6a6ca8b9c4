"""What the line-up needs of others."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from polycast.core.media import ImageFile
from polycast.core.net import Fetched


class Pictures(Protocol):
    """The cache of pictures: `core/media` has it."""

    async def get(
        self, key: str, fetch: Callable[[], Awaitable[bytes | Path]], width: int | None = None
    ) -> ImageFile: ...


class Fetcher(Protocol):
    """The way out to where logos lie: an `Outbound` of `core/net`."""

    async def fetch(self, url: str) -> Fetched: ...
