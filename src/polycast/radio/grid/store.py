"""Rows of the grid."""

from typing import Any

from sqlalchemy import delete, select, update

from polycast.core.storage import Unit
from polycast.radio.stations.programme import GridEvent
from polycast.radio.stations.store_programme import grid_event_of
from polycast.radio.tables import grid_events, rotations


class GridStore:
    """The only place that writes `radio_grid_events`."""

    def get(self, unit: Unit, event_id: int) -> GridEvent | None:
        row = unit.execute(select(grid_events).where(grid_events.c.id == event_id)).first()
        return None if row is None else grid_event_of(row)

    def of_station(self, unit: Unit, station_id: int) -> list[GridEvent]:
        query = select(grid_events).where(grid_events.c.station_id == station_id).order_by(grid_events.c.id)
        return [grid_event_of(row) for row in unit.execute(query)]

    def has_rotation(self, unit: Unit, station_id: int, rotation_id: int) -> bool:
        query = select(rotations.c.id).where(rotations.c.id == rotation_id, rotations.c.station_id == station_id)
        return unit.execute(query).first() is not None

    def insert(self, unit: Unit, station_id: int, **values: Any) -> int:
        return unit.insert(grid_events, station_id=station_id, **values)

    def update(self, unit: Unit, event_id: int, /, **values: Any) -> None:
        if values:
            unit.execute(update(grid_events).where(grid_events.c.id == event_id).values(**values))

    def delete(self, unit: Unit, event_id: int) -> None:
        unit.execute(delete(grid_events).where(grid_events.c.id == event_id))

    def clear(self, unit: Unit, station_id: int) -> None:
        unit.execute(delete(grid_events).where(grid_events.c.station_id == station_id))
