"""All tables of the watch. `METADATA` is what the module hands to the house."""

from polycast.monitor.tables.alerts import cooldowns, deliveries, incident_notes, incidents, rules, silences
from polycast.monitor.tables.base import METADATA
from polycast.monitor.tables.history import activities, recordings, samples, sessions, texts
from polycast.monitor.tables.servers import preferences, servers, snapshots

__all__ = [
    "METADATA",
    "activities",
    "cooldowns",
    "deliveries",
    "incident_notes",
    "incidents",
    "preferences",
    "recordings",
    "rules",
    "samples",
    "servers",
    "sessions",
    "silences",
    "snapshots",
    "texts",
]
