"""The settings as they are now: read by type, changed by dotted path, described for the UI's forms."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, TypeVar, cast, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, Problem
from polycast.core.events.model import Audience, Event
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.secrets import MASK, Secrets
from polycast.core.settings.load import Fixed, bare, build, choices, convert, hook, leaves
from polycast.core.settings.model import CoreSettings, SecretText
from polycast.core.settings.store import SettingsStore
from polycast.core.storage import Database, Unit

S = TypeVar("S", bound=Struct)


class SettingsChanged(Event, frozen=True, kw_only=True):
    """Some settings have new values; each process reads them again."""

    name: ClassVar[str] = "core.settings_changed"
    paths: list[str]

    def audience(self) -> Audience:
        return Audience(scope=Scope.CORE_WRITE)


class SettingInfo(Struct, frozen=True, kw_only=True):
    """One setting as a form shows it."""

    path: str  # "net.trusted_hosts", "live.proxy.no_data_timeout_s"
    kind: str  # "text", "secret", "number", "whole", "flag", "choice", "list"
    title: str
    help: str
    unit: str
    default: Any
    value: Any  # secrets as MASK, or "" when empty
    is_changed: bool
    fixed_by_host: bool
    needs_restart: bool
    choices: list[str] = []
    at_least: float | None = None
    at_most: float | None = None


class SettingsBook:
    """What every part of the server reads its settings from. `of(LiveSettings)` is a snapshot; ask again, do not keep it."""

    def __init__(self, fixed: Fixed, sections: Mapping[str, type[Struct]]) -> None:
        self._fixed = fixed
        self._sections = dict(sections)
        self._known = dict(leaves(sections))
        self._changed: dict[str, Any] = {}
        self._built: dict[type[Struct], Struct] = {}
        self._build()

    @property
    def core(self) -> CoreSettings:
        return self.of(CoreSettings)

    def of(self, section: type[S]) -> S:
        """The current values of a section."""
        return cast("S", self._built[section])

    def replace(self, changed: Mapping[str, Any]) -> None:
        """Take over what the database holds; what the host has fixed stays."""
        self._changed = {path: value for path, value in changed.items() if path in self._known}
        self._build()

    def _build(self) -> None:
        values = self._changed | self._fixed
        self._built = {CoreSettings: build(CoreSettings, "", values)}
        for name, section in self._sections.items():
            self._built[section] = build(section, f"{name}.", values)

    def annotation(self, path: str) -> Any | None:
        return self._known.get(path)

    def is_fixed(self, path: str) -> bool:
        """Whether the host decides: by having set it, or because only the host may."""
        return path in self._fixed or bool(_extra(self._known[path]).get("host"))

    def describe(self) -> list[SettingInfo]:
        """Every setting that people may see, in the order of the tree."""
        values = self._changed | self._fixed
        defaults = {CoreSettings: build(CoreSettings, "", {})} | {
            section: build(section, f"{name}.", {}) for name, section in self._sections.items()
        }
        return [
            self._info(path, annotated, values, self._default(path, defaults))
            for path, annotated in self._known.items()
        ]

    def _default(self, path: str, defaults: Mapping[type[Struct], Struct]) -> Any:
        first, _, rest = path.partition(".")
        found: Any = defaults[self._sections[first]] if first in self._sections else defaults[CoreSettings]
        for name in (rest if first in self._sections else path).split("."):
            found = getattr(found, name)
        return found

    def _info(self, path: str, annotated: Any, values: Mapping[str, Any], default: Any) -> SettingInfo:
        meta = _meta(annotated)
        extra = _extra(annotated)
        return SettingInfo(
            path=path,
            kind=_kind(annotated),
            title=(meta.title if meta else None) or path.rpartition(".")[2].replace("_", " ").capitalize(),
            help=(meta.description if meta else None) or "",
            unit=str(extra.get("unit", "")),
            default=shown(default),
            value=shown(values.get(path, default)),
            is_changed=path in values,
            fixed_by_host=self.is_fixed(path),
            needs_restart=bool(extra.get("restart")),
            choices=choices(annotated),
            at_least=_bound(meta, "ge", "gt"),
            at_most=_bound(meta, "le", "lt"),
        )


class SettingsService:
    """Changing settings while the server runs, for callers with `core:write`."""

    def __init__(
        self, *, book: SettingsBook, store: SettingsStore, db: Database, secrets: Secrets, clock: Clock
    ) -> None:
        self._book = book
        self._store = store
        self._db = db
        self._secrets = secrets
        self._clock = clock

    async def load(self) -> None:
        """Read what the database holds into the book; at start, and whenever `core.settings_changed` arrives."""
        stored = await self._db.read(self._store.all)
        self._book.replace(
            {path: self._decode(path, value) for path, value in stored.items() if self._book.annotation(path)}
        )

    async def on_changed(self, event: SettingsChanged) -> None:
        """The listener that keeps this process's book current."""
        await self.load()

    def describe(self, caller: Caller) -> list[SettingInfo]:
        """Every setting with its value. Raises: NotAllowed without `core:write`."""
        caller.require(Scope.CORE_WRITE)
        return self._book.describe()

    async def change(self, caller: Caller, changes: Mapping[str, Any]) -> list[SettingInfo]:
        """Set each path to its value, null for the default; all or none.

        Raises: Invalid with one problem a path: unknown, fixed by the host, or not fitting its type.
        """
        caller.require(Scope.CORE_WRITE)
        kept = {path: value for path, value in changes.items() if value != MASK}
        problems = [problem for path, value in kept.items() if (problem := self._problem(path, value))]
        if problems:
            raise Invalid(problems)
        await self._db.write(self._change, kept)
        await self.load()
        return self._book.describe()

    def _problem(self, path: str, value: Any) -> Problem | None:
        annotated = self._book.annotation(path)
        if annotated is None:
            return Problem(path, "unknown", text="There is no such setting.")
        if self._book.is_fixed(path):
            return Problem(path, "fixed", text="The host's configuration sets this.")
        if value is None:
            return None
        try:
            convert(value, annotated)
        except msgspec.ValidationError as error:
            return Problem(path, "invalid", text=str(error))
        return None

    def _change(self, unit: Unit, changes: Mapping[str, Any]) -> None:
        back = [path for path, value in changes.items() if value is None]
        new = {path: self._encode(path, value) for path, value in changes.items() if value is not None}
        if back:
            self._store.drop(unit, back)
        if new:
            self._store.put(unit, new, self._clock.now())
        unit.publish(SettingsChanged(paths=sorted(changes)))

    def _encode(self, path: str, value: Any) -> bytes:
        if bare(self._book.annotation(path)) is SecretText:
            return self._secrets.seal(str(value))
        return msgspec.json.encode(value)

    def _decode(self, path: str, value: bytes) -> Any:
        annotated = self._book.annotation(path)
        if bare(annotated) is SecretText:
            return SecretText(self._secrets.open(value))
        return convert(msgspec.json.decode(value), annotated)


def shown(value: Any) -> Any:
    """A value as JSON may show it; secrets masked."""
    if isinstance(value, SecretText):
        return MASK if value else ""
    return msgspec.to_builtins(value, enc_hook=str)


def _meta(annotated: Any) -> Meta | None:
    if get_origin(annotated) is not Annotated:
        return None
    return next((part for part in get_args(annotated)[1:] if isinstance(part, Meta)), None)


def _extra(annotated: Any) -> Mapping[str, Any]:
    meta = _meta(annotated)
    return (meta.extra or {}) if meta else {}


def _bound(meta: Meta | None, *names: str) -> float | None:
    return next((float(bound) for name in names if (bound := getattr(meta, name, None)) is not None), None)


_KINDS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (lambda kind: kind is SecretText, "secret"),
    (lambda kind: kind is bool, "flag"),
    (lambda kind: kind is int, "whole"),
    (lambda kind: kind is float, "number"),
    (lambda kind: get_origin(kind) in (tuple, list), "list"),
)


def _kind(annotated: Any) -> str:
    if choices(annotated):
        return "choice"
    kind = bare(annotated)
    return next((word for fits, word in _KINDS if fits(kind)), "text")


__all__ = ["SettingInfo", "SettingsBook", "SettingsChanged", "SettingsService", "hook", "shown"]
