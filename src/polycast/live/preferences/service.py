"""The groups of settings: read as structs by the module, as rows by clients."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.http import Reader
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.preferences.groups import GROUPS, KEY_OF
from polycast.live.preferences.model import PreferencesChanged, SettingsRow
from polycast.live.preferences.store import SettingsStore

S = TypeVar("S", bound=Struct)


class Preferences:
    """What administrators set for live TV. `group(ProxySettings)` is one indexed read; do not keep the answer."""

    def __init__(self, *, db: Database, store: SettingsStore) -> None:
        self._db = db
        self._store = store

    async def group(self, struct: type[S]) -> S:
        """A group with defaults for what nobody has changed."""
        return await self._db.read(self.group_in, struct)

    def group_in(self, unit: Unit, struct: type[S]) -> S:
        """`group` inside a bigger unit."""
        return cast("S", self._read(struct, self._store.value(unit, KEY_OF[struct])))

    async def rows(self) -> list[SettingsRow]:
        """Every group, in the order of `GROUPS`; a row has its id from the first time it was written."""
        stored = await self._db.read(self._store.all)
        return [self._row(key, stored) for key in GROUPS if key in stored]

    async def row(self, row_id: int) -> SettingsRow:
        """Raises: NotFound."""
        found = next((row for row in await self.rows() if row.id == row_id), None)
        if found is None:
            raise NotFound("The setting")
        return found

    async def change(self, caller: Caller, key: str, value: Mapping[str, Any]) -> SettingsRow:
        """Merge `value` into the group; keys it does not name stay, null gives a key its default back.

        Raises: NotAllowed; NotFound for an unknown group; Invalid with every value that does not fit.
        """
        caller.require(Scope.CORE_WRITE)
        if key not in GROUPS:
            raise NotFound("The setting")
        await self._db.write(self.change_in, key, value)
        stored = await self._db.read(self._store.all)
        return self._row(key, stored)

    def change_in(self, unit: Unit, key: str, value: Mapping[str, Any]) -> None:
        """`change` inside a bigger unit, without asking who."""
        name, struct = GROUPS[key]
        old = self._store.value(unit, key)
        merged = {k: v for k, v in (old | dict(value)).items() if v is not None}
        checked = self._check(struct, merged)
        before = msgspec.to_builtins(self._read(struct, old))
        after = msgspec.to_builtins(checked)
        self._store.put(unit, key, name, merged)
        differing = sorted(field for field in after if after[field] != before.get(field))
        if differing:
            unit.publish(PreferencesChanged(what=key, keys=differing))

    def _row(self, key: str, stored: Mapping[str, tuple[int, str, dict[str, Any]]]) -> SettingsRow:
        row_id, name, value = stored[key]
        struct = GROUPS[key][1]
        return SettingsRow(id=row_id, key=key, name=name, value=value | msgspec.to_builtins(self._read(struct, value)))

    def _read(self, struct: type[Struct], value: Mapping[str, Any]) -> Struct:
        return msgspec.convert(dict(value), struct, strict=False)

    def _check(self, struct: type[Struct], value: Mapping[str, Any]) -> Struct:
        try:
            return self._read(struct, value)
        except msgspec.ValidationError:  # it names the first one only
            try:
                found: Struct = Reader(struct, lenient_text=True).value(dict(value))
            except Invalid as error:
                told = [Problem(f"value.{one.path}", one.code, one.params, one.text) for one in error.problems]
                raise Invalid(told) from error
            return found
