"""From an alert to rows of the outbox: routing, silences, quiet hours, the rate over all. Source: specs/monitor.md 5.9."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.monitor.alerts.model import Alert, AlertKind
from polycast.monitor.alerts.rules import Silence, matches
from polycast.monitor.outbox.addresses import destinations
from polycast.monitor.outbox.model import PENDING, Delivery, Destination, life_of
from polycast.monitor.preferences.model import Preferences, Quiet

LEVELS: Final = {"info": 0, "warning": 1, "critical": 2, "none": 3}


class Planned(Struct, frozen=True, kw_only=True):
    """What becomes of an alert at one destination."""

    destination: Destination
    status: str
    why: str = ""


class Planner:
    """Decides where an alert goes. Holds the sliding window of the rate, and how many it held back."""

    def __init__(self, *, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._sent: deque[datetime] = deque()
        self.held_back = 0  # since the last summary

    def plan(
        self, alert: Alert, prefs: Preferences, *, now: datetime, silences: Sequence[Silence] = (), counts: bool = True
    ) -> list[Planned]:
        """What would become of it now; `counts` takes it into the rate's account."""
        places = [one for one in destinations(prefs) if not alert.channels or one.channel in alert.channels]
        if alert.is_test:
            return [Planned(destination=one, status=PENDING) for one in places]
        if any(matches(silence.match, alert) and silence.starts_at <= now < silence.ends_at for silence in silences):
            return [Planned(destination=one, status="suppressed_quiet", why="silenced") for one in places]
        routed = [self._routed(alert, one, prefs, now) for one in places]
        if any(one.status == PENDING for one in routed) and not self._has_room(alert, prefs, now, counts=counts):
            return [_held(one) if one.status == PENDING else one for one in routed]
        return routed

    def rows(
        self, alert: Alert, prefs: Preferences, *, now: datetime, silences: Sequence[Silence] = ()
    ) -> list[Delivery]:
        """The rows to be stored."""
        return [self.row(alert, one, now) for one in self.plan(alert, prefs, now=now, silences=silences)]

    def row(self, alert: Alert, planned: Planned, now: datetime) -> Delivery:
        """One row."""
        place = planned.destination
        return Delivery(
            uuid=self._new_id(),
            dvr_id=alert.dvr_id,
            activity_uuid=alert.activity_uuid,
            provider_type=place.provider_type,
            channel=place.channel,
            channel_id=place.channel_id,
            event_type=alert.event_type,
            severity=alert.severity,
            status=planned.status,
            error=planned.why,
            notice=alert,
            created_at=now,
            due_at=now,
            expires_at=now + life_of(alert.kind),
            at=now,
        )

    def _routed(self, alert: Alert, place: Destination, prefs: Preferences, now: datetime) -> Planned:
        if not is_routed(alert, place.channel, prefs):
            return Planned(destination=place, status="suppressed_route", why="switched off in the routing")
        if any(is_quiet(quiet, place.channel, alert.severity, prefs, now) for quiet in prefs.quiet_hours):
            return Planned(destination=place, status="suppressed_quiet")
        return Planned(destination=place, status=PENDING)

    def _has_room(self, alert: Alert, prefs: Preferences, now: datetime, *, counts: bool) -> bool:
        if alert.severity == "critical" or alert.kind is AlertKind.DIGEST:
            return True
        window = timedelta(seconds=prefs.global_rate_window)
        while self._sent and now - self._sent[0] >= window:
            self._sent.popleft()
        if len(self._sent) >= prefs.global_rate_limit:
            self.held_back += 1 if counts else 0
            return False
        if counts:
            self._sent.append(now)
        return True


def is_routed(alert: Alert, channel: str, prefs: Preferences) -> bool:
    """What the routing table says; what is missing in it is on, unless it is strict."""
    by_kind = prefs.notification_routing.get(alert.dvr_id, {}).get(alert.kind.value)
    if by_kind is None:
        return True
    return by_kind.get(channel, not prefs.routing_is_strict) is not False


def is_quiet(quiet: Quiet, channel: str, severity: str, prefs: Preferences, now: datetime) -> bool:
    """Whether these hours hold a message of this severity back at this destination."""
    if not quiet.enabled or (quiet.channels and channel not in quiet.channels):
        return False
    if LEVELS.get(severity, 0) >= LEVELS[quiet.floor]:
        return False
    return is_within(quiet, now.astimezone(ZoneInfo(quiet.tz or prefs.tz)))


def is_within(quiet: Quiet, local: datetime) -> bool:
    """Whether `local` lies in the hours; those over midnight belong to the day they began on."""
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    clock = local.time().replace(tzinfo=None)
    if start == end:
        return local.weekday() in quiet.weekdays
    if start < end:
        return start <= clock < end and local.weekday() in quiet.weekdays
    if clock >= start:
        return local.weekday() in quiet.weekdays
    return clock < end and (local - timedelta(days=1)).weekday() in quiet.weekdays


def _held(planned: Planned) -> Planned:
    return Planned(destination=planned.destination, status="suppressed_rate", why="too many in a short time")
