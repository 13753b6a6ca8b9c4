"""Rows of titles that a scan makes, and what titles tell of their files."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, func, or_, select, update

from polycast.core.storage import Unit
from polycast.library.catalogue.model import MAIN, Kind
from polycast.library.scanning.names import Ids
from polycast.library.tables.catalogue import file_episodes, files, items

BEST: Final = (files.c.height.desc(), files.c.bitrate.desc(), files.c.part_index, files.c.id)
AT_ONCE: Final = 400
OF_FILE: Final = ("height", "resolution", "hdr", "video_codec", "audio_codec", "audio_channels", "container", "bitrate")
NOTHING: Final[Mapping[str, Any]] = {
    "is_available": False, "height": 0, "resolution": "", "hdr": "", "video_codec": "", "audio_codec": "",
    "audio_channels": 0, "container": "", "bitrate": 0, "file_size": 0, "duration_ms": 0,
}  # fmt: skip


class MatchStore:
    """Titles as a scan finds and makes them."""

    def find(self, unit: Unit, library_id: int, kind: Kind, ids: Ids, match_key: str) -> Row[Any] | None:
        """The title of this library with one of these ids, else with this name."""
        same = [
            column == value
            for column, value in ((items.c.tmdb, ids.tmdb), (items.c.imdb, ids.imdb), (items.c.tvdb, ids.tvdb))
            if value is not None
        ]
        base = select(items).where(items.c.library_id == library_id, items.c.kind == kind.value)
        if same and (found := unit.execute(base.where(or_(*same)).order_by(items.c.id).limit(1)).first()):
            return found
        return unit.execute(base.where(items.c.match_key == match_key)).first()

    def insert(self, unit: Unit, **values: Any) -> int:
        item_id = unit.insert(items, **values)
        if values.get("top_id") is None:
            unit.execute(update(items).where(items.c.id == item_id).values(top_id=item_id))
        return item_id

    def update(self, unit: Unit, item_id: int, **values: Any) -> None:
        unit.execute(update(items).where(items.c.id == item_id).values(**values))

    def row(self, unit: Unit, item_id: int) -> Row[Any] | None:
        return unit.execute(select(items).where(items.c.id == item_id)).first()

    def assign(self, unit: Unit, told: Sequence[Mapping[str, Any]]) -> None:
        """Each `key` is a file of `item_id`, with its edition and part."""
        if told:
            names = ("item_id", "edition", "three_d", "part_index")
            query = update(files).where(files.c.id == bindparam("key"))
            unit.execute(query.values({name: bindparam(name) for name in names}), [dict(one) for one in told])

    def hold(self, unit: Unit, file_id: int, item_ids: Sequence[int]) -> None:
        """Further episodes that a file holds."""
        unit.execute(delete(file_episodes).where(file_episodes.c.file_id == file_id))
        rows = [{"item_id": item_id, "file_id": file_id} for item_id in item_ids]
        unit.upsert(file_episodes, rows, key=["item_id", "file_id"], update=[])

    def also_of(self, unit: Unit, item_ids: Iterable[int]) -> set[int]:
        """Further episodes in the files of these."""
        wanted = list(item_ids)
        query = select(file_episodes.c.item_id).join(files, files.c.id == file_episodes.c.file_id)
        return {row[0] for row in unit.execute(query.where(files.c.item_id.in_(wanted)))} if wanted else set()

    def settle(self, unit: Unit, item_ids: Iterable[int], now: datetime) -> set[int]:
        """Bring what titles say of their files up to date, and what is above them; all keys that were looked at."""
        done: set[int] = set()
        waiting = set(item_ids)
        waiting |= self.also_of(unit, waiting)
        parents: set[int] = set()
        ordered = sorted(waiting)
        for start in range(0, len(ordered), AT_ONCE):
            some = ordered[start : start + AT_ONCE]
            rows = list(unit.execute(select(items).where(items.c.id.in_(some))))
            done |= {row.id for row in rows}
            self._leaves(unit, [row for row in rows if row.kind in (Kind.MOVIE.value, Kind.EPISODE.value)], now)
            for row in rows:
                parents |= {key for key in (row.parent_id, row.top_id) if key is not None and key != row.id}
                if row.kind in (Kind.SHOW.value, Kind.SEASON.value):
                    parents.add(row.id)
        for item_id in sorted(parents, reverse=True):  # seasons were made after their shows
            if (above := self.row(unit, item_id)) is not None and above.kind in (Kind.SHOW.value, Kind.SEASON.value):
                self._above(unit, above)
                done.add(item_id)
        return done

    def _leaves(self, unit: Unit, rows: Sequence[Row[Any]], now: datetime) -> None:
        """Films and episodes, all in three statements."""
        if not rows:
            return
        keys = [row.id for row in rows]
        held: dict[int, list[Row[Any]]] = {}
        there = (files.c.role == MAIN, files.c.state == "available")
        for file in unit.execute(select(files).where(files.c.item_id.in_(keys), *there).order_by(*BEST)):
            held.setdefault(file.item_id, []).append(file)
        also = (
            select(files, file_episodes.c.item_id.label("also"))
            .join(file_episodes, file_episodes.c.file_id == files.c.id)
            .where(file_episodes.c.item_id.in_(keys), *there)
        )
        for file in unit.execute(also.order_by(*BEST)):
            held.setdefault(file.also, []).append(file)
        told = [_leaf_values(row, held.get(row.id, []), now) for row in rows]
        unit.execute(
            update(items)
            .where(items.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in told[0] if name != "key"}),
            told,
        )

    def _above(self, unit: Unit, row: Row[Any]) -> None:
        own = items.c.top_id == row.id if row.kind == Kind.SHOW.value else items.c.parent_id == row.id
        is_episode = and_(own, items.c.kind == Kind.EPISODE.value)
        here = and_(is_episode, items.c.is_available.is_(True))
        counted = unit.execute(select(func.count()).select_from(items).where(is_episode)).scalar_one()
        there = unit.execute(
            select(
                func.count().label("total"), func.max(items.c.added_at).label("added_at"),
                func.sum(items.c.file_size).label("size"), func.sum(items.c.duration_ms).label("duration"),
                func.max(items.c.height).label("height"), func.max(items.c.resolution).label("resolution"),
            ).where(here)
        ).one()  # fmt: skip
        values: dict[str, Any] = {
            "episode_count": int(counted),
            "available_count": int(there.total),
            "is_available": there.total > 0,
            "file_size": int(there.size or 0),
            "duration_ms": int(there.duration or 0),
            "height": int(there.height or 0),
        }
        if row.kind == Kind.SHOW.value:
            seasons = select(func.count(func.distinct(items.c.season_number))).where(here, items.c.season_number != 0)
            values["extra"] = row.extra | {"seasonCount": int(unit.execute(seasons).scalar_one())}
        if there.added_at is not None:
            values["added_at"] = there.added_at
            values["is_shell"] = False
        self.update(unit, row.id, **values)

    def absorb(self, unit: Unit, item_id: int, into: int) -> None:
        """Give all files of a film or episode to another of the same, and drop the row."""
        unit.execute(update(files).where(files.c.item_id == item_id).values(item_id=into))
        unit.execute(delete(items).where(items.c.id == item_id))

    def row_by_key(self, unit: Unit, library_id: int, kind: str, match_key: str) -> int | None:
        """The key of the title that is called so."""
        query = select(items.c.id).where(
            items.c.library_id == library_id, items.c.kind == kind, items.c.match_key == match_key
        )
        row = unit.execute(query).first()
        return None if row is None else int(row[0])

    def children(self, unit: Unit, top_id: int) -> list[Row[Any]]:
        """Everything below a show."""
        return list(unit.execute(select(items).where(items.c.top_id == top_id, items.c.id != top_id)))

    def empty_leaves(self, unit: Unit, item_ids: Sequence[int]) -> list[int]:
        """Of these, films and episodes that no file is of any more, not even a missing one."""
        if not item_ids:
            return []
        held = select(files.c.item_id).where(files.c.item_id.in_(list(item_ids)))
        also = select(file_episodes.c.item_id).where(file_episodes.c.item_id.in_(list(item_ids)))
        query = select(items.c.id).where(
            items.c.id.in_(list(item_ids)),
            items.c.id.not_in(held),
            items.c.id.not_in(also),
            items.c.is_shell.is_(False),
        )
        return [row[0] for row in unit.execute(query)]

    def drop(self, unit: Unit, item_id: int) -> None:
        unit.execute(delete(items).where(or_(items.c.id == item_id, items.c.top_id == item_id)))


def _leaf_values(row: Row[Any], held: Sequence[Row[Any]], now: datetime) -> dict[str, Any]:
    """What a film or episode tells of its files, the best first; every column that may change, so that all are alike."""
    kept = {"key": row.id, "is_shell": row.is_shell, "added_at": row.added_at, "runtime": row.runtime}
    if not held:
        return kept | dict(NOTHING)
    best = held[0]
    parts_ = [one for one in held if one.part_index and one.edition == best.edition] if best.part_index else [best]
    length = sum(one.duration_ms for one in parts_)
    values: dict[str, Any] = {name: best._mapping[name] for name in OF_FILE}
    values |= {"is_available": True, "file_size": sum(one.size for one in parts_), "duration_ms": length}
    kept["is_shell"] = False
    if not row.is_available and row.is_shell:
        kept["added_at"] = now
    if row.runtime is None and length and "runtime" not in row.locked:
        kept["runtime"] = round(length / 60_000) or None
    return kept | values
