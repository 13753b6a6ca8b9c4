"""Rows of Radarr, Sonarr and Seerr servers, and of what was asked for at the last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.library.tables.catalogue import items
from polycast.library.tables.connections import server_states, wanted
from polycast.library.tables.podcasts import sources


class ServerStore:
    """`library_sources` of these kinds, `library_server_states`, `library_wanted`."""

    def all(self, unit: Unit, kind: str) -> list[Row[Any]]:
        query = select(sources, server_states).join(server_states, server_states.c.source_id == sources.c.id)
        return list(unit.execute(query.where(sources.c.type == kind).order_by(sources.c.id)))

    def get(self, unit: Unit, kind: str, nanoid: str) -> Row[Any] | None:
        query = select(sources, server_states).join(server_states, server_states.c.source_id == sources.c.id)
        return unit.execute(query.where(sources.c.type == kind, sources.c.nanoid == nanoid)).first()

    def by_hook(self, unit: Unit, kind: str, hook_hash: bytes) -> Row[Any] | None:
        query = select(sources, server_states).join(server_states, server_states.c.source_id == sources.c.id)
        return unit.execute(query.where(sources.c.type == kind, server_states.c.hook_hash == hook_hash)).first()

    def insert(self, unit: Unit, *, hook_hash: bytes, hook_sealed: bytes, **values: Any) -> int:
        key = unit.insert(sources, **values)
        unit.execute(server_states.insert().values(source_id=key, hook_hash=hook_hash, hook_sealed=hook_sealed))
        return key

    def update(self, unit: Unit, key: int, **values: Any) -> None:
        unit.execute(update(sources).where(sources.c.id == key).values(**values))

    def note(self, unit: Unit, key: int, **values: Any) -> None:
        unit.execute(update(server_states).where(server_states.c.source_id == key).values(**values))

    def delete(self, unit: Unit, key: int) -> None:
        unit.execute(delete(sources).where(sources.c.id == key))

    def put_wanted(self, unit: Unit, rows: Sequence[dict[str, Any]]) -> None:
        changing = ["media_type", "tmdb", "tvdb", "status", "requested_by", "updated_at"]
        unit.upsert(
            wanted, [row for row in rows if row["title"]], key=["source_id", "request_id"], update=[*changing, "title"]
        )
        unit.upsert(wanted, [row for row in rows if not row["title"]], key=["source_id", "request_id"], update=changing)

    def keep_wanted(self, unit: Unit, source_id: int, request_ids: Sequence[int]) -> None:
        """Those that the server knows no more go."""
        unit.execute(
            delete(wanted).where(wanted.c.source_id == source_id, wanted.c.request_id.not_in(list(request_ids)))
        )

    def set_status(self, unit: Unit, source_id: int, request_id: int, status: str, at: datetime) -> int:
        query = update(wanted).where(wanted.c.source_id == source_id, wanted.c.request_id == request_id)
        return unit.execute(query.values(status=status, updated_at=at)).rowcount

    def wanted(self, unit: Unit, *, status: str | None, before: int | None, limit: int) -> list[Row[Any]]:
        """The youngest first, with the title that is here."""
        here = (
            select(items.c.nanoid)
            .where(
                items.c.tmdb == wanted.c.tmdb,
                items.c.kind == func.replace(wanted.c.media_type, "tv", "show"),
                items.c.is_available.is_(True),
            )
            .order_by(items.c.id)
            .limit(1)
            .scalar_subquery()
        )
        query = select(wanted, sources.c.nanoid.label("server"), here.label("media")).join(
            sources, sources.c.id == wanted.c.source_id
        )
        if status is not None:
            query = query.where(wanted.c.status == status)
        if before is not None:
            query = query.where(wanted.c.id < before)
        return list(unit.execute(query.order_by(wanted.c.id.desc()).limit(limit)))

    def counts(self, unit: Unit) -> dict[str, int]:
        query = select(wanted.c.status, func.count()).group_by(wanted.c.status)
        return {row[0]: int(row[1]) for row in unit.execute(query)}

    def wanted_by(self, unit: Unit, nanoid: str) -> Row[Any] | None:
        return unit.execute(select(wanted).where(wanted.c.nanoid == nanoid)).first()

    def drop_wanted(self, unit: Unit, key: int) -> None:
        unit.execute(delete(wanted).where(wanted.c.id == key))

    def statuses_of(self, unit: Unit, tmdb: Sequence[int]) -> dict[tuple[str, int], str]:
        """What has become of requests, by kind and TMDB's id."""
        query = select(wanted.c.media_type, wanted.c.tmdb, wanted.c.status).where(wanted.c.tmdb.in_(list(tmdb)))
        return {(row.media_type, row.tmdb): row.status for row in unit.execute(query.order_by(wanted.c.id))}
