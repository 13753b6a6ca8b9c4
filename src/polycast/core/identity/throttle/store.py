"""Counters of failures; stored, so that a restart forgives nothing."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import delete, select

from polycast.core.identity.tables import throttle
from polycast.core.storage.unit import Unit


class Count(Struct, frozen=True, kw_only=True):
    """One counter."""

    failures: int
    since: datetime
    until: datetime | None = None


class ThrottleStore:
    """The only place that reads and writes `core_throttle`."""

    def get(self, unit: Unit, keys: list[str]) -> dict[str, Count]:
        columns = (throttle.c.key, throttle.c.failures, throttle.c.since, throttle.c.until)
        rows = unit.execute(select(*columns).where(throttle.c.key.in_(keys)))
        return {row.key: Count(failures=row.failures, since=row.since, until=row.until) for row in rows}

    def put(self, unit: Unit, key: str, count: Count) -> None:
        row = {"key": key, "failures": count.failures, "since": count.since, "until": count.until}
        unit.upsert(throttle, [row], key=["key"], update=["failures", "since", "until"])

    def drop(self, unit: Unit, key: str) -> None:
        unit.execute(delete(throttle).where(throttle.c.key == key))

    def purge(self, unit: Unit, *, before: datetime) -> int:
        """Drop counters whose window began before; their number."""
        return unit.execute(delete(throttle).where(throttle.c.since < before)).rowcount
