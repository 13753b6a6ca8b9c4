"""What goes to people who help: settings without secrets, the end of the log without addresses, the health.

Source: specs/monitor.md 4.11.
"""

import io
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv6Address
from typing import Any, Final

import msgspec

import polycast
from polycast.core.files import write_zip
from polycast.monitor.vault import MASK

LINES: Final = 500
PRIVACY: Final = (
    "No secrets, addresses or paths: settings are masked, the log is redacted, no database and no key is inside."
)
_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>]+", re.IGNORECASE)
_MAIL: Final = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_COLONS: Final = re.compile(r"(?<![\w.])[0-9a-f:]*:[0-9a-f]*:[0-9a-f:.]*(?:%[\w-]+)?", re.IGNORECASE)  # perhaps IPv6
SECRET_WORDS: Final = ("apprise_", "token", "dsn", "api_key", "route_override", "password", "heartbeat_targets")
HIDDEN: Final = ("host", "port", "api_key", "username", "url", "secret")


def stripped(text: str) -> str:
    """`text` without addresses of any kind."""
    text = _URL.sub("[REDACTED_URL]", text)
    text = _MAIL.sub("[REDACTED_MAIL]", text)
    text = _IPV4.sub("[REDACTED_IP]", text)
    return _COLONS.sub(lambda found: "[REDACTED_IP]" if _is_address(found[0]) else found[0], text)


def _is_address(word: str) -> bool:
    """Whether it is IPv6 and no time of day; a full stop may end its sentence."""
    try:
        IPv6Address(word.rstrip(".").partition("%")[0])
    except AddressValueError:
        return False
    return True


def sanitized(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they may be shown to strangers."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if name in ("dvr_servers", "webhooks", "trusted_notification_destinations") and isinstance(value, Sequence):
            found[name] = [
                {key: MASK if key in HIDDEN and item else item for key, item in one.items()} for one in value
            ]
        elif value and any(word in name for word in SECRET_WORDS):
            found[name] = MASK
        else:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return stripped(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def debug_bundle(
    *, settings: Mapping[str, Any], lines: Sequence[str], health: Mapping[str, Any], now: datetime,
    more: Mapping[str, Any] | None = None,
) -> bytes:  # fmt: skip
    """The archive. Blocking."""
    files: dict[str, bytes] = {
        "settings_sanitized.json": _json(sanitized(settings)),
        "logs/app.log": "".join(f"{stripped(line)}\n" for line in lines[-LINES:]).encode(),
        "health_snapshot.json": _json(_plain(health)),
        **{name: _json(_plain(value)) for name, value in (more or {}).items()},
    }
    manifest = {
        "type": "channelwatch_debug_bundle",
        "schema_version": 1,
        "created_at": now.astimezone(UTC).replace(microsecond=0).isoformat(),
        "app_version": polycast.__version__,
        "arch": platform.machine(),
        "python": platform.python_version(),
        "dvr_count": len(settings.get("dvr_servers") or []),
        "privacy": PRIVACY,
        "files": ["manifest.json", *files],
    }
    target = io.BytesIO()
    with write_zip(target) as archive:
        archive.add_bytes("manifest.json", _json(manifest))
        for name, content in files.items():
            archive.add_bytes(name, content)
    return target.getvalue()


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
