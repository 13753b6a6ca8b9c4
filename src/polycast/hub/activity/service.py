"""The activity list: the outbox, read back as sentences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from polycast.core.identity.caller import Caller
from polycast.core.storage import Database
from polycast.hub.activity.store import ActivityStore, Happened
from polycast.hub.activity.words import PHRASES, Phrase, said

SCANNED = 500  # events read for one page at the most, when a text is searched for


class Activity(Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    id: int
    at: datetime
    name: str
    module: str
    level: str
    text: str
    ref: str | None
    url: str | None
    by: str | None


class ActivityPage(Struct, frozen=True, kw_only=True):
    """A page; `next` is the id to go on below."""

    items: list[Activity]
    next: str | None


class Activities:
    """What has happened in the last seven days."""

    def __init__(self, *, db: Database, store: ActivityStore, phrases: Mapping[str, Phrase] = PHRASES) -> None:
        self._db = db
        self._store = store
        self._phrases = phrases

    async def latest(self) -> int:
        """The id of the youngest event: who reads the state after asking for it has missed nothing up to there."""
        return await self._db.read(self._store.latest)

    async def page(
        self,
        caller: Caller,
        *,
        module: str = "",
        level: str = "",
        search: str = "",
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> ActivityPage:
        """The youngest first, only what `caller` may see."""
        names = [
            name
            for name, phrase in self._phrases.items()
            if (not module or name.startswith(f"{module}.")) and (not level or phrase.level == level)
        ]
        scanned = SCANNED if search else limit + 1
        found = await self._db.read(self._store.page, caller, names=names, before=before, until=until, limit=scanned)
        shown = [one for one in map(self._told, found) if search.casefold() in one.text.casefold()]
        page = shown[:limit]
        more = len(shown) > limit or (bool(search) and len(found) == scanned)
        last = page[-1].id if len(shown) > limit else (found[-1].id if found else None)
        return ActivityPage(items=page, next=str(last) if more and last is not None else None)

    def _told(self, event: Happened) -> Activity:
        phrase = self._phrases[event.name]
        fields: dict[str, Any] = msgspec.json.decode(event.body)
        text, ref, url = said(phrase, fields)
        return Activity(
            id=event.id,
            at=event.at,
            name=event.name,
            module=event.name.partition(".")[0],
            level=phrase.level,
            text=text,
            ref=ref or None,
            url=url or None,
            by=None,
        )
