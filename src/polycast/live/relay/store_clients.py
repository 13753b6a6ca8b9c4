"""Rows of clients: running ones, and what they have become."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, delete, func, or_, select, update

from polycast.core.storage import Unit
from polycast.live.tables import clients


class ClientRow(Struct, frozen=True, kw_only=True):
    """A client that runs or has run."""

    id: int
    client_id: str
    kind: str  # live, vod, catchup
    channel_id: int | None
    channel_uuid: str
    channel_name: str
    stream_id: int | None
    user_id: int | None
    username: str
    ip_address: str
    user_agent: str
    connected_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    end_reason: str
    bytes_sent: int
    failovers: int
    output_format: str
    output_profile_id: int | None
    state: str


class ClientStore:
    """`live_clients`."""

    def put(self, unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert, or bring up to date, by `client_id`."""
        for row in rows:  # rows differ in their columns
            update_columns = [name for name in row if name not in {"client_id", "kind", "connected_at"}]
            unit.upsert(clients, [row], key=["client_id"], update=update_columns)

    def end_all(self, unit: Unit, node: str, now: datetime) -> None:
        """A former life of `node` is over, and so are its clients."""
        running = clients.c.ended_at.is_(None)
        unit.execute(
            update(clients)
            .where(clients.c.node == node, clients.c.kind == "live", running)
            .values(ended_at=now, end_reason="restart", state="stopped")
        )

    def elsewhere(self, unit: Unit, user_id: int, node: str) -> int:
        """Streams of a user that are no live channels of `node`."""
        query = select(func.count()).select_from(clients).where(clients.c.user_id == user_id)
        query = query.where(clients.c.ended_at.is_(None), or_(clients.c.kind != "live", clients.c.node != node))
        return int(unit.execute(query).scalar_one())

    def running(self, unit: Unit, user_id: int | None) -> list[ClientRow]:
        """Of one user, or of all."""
        query = select(clients).where(clients.c.ended_at.is_(None)).order_by(clients.c.id)
        if user_id is not None:
            query = query.where(clients.c.user_id == user_id)
        return [_row(row) for row in unit.execute(query)]

    def get(self, unit: Unit, row_id: int) -> ClientRow | None:
        found = unit.execute(select(clients).where(clients.c.id == row_id)).one_or_none()
        return None if found is None else _row(found)

    def history(self, unit: Unit, user_id: int | None, limit: int, offset: int) -> tuple[list[ClientRow], int]:
        """Finished ones, latest first, and how many there are."""
        query, count = select(clients), select(func.count()).select_from(clients)
        conditions: list[ColumnElement[bool]] = [clients.c.ended_at.is_not(None)]
        if user_id is not None:
            conditions.append(clients.c.user_id == user_id)
        order = [clients.c.ended_at.desc(), clients.c.id.desc()] if user_id is None else [clients.c.id.desc()]
        rows = unit.execute(query.where(*conditions).order_by(*order).limit(limit).offset(offset))
        return [_row(row) for row in rows], int(unit.execute(count.where(*conditions)).scalar_one())

    def forget(self, unit: Unit, before: datetime) -> int:
        """Drop history that is older; the number dropped."""
        return unit.execute(delete(clients).where(clients.c.ended_at < before)).rowcount


def _row(row: Row[Any]) -> ClientRow:
    return ClientRow(**{name: getattr(row, name) for name in ClientRow.__struct_fields__})
