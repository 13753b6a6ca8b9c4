"""Remote tracks, fetched before they are played and kept for a while."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from polycast.core.errors import NotFound, PolycastError
from polycast.core.files import walk
from polycast.core.net import Limits, Net, Trust
from polycast.radio.stations.model import Track

BUDGET: Final = timedelta(seconds=10)  # from the wish to the whole file
FETCH: Final = Limits(
    connect=timedelta(seconds=4), first_byte=timedelta(seconds=6), total=BUDGET, size_bytes=200_000_000,
    counts_answers=False,
)  # fmt: skip
KEPT_BYTES: Final = 500_000_000  # of one station

log = logging.getLogger("polycast.radio")


class Fetching:
    """One station's. `folder` is a cache: whatever is in it may go at any time."""

    def __init__(self, *, station_id: int, folder: Path, net: Net, allowed: Callable[[], tuple[str, ...]]) -> None:
        self._station_id = station_id
        self._folder = folder
        self._net = net
        self._allowed = allowed

    async def path(self, track: Track) -> Path:
        """Where the track's bytes are. Raises: NotFound, when they do not come in time."""
        place = self._folder / hashlib.sha256(track.path.encode()).hexdigest()[:32]
        if await asyncio.to_thread(place.is_file):
            return place
        client = self._net.client(
            Trust.USER, owner=f"radio.remote:{self._station_id}", limits=FETCH, allowed=self._allowed()
        )
        try:
            await asyncio.to_thread(_tidy, self._folder)
            await client.save(track.path, place)
        except (PolycastError, OSError) as error:
            log.info("remote track %d: %s", track.id, error)
            raise NotFound("The remote track") from error
        return place


def _tidy(folder: Path) -> None:
    """Blocking: the oldest go until there is room for more."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = sorted(walk(folder), key=lambda one: one.modified_ns)
    total = sum(one.size_bytes for one in found)
    for one in found:
        if total <= KEPT_BYTES:
            return
        (folder / one.path).unlink(missing_ok=True)
        total -= one.size_bytes
