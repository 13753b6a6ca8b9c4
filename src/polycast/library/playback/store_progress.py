"""Rows of what people have watched, and how far."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import BigInteger, Select, and_, bindparam, delete, func, or_, select, tuple_, update

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Item, Kind, Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.tables.catalogue import items
from polycast.library.tables.playback import plays, progress

LATEST: Final = 50  # viewings among which the last one of a title that may be seen is looked for
FLAGS: Final = (False, True)
MS: Final = timedelta(milliseconds=1)


class WatchState(Struct, frozen=True, kw_only=True):
    """What one person has seen of one title."""

    item_id: int
    position_ms: int = 0
    duration_ms: int = 0
    watched: bool = False
    play_count: int = 0
    last_played_at: datetime | None = None
    audio_language: str = ""
    subtitle_language: str = ""
    file_id: int | None = None
    is_hidden: bool = False
    is_favorite: bool = False

    @property
    def percent(self) -> float:
        return round(100 * self.position_ms / self.duration_ms, 1) if self.duration_ms else 0.0


class Seen(Struct, frozen=True):
    """A film or an episode that somebody has played, as much of it as tells what comes next."""

    id: int
    kind: str
    top_id: int | None
    season_number: int | None
    episode_number: int | None
    position_ms: int
    watched: bool


class Play(Struct, frozen=True, kw_only=True):
    """One viewing."""

    nanoid: str
    user_id: int
    profile_id: int
    item_id: int
    kind: str
    title: str
    started_at: datetime
    ended_at: datetime | None
    played_ms: int
    completed: bool
    mode: str
    client: str
    device: str


FIELDS: Final = tuple(progress.c[name] for name in WatchState.__struct_fields__)
Key = tuple[int, int]  # (user, profile or 0): `Viewer.key`


class ProgressStore:
    """`library_progress` and `library_plays`."""

    def states(self, unit: Unit, key: Key, item_ids: Sequence[int]) -> dict[int, WatchState]:
        """By title, those that there are."""
        found: dict[int, WatchState] = {}
        for start in range(0, len(item_ids), 500):
            wanted = list(item_ids[start : start + 500])
            query = select(*FIELDS).where(_mine(key), progress.c.item_id.in_(wanted))
            found |= {row.item_id: WatchState(**row._mapping) for row in unit.execute(query)}
        return found

    def state(self, unit: Unit, key: Key, item_id: int) -> WatchState:
        """Of one title; an empty one when there is none."""
        return self.states(unit, key, [item_id]).get(item_id, WatchState(item_id=item_id))

    def __init__(self) -> None:
        self._next = {(one, two): _next_episode(unseen=one, special=two) for one in FLAGS for two in FLAGS}

    def next_episode(self, unit: Unit, viewer: Viewer, item: Item | Seen, *, unseen: bool) -> int | None:
        """The key of the episode after one that is there; a special is followed by specials alone. `unseen`: by the viewer.

        Whoever may see an episode may see all of its show: that is asked of what is found.
        """
        here = {
            "top": item.top_id,
            "season": item.season_number or 0,
            "number": item.episode_number or 0,
            "id": item.id,
        }
        mine = {"user": viewer.key[0], "profile": viewer.key[1]} if unseen else {}
        found: int | None = unit.execute(self._next[unseen, item.season_number == 0], here | mine).scalar()
        return found

    def last_watched(self, unit: Unit, viewer: Viewer) -> int | None:
        """The film or show that was seen last, of those that may be seen."""
        latest = (
            select(func.coalesce(progress.c.top_id, progress.c.item_id).label("top"), progress.c.last_played_at)
            .where(_mine(viewer.key), progress.c.watched.is_(True), progress.c.last_played_at.is_not(None))
            .order_by(progress.c.last_played_at.desc())
            .limit(LATEST)
            .subquery()
        )
        query = (
            select(items.c.id)
            .join(latest, latest.c.top == items.c.id)
            .where(items.c.kind.in_(("movie", "show")), visible(viewer))
        )
        found: int | None = unit.execute(query.order_by(latest.c.last_played_at.desc()).limit(1)).scalar()
        return found

    def watched_counts(self, unit: Unit, key: Key, top_ids: Sequence[int]) -> dict[int, int]:
        """How many episodes of shows have been seen and are there."""
        if not top_ids:
            return {}
        query = (
            select(progress.c.top_id, func.count())
            .join(items, items.c.id == progress.c.item_id)
            .where(_mine(key), progress.c.top_id.in_(list(top_ids)), progress.c.watched.is_(True))
            .where(items.c.kind == "episode", items.c.is_available.is_(True))
            .group_by(progress.c.top_id)
        )
        return {row[0]: row[1] for row in unit.execute(query)}

    def save(self, unit: Unit, key: Key, item_id: int, *, top_id: int | None, at: datetime, **values: Any) -> None:
        """Write what is given of a state; the rest stays as it is."""
        row = {
            "user_id": key[0],
            "profile_id": key[1],
            "item_id": item_id,
            "top_id": top_id,
            "updated_at": at,
            "watched": False,
            "is_hidden": False,
            "is_favorite": False,
            "source": "playback",
            **values,
        }
        unit.upsert(progress, [row], key=["user_id", "profile_id", "item_id"], update=["top_id", "updated_at", *values])

    def recent(self, unit: Unit, viewer: Viewer, *, since: datetime, limit: int) -> list[Seen]:
        """Films and episodes, the last played first, that the viewer may see; none that were put away."""
        query = (
            select(
                items.c.id,
                items.c.kind,
                items.c.top_id,
                items.c.season_number,
                items.c.episode_number,
                progress.c.position_ms,
                progress.c.watched,
            )
            .select_from(progress)
            .join(items, items.c.id == progress.c.item_id)
            .where(_mine(viewer.key), progress.c.last_played_at >= since, progress.c.is_hidden.is_(False))
            .where(items.c.is_available.is_(True), visible(viewer))
            .order_by(progress.c.last_played_at.desc(), progress.c.id.desc())
            .limit(limit)
        )
        return [Seen(*row) for row in unit.execute(query)]

    def top_of(self, unit: Unit, item_ids: Sequence[int]) -> dict[int, int | None]:
        """The shows of titles."""
        query = select(items.c.id, items.c.top_id).where(items.c.id.in_(list(item_ids)))
        return {row.id: row.top_id for row in unit.execute(query)}

    def favorites(self, unit: Unit, viewer: Viewer) -> list[int]:
        """Titles somebody has marked with a heart."""
        query = (
            select(progress.c.item_id)
            .join(items, items.c.id == progress.c.item_id)
            .where(_mine(viewer.key), progress.c.is_favorite.is_(True), visible(viewer))
        )
        return [row[0] for row in unit.execute(query)]

    def add_play(self, unit: Unit, **values: Any) -> int:
        return unit.insert(plays, **values)

    def touch_play(self, unit: Unit, play_id: int, *, played_ms: int, completed: bool | None) -> None:
        """More time has been watched."""
        values: dict[str, Any] = {"played_ms": plays.c.played_ms + played_ms}
        if completed:
            values["completed"] = True
        unit.execute(update(plays).where(plays.c.id == play_id).values(values))

    def is_completed(self, unit: Unit, play_id: int) -> bool:
        return bool(unit.execute(select(plays.c.completed).where(plays.c.id == play_id)).scalar())

    def end_play(self, unit: Unit, play_id: int, at: datetime) -> None:
        unit.execute(update(plays).where(plays.c.id == play_id, plays.c.ended_at.is_(None)).values(ended_at=at))

    def history(
        self, unit: Unit, viewer: Viewer, *, before: tuple[datetime, int] | None, limit: int
    ) -> list[tuple[int, Play]]:
        """Viewings, the newest first, with their keys; titles that may no longer be seen are left out."""
        query = (
            select(plays.c.id, *(plays.c[name] for name in Play.__struct_fields__))
            .join(items, items.c.id == plays.c.item_id)
            .where(plays.c.user_id == viewer.key[0], plays.c.profile_id == viewer.key[1], visible(viewer))
        )
        if before is not None:
            at, last = before
            query = query.where(or_(plays.c.started_at < at, and_(plays.c.started_at == at, plays.c.id < last)))
        rows = unit.execute(query.order_by(plays.c.started_at.desc(), plays.c.id.desc()).limit(limit))
        return [(row.id, Play(**{k: v for k, v in row._mapping.items() if k != "id"})) for row in rows]

    def forget_user(self, unit: Unit, user_id: int) -> None:
        """Everything somebody has watched."""
        unit.execute(delete(progress).where(progress.c.user_id == user_id))
        unit.execute(delete(plays).where(plays.c.user_id == user_id))


def _next_episode(*, unseen: bool, special: bool) -> Select[tuple[int]]:
    """Asked once for each show of a start page: made once."""
    place = tuple_(items.c.season_number, func.coalesce(items.c.episode_number, 0), items.c.id)
    here = tuple_(*(bindparam(name, type_=BigInteger) for name in ("season", "number", "id")))
    query = (
        select(items.c.id)
        .where(items.c.top_id == bindparam("top"), items.c.kind == Kind.EPISODE.value, items.c.is_available.is_(True))
        .where(items.c.season_number == 0 if special else items.c.season_number > 0, place > here)
    )
    if unseen:
        mine = and_(progress.c.user_id == bindparam("user"), progress.c.profile_id == bindparam("profile"))
        seen = select(progress.c.item_id).where(mine, progress.c.item_id == items.c.id, progress.c.watched.is_(True))
        query = query.where(~seen.exists())
    return query.order_by(items.c.season_number, items.c.episode_number, items.c.id).limit(1)


def _mine(key: Key) -> Any:
    return and_(progress.c.user_id == key[0], progress.c.profile_id == key[1])
