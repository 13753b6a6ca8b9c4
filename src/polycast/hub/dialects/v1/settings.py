"""The settings tree, as forms show it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.core.http import Route, get, patch
from polycast.core.identity.caller import Caller, needs
from polycast.core.identity.scopes import Scope
from polycast.core.settings.book import SettingInfo, SettingsService

TITLES: Final[Mapping[str, str]] = {
    "": "Server",
    "net": "Outside connections",
    "media": "Pictures and sound",
    "backup": "Backups",
    "live": "Live TV",
    "library": "Library",
    "radio": "Radio",
    "acquire": "Downloads",
    "monitor": "Monitor",
}
MODULES: Final = ("live", "library", "radio", "acquire", "monitor")
KINDS: Final[Mapping[str, str]] = {"flag": "bool", "whole": "int", "number": "float"}


class Choice(Struct, frozen=True, kw_only=True):
    """One word that a setting may have."""

    value: str
    label: str


class Setting(Struct, frozen=True, kw_only=True):
    """One setting with its value and all that a form needs."""

    key: str
    label: str
    help: str
    kind: str  # bool, int, float, text, secret, choice, list, bytes
    unit: str
    default: Any
    value: Any
    changed: bool
    restart: bool
    secret: bool
    locked: bool
    locked_by: str
    choices: list[Choice]
    min: float | None
    max: float | None

    @classmethod
    def of(cls, info: SettingInfo) -> "Setting":
        return cls(
            key=info.path,
            label=info.title,
            help=info.help,
            kind="bytes" if info.unit == "bytes" else KINDS.get(info.kind, info.kind),
            unit=info.unit,
            default=info.default,
            value=info.value,
            changed=info.is_changed,
            restart=info.needs_restart,
            secret=info.kind == "secret",
            locked=info.fixed_by_host,
            locked_by="the host's configuration" if info.fixed_by_host else "",
            choices=[Choice(value=word, label=word) for word in info.choices],
            min=info.at_least,
            max=info.at_most,
        )


class Section(Struct, frozen=True, kw_only=True):
    """Settings that belong together."""

    name: str
    title: str
    module: str  # "core" or the module's
    fields: list[Setting]


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting there is."""

    sections: list[Section]
    restart_needed: bool


class SettingsPatch(Struct, frozen=True, kw_only=True):
    """New values by key, and the keys that get their default back."""

    values: dict[str, Any] = {}
    reset: list[str] = []


def routes() -> Sequence[Route]:
    """The settings."""
    return [show, change]


def _sections(infos: Sequence[SettingInfo]) -> Settings:
    found: dict[str, list[Setting]] = {}
    for info in infos:
        found.setdefault(info.path.rpartition(".")[0], []).append(Setting.of(info))
    sections = [
        Section(
            name=name or "server",
            title=TITLES.get(name, name.rpartition(".")[2].replace("_", " ").capitalize()),
            module=first if (first := name.partition(".")[0]) in MODULES else "core",
            fields=fields,
        )
        for name, fields in found.items()
    ]
    changed = any(info.needs_restart and info.is_changed and not info.fixed_by_host for info in infos)
    return Settings(sections=sections, restart_needed=changed)


@get("/polycast/v1/settings", policy=needs(Scope.CORE_WRITE))
async def show(caller: Caller, settings: SettingsService) -> Settings:
    """Every setting."""
    return _sections(settings.describe(caller))


@patch("/polycast/v1/settings", policy=needs(Scope.CORE_WRITE), sent=SettingsPatch)
async def change(caller: Caller, sent: SettingsPatch, settings: SettingsService) -> Settings:
    """Change settings, all or none; `***` leaves a secret as it is."""
    changes = dict(sent.values) | dict.fromkeys(sent.reset)
    return _sections(await settings.change(caller, changes))
