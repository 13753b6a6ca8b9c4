"""Pictures of titles: kept once by content, shown under a name that nobody can work out from a known poster."""

import asyncio
import hashlib
from pathlib import Path
from typing import Final

from polycast.core.errors import Invalid, NotFound, TooLarge
from polycast.core.files import write_bytes
from polycast.core.media import ImageFile, Images, sniff
from polycast.core.secrets import Tokens

PURPOSE: Final = "library.image"
MOST_BYTES: Final = 20 * 1024 * 1024
NAME: Final = 40  # hex digits
TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"})


class Artwork:
    """The store of pictures. `folder` is ours alone."""

    def __init__(self, *, folder: Path, images: Images, tokens: Tokens) -> None:
        self._folder = folder
        self._images = images
        self._tokens = tokens

    async def keep(self, content: bytes) -> str:
        """The name under which a picture is shown from now on. Raises: Invalid for what is no picture; TooLarge."""
        if len(content) > MOST_BYTES:
            raise TooLarge("The picture is larger than any of ours may be.")
        if sniff(content) not in TYPES:
            raise Invalid.one("image", "not_an_image", "This is no picture that we show")
        name = self.name_of(hashlib.sha256(content).hexdigest())
        place = self._place(name)
        await asyncio.to_thread(_write, place, content)
        return name

    async def keep_file(self, path: Path) -> str | None:
        """The same for a picture beside the media; None when it cannot be read or is none."""
        content = await asyncio.to_thread(_read, path)
        if content is None or sniff(content) not in TYPES:
            return None
        return await self.keep(content)

    async def show(self, name: str, *, width: int | None) -> ImageFile:
        """The picture, at most so wide. Raises: NotFound."""
        if len(name) != NAME or any(one not in "0123456789abcdef" for one in name):
            raise NotFound("The picture")
        place = self._place(name)

        async def fetch() -> Path:
            if not await asyncio.to_thread(place.is_file):
                raise NotFound("The picture")
            return place

        return await self._images.get(f"library {name}", fetch, width)

    def name_of(self, sha256: str) -> str:
        """What a picture of this content is called outside."""
        return self._tokens.mac(sha256, purpose=PURPOSE).hex()[:NAME]

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name


def _write(place: Path, content: bytes) -> None:
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    write_bytes(place, content)


def _read(path: Path) -> bytes | None:
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None
