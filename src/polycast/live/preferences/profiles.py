"""User agents and profiles: small named rows with a few rules each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live import tables
from polycast.live.preferences.model import (
    OutputProfile,
    PreferencesChanged,
    StreamProfile,
    TunerDevice,
    UserAgent,
    UserGroup,
)
from polycast.live.preferences.store import Rows
from polycast.live.tables.settings import user_groups

R = TypeVar("R", bound=Struct)
Check = Callable[[str, str], None]  # (command, parameters); raises Invalid with the reason
TOOL: Final = "ffmpeg"  # the one command that is ever run


class _Collection(Generic[R]):
    """What the three have in common. Everybody with `live:read` may look, `live:admin` may change."""

    what = ""
    unique: Sequence[str] = ("name",)

    def __init__(self, *, db: Database, rows: Rows[R], clock: Clock) -> None:
        self._db = db
        self._rows = rows
        self._clock = clock

    async def list(self) -> list[R]:
        return await self._db.read(self._rows.all)

    async def get(self, row_id: int) -> R:
        """Raises: NotFound."""
        return await self._db.read(self._one, row_id)

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> R:
        """Raises: NotAllowed; Invalid for a name in use or parameters that may not be."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._create, values)

    async def update(self, caller: Caller, row_id: int, values: Mapping[str, Any]) -> R:
        """Change what `values` name. Raises: NotAllowed, NotFound, Invalid; Conflict for a built-in's own fields."""
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._update, row_id, values)

    async def delete(self, caller: Caller, row_id: int) -> None:
        """Raises: NotAllowed, NotFound; Conflict for a built-in."""
        caller.require(Scope.LIVE_ADMIN)
        await self._db.write(self._delete, row_id)

    def _one(self, unit: Unit, row_id: int) -> R:
        row = self._rows.get(unit, row_id)
        if row is None:
            raise NotFound(self.what)
        return row

    def _create(self, unit: Unit, values: Mapping[str, Any]) -> R:
        self._check(unit, values, None)
        row_id = self._rows.insert(unit, dict(values) | self._stamps(new=True))
        return self._changed(unit, row_id)

    def _update(self, unit: Unit, row_id: int, values: Mapping[str, Any]) -> R:
        row = self._one(unit, row_id)
        new = {name: value for name, value in values.items() if getattr(row, name) != value}
        self._guard(row, new)
        self._check(unit, new, row)
        if not new:
            return row
        self._rows.update(unit, row_id, new | self._stamps(new=False))
        return self._changed(unit, row_id)

    def _delete(self, unit: Unit, row_id: int) -> None:
        self._guard(self._one(unit, row_id), None)
        self._rows.delete(unit, row_id)
        unit.publish(PreferencesChanged(what=str(self._rows.table.name)))

    def _changed(self, unit: Unit, row_id: int) -> R:
        unit.publish(PreferencesChanged(what=str(self._rows.table.name)))
        return self._one(unit, row_id)

    def _check(self, unit: Unit, values: Mapping[str, Any], row: R | None) -> None:
        but = getattr(row, "id", None)
        problems = [
            Problem(name, "unique", {"model": self.what, "field": name}, f"Another {self.what} has it.")
            for name in self.unique
            if name in values and self._rows.taken(unit, name, values[name], but=but)
        ]
        if problems:
            raise Invalid(problems)

    def _guard(self, row: R, new: Mapping[str, Any] | None) -> None:
        """Raises: Conflict, when the row is built in; `new` is None for a deletion."""

    def _stamps(self, *, new: bool) -> dict[str, Any]:
        return {}


class UserAgents(_Collection[UserAgent]):
    """The user agents that requests to providers may use."""

    what = "user agent"
    unique = ("name", "user_agent")

    def _stamps(self, *, new: bool) -> dict[str, Any]:
        now = self._clock.now()
        return {"created_at": now, "updated_at": now} if new else {"updated_at": now}


class StreamProfiles(_Collection[StreamProfile]):
    """How streams are read. `check` says whether ffmpeg may be run so; rows with other commands are only kept."""

    what = "stream profile"

    def __init__(
        self, *, db: Database, rows: Rows[StreamProfile], agents: Rows[UserAgent], clock: Clock, check: Check
    ) -> None:
        super().__init__(db=db, rows=rows, clock=clock)
        self._agents = agents
        self._argv_check = check

    def _check(self, unit: Unit, values: Mapping[str, Any], row: StreamProfile | None) -> None:
        super()._check(unit, values, row)
        agent_id = values.get("user_agent_id")
        if agent_id is not None and self._agents.get(unit, agent_id) is None:
            raise Invalid.one("user_agent", "does_not_exist", "There is no such user agent.", value=agent_id)
        command, parameters = _command_line(values, row)
        if command == TOOL and values.keys() & {"command", "parameters"}:
            self._argv_check(command, parameters)

    def _guard(self, row: StreamProfile, new: Mapping[str, Any] | None) -> None:
        if row.locked and (new is None or set(new) - {"user_agent_id"}):
            raise Conflict("This profile is built in; only its user agent can change.", reason="locked")


class OutputProfiles(_Collection[OutputProfile]):
    """Transcodes before delivery. `check` says whether a command line may be run at all."""

    what = "output profile"

    def __init__(self, *, db: Database, rows: Rows[OutputProfile], clock: Clock, check: Check) -> None:
        super().__init__(db=db, rows=rows, clock=clock)
        self._argv_check = check

    def _check(self, unit: Unit, values: Mapping[str, Any], row: OutputProfile | None) -> None:
        super()._check(unit, values, row)
        if "command" in values or "parameters" in values:
            self._argv_check(*_command_line(values, row))

    def _guard(self, row: OutputProfile, new: Mapping[str, Any] | None) -> None:
        if row.locked:
            raise Conflict("This profile is built in.", reason="locked")


class UserGroups(_Collection[UserGroup]):
    """Groups of users, which clients of the original may keep."""

    what = "group"


class TunerDevices(_Collection[TunerDevice]):
    """The tuners that people have registered by hand; those that are discovered need no row."""

    what = "HDHR device"
    unique = ("device_id",)


def _command_line(values: Mapping[str, Any], row: StreamProfile | OutputProfile | None) -> tuple[str, str]:
    """Command and parameters as they will be stored."""
    command = values.get("command", "" if row is None else row.command)
    return command, values.get("parameters", "" if row is None else row.parameters)


def rows_of_user_agents() -> Rows[UserAgent]:
    return Rows(tables.user_agents, UserAgent)


def rows_of_stream_profiles() -> Rows[StreamProfile]:
    return Rows(tables.stream_profiles, StreamProfile)


def rows_of_output_profiles() -> Rows[OutputProfile]:
    return Rows(tables.output_profiles, OutputProfile)


def rows_of_tuner_devices() -> Rows[TunerDevice]:
    return Rows(tables.hdhr_devices, TunerDevice)


def rows_of_user_groups() -> Rows[UserGroup]:
    return Rows(user_groups, UserGroup)
