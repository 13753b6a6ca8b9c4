"""Feature flags: the original's own keys, off or on for everybody."""

from collections.abc import Mapping
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.library.administration.store import AdministrationStore

KNOWN: Final[Mapping[str, tuple[str, bool]]] = {
    "unified_osd_web": ("The same controls over the picture in browsers", True),
    "unified_osd_appletv": ("The same controls over the picture on Apple TV", False),
    "unified_osd_androidtv": ("The same controls over the picture on Android TV", False),
    "podcasts_enabled": ("Podcasts are shown", True),
    "podcasts_premium_playback": ("Speed and skipping in podcasts", True),
    "podcasts_management": ("Podcasts may be subscribed to", True),
    "podcasts_sync": ("Positions in podcasts are shared between devices", True),
}


class Flags:
    """What is switched on."""

    def __init__(self, *, db: Database, store: AdministrationStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock

    async def all(self) -> list[tuple[str, str, bool]]:
        """Key, description, whether it is on."""
        changed = await self._db.read(self._store.flags)
        return [(key, text, changed.get(key, default)) for key, (text, default) in KNOWN.items()]

    async def set(self, caller: Caller, key: str, enabled: bool) -> tuple[str, str, bool]:
        """Raises: NotAllowed; NotFound for a key that nobody knows."""
        caller.require(Scope.LIBRARY_WRITE)
        if key not in KNOWN:
            raise NotFound("The flag")

        def work(unit: Unit) -> None:
            self._store.set_flag(unit, key, enabled, self._clock.now())

        await self._db.write(work)
        return key, KNOWN[key][0], enabled
