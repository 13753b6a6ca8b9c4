"""Judging one sent setting: its type, its range, its own rules; masks of secrets put back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from polycast.core.errors import Problem
from polycast.monitor.alerts.rules import pattern_problem
from polycast.monitor.alerts.templates import problems_of
from polycast.monitor.preferences.model import Preferences, Webhook
from polycast.monitor.vault import MASK

LEGACY_OF: Final[Mapping[str, str]] = {
    "ds_warning_threshold_percent": "ds_threshold_percent",
    "ds_warning_threshold_gb": "ds_threshold_gb",
}
MOST_WEBHOOKS: Final = 20
REDACTED: Final = "****"
KEPT_WORDS: Final = frozenset({"api", "hooks", "webhook", "webhooks", "services"})
Checked = tuple[Any, list[Problem]]


def checked(name: str, value: Any, before: Preferences, new_id: Callable[[], str]) -> Checked:
    """`value` as it is stored, and what is wrong with it."""
    if name not in Preferences.__struct_fields__:
        return value, []
    if name in LEGACY_OF and value in ("", None):
        value = getattr(before, LEGACY_OF[name])
    if isinstance(value, str) and name in ("auth_mode", "stream_card_image", "recording_card_image"):
        value = value.strip().lower()
    if name == "cw_image_source":
        value = str(value).strip().upper()
        if value not in ("PROGRAM", "CHANNEL"):
            return value, [Problem(name, "not_a_choice", {}, "PROGRAM or CHANNEL")]
    try:
        found = getattr(msgspec.convert({name: value}, Preferences, strict=False), name)
    except msgspec.ValidationError as error:
        return value, [Problem(name, "invalid", {}, str(error).partition(" - at `$")[0])]
    if name == "webhooks":
        return _webhooks(found, before.webhooks, new_id)
    return found, _further(name, found)


def _further(name: str, value: Any) -> list[Problem]:
    if name == "tz" and not is_zone(value):
        return [Problem(name, "not_a_choice", {}, "This is no time zone.")]
    if name.endswith(("_template_title", "_template_body")) and (wrong := problems_of(value)):
        return [Problem(name, "invalid", {"position": at}, text) for at, text in wrong[:5]]
    if name == "log_rules":
        return [
            Problem(f"log_rules.{index}.pattern", "invalid", {}, text)
            for index, one in enumerate(value)
            if one.pattern and (text := pattern_problem(one.pattern))
        ]
    if name == "mqtt" and value.enabled and not value.host:
        return [Problem("mqtt.host", "required", {}, "A broker has a host.")]
    if name == "quiet_hours":
        return [
            Problem(name, "not_a_choice", {}, f"{one.tz} is no time zone.")
            for one in value
            if one.tz and not is_zone(one.tz)
        ]
    return []


def is_zone(name: str) -> bool:
    """Whether there is an IANA zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _webhooks(sent: Sequence[Webhook], before: Sequence[Webhook], new_id: Callable[[], str]) -> Checked:
    """Secrets are matched by id, so that another order does not swap them; by position for those without an id."""
    if len(sent) > MOST_WEBHOOKS:
        return sent, [Problem("webhooks", "max_items", {"limit": MOST_WEBHOOKS})]
    known = {hook.id: hook for hook in before if hook.id}
    merged: list[Webhook] = []
    problems: list[Problem] = []
    for index, hook in enumerate(sent):
        old = known.get(hook.id) if hook.id else (before[index] if index < len(before) else None)
        url, secret = hook.url, hook.secret
        if old is not None:
            url = old.url if url in ("", MASK) or (REDACTED in url and url == redacted_url(old.url)) else url
            secret = old.secret if secret in ("", MASK) else secret
        if not url.lower().startswith(("http://", "https://")) or REDACTED in url:
            problems.append(Problem(f"webhooks.{index}.url", "invalid", {}, "An http or https address is needed."))
        merged.append(
            msgspec.structs.replace(hook, id=hook.id or new_id(), url=url, secret="" if secret == MASK else secret)
        )
    return tuple(merged), problems


def redacted_url(url: str) -> str:
    """`url` without what may be secret: path segments become `****` but for structural and very short words."""
    if not url:
        return ""
    head, sep, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    host = place.rpartition("@")[2]
    path = path.partition("?")[0].partition("#")[0]
    segments = [
        part if not part or part in KEPT_WORDS or (part.isalpha() and len(part) <= 4) else REDACTED
        for part in path.split("/")
    ]
    return f"{head}{sep}{host}{slash}{'/'.join(segments)}"
