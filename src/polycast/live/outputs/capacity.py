"""How many streams can play at once, as tuners and clients are told. Source: `specs/live.md` 4.4, 4.5."""

from typing import Final

from msgspec import Struct

from polycast.core.storage import Database
from polycast.live.outputs.store import OutputStore

UNLIMITED: Final = 10  # tuners, when a login has no limit
MOST: Final = 255  # a device tells its tuners in one byte


class Tuners(Struct, frozen=True, kw_only=True):
    """What the sources allow."""

    count: int
    is_unlimited: bool


class Capacity:
    """The sum of what all active logins allow, and one for each stream added by hand."""

    def __init__(self, *, db: Database, store: OutputStore) -> None:
        self._db = db
        self._store = store

    async def tuners(self) -> Tuners:
        """At least one."""
        limits, by_hand = await self._db.read(self._store.limits)
        is_unlimited = 0 in limits
        count = (UNLIMITED if is_unlimited else sum(limits)) + by_hand
        return Tuners(count=max(1, min(MOST, count)), is_unlimited=is_unlimited)
