"""Rows behind the lists of trouble."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select, union_all

from polycast.core.storage import Unit
from polycast.library.catalogue.model import MAIN
from polycast.library.tables.catalogue import files, items, skipped

if TYPE_CHECKING:
    from polycast.library.scanning.problems import Trouble as TroubleRow


class ProblemStore:
    """Each list by its key, ascending."""

    def __init__(self, trouble: "type[TroubleRow]") -> None:
        self._trouble = trouble

    def unmatched(self, unit: Unit, library_id: int, *, after: int, limit: int) -> "list[TroubleRow]":
        path = select(func.min(files.c.path)).where(files.c.item_id == items.c.id).scalar_subquery()
        query = select(items.c.id, items.c.nanoid, items.c.title, items.c.updated_at, path.label("path")).where(
            items.c.library_id == library_id,
            items.c.match_status == "unmatched",
            items.c.kind.in_(("movie", "show")),
            items.c.id > after,
        )
        return [
            self._trouble(
                id=row.id,
                path=row.path or "",
                reason="unmatched",
                item=row.nanoid,
                title=row.title,
                since=row.updated_at,
            )
            for row in unit.execute(query.order_by(items.c.id).limit(limit))
        ]

    def missing(self, unit: Unit, library_id: int, *, after: int, limit: int) -> "list[TroubleRow]":
        query = (
            select(files.c.id, files.c.path, files.c.missing_since, items.c.nanoid, items.c.title)
            .outerjoin(items, items.c.id == files.c.item_id)
            .where(files.c.library_id == library_id, files.c.state == "missing", files.c.id > after)
        )
        return [
            self._trouble(
                id=row.id, path=row.path, reason="missing", item=row.nanoid, title=row.title, since=row.missing_since
            )
            for row in unit.execute(query.order_by(files.c.id).limit(limit))
        ]

    def duplicates(self, unit: Unit, library_id: int, *, after: int, limit: int) -> "list[TroubleRow]":
        whole = (files.c.library_id == library_id, files.c.role == MAIN, files.c.state == "available",
                 files.c.part_index <= 1)  # fmt: skip
        several = select(files.c.item_id).where(*whole).group_by(files.c.item_id).having(func.count() > 1)
        query = (
            select(files.c.id, files.c.path, files.c.added_at, files.c.resolution, items.c.nanoid, items.c.title)
            .join(items, items.c.id == files.c.item_id)
            .where(*whole, files.c.item_id.in_(several), files.c.id > after)
        )
        return [
            self._trouble(
                id=row.id, path=row.path, reason=row.resolution or "version", item=row.nanoid, title=row.title,
                since=row.added_at,
            )
            for row in unit.execute(query.order_by(files.c.id).limit(limit))
        ]  # fmt: skip

    def skipped(self, unit: Unit, library_id: int, *, after: int, limit: int) -> "list[TroubleRow]":
        """Those passed over by name, and those whose content could not be read; keys of the latter are even."""
        named = select((skipped.c.id * 2 + 1).label("id"), skipped.c.path, skipped.c.reason, skipped.c.at).where(
            skipped.c.library_id == library_id
        )
        broken = select((files.c.id * 2).label("id"), files.c.path, files.c.probe_error, files.c.added_at).where(
            files.c.library_id == library_id, files.c.probe_status == "failed", files.c.state == "available"
        )
        both = union_all(named, broken).subquery()
        query = select(both).where(both.c.id > after).order_by(both.c.id).limit(limit)
        return [self._trouble(id=row.id, path=row.path, reason=row.reason, since=row.at) for row in unit.execute(query)]
