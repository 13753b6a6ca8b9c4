"""Rotations, and jingles with what says when they are played."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, PolycastError, Problem
from polycast.core.files import safe_name
from polycast.core.identity.caller import Caller
from polycast.core.media import Media
from polycast.core.storage import Database, Unit, clean
from polycast.radio.accounts.store import AccountStore
from polycast.radio.events import ProgrammeChanged
from polycast.radio.jingles.store import KINDS, PartStore
from polycast.radio.library.files import Place
from polycast.radio.library.model import ENDINGS
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.programme import RotationItem
from polycast.radio.stations.service import Setups

ITEM_REFS: Final = {
    "playlist": "playlists",
    "track": "tracks",
    "jingle": "jingles",
    "jingle_after": "jingles",
    "dj": "djs",
}
REFS: Final = {
    "rotations": {"fallback_playlist_id": "playlists"},
    "jingles": {"category_id": "jingle_categories"},
    "jingle_schemes": {
        "jingle_id": "jingles",
        "category_id": "jingle_categories",
        "block_id": "jingle_blocks",
    },
}
TYPES: Final = ("weighted", "sequential", "clock")
TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
ROOM: Final = 50_000_000  # bytes of one jingle


class Parts:
    """A station's rotations, jingles, categories, schemes and blocks: alike in their life."""

    def __init__(
        self, *, db: Database, store: PartStore, accounts: AccountStore, access: Access, setups: Setups,
        media: Media, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._accounts = accounts
        self._access = access
        self._setups = setups
        self._media = media
        self._clock = clock

    async def of_station(self, caller: Caller, kind: str, station_id: int) -> list[dict[str, Any]]:
        """Raises: NotFound."""
        return await self._db.read(self._of_station, caller, kind, station_id)

    def _of_station(self, unit: Unit, caller: Caller, kind: str, station_id: int) -> list[dict[str, Any]]:
        self._access.see(unit, caller, station_id)
        return self._store.of_station(unit, kind, station_id)

    async def get(self, caller: Caller, kind: str, part_id: int) -> dict[str, Any]:
        """Raises: NotFound."""
        return await self._db.read(self._get, caller, kind, part_id)

    def _get(self, unit: Unit, caller: Caller, kind: str, part_id: int) -> dict[str, Any]:
        found = self._store.get(unit, kind, part_id)
        if found is None:
            raise NotFound("It")
        self._access.see(unit, caller, found["station_id"])
        return found

    async def create(self, caller: Caller, kind: str, station_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises: NotFound; Invalid."""
        return await self._db.write(self._create, caller, kind, station_id, values)

    def _create(
        self, unit: Unit, caller: Caller, kind: str, station_id: int, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        seen = self._access.own(unit, caller, station_id)
        whole = _DEFAULTS.get(kind, {}) | dict(values)
        self._check(unit, kind, station_id, whole, is_new=True)
        part_id = self._store.insert(unit, kind, whole | {"station_id": station_id})
        self._changed(unit, seen)
        return self._get(unit, caller, kind, part_id)

    async def update(self, caller: Caller, kind: str, part_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raises: NotFound; Invalid."""
        return await self._db.write(self._update, caller, kind, part_id, values)

    def _update(self, unit: Unit, caller: Caller, kind: str, part_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        seen = self._own(unit, caller, kind, part_id)
        self._check(unit, kind, seen.station.id, values, is_new=False)
        self._store.update(unit, kind, part_id, dict(values))
        self._changed(unit, seen)
        return self._get(unit, caller, kind, part_id)

    async def delete(self, caller: Caller, kind: str, part_id: int) -> None:
        """A jingle's file goes, too. Raises: NotFound."""
        found = await self._db.read(self._get, caller, kind, part_id)
        seen = await self._db.write(self._delete, caller, kind, part_id)
        if kind == "jingles":
            place = Place(self._setups.folder(seen.account.id) / "jingles", found["path"])
            size = await place.remove()
            await self._db.write(self._accounts.add_du, seen.account.id, -size)

    def _delete(self, unit: Unit, caller: Caller, kind: str, part_id: int) -> Seen:
        seen = self._own(unit, caller, kind, part_id)
        self._store.delete(unit, kind, part_id)
        self._changed(unit, seen)
        return seen

    async def upload(
        self, caller: Caller, station_id: int, *, filename: str, chunks: AsyncIterator[bytes]
    ) -> dict[str, Any]:
        """Take a jingle in, within the account's disk. Raises: NotFound; Invalid."""
        seen = await self._db.read(self._access.own, caller, station_id)
        name = safe_name(filename, extensions=ENDINGS)
        if name.rpartition(".")[2].lower() not in ENDINGS:
            raise Invalid([Problem("filename", "invalid_format")])
        place = Place(self._setups.folder(seen.account.id) / "jingles", f"{station_id}-{name}")
        size = await place.receive(chunks, most=min(place.left(seen.account), ROOM))
        try:
            probed = await self._media.probe(place.path)
        except PolycastError as error:
            await place.remove()
            raise Invalid([Problem("filename", "invalid_format")]) from error
        values = {
            "name": clean(name.rpartition(".")[0], 150),
            "path": place.name,
            "size_bytes": size,
            "length_ms": int(probed.duration.total_seconds() * 1000) if probed.duration else 0,
            "created_at": self._clock.now(),
        }
        await self._db.write(self._accounts.add_du, seen.account.id, size)
        return await self._db.write(self._create, caller, "jingles", station_id, values)

    def _own(self, unit: Unit, caller: Caller, kind: str, part_id: int) -> Seen:
        found = self._store.get(unit, kind, part_id)
        if found is None:
            raise NotFound("It")
        return self._access.own(unit, caller, found["station_id"])

    def _check(self, unit: Unit, kind: str, station_id: int, values: Mapping[str, Any], *, is_new: bool) -> None:
        problems = part_problems(kind, values, is_new=is_new)
        for column, table in REFS.get(kind, {}).items():
            key = values.get(column)
            if key is not None and not self._store.is_of(unit, table, station_id, key):
                problems.append(Problem(column.removesuffix("_id"), "does_not_exist"))
        for index, item in enumerate(values.get("items") or ()):
            problems += self._foreign(unit, station_id, item, index)
        if problems:
            raise Invalid(problems)

    def _foreign(self, unit: Unit, station_id: int, item: RotationItem, index: int) -> list[Problem]:
        named = {field: getattr(item, field) for field in ITEM_REFS if getattr(item, field) is not None}
        return [
            Problem(f"items.{index}.{field}", "does_not_exist")
            for field, key in named.items()
            if not self._store.is_of(unit, ITEM_REFS[field], station_id, key)
        ]

    def _changed(self, unit: Unit, seen: Seen) -> None:
        unit.publish(ProgrammeChanged(account_id=seen.account.id, station_id=seen.station.id))


_DEFAULTS: Final[Mapping[str, dict[str, Any]]] = {
    "rotations": {"type": "weighted", "items": []},
    "jingle_schemes": {"minutes": [], "times": []},
    "jingle_blocks": {"items": []},
}


def part_problems(kind: str, values: Mapping[str, Any], *, is_new: bool) -> list[Problem]:
    """What is wrong with a part in itself."""
    if kind not in KINDS:
        raise LookupError(kind)
    problems = []
    if (is_new or "name" in values) and not values.get("name"):
        problems.append(Problem("name", "required"))
    if kind == "rotations" and "type" in values and values["type"] not in TYPES:
        problems.append(Problem("type", "invalid_choice"))
    if any(not 0 <= minute < 60 for minute in values.get("minutes") or ()):
        problems.append(Problem("minutes", "invalid"))
    if any(not TIME.fullmatch(one) for one in values.get("times") or ()):
        problems.append(Problem("times", "invalid"))
    wrong = [name for name in ("date_from", "date_to") if values.get(name) and not DATE.fullmatch(values[name])]
    return problems + [Problem(name, "invalid") for name in wrong]


def items_of(value: Any) -> list[RotationItem]:
    """Blocks as the API sends them. Raises: Invalid."""
    try:
        return msgspec.convert(value, list[RotationItem])
    except msgspec.ValidationError as error:
        raise Invalid([Problem("items", "invalid", {}, str(error)[:200])]) from error
