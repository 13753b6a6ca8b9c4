"""The configuration as it is now, and changing it."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from polycast.acquire.config.document import masked, merge, opened, sealed, typed
from polycast.acquire.config.environment import dotted, laid_over, read_overlay
from polycast.acquire.config.model import Config
from polycast.acquire.config.store import DocumentStore
from polycast.core.errors import Invalid
from polycast.core.events import Audience, Event
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.secrets import Secrets
from polycast.core.storage import Database, Unit

NAME: Final = "config"
IGNORED: Final = ("bind_address", "port", "url_base")
# What the original needs and we do without: kept, given back, and said to change nothing.
WITHOUT_EFFECT: Final = (
    ("mount", "dfs"),
    ("usenet", "pipeline_depth"),
    ("usenet", "socket_read_buffer"),
    ("usenet", "socket_write_buffer"),
)
LEVELS: Final = {"trace": logging.DEBUG, "debug": logging.DEBUG, "warn": logging.WARNING, "error": logging.ERROR}
FOREIGN: Final = frozenset({"api_token", "auth_username", "arrs"})  # shown with the configuration, kept elsewhere
BYTES: Final = 1024 * 1024


class ConfigChanged(Event, frozen=True, kw_only=True):
    """Some keys have new values; whoever holds some in memory reads them again."""

    name: ClassVar[str] = "acquire.config_changed"
    keys: list[str]

    def audience(self) -> Audience:
        return Audience(scope=Scope.ACQUIRE_ADMIN)


class Changed(Struct, frozen=True, kw_only=True):
    """What a change came to."""

    config: Config
    keys: list[str]
    ignored: list[str]


class Configs:
    """Read before each piece of work; decoded anew only when its version has changed."""

    def __init__(
        self, *, db: Database, store: DocumentStore, secrets: Secrets, data_dir: Path, fixed: Mapping[str, str]
    ) -> None:
        self._overlay = read_overlay(fixed)
        self._db = db
        self._store = store
        self._secrets = secrets
        self._data_dir = data_dir
        self._version = -1
        self._config = self._placed(self._typed({}))
        self._document: Mapping[str, Any] = {}

    @property
    def last(self) -> Config:
        """As of the last `read`: for questions that a moment's delay does not spoil."""
        return self._config

    async def read(self) -> Config:
        """The configuration as it is now."""
        if await self._db.read(self._store.version, NAME) != self._version:
            self._take(*await self._db.read(self._store.read, NAME))
        return self._config

    def read_in(self, unit: Unit) -> Config:
        """`read` within a transaction."""
        document, _ = self._store.read(unit, NAME)
        return self._placed(self._typed(opened(document, self._secrets)))

    async def document(self, caller: Caller, *, reveal: bool = False) -> dict[str, Any]:
        """Every key; secrets masked unless an administrator wants to see them."""
        caller.require(Scope.ACQUIRE_READ)
        if reveal:
            caller.require(Scope.ACQUIRE_ADMIN)
        plain: dict[str, Any] = msgspec.to_builtins(await self.read())
        return plain if reveal else dict(masked(plain))

    async def change(self, caller: Caller, sent: Mapping[str, Any]) -> Changed:
        """Lay `sent` over what is stored, all or nothing. Raises: NotAllowed; Invalid naming the dotted key."""
        caller.require(Scope.ACQUIRE_ADMIN)
        changed = await self._db.write(self._change, sent)
        await self.read()
        return changed

    def _change(self, unit: Unit, sent: Mapping[str, Any]) -> Changed:
        known = {name: value for name, value in sent.items() if name in Config.__struct_fields__}
        document, _ = self._store.read(unit, NAME)
        before: dict[str, Any] = opened(document, self._secrets)
        after = merge(before, known)
        config = self._typed(after)
        if len(msgspec.json.encode(after)) > BYTES:
            raise Invalid.one("", "too_large", "The configuration is too large.")
        old, new = msgspec.to_builtins(self._typed(before)), msgspec.to_builtins(config)
        keys = sorted(name for name in new if new[name] != old[name])
        if after != before:
            self._store.write(unit, NAME, sealed(after, self._secrets))
        if keys:
            unit.publish(ConfigChanged(keys=keys))
        return Changed(config=self._placed(config), keys=keys, ignored=self._ignored(known))

    def _typed(self, document: Mapping[str, Any]) -> Config:
        return typed(laid_over(document, self._overlay) if self._overlay else document)

    def _ignored(self, sent: Mapping[str, Any]) -> list[str]:
        """What was stored, and changes nothing: because we do without it, or because the host says otherwise."""
        found = [name for name in IGNORED if name in sent]
        plain = msgspec.to_builtins(Config())
        for section, name in WITHOUT_EFFECT:
            given = sent.get(section)
            if isinstance(given, Mapping) and given.get(name, plain[section][name]) not in (plain[section][name], {}):
                found.append(f"{section}.{name}")
        rows = sent.get("debrids")
        for at, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, Mapping) and row.get("download_links_refresh_interval", "5m") != "5m":
                found.append(f"debrids.{at}.download_links_refresh_interval")
        return found + [dotted(path) for path, _ in self._overlay if path[0] in sent]

    def _take(self, document: Any, version: int) -> None:
        self._document = opened(document, self._secrets)
        self._config = self._placed(self._typed(self._document))
        # The server's own level, unless this module shall say more or less than the rest.
        logging.getLogger("polycast.acquire").setLevel(LEVELS.get(self._config.log_level, logging.NOTSET))
        self._version = version

    def _placed(self, config: Config) -> Config:
        """With the folders that nobody has set below the data directory."""
        return replace(config, download_folder=config.download_folder or str(self._data_dir / "acquire" / "downloads"))

    async def on_changed(self, event: ConfigChanged) -> None:
        """The listener that keeps this process's copy current."""
        await self.read()
