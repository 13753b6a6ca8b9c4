"""What people are told, before anybody knows by which way."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from polycast.monitor.history.model import Activity


class AlertKind(StrEnum):
    """What it is about: the second key of the routing table."""

    CHANNEL = "channel"
    VOD = "vod"
    RECORDING = "recording"
    DISK = "disk"
    HEALTH = "health"
    RULE = "rule"
    DIGEST = "digest"


class Alert(Struct, frozen=True, kw_only=True):
    """Something to be told to those whom the settings name."""

    kind: AlertKind
    event_type: str  # of webhooks: "channel.watching.start"
    dvr_id: str
    dvr_name: str
    title: str
    text: str
    at: datetime
    severity: str = "info"  # info, warning, critical
    image_url: str = ""
    activity_uuid: str = ""
    is_test: bool = False
    facts: Mapping[str, Any] = {}  # structured, for webhooks of the second form and for rules
    subject: str = ""  # what the alert is about, for grouping and silences: a device, a channel, a recording
    channels: tuple[str, ...] = ()  # only these ways; empty: as the routing says
    reason: str = ""  # why it was let through or held, for the dry run


class Told(Struct, frozen=True, kw_only=True):
    """What one fact comes to: a line of history, and perhaps an alert."""

    activity: Activity | None = None
    alert: Alert | None = None


class Happening(Struct, frozen=True, kw_only=True):
    """Something about a server itself: a line of its log, a station off air, a transfer that failed."""

    title: str
    text: str
    event_type: str = "system"
    severity: str = "info"  # above it an incident is opened and people are told
    is_over: bool = False  # ends the incident
    icon: str = ""  # empty: the type's own
    extra: Mapping[str, Any] = {}
