"""Our own signed messages. Source: specs/monitor.md 4.3."""

from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import msgspec

from polycast.core.secrets import signature
from polycast.monitor.alerts.model import Alert
from polycast.monitor.alerts.templates import BadTemplate, render
from polycast.monitor.preferences.model import Webhook

VERSION: Final = "0.9.15"  # of the API as its clients know it
SCHEMA: Final = 2


def payload(alert: Alert, hook: Webhook, *, delivery: str, instance_url: str) -> bytes:
    """The body, compact; the same bytes over all tries."""
    if hook.format == "template" and (text := _templated(alert, hook.template)) is not None:
        return text.encode()
    return msgspec.json.encode(_shaped(alert, hook, delivery, instance_url))


def _shaped(alert: Alert, hook: Webhook, delivery: str, instance_url: str) -> dict[str, Any]:
    if hook.format == "slack":
        return {"text": f"*{alert.title}*\n{alert.text}"}
    if hook.format == "discord":
        return embed(alert)
    if hook.format == "ntfy":
        return {"topic": "channelwatch", "title": alert.title, "message": alert.text, "priority": _priority(alert)}
    full = _full(alert, hook, delivery, instance_url)
    return full | {"state": alert.event_type} if hook.format == "homeassistant" else full


def headers(alert: Alert, hook: Webhook, body: bytes, *, delivery: str, at: datetime) -> dict[str, str]:
    """Signed with the hook's secret, which its owner knows too."""
    found = {
        "Content-Type": "application/json",
        "X-ChannelWatch-Signature": "sha256=" + signature(hook.secret, body).hex(),
        "X-ChannelWatch-Delivery": delivery,
        "X-ChannelWatch-Event": alert.event_type,
    }
    if hook.standard_headers:
        found |= _standard(hook, body, delivery=delivery, at=at)
    return found


def embed(alert: Alert) -> dict[str, Any]:
    """A message as Discord's webhooks take it."""
    card: dict[str, Any] = {"title": alert.title[:256], "description": alert.text[:4000], "color": 3447003}
    if alert.image_url:
        card["image"] = {"url": alert.image_url}
    return {"username": "ChannelWatch Bot", "embeds": [card]}


def _full(alert: Alert, hook: Webhook, delivery: str, instance_url: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "eventType": alert.event_type,
        "timestamp": alert.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "instanceName": "ChannelWatch",
        "instanceUrl": instance_url,
        "version": VERSION,
        "deliveryId": delivery,
        "dvr_id": alert.dvr_id,
        "dvr_name": alert.dvr_name,
        "data": {"title": alert.title, "message": alert.text, "imageUrl": alert.image_url or None},
    }
    if hook.payload == "v2":
        body |= {"schemaVersion": SCHEMA, "severity": alert.severity, "event": dict(alert.facts)}
    return body


def _templated(alert: Alert, template: str) -> str | None:
    """A body of the owner's own making; values are put in as JSON text, so that none can end a string."""
    quoted = {
        name: msgspec.json.encode(value).decode().strip('"')
        for name, value in {
            "alert_type": alert.event_type, "dvr_id": alert.dvr_id, "dvr_name": alert.dvr_name, "title": alert.title,
            "default_message": alert.text, "severity": alert.severity, "image_url": alert.image_url,
            "unixtime": str(int(alert.at.timestamp())),
        }.items()
    }  # fmt: skip
    opened = template.replace("{{", "\x01").replace("}}", "\x02")  # JSON's own braces are written twice
    try:
        return render(opened, quoted).replace("\x01", "{").replace("\x02", "}")
    except BadTemplate:
        return None


def _standard(hook: Webhook, body: bytes, *, delivery: str, at: datetime) -> dict[str, str]:
    """Source: the Standard Webhooks specification, version 1."""
    stamp = str(int(at.timestamp()))
    key: bytes = hook.secret.encode()
    if hook.secret.startswith("whsec_"):
        with suppress(msgspec.MsgspecError):
            key = msgspec.json.decode(b'"' + hook.secret.removeprefix("whsec_").encode() + b'"', type=bytes)
    signed = signature(key, f"{delivery}.{stamp}.".encode() + body)
    encoded = msgspec.json.encode(signed).decode().strip('"')  # bytes in JSON are base64
    return {"webhook-id": delivery, "webhook-timestamp": stamp, "webhook-signature": f"v1,{encoded}"}


def _priority(alert: Alert) -> int:
    return {"info": 3, "warning": 4, "critical": 5}.get(alert.severity, 3)
