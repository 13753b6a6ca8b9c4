"""The settings, told to programs that draw forms: a JSON Schema with labels, groups, and who may change what."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.monitor.preferences.model import ADMIN_ONLY, SECRETS, Preferences

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Channel watching": ("cw_", "alert_channel_watching", "channel_cache_ttl", "program_cache_ttl", "stream_c"),
    "Video on demand": ("vod_", "alert_vod_watching"),
    "Recordings": ("rd_", "alert_recording_events", "recording_card", "job_cache_ttl"),
    "Disk space": ("ds_", "alert_disk_space"),
    "Server health": ("dvr_", "alert_dvr_health", "monitor_stale", "log_rules", "lineup_watch"),
    "Destinations": ("apprise_", "webhooks", "trusted_notification", "notification_routing", "_routing", "global_rate"),
    "Quiet hours and digests": ("quiet_hours", "digest"),
    "Feeds": ("ics_", "rss_"),
    "Automation": ("mqtt", "ingest_", "heartbeat_"),
    "Security": ("auth_mode", "rbac_enabled", "api_key", "security_", "error_reporting"),
}
GENERAL: Final = "General"
WORDS: Final[Mapping[str, str]] = {
    "cw": "", "vod": "", "rd": "", "ds": "", "dvr": "DVR", "tz": "Time zone", "ics": "Calendar", "rss": "RSS", "api": "API",
    "ip": "IP", "gb": "GB", "ttl": "kept for (s)", "mqtt": "MQTT", "dsn": "DSN", "rbac": "RBAC", "id": "id",
}  # fmt: skip


def schema() -> dict[str, Any]:
    """`$defs` and one property for each key."""
    _, components = msgspec.json.schema_components([Preferences], ref_template="#/$defs/{name}")
    parts = dict(components)
    whole = parts.pop("Preferences")
    properties = {name: {**shape, **_about(name)} for name, shape in whole["properties"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of the watch",
        "type": "object",
        "properties": properties,
        "additionalProperties": True,
        "$defs": parts,
    }


def _about(name: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "title": label(name),
        "x-group": next((group for group, heads in GROUPS.items() if name.startswith(heads)), GENERAL),
        "x-reload": "in_place",  # nothing here needs a restart
        "x-role": "admin" if name in ADMIN_ONLY else "operator",
    }
    if name in SECRETS or name == "api_key":
        told |= {"writeOnly": True, "x-secret": True}
    if name in ("api_key", "_version", "auth_mode", "rbac_enabled", "multi_dvr_v2_enabled", "security_setup_completed"):
        told["x-kept"] = True  # for clients that expect it; changed elsewhere or without effect
    return told


def label(name: str) -> str:
    """`ds_alert_cooldown` as `Alert cooldown`."""
    words = [WORDS.get(word, word) for word in name.strip("_").split("_")]
    text = " ".join(word for word in words if word)
    return text[:1].upper() + text[1:]
