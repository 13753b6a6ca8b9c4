"""Tokens of listeners, webhooks and news: made, changed, taken away by the station's owner."""

import re
from collections.abc import Mapping
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.secrets import Secrets, TokenForm, Tokens, Unsealable
from polycast.core.storage import Database, Unit
from polycast.radio.belongings.model import CONTEXTS, HOOK_EVENTS, PUBLIC
from polycast.radio.events import StationChanged
from polycast.radio.jingles.store import PartStore
from polycast.radio.stations.access import Access, Seen

TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{8,128}")
URL: Final = re.compile(r"https?://[^\s\"'<>]{3,500}")
MOST: Final = {"auth_listeners": 10_000, "webhooks": 20, "news": 1000}  # of one station
OPEN: Final = {"auth_listeners": "token", "webhooks": "secret"}


class Belongings:
    """`kind` is a name of `radio_<kind>`. What is sealed is shown open to its owner, and to nobody else."""

    def __init__(
        self, *, db: Database, store: PartStore, access: Access, secrets: Secrets, tokens: Tokens, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._access = access
        self._secrets = secrets
        self._tokens = tokens
        self._clock = clock

    async def of_station(self, caller: Caller, kind: str, station_id: int) -> list[dict[str, Any]]:
        """In the order of their making. Raises: NotFound."""
        return await self._db.read(self._of_station, caller, kind, station_id)

    def _of_station(self, unit: Unit, caller: Caller, kind: str, station_id: int) -> list[dict[str, Any]]:
        if kind in PUBLIC:
            self._access.see(unit, caller, station_id)
        else:
            self._access.own(unit, caller, station_id, write=False)
        return [self._opened(kind, row) for row in self._store.of_station(unit, kind, station_id)]

    async def get(self, caller: Caller, kind: str, row_id: int) -> dict[str, Any]:
        """Raises: NotFound."""
        return await self._db.read(self._get, caller, kind, row_id)

    def _get(self, unit: Unit, caller: Caller, kind: str, row_id: int) -> dict[str, Any]:
        row = self._row(unit, kind, row_id)
        if kind in PUBLIC:
            self._access.see(unit, caller, row["station_id"])
        else:
            self._access.own(unit, caller, row["station_id"], write=False)
        return self._opened(kind, row)

    async def create(self, caller: Caller, kind: str, station_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises: NotFound; Invalid."""
        return await self._db.write(self._create, caller, kind, station_id, values)

    def _create(
        self, unit: Unit, caller: Caller, kind: str, station_id: int, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        seen = self._access.own(unit, caller, station_id)
        whole: dict[str, Any] = {"events": list(HOOK_EVENTS)} if kind == "webhooks" else {}
        whole |= {"at": self._clock.now()} if kind == "news" else {}
        whole |= values
        if kind in OPEN and not whole.get(OPEN[kind]):
            whole[OPEN[kind]] = self._tokens.new(TokenForm.LETTERS)
        self._check(unit, kind, station_id, whole, is_new=True)
        row_id = self._store.insert(unit, kind, self._sealed(kind, whole) | {"station_id": station_id})
        self._changed(unit, seen)
        return self._get(unit, caller, kind, row_id)

    async def update(self, caller: Caller, kind: str, row_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises: NotFound; Invalid."""
        return await self._db.write(self._update, caller, kind, row_id, values)

    def _update(self, unit: Unit, caller: Caller, kind: str, row_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        row = self._row(unit, kind, row_id)
        seen = self._access.own(unit, caller, row["station_id"])
        self._check(unit, kind, seen.station.id, values, is_new=False, row_id=row_id)
        self._store.update(unit, kind, row_id, self._sealed(kind, values))
        self._changed(unit, seen)
        return self._get(unit, caller, kind, row_id)

    async def delete(self, caller: Caller, kind: str, row_id: int) -> None:
        """Raises: NotFound."""
        await self._db.write(self._delete, caller, kind, row_id)

    def _delete(self, unit: Unit, caller: Caller, kind: str, row_id: int) -> None:
        seen = self._access.own(unit, caller, self._row(unit, kind, row_id)["station_id"])
        self._store.delete(unit, kind, row_id)
        self._changed(unit, seen)

    def _row(self, unit: Unit, kind: str, row_id: int) -> dict[str, Any]:
        row = self._store.get(unit, kind, row_id)
        if row is None:
            raise NotFound("It")
        return row

    def _check(
        self, unit: Unit, kind: str, station_id: int, values: Mapping[str, Any], *, is_new: bool, row_id: int = 0
    ) -> None:
        problems = belonging_problems(kind, values, is_new=is_new)
        rows = self._store.of_station(unit, kind, station_id)
        if is_new and len(rows) >= MOST[kind]:
            problems.append(Problem("non_field_errors", "too_many"))
        if kind == "auth_listeners" and values.get("token"):
            digest = self._tokens.hash(str(values["token"]))
            if any(row["token_hash"] == digest and row["id"] != row_id for row in rows):
                problems.append(Problem("token", "unique"))
        if problems:
            raise Invalid(problems)

    def _sealed(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        found, name = dict(values), OPEN.get(kind, "")
        if text := str(found.pop(name, "")):
            found[f"{name}_sealed"] = self._secrets.seal(text, context=CONTEXTS[kind])
            if kind == "auth_listeners":
                found["token_hash"] = self._tokens.hash(text)
        return found

    def _opened(self, kind: str, row: dict[str, Any]) -> dict[str, Any]:
        if kind not in OPEN:
            return row
        name, found = OPEN[kind], dict(row)
        sealed = found.pop(f"{name}_sealed")
        found.pop("token_hash", None)
        try:
            found[name] = self._secrets.open(sealed, context=CONTEXTS[kind]) if sealed is not None else ""
        except Unsealable:
            found[name] = ""
        return found

    def _changed(self, unit: Unit, seen: Seen) -> None:
        unit.publish(StationChanged(account_id=seen.account.id, station_id=seen.station.id))


def belonging_problems(kind: str, values: Mapping[str, Any], *, is_new: bool) -> list[Problem]:
    """What is wrong with one in itself."""
    problems: list[Problem] = []
    needed = {"news": "title", "webhooks": "url", "auth_listeners": "name"}[kind]
    if (is_new or needed in values) and not values.get(needed):
        problems.append(Problem(needed, "required"))
    if values.get("url") and not URL.fullmatch(values["url"]):
        problems.append(Problem("url", "invalid"))
    if any(one not in HOOK_EVENTS for one in values.get("events") or ()):
        problems.append(Problem("events", "invalid_choice"))
    if values.get("token") and not TOKEN.fullmatch(values["token"]):
        problems.append(Problem("token", "invalid"))
    return problems
