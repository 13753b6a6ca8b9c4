"""Opens what is to be played, inside the account's own folder and nowhere else."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid, NotFound
from polycast.core.files import Root
from polycast.radio.engine.picking.model import Kind, Pick, Shelf, cues
from polycast.radio.stations.model import Station, Track

JINGLE_GAIN_DB: Final = 0.0
GAIN_MOST_DB: Final = 12.0


class Unplayable(Exception):
    """What was picked cannot be opened."""


class Opened(Struct, frozen=True, kw_only=True):
    """An open file, and how it is to be played."""

    descriptor: int
    gain_db: float = 0.0
    start_s: float = 0.0
    end_s: float | None = None
    fades: bool = True


class Files:
    """Of one account's station."""

    def __init__(self, *, folder: Path, media: Path, remote: Callable[[Track], Awaitable[Path]]) -> None:
        self._folder = folder
        self._media = media
        self._remote = remote

    async def open(self, shelf: Shelf, pick: Pick) -> Opened:
        """Raises: Unplayable."""
        station = shelf.station
        try:
            if pick.kind is Kind.FALLBACK:
                found = await asyncio.to_thread(_descriptor, self._media, station.fallback_file)
                return Opened(descriptor=found)
            if pick.jingle is not None:
                found = await asyncio.to_thread(_descriptor, self._folder / "jingles", pick.jingle.path)
                return Opened(descriptor=found, gain_db=pick.jingle.gain_db or JINGLE_GAIN_DB, fades=False)
            if pick.track is None:
                raise Unplayable("nothing was picked")
            return await self._track(station, pick.track)
        except (NotFound, Invalid, OSError, ValueError) as error:
            name = pick.track.path if pick.track is not None else pick.kind.value
            raise Unplayable(f"{name} cannot be opened: {error}") from error

    async def _track(self, station: Station, track: Track) -> Opened:
        if track.is_remote:
            kept = await self._remote(track)
            found = await asyncio.to_thread(_descriptor, kept.parent, kept.name)
        else:
            found = await asyncio.to_thread(_descriptor, self._media, track.path)
        start, end = cues(track) if station.trim_silence or track.region_start is not None else (0.0, None)
        return Opened(
            descriptor=found,
            gain_db=gain_of(station, track),
            start_s=start,
            end_s=end,
            fades=not track.disable_crossfade,
        )


def gain_of(station: Station, track: Track) -> float:
    """To the station's loudness, as far as the peak allows: 1 dB below full scale."""
    if track.gain_db is not None:
        return min(track.gain_db, GAIN_MOST_DB)
    if track.loudness_lufs is None:
        return 0.0
    wanted = station.loudness_target - track.loudness_lufs
    if track.max_volume_db is not None:
        wanted = min(wanted, -1.0 - track.max_volume_db) if wanted > 0 else wanted
    return max(-30.0, min(wanted, GAIN_MOST_DB))


def _descriptor(root: Path, path: str) -> int:
    with Root(root) as folder:
        return folder.descriptor(*(part for part in path.split("/") if part))
