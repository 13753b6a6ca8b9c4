"""The one writer: what watchers found out becomes rows, events and messages, in batches, each in one commit."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.ids import Ids
from polycast.core.metrics import Metrics
from polycast.core.storage import Database, Unit
from polycast.monitor.alerts.cooldowns import Cooldowns
from polycast.monitor.alerts.incidents import Incidents
from polycast.monitor.alerts.model import Alert, Told
from polycast.monitor.alerts.rulebook import Rulebook
from polycast.monitor.alerts.store_cooldowns import CooldownStore
from polycast.monitor.history.model import Activity, ActivityAdded
from polycast.monitor.history.store import ActivityStore
from polycast.monitor.journal.service import Journal
from polycast.monitor.outbox.model import PENDING, Delivery
from polycast.monitor.outbox.office import Office
from polycast.monitor.outbox.planning import Planner
from polycast.monitor.outbox.store import DeliveryStore
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.recordings.model import Lifecycle, RecordingChanged
from polycast.monitor.recordings.store import RecordingStore
from polycast.monitor.sessions.model import Session, SessionChanged
from polycast.monitor.sessions.store import SessionStore

BATCH: Final = 500
WAITING: Final = 10_000  # items; what comes beyond is dropped and counted
SECOND: Final = timedelta(seconds=1)


class Item(Struct, frozen=True, kw_only=True):
    """One thing that was found out."""

    told: Told = Told()
    session: Session | None = None
    recording: Lifecycle | None = None


class Stores(Struct, frozen=True, kw_only=True):
    """What a batch is written to."""

    activities: ActivityStore
    sessions: SessionStore
    recordings: RecordingStore
    deliveries: DeliveryStore
    cooldowns: CooldownStore


class Teller:
    """Takes items from any watcher, never makes one wait."""

    def __init__(
        self,
        *,
        db: Database,
        stores: Stores,
        book: PreferencesBook,
        planner: Planner,
        office: Office,
        cooldowns: Cooldowns,
        rules: Rulebook,
        incidents: Incidents,
        clock: Clock,
        ids: Ids,
        metrics: Metrics,
        journal: Journal,
    ) -> None:
        self._db = db
        self._stores = stores
        self._book = book
        self._planner = planner
        self._office = office
        self._cooldowns = cooldowns
        self._rules = rules
        self._incidents = incidents
        self._clock = clock
        self._ids = ids
        self._journal = journal
        self._items: list[Item] = []
        self._bell = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()
        self._dropped = metrics.counter(
            "polycast_monitor_dropped_total", "Facts that came faster than they were written."
        )
        self._alerts = metrics.counter("polycast_monitor_alerts_total", "Alerts by kind.")

    def put(self, *items: Item) -> None:
        """To be written soon."""
        if len(self._items) >= WAITING:
            self._dropped.add(len(items))
            return
        self._items += items
        self._written.clear()
        self._bell.set()

    async def restore(self) -> None:
        """Take over what the last run knew."""
        self._cooldowns.restore(await self._db.read(self._stores.cooldowns.all))
        await self._rules.load()

    async def run(self) -> None:
        """Write until cancelled; what waits then is written still."""
        try:
            while True:
                await self._bell.wait()
                self._bell.clear()
                await self.flush()
        finally:
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write all that waits."""
        while self._items:
            batch, self._items = self._items[:BATCH], self._items[BATCH:]
            if await self._write(batch):
                self._office.ring()
        self._written.set()

    async def settled(self) -> None:
        """Return once nothing waits."""
        await self._written.wait()

    async def _write(self, batch: Sequence[Item]) -> bool:
        """Write a batch; whether there is something to be sent."""
        now = self._clock.now()
        activities = [item.told.activity for item in batch if item.told.activity is not None]
        alerts = [item.told.alert for item in batch if item.told.alert is not None]
        alerts += self._rules.alerts_for(activities, now)
        for alert in alerts:
            self._alerts.add(1, type=alert.kind.value)
        rows = self._deliveries(alerts, now)
        sessions = [item.session for item in batch if item.session is not None]
        recordings = [item.recording for item in batch if item.recording is not None]
        cooldowns = self._cooldowns.take_changed()
        await self._db.write(self._store, activities, sessions, recordings, rows, cooldowns, alerts)
        for activity in activities:
            self._journal.note("[%s] %s: %s", activity.dvr_name, activity.title, activity.message)
        return any(row.status == PENDING for row in rows)

    def _deliveries(self, alerts: Sequence[Alert], now: datetime) -> list[Delivery]:
        prefs = self._book.now
        return [
            row for alert in alerts for row in self._planner.rows(alert, prefs, now=now, silences=self._rules.silences)
        ]

    def _store(
        self,
        unit: Unit,
        activities: Sequence[Activity],
        sessions: Sequence[Session],
        recordings: Sequence[Lifecycle],
        deliveries: Sequence[Delivery],
        cooldowns: dict[str, tuple[datetime, str]],
        alerts: Sequence[Alert],
    ) -> None:
        if activities:
            self._stores.activities.add(unit, activities)
        if sessions:
            self._stores.sessions.put(unit, sessions)
        if recordings:
            self._stores.recordings.put(unit, recordings)
        if deliveries:
            self._stores.deliveries.add(unit, deliveries)
        if cooldowns:
            self._stores.cooldowns.put(unit, cooldowns)
        for alert in alerts:
            self._incidents.seen_in(unit, alert)
        self._publish(unit, activities, sessions, recordings)

    def _publish(
        self, unit: Unit, activities: Sequence[Activity], sessions: Sequence[Session], recordings: Sequence[Lifecycle]
    ) -> None:
        for activity in activities:
            unit.publish(activity_added(activity))
        for session in sessions:
            unit.publish(session_changed(session))
        for life in recordings:
            unit.publish(recording_changed(life))


def activity_added(activity: Activity) -> ActivityAdded:
    """The event of a new line of history."""
    return ActivityAdded(
        uuid=activity.uuid,
        dvr_id=activity.dvr_id,
        dvr_name=activity.dvr_name,
        event_type=activity.event_type,
        title=activity.title,
        message=activity.message,
        is_test=activity.is_test,
    )


def session_changed(session: Session) -> SessionChanged:
    """The event of a viewing."""
    change = (
        "ended" if session.ended_at is not None else "started" if session.seen_at == session.started_at else "updated"
    )
    return SessionChanged(
        key=f"{session.dvr_id}/{session.key}",
        dvr_id=session.dvr_id,
        kind=session.kind.value,
        change=change,
        title=session.what,
        channel_name=session.channel_name,
        device=session.who,
        started_at=session.started_at,
        position_s=session.position // SECOND,
        watched_s=session.watched // SECOND,
        end_reason=session.end_reason,
    )


def recording_changed(life: Lifecycle) -> RecordingChanged:
    """The event of a recording."""
    return RecordingChanged(
        dvr_id=life.dvr_id,
        job_id=life.job_id,
        title=life.title,
        channel_name=life.channel_name,
        state=life.state.value,
        outcome=life.outcome.value if life.outcome is not None else "",
        starts_at=life.starts_at,
        ends_at=life.ends_at,
    )
