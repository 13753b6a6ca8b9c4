"""The rules and silences in force, in memory; rows behind them."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit, clean
from polycast.monitor.alerts.model import Alert, AlertKind
from polycast.monitor.alerts.rules import (
    LONGEST_SILENCE,
    Match,
    Rule,
    RuleBody,
    Silence,
    is_beyond,
    matches_activity,
    pattern_problem,
)
from polycast.monitor.alerts.store_rules import RuleStore
from polycast.monitor.history.model import Activity


class Rulebook:
    """Rules of people's own, beside the built-in kinds of alerts that the settings switch."""

    def __init__(self, *, db: Database, store: RuleStore, clock: Clock, zone: Callable[[], ZoneInfo]) -> None:
        self._db = db
        self._store = store
        self._clock = clock
        self._zone = zone
        self._rules: list[Rule] = []
        self._silences: list[Silence] = []
        self._fired: dict[tuple[int, str], datetime] = {}
        self._since: dict[tuple[int, str], datetime] = {}

    @property
    def silences(self) -> list[Silence]:
        return self._silences

    @property
    def rules(self) -> list[Rule]:
        return self._rules

    async def load(self) -> None:
        """Read them anew."""
        self._rules = await self._db.read(self._store.rules)
        self._silences = await self._db.read(self._store.silences, self._clock.now())

    def alerts_for(self, activities: Sequence[Activity], now: datetime) -> list[Alert]:
        """The alerts that rules make of new lines of history."""
        found: list[Alert] = []
        for activity in activities:
            for rule in self._rules:
                is_for_events = rule.enabled and rule.body.when is None and not activity.is_test
                if is_for_events and self._applies(rule, activity, now):
                    found.append(alert_of(rule, activity, now))
        return found

    def alerts_of_figures(self, dvr_id: str, dvr_name: str, figures: dict[str, float], now: datetime) -> list[Alert]:
        """The alerts of rules whose figure has been beyond its threshold for long enough."""
        found: list[Alert] = []
        for rule in self._rules:
            when = rule.body.when
            if (
                when is None
                or not rule.enabled
                or when.metric not in figures
                or not _is_of(rule.body.match, dvr_id, dvr_name)
            ):
                continue
            key = (rule.id, dvr_id)
            value = figures[when.metric]
            if not is_beyond(when, value):
                self._since.pop(key, None)
                self._fired.pop(key, None)
                continue
            since = self._since.setdefault(key, now)
            if now - since < timedelta(seconds=when.for_seconds) or not self._is_due(rule, key, now, when.repeat_every):
                continue
            self._fired[key] = now
            text = f"{when.metric} is {value:g} ({when.op} {when.threshold:g}) at {dvr_name}"
            found.append(
                Alert(
                    kind=AlertKind.RULE, event_type="alert.notification", dvr_id=dvr_id, dvr_name=dvr_name,
                    title=rule.body.title or rule.name, text=text, at=now, severity=rule.body.severity,
                    channels=rule.body.channels, facts={"metric": when.metric, "value": value}, subject=rule.name,
                )
            )  # fmt: skip
        return found

    def _is_due(self, rule: Rule, key: tuple[int, str], now: datetime, repeat: int) -> bool:
        fired = self._fired.get(key)
        if not self._is_hour(rule, now):
            return False
        return fired is None or (repeat > 0 and now - fired >= timedelta(seconds=repeat))

    def _applies(self, rule: Rule, activity: Activity, now: datetime) -> bool:
        if not self._is_hour(rule, now) or not matches_activity(rule.body.match, activity):
            return False
        key = (rule.id, activity.dvr_id)
        fired = self._fired.get(key)
        if fired is not None and now - fired < timedelta(seconds=rule.body.cooldown):
            return False
        self._fired[key] = now
        return True

    def _is_hour(self, rule: Rule, now: datetime) -> bool:
        local = now.astimezone(self._zone())
        start, end, clock = time.fromisoformat(rule.body.start), time.fromisoformat(rule.body.end), local.time()
        if local.weekday() not in rule.body.weekdays:
            return False
        if start == end:
            return True
        return start <= clock < end if start < end else clock >= start or clock < end

    async def preview(self, caller: Caller, body: RuleBody, activities: Sequence[Activity]) -> list[Activity]:
        """Which of past lines the rule would have made an alert of. Raises: Invalid."""
        caller.require(Scope.MONITOR_READ)
        check_body(body)
        found: list[Activity] = []
        fired: dict[str, datetime] = {}
        for activity in sorted(activities, key=lambda one: one.at):
            last = fired.get(activity.dvr_id)
            is_cool = last is None or activity.at - last >= timedelta(seconds=body.cooldown)
            if is_cool and matches_activity(body.match, activity):
                fired[activity.dvr_id] = activity.at
                found.append(activity)
        return found[::-1]

    async def add(self, caller: Caller, name: str, body: RuleBody, *, enabled: bool = True) -> Rule:
        """Raises: Invalid."""
        caller.require(Scope.MONITOR_WRITE)
        check_body(body)
        made = await self._db.write(self.add_in, name, body, enabled)
        await self.load()
        return made

    def add_in(self, unit: Unit, name: str, body: RuleBody, enabled: bool) -> Rule:
        """`add` within a bigger transaction, of a body that `check_body` has passed; `load` must follow it."""
        shown = clean(name, 120)
        if not shown:
            raise Invalid.one("name", "blank", "A rule needs a name.")
        now = self._clock.now()
        return self._store.insert(unit, name=shown, enabled=enabled, body=msgspec.to_builtins(body), at=now)

    async def change(
        self, caller: Caller, rule_id: int, *, name: str | None, body: RuleBody | None, enabled: bool | None
    ) -> Rule:
        """Raises: NotFound; Invalid."""
        caller.require(Scope.MONITOR_WRITE)
        values: dict[str, object] = {"updated_at": self._clock.now()}
        if name is not None:
            values["name"] = clean(name, 120)
            if not values["name"]:
                raise Invalid.one("name", "blank", "A rule needs a name.")
        if body is not None:
            check_body(body)
            values["body"] = msgspec.to_builtins(body)
        if enabled is not None:
            values["enabled"] = enabled
        changed = await self._db.write(self._store.update, rule_id, values)
        if changed is None:
            raise NotFound("The rule")
        await self.load()
        return changed

    async def remove(self, caller: Caller, rule_id: int) -> None:
        """Raises: NotFound."""
        caller.require(Scope.MONITOR_WRITE)
        if not await self._db.write(self._store.delete, rule_id):
            raise NotFound("The rule")
        await self.load()

    async def silence(self, caller: Caller, match: Match, *, until: datetime, comment: str) -> Silence:
        """Keep quiet what matches. Raises: Invalid."""
        caller.require(Scope.MONITOR_WRITE)
        now = self._clock.now()
        if not now < until <= now + LONGEST_SILENCE:
            raise Invalid.one("until", "out_of_range", "A silence ends within 31 days.")
        check_body(RuleBody(match=match))
        made = await self._db.write(
            self._store.add_silence, match=msgspec.to_builtins(match), comment=clean(comment, 500),
            made_by=caller.username, starts_at=now, ends_at=until,
        )  # fmt: skip
        await self.load()
        return made

    async def end_silence(self, caller: Caller, silence_id: int) -> None:
        """Raises: NotFound."""
        caller.require(Scope.MONITOR_WRITE)
        if not await self._db.write(self._store.drop_silence, silence_id):
            raise NotFound("The silence")
        await self.load()


def check_body(body: RuleBody) -> None:
    """Raises: Invalid, when its regular expression is none."""
    if body.match.programs and (wrong := pattern_problem(body.match.programs)):
        raise Invalid.one("match.programs", "invalid", wrong)


def alert_of(rule: Rule, activity: Activity, now: datetime) -> Alert:
    """What a rule makes of a line of history."""
    return Alert(
        kind=AlertKind.RULE,
        event_type="alert.notification",
        dvr_id=activity.dvr_id,
        dvr_name=activity.dvr_name,
        title=rule.body.title or rule.name,
        text=activity.message,
        at=now,
        severity=rule.body.severity,
        image_url=activity.image_url,
        activity_uuid=activity.uuid,
        channels=rule.body.channels,
        subject=rule.name,
        facts={"rule": rule.name, "event_type": activity.event_type},
    )


def _is_of(match: Match, dvr_id: str, dvr_name: str) -> bool:
    return not match.dvrs or bool({dvr_id, dvr_name} & set(match.dvrs))
