"""Playlists and guides side by side: how much of them is used, and how their last refreshes went."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.sources.model import SourceFailed, SourceRefreshed
from polycast.live.sources.store_overview import OverviewStore, StoredRun

GUIDE_REFRESHED: Final = "live.guide_refreshed"  # the guide's events, known here by name
GUIDE_FAILED: Final = "live.guide_failed"


class SourceSort(StrEnum):
    """What a reference to a source begins with."""

    ACCOUNT = "m3u"
    GUIDE = "epg"


# What tells that a refresh has ended well, what that it has not, and the field that names the source.
ENDINGS: Final[Mapping[SourceSort, tuple[str, str, str]]] = {
    SourceSort.ACCOUNT: (SourceRefreshed.name, SourceFailed.name, "account_id"),
    SourceSort.GUIDE: (GUIDE_REFRESHED, GUIDE_FAILED, "source_id"),
}


class Use(Struct, frozen=True, kw_only=True):
    """How much of an account is used."""

    channels: int = 0
    connections: int = 0


class SourceRun(Struct, frozen=True, kw_only=True):
    """A refresh that has ended."""

    id: int
    started_at: datetime
    ended_at: datetime
    ok: bool
    text: str
    added: int
    changed: int
    removed: int


class _Ending(Struct, frozen=True):
    """What the events of both kinds of source tell; each has its own part of it."""

    message: str = ""
    elapsed_seconds: float = 0
    streams_created: int = 0
    streams_updated: int = 0
    streams_deleted: int = 0
    changed: int = 0  # guide channels with other programmes


class SourceOverview:
    """Reads what several rooms know of the sources."""

    def __init__(self, *, db: Database, store: OverviewStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock

    async def use(self, caller: Caller) -> Mapping[int, Use]:
        """By account; those that nobody uses are left out. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._use)

    async def history(
        self, caller: Caller, sort: SourceSort, source_id: int, *, before: int | None, limit: int
    ) -> Sequence[SourceRun]:
        """Refreshes of the last seven days, the youngest first, below the id `before`. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        good, bad, field = ENDINGS[sort]
        found = await self._db.read(
            self._store.runs, [good, bad], field=field, value=source_id, before=before, limit=limit
        )
        return [_run(stored, is_good=stored.name == good) for stored in found]

    def _use(self, unit: Unit) -> dict[int, Use]:
        channels = self._store.channels(unit)
        connections = self._store.connections(unit, self._clock.now())
        return {
            account_id: Use(channels=channels.get(account_id, 0), connections=connections.get(account_id, 0))
            for account_id in channels.keys() | connections.keys()
        }


def _run(stored: StoredRun, *, is_good: bool) -> SourceRun:
    told = msgspec.json.decode(stored.body, type=_Ending)
    return SourceRun(
        id=stored.id,
        started_at=stored.at - timedelta(seconds=told.elapsed_seconds),
        ended_at=stored.at,
        ok=is_good,
        text=told.message,
        added=told.streams_created,
        changed=told.streams_updated or told.changed,
        removed=told.streams_deleted,
    )
