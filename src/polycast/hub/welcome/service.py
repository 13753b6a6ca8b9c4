"""The first run's steps, and what a page must know of the server before anybody is signed in."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec import Struct

from polycast.core.storage import Database
from polycast.hub.welcome.store import StepStore

STEPS: Final = ("owner", "source", "guide", "watch")


class ServerFacts(Struct, frozen=True, kw_only=True):
    """What the server is."""

    version: str
    now: Callable[[], datetime]
    time_zone: Callable[[], str]
    modules: list[str]
    boot: str  # changes at each start


class Welcome:
    """Each step of the first run can be done, skipped and taken up again; what was done stays known."""

    def __init__(self, *, db: Database, store: StepStore) -> None:
        self._db = db
        self._store = store

    async def steps(self) -> dict[str, str]:
        """State by step, in order: "open", "done", "skipped"."""
        stored = await self._db.read(self._store.all)
        return {name: stored.get(name, "open") for name in STEPS}

    async def set(self, name: str, state: str) -> bool:
        """Whether there is such a step; then it has `state` now."""
        if name not in STEPS:
            return False
        await self._db.write(self._store.put, name, state)
        return True
