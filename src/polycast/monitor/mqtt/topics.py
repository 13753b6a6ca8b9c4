"""What each server is, as topics; and how Home Assistant finds them. Source: specs/monitor.md 4.7; Home Assistant, MQTT
discovery."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from polycast.monitor.alerts.severity import severity_of
from polycast.monitor.mqtt.wire import Message
from polycast.monitor.preferences.model import Mqtt, Preferences
from polycast.monitor.servers.model import Server
from polycast.monitor.watch.state import Health, ServerState

GIB: Final = 1024**3
SHOWN: Final = 20
ONLINE, OFFLINE = b"online", b"offline"
# metric -> (name, topic, template, unit, device class, icon)
SENSORS: Final[Mapping[str, tuple[str, str, str, str, str, str]]] = {
    "state": ("State", "state", "{{ value_json.state }}", "", "", "mdi:server"),
    "streams": ("Streams", "streams", "{{ value_json.count }}", "", "", "mdi:television-play"),
    "recordings": ("Recordings", "recording", "{{ value_json.count }}", "", "", "mdi:record-rec"),
    "disk_free": ("Disk free", "disk", "{{ value_json.free_gb }}", "GiB", "data_size", ""),
    "disk_used": ("Disk used", "disk", "{{ value_json.used_percent }}", "%", "", "mdi:harddisk"),
}


def availability(mqtt: Mqtt, *, is_up: bool) -> Message:
    """Whether anybody watches; the will says no."""
    return Message(topic=f"{mqtt.topic}/availability", payload=ONLINE if is_up else OFFLINE)


def messages(mqtt: Mqtt, prefs: Preferences, server: Server, state: ServerState, health: Health) -> list[Message]:
    """A server's four topics, and what announces it."""
    root = f"{mqtt.topic}/{server.dvr_id}"
    watching = state.watching if state.connected else []
    recording = state.recording if state.connected else []
    bodies: dict[str, Any] = {
        "state": {
            "state": "disabled" if not server.enabled else "online" if state.connected else "offline",
            "connected": state.connected, "monitoring": health.status.value, "version": state.version or None,
            "name": server.shown_name,
        },
        "streams": {
            "count": len(watching),
            "watching": [
                {"device": one.device, "channel": one.channel, "title": one.title} for one in watching[:SHOWN]
            ],
        },
        "recording": {"count": len(recording), "recording": [one.title for one in recording[:SHOWN]]},
        "disk": _disk(prefs, state),
    }  # fmt: skip
    found = [Message(topic=f"{root}/{name}", payload=msgspec.json.encode(body)) for name, body in bodies.items()]
    return found + (announcements(mqtt, server, state) if mqtt.discovery_prefix else [])


def announcements(mqtt: Mqtt, server: Server, state: ServerState) -> list[Message]:
    """One for each sensor; Home Assistant makes one device of those with the same identifier."""
    device = {
        "identifiers": [server.dvr_id], "name": server.shown_name, "manufacturer": "Polycast",
        "model": server.provider.value, **({"sw_version": state.version} if state.version else {}),
    }  # fmt: skip
    found: list[Message] = []
    for metric, (name, topic, template, unit, kind, icon) in SENSORS.items():
        body = {
            "name": name, "unique_id": f"{server.dvr_id}_{metric}", "object_id": f"{server.dvr_id}_{metric}",
            "state_topic": f"{mqtt.topic}/{server.dvr_id}/{topic}", "value_template": template,
            "availability_topic": f"{mqtt.topic}/availability", "device": device,
        }  # fmt: skip
        if unit:
            body["unit_of_measurement"] = unit
        if kind:
            body["device_class"] = kind
        if icon:
            body["icon"] = icon
        if metric != "state":
            body["state_class"] = "measurement"
        found.append(Message(topic=_config(mqtt, server.dvr_id, metric), payload=msgspec.json.encode(body)))
    return found


def forgotten(sent: Sequence[str], wanted: Sequence[str]) -> list[Message]:
    """What makes the broker forget topics of servers that are no more: empty messages."""
    there = set(wanted)
    return [Message(topic=topic, payload=b"") for topic in sent if topic not in there]


def _config(mqtt: Mqtt, dvr_id: str, metric: str) -> str:
    return f"{mqtt.discovery_prefix}/sensor/{dvr_id}_{metric}/config"


def _disk(prefs: Preferences, state: ServerState) -> dict[str, Any]:
    if not state.disk_total or state.disk_free is None:
        return {"total_gb": None, "free_gb": None, "used_percent": None, "severity": "unknown"}
    total, free = state.disk_total, state.disk_free
    return {
        "total_gb": round(total / GIB, 2), "free_gb": round(free / GIB, 2),
        "used_percent": round((total - free) / total * 100), "severity": severity_of(total, free, prefs).value,
    }  # fmt: skip
