"""What must hold for accounts and their parts. Every problem is found before any is told."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import UNSET

from polycast.core.errors import Invalid, Problem
from polycast.core.storage import clean
from polycast.live.regexes import compile_pattern
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.accounts.state import require_cron
from polycast.live.sources.model import AccountType, OrphanCleanup

NAME_LIMIT: Final = 255
URL_LIMIT: Final = 1000
FILTER_LIMIT: Final = 200
FILTER_TYPES: Final = ("group", "name", "url")
# The field of the form: its name in the compatible API, lowest and highest value.
RANGES: Final = {
    "max_streams": ("max_streams", 0, 100_000),
    "refresh_hours": ("refresh_interval", 0, 24 * 365),
    "stale_days": ("stale_stream_days", 0, 3650),
    "priority": ("priority", -1_000_000, 1_000_000),
}


class Problems:
    """Collects what is wrong with one form."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, path: str, code: str, text: str = "", **params: str | int) -> None:
        self._found.append(Problem(path, code, params, text))

    def take(self, error: Invalid) -> None:
        """Add what another check has found."""
        self._found += error.problems

    def settle(self) -> None:
        """Raises: Invalid, when anything was added."""
        if self._found:
            raise Invalid(self._found)

    def name(self, sent: Any, *, path: str = "name", limit: int = NAME_LIMIT) -> str:
        """A required name, tidied."""
        text = clean(sent if isinstance(sent, str) else "", 4 * limit)
        if not text:
            self.add(path, "blank" if isinstance(sent, str) else "required")
        elif len(text) > limit:
            self.add(path, "max_length", max=limit)
        return text[:limit]

    def choice(self, sent: Any, options: Any, path: str) -> str:
        values = [str(option) for option in options]
        if sent not in values:
            self.add(path, "invalid_choice", f'"{sent}" is not a valid choice.', choice=str(sent))
            return values[0]
        return str(sent)

    def pattern(self, sent: Any, path: str, *, limit: int) -> str:
        text = sent if isinstance(sent, str) else ""
        if not text:
            self.add(path, "blank")
            return text
        try:
            compile_pattern(text, path=path, limit=limit)
        except Invalid as error:
            self.take(error)
        return text


def check_account(form: AccountForm, problems: Problems, *, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The plain columns that `form` sets; what it leaves out is absent. Secrets and references are the service's."""
    values: dict[str, Any] = {}
    if form.name is not UNSET:
        values["name"] = problems.name(form.name)
    if form.account_type is not UNSET:
        values["account_type"] = problems.choice(form.account_type, AccountType, "account_type")
    if form.orphan_cleanup is not UNSET:
        values["orphan_cleanup"] = problems.choice(form.orphan_cleanup, OrphanCleanup, "orphan_channel_cleanup")
    for name, (path, low, high) in RANGES.items():
        value = getattr(form, name)
        if value is UNSET:
            continue
        if not low <= value <= high:
            problems.add(path, "min_value" if value < low else "max_value", limit=low if value < low else high)
        values[name] = value
    for name in (
        "is_active",
        "enable_vod",
        "auto_enable_groups_live",
        "auto_enable_groups_vod",
        "auto_enable_groups_series",
        "server_group_id",
        "user_agent_id",
        "stream_profile_id",
        "custom_properties",
    ):
        if (value := getattr(form, name)) is not UNSET:
            values[name] = value
    if form.cron is not UNSET:
        values["cron"] = _cron(form.cron or "", problems, now=now, zone=zone)
    return values


def _cron(text: str, problems: Problems, *, now: datetime, zone: ZoneInfo) -> str:
    cron = clean(text, 120)
    if cron:
        try:
            require_cron(cron, now=now, zone=zone)
        except Invalid as error:
            problems.take(error)
    return cron


def check_url(text: str, problems: Problems, *, path: str = "server_url") -> str:
    """A provider's address as it may be stored; a missing scheme is http."""
    url = text.strip()
    if url and "://" not in url:
        url = f"http://{url}"
    if len(url) > URL_LIMIT:
        problems.add(path, "max_length", max=URL_LIMIT)
    elif url:
        try:
            parts = urlsplit(url)
            is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable()
        except ValueError:
            is_good = False
        if not is_good:
            problems.add(path, "invalid", "Enter a valid URL.")
    return url
