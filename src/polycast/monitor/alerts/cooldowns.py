"""What was told when, so that it is not told again too soon: in memory, and in rows for the next start."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T", bound=Struct)
MEMORY: Final = timedelta(hours=24)
LONGEST_NAME: Final = 250
Row = tuple[datetime, str]


class Cooldowns:
    """Names are `<dvr_id>|<what>`. Rows with a value are facts to be remembered (a disk's last alert), not times alone."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._changed: dict[str, Row] = {}

    def restore(self, rows: Mapping[str, Row]) -> None:
        """What the last run knew."""
        self._rows = dict(rows)

    def is_over(self, dvr_id: str, what: str, span: timedelta, now: datetime) -> bool:
        """Whether `what` was not told within `span`; a clock that was set back does not silence for ever."""
        row = self._rows.get(_name(dvr_id, what))
        return row is None or not timedelta() <= now - row[0] < span

    def set(self, dvr_id: str, what: str, now: datetime, value: Struct | None = None, *, lasts: bool = True) -> None:
        """It is told now. What does not last is not written down."""
        text = "" if value is None else msgspec.json.encode(value).decode()
        name = _name(dvr_id, what)
        self._rows[name] = (now, text)
        if lasts:
            self._changed[name] = (now, text)

    def value(self, dvr_id: str, what: str, kind: type[T]) -> T | None:
        """The fact remembered under `what`."""
        row = self._rows.get(_name(dvr_id, what))
        if row is None or not row[1]:
            return None
        try:
            return msgspec.json.decode(row[1], type=kind)
        except msgspec.MsgspecError:
            return None

    def clear(self, dvr_id: str, what: str, now: datetime) -> None:
        """Forget a fact."""
        name = _name(dvr_id, what)
        if name in self._rows:
            self._rows[name] = self._changed[name] = (now - MEMORY, "")

    def take_changed(self) -> dict[str, Row]:
        """What is to be written, once."""
        taken, self._changed = self._changed, {}
        return taken

    def forget_old(self, now: datetime) -> None:
        """Times of yesterday."""
        self._rows = {name: row for name, row in self._rows.items() if row[1] or now - row[0] < MEMORY}

    def drop(self, dvr_id: str) -> None:
        """A server is gone, or its runtime state is."""
        self._rows = {name: row for name, row in self._rows.items() if not name.startswith(f"{dvr_id}|")}


def _name(dvr_id: str, what: str) -> str:
    return f"{dvr_id}|{what}"[:LONGEST_NAME]
