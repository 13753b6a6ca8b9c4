"""What the list of sources tells besides the sources themselves: who uses them, how their refreshes went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from msgspec import Struct
from sqlalchemy import func, select

from polycast.core.events.store import EVENTS
from polycast.core.storage import Unit
from polycast.live.tables import channel_streams, groups, slots, streams

ENTRIES: Final = 50_000  # streams that a preview of filters looks at


class StoredRun(Struct, frozen=True, kw_only=True):
    """The end of a refresh, as it was published."""

    id: int
    name: str
    at: datetime
    body: str  # JSON


class Entry(NamedTuple):
    """A stream as filters see it."""

    name: str
    url: str
    group: str


class OverviewStore:
    """Reading only."""

    def channels(self, unit: Unit) -> dict[int, int]:
        """By account: channels that one of its streams belongs to."""
        query = (
            select(streams.c.account_id, func.count(channel_streams.c.channel_id.distinct()))
            .join(channel_streams, channel_streams.c.stream_id == streams.c.id)
            .group_by(streams.c.account_id)
        )
        return {row[0]: row[1] for row in unit.execute(query)}

    def connections(self, unit: Unit, now: datetime) -> dict[int, int]:
        """By account: connections in use."""
        query = select(slots.c.account_id, func.count()).where(slots.c.lease_until > now).group_by(slots.c.account_id)
        return {row[0]: row[1] for row in unit.execute(query)}

    def runs(
        self, unit: Unit, names: Sequence[str], *, field: str, value: int, before: int | None, limit: int
    ) -> list[StoredRun]:
        """Events called one of `names` whose `field` is `value`, the youngest first, below the id `before`.

        No text inside a body can look like the field: its quotes are escaped there.
        """
        table = EVENTS.c
        query = select(table.id, table.name, table.at, table.body).where(
            table.name.in_(names), table.body.contains(f'"{field}":{value},', autoescape=True)
        )
        if before is not None:
            query = query.where(table.id < before)
        rows = unit.execute(query.order_by(table.id.desc()).limit(limit))
        return [StoredRun(id=row.id, name=row.name, at=row.at, body=row.body) for row in rows]

    def entries(self, unit: Unit, account_id: int) -> list[Entry]:
        """The account's present streams, group by group; the first `ENTRIES`."""
        query = (
            select(streams.c.name, streams.c.url, groups.c.name.label("group_name"))
            .outerjoin(groups, groups.c.id == streams.c.group_id)
            .where(streams.c.account_id == account_id, streams.c.stale_at.is_(None))
            .order_by(streams.c.group_id, streams.c.id)
            .limit(ENTRIES)
        )
        return [Entry(row.name, row.url, row.group_name or "") for row in unit.execute(query)]
