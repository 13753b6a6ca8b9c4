"""Looking into media files, as the scanner and the player ask for it."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from polycast.core.media import Media, Probed

PROBE: Final = timedelta(seconds=30)


class Prober:
    """What files hold, told by sandboxed children. A hostile file crashes a child, and is left alone after the second time."""

    def __init__(self, *, media: Media) -> None:
        self._media = media

    async def probe(self, path: Path, *, timeout: timedelta = PROBE) -> Probed:
        """Container, streams, chapters and tags of a file.

        Several may be asked at once; how many are really looked into is the setting `media.probe_children`.

        Raises: NotFound; BadMedia (`not_media`, `quarantined`); Unavailable when a child died over it for the first time.
        """
        return await self._media.probe(path, timeout=timeout)
