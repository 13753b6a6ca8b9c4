"""Rows of libraries, their folders and who may see them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Library, LibraryType, ScanStatus, Viewer
from polycast.library.tables.catalogue import files, items, libraries, library_paths, permissions

NOT_SHOWN = ("name_key", "removed_at")


class LibraryStore:
    """The only place that writes `library_libraries`, `library_paths` and `library_permissions`."""

    def shown(self, unit: Unit, viewer: Viewer) -> list[Library]:
        """What the viewer may see, by name."""
        rows = unit.execute(
            select(libraries)
            .where(libraries.c.id.in_(viewer.library_ids))
            .order_by(libraries.c.name_key, libraries.c.id)
        ).all()
        return self._with_paths(unit, rows)

    def all(self, unit: Unit) -> list[Library]:
        """Every library that has not been removed, the oldest first."""
        rows = unit.execute(select(libraries).where(libraries.c.removed_at.is_(None)).order_by(libraries.c.id)).all()
        return self._with_paths(unit, rows)

    def get(self, unit: Unit, nanoid: str, viewer: Viewer) -> Library | None:
        rows = unit.execute(
            select(libraries).where(libraries.c.nanoid == nanoid, libraries.c.id.in_(viewer.library_ids))
        ).all()
        found = self._with_paths(unit, rows)
        return found[0] if found else None

    def by_id(self, unit: Unit, library_id: int) -> Library | None:
        """Also for work of our own; None once it was removed."""
        rows = unit.execute(
            select(libraries).where(libraries.c.id == library_id, libraries.c.removed_at.is_(None))
        ).all()
        found = self._with_paths(unit, rows)
        return found[0] if found else None

    def ids(self, unit: Unit, nanoids: Iterable[str]) -> dict[str, int]:
        """Keys by the names that clients know."""
        wanted = list(nanoids)
        query = select(libraries.c.nanoid, libraries.c.id).where(
            libraries.c.nanoid.in_(wanted), libraries.c.removed_at.is_(None)
        )
        return {row.nanoid: row.id for row in unit.execute(query)} if wanted else {}

    def nanoids(self, unit: Unit) -> dict[int, str]:
        """The names that clients know, by key."""
        return {row.id: row.nanoid for row in unit.execute(select(libraries.c.id, libraries.c.nanoid))}

    def insert(self, unit: Unit, paths: Sequence[str], **values: Any) -> int:
        library_id = unit.insert(libraries, **values)
        self._put_paths(unit, library_id, paths)
        return library_id

    def update(self, unit: Unit, library_id: int, **values: Any) -> None:
        if values:
            unit.execute(update(libraries).where(libraries.c.id == library_id).values(**values))

    def set_paths(self, unit: Unit, library_id: int, paths: Sequence[str]) -> None:
        """Folders that are gone take their files' rows along."""
        gone = select(library_paths.c.id).where(
            library_paths.c.library_id == library_id, library_paths.c.path.not_in(list(paths))
        )
        unit.execute(delete(files).where(files.c.path_id.in_(gone)))
        unit.execute(
            delete(library_paths).where(
                library_paths.c.library_id == library_id, library_paths.c.path.not_in(list(paths))
            )
        )
        self._put_paths(unit, library_id, paths)

    def _put_paths(self, unit: Unit, library_id: int, paths: Sequence[str]) -> None:
        rows = [{"library_id": library_id, "path": path, "position": place} for place, path in enumerate(paths)]
        unit.upsert(library_paths, rows, key=["path"], update=["position"])

    def other_paths(self, unit: Unit, *, but: int | None) -> list[str]:
        """Folders of the other libraries."""
        query = (
            select(library_paths.c.path)
            .join(libraries, libraries.c.id == library_paths.c.library_id)
            .where(libraries.c.removed_at.is_(None))
        )
        if but is not None:
            query = query.where(library_paths.c.library_id != but)
        return [row[0] for row in unit.execute(query)]

    def path_rows(self, unit: Unit, library_id: int) -> list[Row[Any]]:
        """Folders with what the last scan found: `id`, `path`, `file_count`, `error`."""
        query = select(library_paths).where(library_paths.c.library_id == library_id)
        return list(unit.execute(query.order_by(library_paths.c.position)))

    def note_path(self, unit: Unit, path_id: int, *, file_count: int | None, error: str) -> None:
        values: dict[str, Any] = {"error": error}
        if file_count is not None:
            values["file_count"] = file_count
        unit.execute(update(library_paths).where(library_paths.c.id == path_id).values(**values))

    def status(self, unit: Unit, library_id: int, status: ScanStatus, *, error: str = "") -> None:
        self.update(unit, library_id, scan_status=status.value, scan_error=error)

    def scanned(self, unit: Unit, library_id: int, at: datetime, *, error: str) -> None:
        """A scan has ended: its time, the count of titles, and how it went."""
        count = unit.execute(
            select(func.count())
            .select_from(items)
            .where(
                items.c.library_id == library_id, items.c.kind.in_(("movie", "show")), items.c.is_available.is_(True)
            )
        ).scalar_one()
        status = ScanStatus.ERROR if error else ScanStatus.IDLE
        self.update(
            unit, library_id, scan_status=status.value, scan_error=error, last_scanned_at=at, item_count=int(count)
        )

    def delete(self, unit: Unit, library_id: int) -> None:
        unit.execute(delete(libraries).where(libraries.c.id == library_id))

    def drop_some(self, unit: Unit, library_id: int, *, limit: int) -> int:
        """Delete a few of a removed library's rows; how many."""
        for table in (files, items):
            some = select(table.c.id).where(table.c.library_id == library_id).limit(limit)
            dropped = unit.execute(delete(table).where(table.c.id.in_(some))).rowcount
            if dropped:
                return dropped
        return 0

    def removed(self, unit: Unit) -> list[int]:
        """Libraries whose rows are still to go."""
        return [row[0] for row in unit.execute(select(libraries.c.id).where(libraries.c.removed_at.is_not(None)))]

    def grants(self, unit: Unit, library_id: int) -> list[Row[Any]]:
        """`user_id`, `granted_by`, `created_at` of everybody who was granted it."""
        query = select(permissions).where(permissions.c.library_id == library_id)
        return list(unit.execute(query.order_by(permissions.c.created_at, permissions.c.user_id)))

    def grant(self, unit: Unit, library_id: int, user_id: int, *, by: int | None, at: datetime) -> None:
        row = {"library_id": library_id, "user_id": user_id, "granted_by": by, "created_at": at}
        unit.upsert(permissions, [row], key=["library_id", "user_id"], update=[])

    def revoke(self, unit: Unit, library_id: int, user_id: int) -> bool:
        query = delete(permissions).where(permissions.c.library_id == library_id, permissions.c.user_id == user_id)
        return unit.execute(query).rowcount > 0

    def granted_to(self, unit: Unit) -> Mapping[int, list[str]]:
        """Names of libraries by user."""
        query = select(permissions.c.user_id, libraries.c.nanoid).join(
            libraries, libraries.c.id == permissions.c.library_id
        )
        found: dict[int, list[str]] = {}
        for user_id, nanoid in unit.execute(query.where(libraries.c.removed_at.is_(None)).order_by(libraries.c.id)):
            found.setdefault(user_id, []).append(nanoid)
        return found

    def set_grants(self, unit: Unit, user_id: int, library_ids: Sequence[int], *, by: int | None, at: datetime) -> None:
        """A user's grants are exactly these from now on."""
        unit.execute(
            delete(permissions).where(
                permissions.c.user_id == user_id, permissions.c.library_id.not_in(list(library_ids))
            )
        )
        for library_id in library_ids:
            self.grant(unit, library_id, user_id, by=by, at=at)

    def _with_paths(self, unit: Unit, rows: Sequence[Row[Any]]) -> list[Library]:
        paths: dict[int, list[str]] = {row.id: [] for row in rows}
        if rows:
            query = select(library_paths.c.library_id, library_paths.c.path).where(
                library_paths.c.library_id.in_(list(paths))
            )
            for library_id, path in unit.execute(query.order_by(library_paths.c.position)):
                paths[library_id].append(path)
        return [_library(row, paths[row.id]) for row in rows]


def _library(row: Row[Any], paths: list[str]) -> Library:
    values = {name: value for name, value in row._mapping.items() if name not in NOT_SHOWN}
    values |= {"type": LibraryType(row.type), "scan_status": ScanStatus(row.scan_status), "paths": paths}
    return Library(**values)
