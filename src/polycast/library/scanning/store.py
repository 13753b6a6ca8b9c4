"""Rows that a scan writes while it walks and probes: folders, files, sidecars, what was skipped."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, select, update

from polycast.core.storage import Unit
from polycast.library.catalogue.model import MAIN
from polycast.library.tables.catalogue import files, folders, items, sidecars, skipped

AT_ONCE: Final = 500


class ScanStore:
    """The only place that writes `library_files`, `library_folders`, `library_sidecars` and `library_skipped`."""

    def folders(self, unit: Unit, path_id: int) -> dict[str, int]:
        """Times of all folders below a library's folder, as last read."""
        rows = unit.execute(select(folders.c.path, folders.c.mtime_ns).where(folders.c.path_id == path_id))
        return {path: mtime for path, mtime in rows}  # noqa: C416 - rows are no pairs to mypy

    def signatures(self, unit: Unit, path_id: int) -> dict[str, str]:
        """What all folders below a library's folder held, as last read."""
        rows = unit.execute(select(folders.c.path, folders.c.signature).where(folders.c.path_id == path_id))
        return {path: signature for path, signature in rows}  # noqa: C416 - rows are no pairs to mypy

    def folder_ids(self, unit: Unit, paths: Sequence[str]) -> dict[str, int]:
        rows = unit.execute(select(folders.c.path, folders.c.id).where(folders.c.path.in_(list(paths))))
        return {row.path: row.id for row in rows}

    def put_folders(self, unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
        unit.upsert(folders, rows, key=["path"], update=["mtime_ns", "signature", "parent", "path_id", "library_id"])

    def drop_folders(self, unit: Unit, folder_ids: Sequence[int]) -> None:
        unit.execute(delete(folders).where(folders.c.id.in_(list(folder_ids))))

    def look_again(self, unit: Unit, paths: Sequence[str]) -> None:
        """Have the next quick scan read these folders."""
        unit.execute(update(folders).where(folders.c.path.in_(list(paths))).values(mtime_ns=0))

    def files_in(self, unit: Unit, folder_ids: Sequence[int]) -> list[Row[Any]]:
        """What is known of files in these folders."""
        if not folder_ids:
            return []
        query = select(
            files.c.id, files.c.folder_id, files.c.path, files.c.size, files.c.mtime_ns, files.c.state, files.c.item_id
        )
        return list(unit.execute(query.where(files.c.folder_id.in_(list(folder_ids)))))

    def by_paths(self, unit: Unit, paths: Sequence[str]) -> dict[str, Row[Any]]:
        """Rows that hold these paths, in whatever folder they were known."""
        query = select(files.c.id, files.c.path, files.c.library_id, files.c.size, files.c.mtime_ns)
        return {row.path: row for row in unit.execute(query.where(files.c.path.in_(list(paths))))} if paths else {}

    def add_file(self, unit: Unit, **values: Any) -> int:
        return unit.insert(files, **values)

    def change_file(self, unit: Unit, file_id: int, **values: Any) -> None:
        unit.execute(update(files).where(files.c.id == file_id).values(**values))

    def lose_files(self, unit: Unit, file_ids: Sequence[int], at: datetime) -> None:
        """Files that are not there any more: hidden, their rows kept for a month."""
        for start in range(0, len(file_ids), AT_ONCE):
            some = list(file_ids[start : start + AT_ONCE])
            unit.execute(
                update(files)
                .where(files.c.id.in_(some), files.c.state == "available")
                .values(state="missing", missing_since=at)
            )

    def drop_file(self, unit: Unit, file_id: int) -> None:
        unit.execute(delete(files).where(files.c.id == file_id))

    def sidecars_in(self, unit: Unit, folder_ids: Sequence[int]) -> list[Row[Any]]:
        query = select(sidecars.c.id, sidecars.c.folder_id, sidecars.c.path, sidecars.c.size, sidecars.c.mtime_ns)
        return list(unit.execute(query.where(sidecars.c.folder_id.in_(list(folder_ids))))) if folder_ids else []

    def put_sidecar(self, unit: Unit, **values: Any) -> None:
        unit.upsert(
            sidecars,
            [values],
            key=["path"],
            update=[name for name in values if name not in ("path", "nanoid")],
        )

    def drop_sidecars(self, unit: Unit, sidecar_ids: Sequence[int]) -> None:
        if sidecar_ids:
            unit.execute(delete(sidecars).where(sidecars.c.id.in_(list(sidecar_ids))))

    def put_skipped(self, unit: Unit, library_id: int, found: Iterable[tuple[str, str]], at: datetime) -> None:
        rows = [{"library_id": library_id, "path": path[:4000], "reason": why, "at": at} for path, why in found]
        unit.upsert(skipped, rows, key=["path"], update=["reason", "at", "library_id"])

    def clear_skipped(self, unit: Unit, library_id: int, folder: str) -> None:
        """Forget what was skipped in a folder that is read anew."""
        begins = f"{folder.rstrip('/')}/"
        unit.execute(
            delete(skipped).where(
                skipped.c.library_id == library_id,
                (skipped.c.path == folder) | skipped.c.path.startswith(begins, autoescape=True),
                ~func.substr(skipped.c.path, len(begins) + 1).contains("/"),
            )
        )

    def skipped(self, unit: Unit, library_id: int, *, after: int, limit: int) -> list[Row[Any]]:
        query = select(skipped).where(skipped.c.library_id == library_id, skipped.c.id > after)
        return list(unit.execute(query.order_by(skipped.c.id).limit(limit)))

    def to_probe(self, unit: Unit, library_id: int, *, after: int, limit: int) -> list[Row[Any]]:
        """Files that were not looked into since they changed."""
        query = select(files.c.id, files.c.path, files.c.size, files.c.probe_tries).where(
            files.c.library_id == library_id,
            files.c.probe_status == "pending",
            files.c.state == "available",
            files.c.id > after,
        )
        return list(unit.execute(query.order_by(files.c.id).limit(limit)))

    def count_to_probe(self, unit: Unit, library_id: int) -> int:
        query = select(func.count()).select_from(files)
        query = query.where(
            files.c.library_id == library_id, files.c.probe_status == "pending", files.c.state == "available"
        )
        return int(unit.execute(query).scalar_one())

    def reprobe(self, unit: Unit, library_id: int) -> None:
        unit.execute(
            update(files).where(files.c.library_id == library_id).values(probe_status="pending", probe_tries=0)
        )

    def missing_like(self, unit: Unit, library_id: int, fingerprint: str, size: int, *, but: int) -> Row[Any] | None:
        """A file that is gone and had this content: it was moved."""
        query = select(files).where(
            files.c.fingerprint == fingerprint,
            files.c.library_id == library_id,
            files.c.size == size,
            files.c.state == "missing",
            files.c.id != but,
        )
        return unit.execute(query.order_by(files.c.id).limit(1)).first()

    def file_rows(self, unit: Unit, file_ids: Sequence[int]) -> dict[int, Row[Any]]:
        return {row.id: row for row in unit.execute(select(files).where(files.c.id.in_(list(file_ids))))}

    def has_missing(self, unit: Unit, library_id: int) -> bool:
        """Whether any file of a library is gone: only then can another one be where it went."""
        query = select(files.c.id).where(files.c.library_id == library_id, files.c.state == "missing")
        return unit.execute(query.limit(1)).first() is not None

    def probed(self, unit: Unit, told: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
        """What probing has found, by `key`; every row with all `names`."""
        if told:
            query = update(files).where(files.c.id == bindparam("key"))
            unit.execute(query.values({name: bindparam(name) for name in names}), [dict(one) for one in told])

    def to_match(self, unit: Unit, library_id: int, *, extras: bool, after: int, limit: int) -> list[Row[Any]]:
        """Files that belong to no title yet; extras apart, because their owners come first."""
        query = select(
            files.c.id, files.c.path, files.c.parsed, files.c.role, files.c.folder_id, files.c.added_at, files.c.probed
        ).where(
            files.c.library_id == library_id,
            files.c.item_id.is_(None),
            files.c.state == "available",
            files.c.probe_status != "pending",
            files.c.role != MAIN if extras else files.c.role == MAIN,
            files.c.id > after,
        )
        return list(unit.execute(query.order_by(files.c.id).limit(limit)))

    def count_to_match(self, unit: Unit, library_id: int) -> int:
        query = select(func.count()).select_from(files)
        query = query.where(
            files.c.library_id == library_id,
            files.c.item_id.is_(None),
            files.c.state == "available",
            files.c.probe_status != "pending",
        )
        return int(unit.execute(query).scalar_one())

    def available_count(self, unit: Unit, path_id: int) -> int:
        query = select(func.count()).select_from(files)
        return int(unit.execute(query.where(files.c.path_id == path_id, files.c.state == "available")).scalar_one())

    def items_of_files(self, unit: Unit, file_ids: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for start in range(0, len(file_ids), AT_ONCE):
            some = list(file_ids[start : start + AT_ONCE])
            rows = unit.execute(select(files.c.item_id).where(files.c.id.in_(some), files.c.item_id.is_not(None)))
            found |= {row[0] for row in rows}
        return found

    def purge_missing(self, unit: Unit, before: datetime, *, limit: int) -> list[int]:
        """Drop rows of files gone since `before`; the items they were of."""
        query = select(files.c.id, files.c.item_id).where(files.c.missing_since < before).limit(limit)
        rows = list(unit.execute(query))
        if rows:
            unit.execute(delete(files).where(files.c.id.in_([row.id for row in rows])))
        return sorted({row.item_id for row in rows if row.item_id is not None})

    def paths_of_items(self, unit: Unit, item_ids: Sequence[int]) -> list[str]:
        query = select(files.c.path).where(files.c.item_id.in_(list(item_ids)), files.c.role == MAIN)
        return [row[0] for row in unit.execute(query)]

    def unmatched(self, unit: Unit, library_id: int, *, after: int, limit: int) -> list[Row[Any]]:
        query = select(items.c.id, items.c.nanoid).where(
            items.c.library_id == library_id, items.c.match_status == "unmatched", items.c.id > after
        )
        return list(unit.execute(query.order_by(items.c.id).limit(limit)))
