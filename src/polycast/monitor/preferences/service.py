"""Reading and changing the flat settings."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import structs

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotAllowed, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.monitor.preferences.checks import checked
from polycast.monitor.preferences.model import (
    ADMIN_ONLY,
    ALERT_OVERRIDES,
    SECRETS,
    MonitorPreferencesChanged,
    Preferences,
    Stored,
)
from polycast.monitor.preferences.store import PreferenceStore
from polycast.monitor.vault import MASK, Vault

REVISION: Final = "__revision"
LONGEST_UNKNOWN: Final = 64 * 1024  # bytes of JSON that we keep for others


class PreferencesBook:
    """The settings of the watch: in memory, in the clear; in the table, secrets sealed."""

    def __init__(
        self, *, db: Database, store: PreferenceStore, vault: Vault, tokens: Tokens, clock: Clock, ids: Ids
    ) -> None:
        self._db = db
        self._store = store
        self._vault = vault
        self._tokens = tokens
        self._clock = clock
        self._ids = ids
        self._kept: Stored | None = None
        self._changes = 0  # how often somebody changed them
        self._read_at = -1  # how often they had been changed when they were read

    @property
    def now(self) -> Preferences:
        """As last read: for those who cannot wait. Defaults before the first `load`.

        While they are read again, the old ones hold: with defaults a message that is just on its way would have nowhere to go.
        """
        return self._kept.known if self._kept is not None else Preferences()

    async def load(self) -> Stored:
        """The current settings, from memory once read."""
        while self._kept is None or self._read_at != self._changes:
            changes = self._changes
            self._kept = self._stored(await self._db.read(self._store.all))
            self._read_at = changes
        return self._kept

    def reread(self) -> None:
        """Somebody changed them, here or in another process."""
        self._changes += 1

    def for_server(self, overrides: Mapping[str, Any]) -> Preferences:
        """The settings of alerts as they are for one server."""
        own = {name: value for name, value in overrides.items() if name in ALERT_OVERRIDES}
        if not own:
            return self.now
        values = structs.asdict(self.now)
        try:
            return msgspec.convert(values | own, Preferences, strict=False)
        except msgspec.ValidationError:  # checked when it was saved; a value of an older version may not fit any more
            return self.now

    async def change(
        self, caller: Caller, sent: Mapping[str, Any], *, clear: Iterable[str] = (), revision: int | None = None
    ) -> Stored:
        """Set each key to its value; a mask, null or "" keeps a stored secret, `clear` names those to be dropped.

        Raises: Invalid with all that is wrong; NotAllowed, when a key is an administrator's; Conflict ("revision"), when
        the settings are not those of `revision` any more.
        """
        caller.require(Scope.MONITOR_WRITE)
        before = await self.load()
        values = self._wanted(before, sent, set(clear))
        touched = {name for name, value in values.items() if value != self._value(before, name)}
        if touched & ADMIN_ONLY and not is_admin(caller):
            raise NotAllowed("scope", "Only an administrator may change this.")
        values |= self._feed_tokens(before, values)
        kept = {name: values[name] for name in values if name in touched or name.endswith("_token")}
        await self._db.write(self._write, kept, revision)
        self.reread()
        return await self.load()

    async def put(self, **values: Any) -> None:
        """Set keys that the house itself decides about (`auth_mode`)."""
        await self._db.write(self.put_in, values)
        self.reread()

    async def sealed_form(self) -> dict[str, Any]:
        """Every key with its value as it is stored: secrets sealed. Raises: Storage, when they cannot be."""
        stored = await self.load()
        known = msgspec.to_builtins(stored.known)
        return {**stored.unknown, **{name: self._sealed(name, value) for name, value in known.items()}}

    def put_in(self, unit: Unit, values: Mapping[str, Any]) -> None:
        """`put` within a bigger transaction."""
        self._write(unit, dict(values))

    def _wanted(self, before: Stored, sent: Mapping[str, Any], clear: set[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in sent.items():
            if name in ("dvr_servers", "__clear", REVISION, "_version", "api_key"):
                continue
            if name in SECRETS and value in (None, "", MASK):
                continue
            found, wrong = checked(name, value, before.known, self._ids.uuid)
            problems += wrong
            values[name] = found
        if problems:
            raise Invalid(problems)
        if (
            len(msgspec.json.encode({k: v for k, v in values.items() if k not in Preferences.__struct_fields__}))
            > LONGEST_UNKNOWN
        ):
            raise Invalid.one("", "max_length", "Too many settings that are not known here.")
        return values | {name: "" for name in clear if name in SECRETS}

    def _feed_tokens(self, before: Stored, values: Mapping[str, Any]) -> dict[str, str]:
        made: dict[str, str] = {}
        for door in ("ics_feed", "rss_feed", "ingest"):
            is_on = values.get(f"{door}_enabled", getattr(before.known, f"{door}_enabled"))
            token = values.get(f"{door}_token", getattr(before.known, f"{door}_token"))
            if is_on and not token:
                made[f"{door}_token"] = self._tokens.new()
        return made

    def _write(self, unit: Unit, values: dict[str, Any], wanted: int | None = None) -> None:
        revision = int(self._store.all(unit).get(REVISION, 0))
        if wanted is not None and wanted != revision:
            raise Conflict("Somebody else has changed the settings meanwhile.", reason="revision")
        if not values:
            return
        stored = {name: self._sealed(name, msgspec.to_builtins(value)) for name, value in values.items()}
        self._store.put(unit, {**stored, REVISION: revision + 1})
        unit.publish(MonitorPreferencesChanged(keys=sorted(values)))

    def _sealed(self, name: str, value: Any) -> Any:
        if name in SECRETS and isinstance(value, str):
            return self._vault.seal(value)
        if name == "webhooks":
            return [
                one | {"url": self._vault.seal(one["url"]), "secret": self._vault.seal(one["secret"])} for one in value
            ]
        return value

    def _opened(self, name: str, value: Any) -> Any:
        if name in SECRETS and isinstance(value, str):
            return self._vault.open(value)
        if name == "webhooks":
            return [
                one | {"url": self._vault.open(one["url"]), "secret": self._vault.open(one["secret"])} for one in value
            ]
        return value

    def _stored(self, rows: Mapping[str, Any]) -> Stored:
        fields = set(Preferences.__struct_fields__)
        known: dict[str, Any] = {}
        for name in rows.keys() & fields:
            value = self._opened(name, rows[name])
            try:
                msgspec.convert({name: value}, Preferences, strict=False)
            except msgspec.ValidationError:  # of another version: the default is better than no settings
                continue
            known[name] = value
        unknown = {name: value for name, value in rows.items() if name not in fields and name != REVISION}
        return Stored(
            known=msgspec.convert(known, Preferences, strict=False),
            unknown=unknown,
            revision=int(rows.get(REVISION, 0)),
        )

    def _value(self, stored: Stored, name: str) -> Any:
        return getattr(stored.known, name) if name in Preferences.__struct_fields__ else stored.unknown.get(name)


def is_admin(caller: Caller) -> bool:
    """Whether `caller` counts as an administrator of the watch; an operator has its scopes, but not the server's."""
    return caller.has(Scope.MONITOR_ADMIN) and (caller.role is None or caller.role.value in ("owner", "admin"))
