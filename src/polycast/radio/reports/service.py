"""Statistics of a station: who listened, to what, how long."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.radio.reports.royalties import Recording, Span, recordings, tuning_hours
from polycast.radio.reports.store import Counted, Plays, ReportStore, Total
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.model import Played

LONGEST: Final = timedelta(days=366)
LONGEST_ROYALTIES: Final = timedelta(days=100)
PAGE: Final = 5000  # rows of one read


class Range(Struct, frozen=True):
    """Whole days of a station's own zone, the last included."""

    first: date
    last: date

    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def bounds(self, zone: ZoneInfo) -> Span:
        return _midnight(self.first, zone), _midnight(self.last + timedelta(days=1), zone)


class Hour(Struct, frozen=True, kw_only=True):
    """Listeners of an hour, or of a day."""

    at: str  # "2026-11-21 14:00", "2026-11-21"
    average: float
    peak: int
    hours: float  # of listening


class Royalties(Struct, frozen=True, kw_only=True):
    """A report's contents."""

    service: str
    recordings: list[Recording]
    tuning_hours: float


class Reports:
    """Everything here is the owner's to read, unless a method says otherwise."""

    def __init__(self, *, db: Database, store: ReportStore, access: Access, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._access = access
        self._clock = clock

    async def range(self, caller: Caller, station_id: int, first: str, last: str) -> Range:
        """Of texts ("2026-11-21"); the last seven days for none. Raises: NotFound; Invalid."""
        seen = await self._db.read(self._access.see, caller, station_id)
        today = self._clock.now().astimezone(ZoneInfo(seen.station.timezone)).date()
        ends = _day(last, "date2") or today
        starts = _day(first, "date1") or ends - timedelta(days=6)
        if not starts <= ends <= starts + LONGEST:
            raise Invalid.one("date2", "invalid")
        return Range(starts, ends)

    async def summary(self, caller: Caller, station_id: int, span: Range) -> tuple[Total, int]:
        """Everything in one line, and the most at once. Raises: NotFound."""
        return await self._db.read(self._summary, caller, station_id, span)

    def _summary(self, unit: Unit, caller: Caller, station_id: int, span: Range) -> tuple[Total, int]:
        seen = self._access.own(unit, caller, station_id, write=False)
        first, last = span.bounds(_zone(seen))
        peak = max((one.listeners for one in self._store.minutes(unit, station_id, first, last)), default=0)
        return self._store.total(unit, station_id, first, last), peak

    async def by(self, caller: Caller, column: str, station_id: int, span: Range) -> list[Total]:
        """By country or player. Raises: NotFound."""
        return await self._db.read(self._by, caller, column, station_id, span)

    def _by(self, unit: Unit, caller: Caller, column: str, station_id: int, span: Range) -> list[Total]:
        seen = self._access.own(unit, caller, station_id, write=False)
        return self._store.by(unit, column, station_id, *span.bounds(_zone(seen)))

    async def counted(self, caller: Caller, station_id: int, span: Range, *, hourly: bool) -> list[Hour]:
        """By hour, or by day, of the station's clock; what nobody counted is left out. Raises: NotFound."""
        seen, rows = await self._db.read(self._counted, caller, station_id, span)
        zone, form = _zone(seen), "%Y-%m-%d %H:00" if hourly else "%Y-%m-%d"
        groups: dict[str, list[Counted]] = {}
        for row in rows:
            groups.setdefault(f"{row.at.astimezone(zone):{form}}", []).append(row)
        return [
            Hour(
                at=at,
                average=round(sum(one.listeners for one in group) / len(group), 2),
                peak=max(one.listeners for one in group),
                hours=round(sum(one.listeners for one in group) / 60, 2),
            )
            for at, group in groups.items()
        ]

    def _counted(self, unit: Unit, caller: Caller, station_id: int, span: Range) -> tuple[Seen, list[Counted]]:
        seen = self._access.own(unit, caller, station_id, write=False)
        return seen, self._store.minutes(unit, station_id, *span.bounds(_zone(seen)))

    async def listening(self, caller: Caller, station_id: int, span: Range) -> list[tuple[date, float]]:
        """Hours of listening of each day, by the day they began on; for everybody. Raises: NotFound."""
        return await self._db.read(self._listening, caller, station_id, span)

    def _listening(self, unit: Unit, caller: Caller, station_id: int, span: Range) -> list[tuple[date, float]]:
        zone = _zone(self._access.see(unit, caller, station_id))
        found = []
        for day in span.days():
            total = self._store.total(unit, station_id, *Range(day, day).bounds(zone))
            found.append((day, round(total.listened_ms / 3_600_000, 2)))
        return found

    async def tracks(self, caller: Caller, station_id: int, span: Range) -> list[Plays]:
        """Every track with its plays; for everybody. Raises: NotFound."""
        return await self._db.read(self._tracks, caller, station_id, span)

    def _tracks(self, unit: Unit, caller: Caller, station_id: int, span: Range) -> list[Plays]:
        seen = self._access.see(unit, caller, station_id)
        return self._store.tracks(unit, station_id, *span.bounds(_zone(seen)))

    async def royalties(self, caller: Caller, station_id: int, span: Range) -> Royalties:
        """At most 100 days. Read in pages, so that no read lasts. Raises: NotFound; Invalid."""
        if span.last - span.first > LONGEST_ROYALTIES:
            raise Invalid.one("date2", "invalid")
        seen = await self._db.read(self._owned, caller, station_id)
        first, last = span.bounds(_zone(seen))
        played: list[Played] = []
        while page := await self._played(station_id, first, last, played[-1].id if played else 0):
            played += page
        spans: list[Span] = []
        key = 0
        while rows := await self._spans(station_id, first - timedelta(days=1), last, key):
            spans += [(at, at + timedelta(milliseconds=length)) for _, at, length in rows]
            key = rows[-1][0]
        inside = [(max(start, first), min(end, last)) for start, end in spans if end > first]
        played.sort(key=lambda one: (one.at, one.id))
        return Royalties(
            service=seen.station.title, recordings=recordings(played, inside), tuning_hours=tuning_hours(inside)
        )

    def _owned(self, unit: Unit, caller: Caller, station_id: int) -> Seen:
        return self._access.own(unit, caller, station_id, write=False)

    async def _played(self, station_id: int, first: datetime, last: datetime, after: int) -> Sequence[Played]:
        return await self._db.read(self._store.played, station_id, first, last, after=after, limit=PAGE)

    async def _spans(self, station_id: int, first: datetime, last: datetime, after: int) -> Sequence[Any]:
        return await self._db.read(self._store.spans, station_id, first, last, after=after, limit=PAGE)


def _zone(seen: Seen) -> ZoneInfo:
    return ZoneInfo(seen.station.timezone or "UTC")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise Invalid.one(name, "invalid") from error
