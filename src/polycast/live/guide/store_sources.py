"""Guide sources in the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, insert, or_, select, update
from sqlalchemy import delete as delete_from

from polycast.core.storage import Unit, fold
from polycast.live.folders import Known
from polycast.live.guide.model import GuideSource, SourceStatus, SourceType
from polycast.live.tables import channels, guide_channels, guide_sources

USED: ColumnElement[bool] = exists(
    select(1)
    .select_from(guide_channels.join(channels, channels.c.eff_guide_channel_id == guide_channels.c.id))
    .where(guide_channels.c.source_id == guide_sources.c.id)
)


class SourceStore:
    """Rows of `live_guide_sources`."""

    def all(self, unit: Unit) -> list[GuideSource]:
        """By name."""
        rows = unit.execute(
            select(guide_sources, USED.label("has_channels")).order_by(guide_sources.c.name_key, guide_sources.c.id)
        )
        return [_source(row) for row in rows]

    def by_id(self, unit: Unit, source_id: int) -> GuideSource | None:
        row = unit.execute(
            select(guide_sources, USED.label("has_channels")).where(guide_sources.c.id == source_id)
        ).first()
        return None if row is None else _source(row)

    def row(self, unit: Unit, source_id: int) -> Row[Any] | None:
        """With its sealed columns and marks."""
        return unit.execute(select(guide_sources).where(guide_sources.c.id == source_id)).first()

    def insert(self, unit: Unit, values: Mapping[str, Any]) -> int:
        made = unit.execute(insert(guide_sources).values(**values, name_key=fold(values["name"]))).inserted_primary_key
        assert made is not None  # the table has a key
        return int(made[0])

    def update(self, unit: Unit, source_id: int, values: Mapping[str, Any]) -> None:
        if not values:
            return
        if "name" in values:
            values = {**values, "name_key": fold(values["name"])}
        unit.execute(update(guide_sources).where(guide_sources.c.id == source_id).values(**values))

    def delete(self, unit: Unit, source_id: int) -> None:
        """Also its guide channels and their programmes; channels lose their guide."""
        unit.execute(delete_from(guide_sources).where(guide_sources.c.id == source_id))

    def is_name_taken(self, unit: Unit, name: str, *, but: int | None) -> bool:
        asked = select(guide_sources.c.id).where(guide_sources.c.name == name)
        if but is not None:
            asked = asked.where(guide_sources.c.id != but)
        return unit.execute(asked).first() is not None

    def due(self, unit: Unit, now: datetime) -> list[int]:
        """Active sources whose time has come."""
        c = guide_sources.c
        return list(
            unit.execute(select(c.id).where(c.is_active.is_(True), c.next_refresh_at <= now).order_by(c.id)).scalars()
        )

    def active(self, unit: Unit, kind: SourceType) -> list[int]:
        c = guide_sources.c
        return list(unit.execute(select(c.id).where(c.is_active.is_(True), c.source_type == kind.value)).scalars())

    def of_files(self, unit: Unit) -> list[Known]:
        """Sources that read a file."""
        c = guide_sources.c
        chosen = select(c.id, c.file_path, c.etag, c.is_active).where(c.file_path != "", c.url_masked == "")
        return [Known(*row) for row in unit.execute(chosen.order_by(c.id))]

    def is_file_read(self, unit: Unit, file_path: str) -> bool:
        """Whether any source reads this file."""
        asked = select(guide_sources.c.id).where(guide_sources.c.file_path == file_path).limit(1)
        return unit.execute(asked).first() is not None

    def stuck(self, unit: Unit) -> list[int]:
        """Sources that say that they are being refreshed."""
        c = guide_sources.c
        busy = or_(c.status == SourceStatus.FETCHING.value, c.status == SourceStatus.PARSING.value)
        return list(unit.execute(select(c.id).where(busy)).scalars())


def _source(row: Row[Any]) -> GuideSource:
    return GuideSource(
        id=row.id,
        name=row.name,
        source_type=SourceType(row.source_type),
        url=row.url_masked,
        file_path=row.file_path,
        has_username=row.username_sealed is not None,
        has_password=row.password_sealed is not None,
        is_active=row.is_active,
        refresh_hours=row.refresh_hours,
        cron=row.cron,
        priority=row.priority,
        status=SourceStatus(row.status),
        last_message=row.last_message,
        custom_properties=row.custom_properties,
        created_at=row.created_at,
        updated_at=row.updated_at,
        next_refresh_at=row.next_refresh_at,
        channel_count=row.channel_count,
        programme_count=row.programme_count,
        has_channels=bool(row.has_channels),
    )
