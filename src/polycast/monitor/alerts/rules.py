"""Rules, matchers and silences: what people set up for themselves. Source: specs/monitor.md 5.13."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

import regex
from msgspec import Meta, Struct

from polycast.monitor.alerts.model import Alert
from polycast.monitor.history.model import Activity

MATCH_TIMEOUT_S: Final = 0.1
Pattern = Annotated[str, Meta(max_length=1000)]
Words = tuple[Annotated[str, Meta(max_length=200)], ...]


class Match(Struct, frozen=True, kw_only=True):
    """Which events are meant; what is empty means all."""

    types: Words = ()
    dvrs: Words = ()
    devices: Words = ()
    channels: Words = ()
    programs: Pattern = ""  # a regular expression, found anywhere, without regard to case


class When(Struct, frozen=True, kw_only=True):
    """A figure that is beyond a threshold for a while."""

    metric: Literal["streams", "disk_free_percent", "eta_full_hours", "freshness_age", "tuner_in_use", "latency_ms"]
    op: Literal["<", "<=", ">", ">="]
    threshold: float
    for_seconds: Annotated[int, Meta(ge=0, le=86_400)] = 0
    repeat_every: Annotated[int, Meta(ge=0, le=604_800)] = 0  # 0: once until it is well again


class RuleBody(Struct, frozen=True, kw_only=True):
    """What a rule says."""

    match: Match = Match()
    when: When | None = None  # None: every event that matches
    severity: Literal["info", "warning", "critical"] = "info"
    channels: Words = ()  # of destinations; empty: as the routing says
    incident: bool = False
    cooldown: Annotated[int, Meta(ge=0, le=604_800)] = 0
    title: Annotated[str, Meta(max_length=200)] = ""
    weekdays: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = (0, 1, 2, 3, 4, 5, 6)
    start: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "00:00"
    end: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "00:00"


class Rule(Struct, frozen=True, kw_only=True):
    """A rule of somebody's own."""

    id: int
    name: str
    enabled: bool
    body: RuleBody
    created_at: datetime
    updated_at: datetime


class Silence(Struct, frozen=True, kw_only=True):
    """What matches is kept quiet until it ends."""

    id: int
    match: Match
    comment: str
    made_by: str
    starts_at: datetime
    ends_at: datetime


def pattern_problem(pattern: str) -> str | None:
    """Why a regular expression cannot be used; None when it can."""
    try:
        regex.compile(pattern)
    except regex.error as error:
        return str(error)
    return None


def matches(match: Match, alert: Alert) -> bool:
    """Whether an alert is meant."""
    facts = alert.facts
    device, channel = _dict(facts.get("device")), _dict(facts.get("channel"))
    program = _dict(facts.get("program")).get("title") or _dict(facts.get("recording")).get("title") or ""
    return _is_meant(
        match,
        types={alert.event_type, alert.kind.value},
        dvr={alert.dvr_id, alert.dvr_name},
        device={str(device.get("name", "")), str(device.get("ip", ""))},
        channel={str(channel.get("number", "")), str(channel.get("name", ""))},
        program=f"{program}\n{alert.title}\n{alert.text}" if not program else str(program),
    )


def matches_activity(match: Match, activity: Activity) -> bool:
    """Whether a line of history is meant."""
    return _is_meant(
        match,
        types={activity.event_type},
        dvr={activity.dvr_id, activity.dvr_name},
        device={activity.device_name, activity.device_ip},
        channel={activity.channel_number, activity.channel_name},
        program=activity.program_title or activity.message,
    )


def _is_meant(
    match: Match, *, types: set[str], dvr: set[str], device: set[str], channel: set[str], program: str
) -> bool:
    for wanted, there in ((match.types, types), (match.dvrs, dvr), (match.devices, device), (match.channels, channel)):
        if wanted and not {word.casefold() for word in wanted} & {word.casefold() for word in there if word}:
            return False
    if not match.programs:
        return True
    try:
        return regex.search(match.programs, program[:2000], flags=re.IGNORECASE, timeout=MATCH_TIMEOUT_S) is not None
    except (regex.error, TimeoutError):
        return False


def is_beyond(when: When, value: float) -> bool:
    """Whether a figure breaks the rule."""
    compared = {"<": value < when.threshold, "<=": value <= when.threshold, ">": value > when.threshold, ">=": value >= when.threshold}  # fmt: skip
    return compared[when.op]


def _dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


LONGEST_SILENCE: Final = timedelta(days=31)
