"""Named groups of switches, for those who do not want to set forty. Source: specs/monitor.md 2.8."""

from collections.abc import Mapping
from typing import Final

from polycast.monitor.preferences.model import Preferences

_LIVE: Final = ("alert_channel_watching", "alert_vod_watching")
_HEALTH: Final = ("alert_dvr_health", "dvr_alert_unreachable", "dvr_alert_recovered")
_BAD: Final = ("rd_alert_failed", "rd_alert_missed", "rd_alert_interrupted")
_DONE: Final = ("rd_alert_completed",)
_REST: Final = ("rd_alert_scheduled", "rd_alert_started", "rd_alert_cancelled", "rd_alert_skipped")
_COMMON: Final = ("alert_disk_space", "alert_recording_events")
ALL: Final = (*_LIVE, *_HEALTH, *_BAD, *_DONE, *_REST, *_COMMON)


def _policy(*groups: tuple[str, ...]) -> Mapping[str, bool]:
    on = {name for group in groups for name in group}
    return {name: name in on for name in ALL}


POLICIES: Final[Mapping[str, Mapping[str, bool]]] = {
    "monitor_only": _policy(),
    "important_only": _policy(_HEALTH, _BAD, _COMMON),
    "balanced": _policy(_HEALTH, _BAD, _COMMON, _DONE, _LIVE),
    "everything": _policy(ALL),
}


def policy_of(prefs: Preferences) -> str:
    """The name of the policy that the switches match, else `custom`."""
    now = {name: getattr(prefs, name) for name in ALL}
    return next((name for name, switches in POLICIES.items() if switches == now), "custom")
