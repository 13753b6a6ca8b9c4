"""How bad a disk is, and whether that is news. Source: specs/monitor.md 3.2.4, 5.6."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from polycast.monitor.preferences.model import Preferences

GIB: Final = 1024**3
HYSTERESIS: Final = 1.0  # points of free space above the line before it is well again


class Severity(StrEnum):
    """Of a disk; `unknown` only where the API has a word for it."""

    NORMAL = "normal"
    WARNING = "warning"
    CRITICAL = "critical"


RANK: Final = {Severity.NORMAL: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


class DiskMemory(Struct, frozen=True, kw_only=True):
    """What was last told of a disk; survives restarts."""

    severity: Severity
    free: int  # bytes
    percent: float  # free
    at: datetime


def severity_of(total: int | None, free: int | None, prefs: Preferences, *, slack: float = 0.0) -> Severity:
    """By percent or gigabytes, strictly below, critical first; without data all is well."""
    if not total or free is None:
        return Severity.NORMAL
    percent, gib = free / total * 100 - slack, free / GIB
    if percent < prefs.ds_critical_threshold_percent or gib < prefs.ds_critical_threshold_gb:
        return Severity.CRITICAL
    if percent < prefs.ds_warning_threshold_percent or gib < prefs.ds_warning_threshold_gb:
        return Severity.WARNING
    return Severity.NORMAL


def is_news(
    memory: DiskMemory | None, severity: Severity, total: int, free: int, now: datetime, prefs: Preferences
) -> bool:
    """Whether a disk that is not well should be told about: it got worse by a step, or by enough after a while."""
    if severity is Severity.NORMAL:
        return False
    if memory is None or RANK[severity] > RANK[memory.severity]:
        return True
    if RANK[severity] < RANK[memory.severity] or now - memory.at < timedelta(seconds=prefs.ds_alert_cooldown):
        return False
    is_less = memory.free - free >= prefs.ds_worsening_delta_gb * GIB
    return is_less or memory.percent - free / total * 100 >= prefs.ds_worsening_delta_percent
