"""Incidents: what is wrong for a while, with all that belongs to it; closed by itself when it is well again."""

from collections import defaultdict
from datetime import datetime
from typing import Any, ClassVar, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.events import Audience, Event
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit, clean
from polycast.monitor.alerts.model import Alert, AlertKind
from polycast.monitor.alerts.store_rules import IncidentStore

ENDS: Final = {"dvr.recovered": "health"}  # event -> kind of the incident that it ends
RANK: Final = {"info": 0, "warning": 1, "critical": 2}


class Note(Struct, frozen=True, kw_only=True):
    """A line of an incident's story."""

    t: datetime
    kind: str
    text: str
    actor: str


class Incident(Struct, frozen=True, kw_only=True):
    """Something that is or was wrong."""

    id: int
    dvr_id: str
    kind: str
    severity: str
    title: str
    state: str  # open, acknowledged, resolved
    muted: bool
    events: int
    opened_at: datetime
    seen_at: datetime
    resolved_at: datetime | None
    timeline: list[Note] = []


class IncidentChanged(Event, frozen=True, kw_only=True):
    """An incident opened, moved on or was resolved."""

    name: ClassVar[str] = "monitor.incident_changed"

    incident_id: int
    dvr_id: str
    kind: str
    state: str
    title: str

    def audience(self) -> Audience:
        return Audience(scope=Scope.MONITOR_READ)


class Incidents:
    """All of them."""

    def __init__(self, *, db: Database, store: IncidentStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._clock = clock

    def seen_in(self, unit: Unit, alert: Alert) -> None:
        """Take an alert into the incident it belongs to: open one, add to it, or end it."""
        if alert.is_test or alert.kind is AlertKind.DIGEST:
            return
        if (ended := ENDS.get(alert.event_type)) is not None:
            self.resolve_in(unit, alert.dvr_id, ended, alert.text, actor="")
            return
        if alert.severity == "info":
            if alert.kind is AlertKind.DISK:
                self.resolve_in(unit, alert.dvr_id, "disk", alert.text, actor="")
            return
        kind = alert.kind.value
        found = self._store.open_of(unit, alert.dvr_id, kind)
        if found is None:
            self._open(unit, alert, kind)
            return
        values: dict[str, Any] = {"seen_at": alert.at, "events": found.events + 1}
        if RANK[alert.severity] > RANK.get(found.severity, 0):
            values |= {"severity": alert.severity, "title": alert.title}
        self._store.update(unit, found.id, values)
        self._store.note(unit, found.id, alert.at, "event", f"{alert.title}\n{alert.text}"[:1000], "")
        self._tell(unit, found.id, alert.dvr_id, kind, found.state, found.title)

    def resolve_in(self, unit: Unit, dvr_id: str, kind: str, text: str, *, actor: str) -> None:
        """It is well again; nothing happens when it was."""
        found = self._store.open_of(unit, dvr_id, kind)
        if found is not None:
            self._move(unit, found, "resolved", text, actor)

    async def page(
        self, caller: Caller, *, is_open: bool | None, limit: int, offset: int
    ) -> tuple[list[Incident], int]:
        """Newest first, with their stories, and how many there are."""
        caller.require(Scope.MONITOR_READ)
        return await self._db.read(self._page, is_open, limit, offset)

    async def act(self, caller: Caller, incident_id: int, action: str, text: str = "") -> Incident:
        """`ack`, `mute`, `resolve` or `comment`. Raises: NotFound; Conflict, when it is resolved; Invalid."""
        caller.require(Scope.MONITOR_WRITE)
        said = clean(text, 1000)
        if action == "comment" and not said:
            raise Invalid.one("text", "blank", "A comment needs words.")
        return await self._db.write(self._act, caller.username, incident_id, action, said)

    def _act(self, unit: Unit, actor: str, incident_id: int, action: str, text: str) -> Incident:
        found = self._store.get(unit, incident_id)
        if found is None:
            raise NotFound("The incident")
        if found.resolved_at is not None and action != "comment":
            raise Conflict("The incident is resolved.", reason="resolved")
        now = self._clock.now()
        if action == "comment":
            self._store.note(unit, incident_id, now, "comment", text, actor)
            self._tell(unit, incident_id, found.dvr_id, found.kind, found.state, found.title)
        elif action == "mute":
            self._store.update(unit, incident_id, {"muted": not found.muted})
            self._store.note(unit, incident_id, now, "unmuted" if found.muted else "muted", text, actor)
        else:
            self._move(unit, found, "acknowledged" if action == "ack" else "resolved", text, actor)
        return self._with_notes(unit, [self._store.get(unit, incident_id)])[0]

    def _open(self, unit: Unit, alert: Alert, kind: str) -> None:
        made = self._store.insert(
            unit, dvr_id=alert.dvr_id, kind=kind, severity=alert.severity, title=alert.title, state="open", events=1,
            opened_at=alert.at, seen_at=alert.at,
        )  # fmt: skip
        self._store.note(unit, made, alert.at, "opened", f"{alert.title}\n{alert.text}"[:1000], "")
        self._tell(unit, made, alert.dvr_id, kind, "open", alert.title)

    def _move(self, unit: Unit, found: Any, state: str, text: str, actor: str) -> None:
        now = self._clock.now()
        values: dict[str, Any] = {"state": state, "seen_at": now}
        if state == "resolved":
            values["resolved_at"] = now
        self._store.update(unit, found.id, values)
        self._store.note(unit, found.id, now, state, text, actor)
        self._tell(unit, found.id, found.dvr_id, found.kind, state, found.title)

    def _tell(self, unit: Unit, incident_id: int, dvr_id: str, kind: str, state: str, title: str) -> None:
        unit.publish(IncidentChanged(incident_id=incident_id, dvr_id=dvr_id, kind=kind, state=state, title=title))

    def _page(self, unit: Unit, is_open: bool | None, limit: int, offset: int) -> tuple[list[Incident], int]:
        rows, total = self._store.page(unit, is_open=is_open, limit=limit, offset=offset)
        return self._with_notes(unit, rows), total

    def _with_notes(self, unit: Unit, rows: list[Any]) -> list[Incident]:
        notes: dict[int, list[Note]] = defaultdict(list)
        for note in self._store.notes(unit, [row.id for row in rows]):
            notes[note.incident_id].append(Note(t=note.at, kind=note.kind, text=note.text, actor=note.actor))
        fields = [name for name in Incident.__struct_fields__ if name != "timeline"]
        return [Incident(**{name: row._mapping[name] for name in fields}, timeline=notes[row.id]) for row in rows]
