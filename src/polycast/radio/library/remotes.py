"""Tracks that lie on another server: looked at before they are taken in, fetched by the engine before they play."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, PolycastError, Problem
from polycast.core.identity.caller import Caller
from polycast.core.net import Limits, Net, Trust
from polycast.core.storage import Database, Unit, clean
from polycast.radio.events import ProgrammeChanged
from polycast.radio.library.model import ENDINGS, NUMBERS
from polycast.radio.library.store import TrackStore
from polycast.radio.stations.access import Access
from polycast.radio.stations.model import Track

LOOK: Final = Limits(total=timedelta(seconds=15), size_bytes=None, counts_answers=False)
KINDS: Final = {
    "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/aac": "aac", "audio/aacp": "aac", "audio/mp4": "m4a",
    "audio/x-m4a": "m4a", "audio/flac": "flac", "audio/x-flac": "flac", "audio/ogg": "ogg", "application/ogg": "ogg",
    "audio/opus": "opus", "audio/wav": "wav", "audio/x-wav": "wav",
}  # fmt: skip
NAMELESS: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class RemoteNew(Struct, frozen=True, kw_only=True):
    """One to take in."""

    url: str
    author: str = ""
    title: str = ""
    album: str = ""


class Remotes:
    """Adds them. What they are called is what their owner says; nobody reads tags over the wire."""

    def __init__(
        self, *, db: Database, store: TrackStore, access: Access, net: Net, allowed: Callable[[], tuple[str, ...]],
        clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._access = access
        self._net = net
        self._allowed = allowed
        self._clock = clock

    async def add(self, caller: Caller, station_id: int, wanted: Sequence[RemoteNew]) -> list[Track]:
        """All, or none when one is no sound or cannot be reached. Raises: NotFound; Invalid ("path")."""
        await self._db.read(self._access.own, caller, station_id)
        kinds = [await self._kind(one.url) for one in wanted]
        return await self._db.write(self._add, caller, station_id, list(zip(wanted, kinds, strict=True)))

    async def _kind(self, url: str) -> str:
        """What the other server says it is; by the ending of the address where it says nothing. Raises: Invalid."""
        if not url.startswith(("http://", "https://")) or len(url) > 1000:
            raise Invalid.one("path", "invalid")
        client = self._net.client(Trust.USER, owner="radio.remote", limits=LOOK, allowed=self._allowed())
        try:
            async with client.stream("GET", url) as incoming:
                status, kind = incoming.status, incoming.content_type
        except PolycastError as error:
            raise Invalid([Problem("path", "unreachable")]) from error
        if status != 200:
            raise Invalid([Problem("path", "unreachable")])
        ending = url.partition("?")[0].rpartition(".")[2].lower()
        found = KINDS.get(kind) or (ending if kind in NAMELESS and ending in ENDINGS else "")
        if found not in NUMBERS:
            raise Invalid([Problem("path", "invalid_format")])
        return found

    def _add(self, unit: Unit, caller: Caller, station_id: int, wanted: Sequence[tuple[RemoteNew, str]]) -> list[Track]:
        seen, now = self._access.own(unit, caller, station_id), self._clock.now()
        keys = []
        for one, kind in wanted:
            name = one.url.partition("?")[0].rstrip("/").rpartition("/")[2]
            values = {
                "is_remote": True,
                "folder": "",
                "filename": clean(name.rpartition(".")[0] or name, 255),
                "author": clean(one.author, 255),
                "title": clean(one.title, 255) or clean(name, 255),
                "album": clean(one.album, 255),
                "audio_format": kind,
                "mtime": now,
                "state": "ready",
            }
            keys.append(self._store.put(unit, station_id, one.url, values, at=now))
        unit.publish(ProgrammeChanged(account_id=seen.account.id, station_id=station_id))
        found = self._store.many(unit, keys)
        return [found[key] for key in keys]
