"""What is known when something is told: the server, its settings, and what was looked up for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.monitor.preferences.model import Preferences
from polycast.monitor.providers.channels.wire import Airing, Channel, Recorded
from polycast.monitor.servers.model import Server


class Looked(Struct, frozen=True, kw_only=True):
    """What the server told about a channel or a file when asked; empty when it did not."""

    channel: Channel | None = None
    airing: Airing | None = None
    file: Recorded | None = None


class Context(Struct, frozen=True, kw_only=True):
    """Around one fact."""

    server: Server
    prefs: Preferences
    now: datetime
    zone: ZoneInfo
    stream_count: int = 0
    version: str = ""
    looked: Looked = Looked()

    def shared(self, kind: str) -> dict[str, Any]:
        """Variables that every template may use. Source: specs/monitor.md 5.8."""
        local = self.now.astimezone(self.zone)
        return {
            "server_name": self.server.shown_name,
            "server_url": self.server.url,
            "server_version": self.version,
            "channelwatch_version": "0.9.15",
            "alert_type": kind,
            "alert_type_friendly": kind.replace("_", " ").title(),
            "timestamp": local.strftime("%Y-%m-%d %H:%M:%S"),
            "datestamp": local.strftime("%m/%d/%Y"),
            "current_year": local.strftime("%Y"),
            "current_month": local.strftime("%m"),
            "current_day": local.strftime("%d"),
            "current_time": local.strftime("%H:%M:%S"),
            "unixtime": int(self.now.timestamp()),
            "dvr_id": self.server.dvr_id,
            "dvr_name": self.server.shown_name,
        }


def numbers(values: Mapping[str, int]) -> dict[str, Any]:
    """Season and episode, plain and with two digits; zero is nothing."""
    found: dict[str, Any] = {}
    for name, number in values.items():
        found[name] = number or ""
        found[f"{name}00"] = f"{number:02d}" if number else ""
    return found


def airing_values(airing: Airing | None) -> dict[str, Any]:
    """What is on, as template variables."""
    if airing is None:
        return {"program_title": "", "program_image": ""}
    length = airing.ends_at - airing.starts_at
    return {
        "program_title": airing.title,
        "program_image": airing.image,
        "program_summary": airing.summary,
        "episode_title": airing.episode_title,
        "categories": list(airing.categories),
        "program_duration": f"{length // timedelta(minutes=1)} min",
        "program_duration_secs": int(length.total_seconds()),
    }
