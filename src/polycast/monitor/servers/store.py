"""Rows of watched servers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.monitor.servers.model import Provider, Server
from polycast.monitor.tables import servers, snapshots


class ServerStore:
    """Its rows."""

    def all(self, unit: Unit) -> list[Server]:
        """Archived ones too, in the order of the settings."""
        return [_server(row) for row in unit.execute(select(servers).order_by(servers.c.position, servers.c.id))]

    def get(self, unit: Unit, dvr_id: str) -> Server | None:
        row = unit.execute(select(servers).where(servers.c.dvr_id == dvr_id)).first()
        return None if row is None else _server(row)

    def at(self, unit: Unit, host: str, port: int) -> Server | None:
        """The one at this place that is not archived."""
        found = unit.execute(
            select(servers).where(
                func.lower(servers.c.host) == host.lower(), servers.c.port == port, servers.c.deleted_at.is_(None)
            )
        ).first()
        return None if found is None else _server(found)

    def insert(self, unit: Unit, values: Mapping[str, Any]) -> None:
        position = unit.execute(select(func.coalesce(func.max(servers.c.position), -1) + 1)).scalar_one()
        unit.insert(servers, **{"position": position, **values})

    def update(self, unit: Unit, dvr_id: str, values: Mapping[str, Any]) -> None:
        unit.execute(update(servers).where(servers.c.dvr_id == dvr_id).values(**values))

    def delete(self, unit: Unit, dvr_id: str) -> None:
        unit.execute(delete(servers).where(servers.c.dvr_id == dvr_id))
        unit.execute(delete(snapshots).where(snapshots.c.dvr_id == dvr_id))

    def archived_before(self, unit: Unit, moment: datetime) -> list[str]:
        return list(unit.execute(select(servers.c.dvr_id).where(servers.c.deleted_at < moment)).scalars())

    def order(self, unit: Unit, dvr_ids: Sequence[str]) -> None:
        for position, dvr_id in enumerate(dvr_ids):
            self.update(unit, dvr_id, {"position": position})

    def snapshots(self, unit: Unit) -> dict[str, str]:
        """JSON by id."""
        return {row.dvr_id: row.body for row in unit.execute(select(snapshots.c.dvr_id, snapshots.c.body))}

    def put_snapshots(self, unit: Unit, bodies: Mapping[str, str], at: datetime) -> None:
        rows = [{"dvr_id": dvr_id, "body": body, "at": at} for dvr_id, body in bodies.items()]
        unit.upsert(snapshots, rows, key=["dvr_id"], update=["body", "at"])


def _server(row: Row[Any]) -> Server:
    values = dict(row._mapping)
    return Server(**{**values, "provider": Provider(values["provider"]), "overrides": values["overrides"] or {}})
