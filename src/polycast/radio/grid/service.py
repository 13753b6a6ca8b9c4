"""The grid: what is on at which time."""

import re
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import available_timezones

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.radio.events import ProgrammeChanged
from polycast.radio.grid.store import GridStore
from polycast.radio.playlists.store import PlaylistStore
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.programme import GridEvent
from polycast.radio.stations.store import StationStore

DATE: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")
COLOR: Final = re.compile(r"#[0-9a-fA-F]{3,8}")
CASTS: Final = ("playlist", "radioshow", "relay", "rotation")


class Grid:
    """A station's events."""

    def __init__(
        self, *, db: Database, store: GridStore, playlists: PlaylistStore, stations: StationStore, access: Access
    ) -> None:
        self._db = db
        self._store = store
        self._playlists = playlists
        self._stations = stations
        self._access = access

    async def of_station(self, caller: Caller, station_id: int) -> tuple[Seen, list[GridEvent]]:
        """Raises: NotFound."""
        return await self._db.read(self._of_station, caller, station_id)

    def _of_station(self, unit: Unit, caller: Caller, station_id: int) -> tuple[Seen, list[GridEvent]]:
        return self._access.see(unit, caller, station_id), self._store.of_station(unit, station_id)

    async def get(self, caller: Caller, event_id: int) -> GridEvent:
        """Raises: NotFound."""
        return await self._db.read(self._get, caller, event_id)

    def _get(self, unit: Unit, caller: Caller, event_id: int) -> GridEvent:
        found = self._store.get(unit, event_id)
        if found is None:
            raise NotFound("The event")
        self._access.see(unit, caller, found.station_id)
        return found

    async def create(self, caller: Caller, station_id: int, values: Mapping[str, Any]) -> GridEvent:
        """Raises: NotFound; Invalid."""
        return await self._db.write(self._create, caller, station_id, values)

    def _create(self, unit: Unit, caller: Caller, station_id: int, values: Mapping[str, Any]) -> GridEvent:
        seen = self._access.own(unit, caller, station_id)
        whole = {"timezone": seen.station.timezone, "weekdays": 0, "weeks": 0} | dict(values)
        self._check(unit, seen, whole, None)
        event_id = self._store.insert(unit, station_id, **whole)
        self._changed(unit, seen)
        return self._get(unit, caller, event_id)

    async def update(self, caller: Caller, event_id: int, values: Mapping[str, Any]) -> GridEvent:
        """Raises: NotFound; Invalid."""
        return await self._db.write(self._update, caller, event_id, values)

    def _update(self, unit: Unit, caller: Caller, event_id: int, values: Mapping[str, Any]) -> GridEvent:
        seen, before = self._own(unit, caller, event_id)
        self._check(unit, seen, _columns(before) | dict(values), event_id)
        self._store.update(unit, event_id, **values)
        self._changed(unit, seen)
        return self._get(unit, caller, event_id)

    async def delete(self, caller: Caller, event_id: int) -> None:
        """Raises: NotFound."""
        await self._db.write(self._delete, caller, event_id)

    def _delete(self, unit: Unit, caller: Caller, event_id: int) -> None:
        seen, _ = self._own(unit, caller, event_id)
        self._store.delete(unit, event_id)
        self._changed(unit, seen)

    async def clear(self, caller: Caller, station_id: int) -> None:
        """All events of a station. Raises: NotFound."""
        await self._db.write(self._clear, caller, station_id)

    def _clear(self, unit: Unit, caller: Caller, station_id: int) -> None:
        seen = self._access.own(unit, caller, station_id)
        self._store.clear(unit, station_id)
        self._changed(unit, seen)

    def _own(self, unit: Unit, caller: Caller, event_id: int) -> tuple[Seen, GridEvent]:
        found = self._store.get(unit, event_id)
        if found is None:
            raise NotFound("The event")
        return self._access.own(unit, caller, found.station_id), found

    def _check(self, unit: Unit, seen: Seen, values: Mapping[str, Any], but: int | None) -> None:
        problems = event_problems(values)
        problems += self._foreign(unit, seen, values)
        if not problems and any(
            other.id != but and _clash(values, _columns(other))
            for other in self._store.of_station(unit, seen.station.id)
        ):
            problems.append(Problem("non_field_errors", "time_slot_busy"))
        if problems:
            raise Invalid(problems)

    def _foreign(self, unit: Unit, seen: Seen, values: Mapping[str, Any]) -> list[Problem]:
        """Playlists and DJs of other stations are not there."""
        problems = []
        for name in ("playlist_id", "playlist_after_id"):
            if values.get(name) is not None:
                found = self._playlists.get(unit, values[name])
                if found is None or found.station_id != seen.station.id:
                    problems.append(Problem(name.removesuffix("_id"), "does_not_exist"))
        if values.get("dj_id") is not None:
            dj = self._stations.dj(unit, values["dj_id"])
            if dj is None or dj.station_id != seen.station.id:
                problems.append(Problem("dj", "does_not_exist"))
        named = {name: values[f"{name}_id"] for name in ("rotation", "rotation_after") if values.get(f"{name}_id")}
        missing = [name for name, key in named.items() if not self._store.has_rotation(unit, seen.station.id, key)]
        return problems + [Problem(name, "does_not_exist") for name in missing]

    def _changed(self, unit: Unit, seen: Seen) -> None:
        unit.publish(ProgrammeChanged(account_id=seen.account.id, station_id=seen.station.id))


def event_problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with an event in itself."""
    problems = []
    if values.get("periodicity") not in ("onetime", "periodic"):
        problems.append(Problem("periodicity", "invalid_choice"))
    if values.get("cast_type") not in CASTS:
        problems.append(Problem("cast_type", "invalid_choice"))
    for name, form in (("start_date", DATE), ("finish_date", DATE), ("start_time", TIME), ("finish_time", TIME)):
        if values.get(name) and not form.fullmatch(str(values[name])):
            problems.append(Problem(name, "invalid"))
    if not values.get("start_time"):
        problems.append(Problem("start_time", "required"))
    if values.get("periodicity") == "onetime" and not values.get("start_date"):
        problems.append(Problem("start_date", "required"))
    if values.get("periodicity") == "periodic":
        problems += [] if values.get("weekdays") else [Problem("non_field_errors", "repeat_week_days_not_set")]
        problems += [] if values.get("weeks") else [Problem("non_field_errors", "repeat_weeks_not_set")]
    needed = {"playlist": "playlist", "radioshow": "playlist", "relay": "dj", "rotation": "rotation"}
    subject = needed.get(str(values.get("cast_type")))
    if subject and values.get(f"{subject}_id") is None:
        problems.append(Problem(subject, f"{subject}_required"))
    if values.get("timezone") not in available_timezones():
        problems.append(Problem("timezone", "invalid"))
    colors = [name for name in ("color", "color2") if values.get(name) and not COLOR.fullmatch(str(values[name]))]
    return problems + [Problem(name, "invalid") for name in colors]


def _clash(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """The same minute of the same days and weeks, and alike in kind."""
    if one["periodicity"] != other["periodicity"] or str(one["start_time"])[:5] != str(other["start_time"])[:5]:
        return False
    if one["periodicity"] == "onetime":
        return bool(one["start_date"] == other["start_date"])
    return bool(one["weekdays"] & other["weekdays"] and one["weeks"] & other["weeks"])


def _columns(event: GridEvent) -> dict[str, Any]:
    """As stored."""
    found = {name: getattr(event, name) for name in GridEvent.__struct_fields__ if name not in ("id", "station_id")}
    for name in ("start_date", "finish_date"):
        found[name] = found[name].isoformat() if found[name] else ""
    for name in ("start_time", "finish_time"):
        found[name] = f"{found[name]:%H:%M:%S}" if found[name] else ""
    found["weekdays"] = sum(1 << day for day in event.weekdays)
    found["weeks"] = sum(1 << (week - 1) for week in event.weeks)
    return found
