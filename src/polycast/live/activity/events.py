"""The ring of system events: the newest `max_system_events`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.activity.model import SystemEvent, SystemEventAdded
from polycast.live.activity.store import SystemEventStore
from polycast.live.preferences.groups import SystemSettings
from polycast.live.preferences.service import Preferences


class SystemEvents:
    """What happened, newest first."""

    def __init__(self, *, db: Database, store: SystemEventStore, preferences: Preferences, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._preferences = preferences
        self._clock = clock

    async def add(
        self, event_type: str, *, uuid: str = "", name: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        """Keep an event of now."""
        await self._db.write(
            self.add_in, event_type, at=self._clock.now(), uuid=uuid, name=name, details=dict(details or {})
        )

    def add_in(
        self, unit: Unit, event_type: str, *, at: datetime, uuid: str, name: str, details: Mapping[str, Any]
    ) -> None:
        """`add` inside a bigger unit."""
        self._store.insert(
            unit,
            {
                "event_type": event_type,
                "at": at,
                "channel_uuid": uuid,
                "channel_name": name,
                "details": dict(details),
            },
        )
        unit.publish(
            SystemEventAdded(event_type=event_type, channel_uuid=uuid, channel_name=name, details=dict(details))
        )

    async def page(
        self, caller: Caller, *, event_type: str = "", limit: int = 100, offset: int = 0
    ) -> tuple[list[SystemEvent], int]:
        """Part of the ring, newest first, and how many there are. Raises: NotAllowed."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.read(self._page, event_type, limit, offset)

    async def trim(self) -> None:
        """Keep as many as the settings say."""
        keep = (await self._preferences.group(SystemSettings)).max_system_events
        await self._db.write(self._store.trim, keep)

    def _page(self, unit: Unit, event_type: str, limit: int, offset: int) -> tuple[list[SystemEvent], int]:
        return self._store.page(unit, event_type, limit, offset), self._store.count(unit, event_type)
