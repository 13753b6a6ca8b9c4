"""How a file would be played: looked into, decided, cut."""

import asyncio
from datetime import timedelta
from pathlib import PurePath
from typing import Final

from msgspec.structs import replace

from polycast.core.media import Media
from polycast.library.catalogue.model import PlayableFile
from polycast.library.playback.deciding import decide
from polycast.library.playback.films import Films
from polycast.library.playback.model import Delivery
from polycast.library.playback.model_session import FileMissing, Judged, Opened, Start
from polycast.library.playback.supply import Film
from polycast.library.probing.model import Probed

LAN: Final = timedelta(seconds=4)
WAN: Final = timedelta(seconds=6)


class Judges:
    """Decisions about files that were found."""

    def __init__(self, *, films: Films, media: Media) -> None:
        self._films = films
        self._media = media

    async def judge(self, playable: PlayableFile, start: Start, network: str) -> Judged:
        """How a file is played. Raises: FileMissing; BadMedia for one that cannot be read."""
        if start.file is None and len(playable.versions) > 1 and not playable.parts:
            playable = _best(playable, start)
        if not playable.file.is_available or not await asyncio.to_thread(playable.path.is_file):
            raise FileMissing
        probed = await self.probed(playable)
        path = PurePath(playable.path)
        decision = decide(probed, path, start.profile, start.asked)
        if not decision.mode.is_hls:
            return Judged(playable=playable, decision=decision, film=None)
        film = await self._films.film(
            playable.file.id,
            playable.path,
            probed,
            size=playable.file.size_bytes,
            mtime_ns=playable.file.mtime_ns,
            length=WAN if network == "wan" else LAN,
        )
        if film.keyframes is None and decision.video is not None and decision.video.delivery is Delivery.COPY:
            decision = decide(probed, path, start.profile, start.asked, has_index=False)
        return Judged(playable=playable, decision=decision, film=film)

    async def film(self, opened: Opened) -> Film:
        """The file of a session as it is cut. Raises: NotFound, when it is gone."""
        row = opened.row
        return await self._films.film(
            row.file_id,
            opened.playable.path,
            opened.probed,
            size=row.facts.size_bytes,
            mtime_ns=row.facts.mtime_ns,
            length=WAN if row.network == "wan" else LAN,
        )

    async def probed(self, playable: PlayableFile) -> Probed:
        """What a file holds, as the scan found it or as it is found now. Raises: as `Media.probe`."""
        return playable.file.probed or await self._media.probe(playable.path)


def _best(playable: PlayableFile, start: Start) -> PlayableFile:
    """The version that reaches the device the cheapest way; of equal ones the first, which is the best picture."""
    ways = [
        (decide(file.probed, PurePath(file.path), start.profile, start.asked).mode.tier, number)
        for number, file in enumerate(playable.versions)
        if file.probed is not None and file.is_available
    ]
    return replace(playable, file=playable.versions[min(ways)[1]]) if ways else playable
