"""What a person has seen of titles, for lists and details. Progress itself is written by the playback rooms."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.tables.collections import watchlist
from polycast.library.tables.playback import progress


class State(Struct, frozen=True, kw_only=True):
    """What one person has seen of one title."""

    watched: bool = False
    position_ms: int = 0
    duration_ms: int = 0
    play_count: int = 0
    last_played_at: datetime | None = None
    is_favorite: bool = False
    in_watchlist: bool = False


class StateStore:
    """Reads states of many titles at once."""

    def of(self, unit: Unit, viewer: Viewer, item_ids: Sequence[int]) -> dict[int, State]:
        """By item; titles that were never touched are left out, unless they are on the watchlist."""
        if not item_ids:
            return {}
        user, profile = viewer.key
        wanted = list(item_ids)
        listed = {
            row[0]
            for row in unit.execute(
                select(watchlist.c.item_id).where(
                    watchlist.c.user_id == user, watchlist.c.profile_id == profile, watchlist.c.item_id.in_(wanted)
                )
            )
        }
        found: dict[int, State] = {}
        query = select(progress).where(
            progress.c.user_id == user, progress.c.profile_id == profile, progress.c.item_id.in_(wanted)
        )
        for row in unit.execute(query):
            found[row.item_id] = State(
                watched=row.watched,
                position_ms=row.position_ms,
                duration_ms=row.duration_ms,
                play_count=row.play_count,
                last_played_at=row.last_played_at,
                is_favorite=row.is_favorite,
                in_watchlist=row.item_id in listed,
            )
        return {item_id: State(in_watchlist=True) for item_id in listed} | found

    def watched_below(self, unit: Unit, viewer: Viewer, show_ids: Sequence[int]) -> dict[int, int]:
        """How many episodes of each show were seen."""
        if not show_ids:
            return {}
        user, profile = viewer.key
        query = (
            select(progress.c.top_id, func.count())
            .where(
                progress.c.user_id == user,
                progress.c.profile_id == profile,
                progress.c.top_id.in_(list(show_ids)),
                progress.c.item_id != progress.c.top_id,
                progress.c.watched.is_(True),
            )
            .group_by(progress.c.top_id)
        )
        return {top: int(count) for top, count in unit.execute(query)}

    def watched_episodes(self, unit: Unit, viewer: Viewer, show_id: int) -> set[int]:
        """Keys of the episodes of a show that were seen."""
        user, profile = viewer.key
        query = select(progress.c.item_id).where(
            progress.c.user_id == user,
            progress.c.profile_id == profile,
            progress.c.top_id == show_id,
            progress.c.watched.is_(True),
        )
        return {row[0] for row in unit.execute(query)}
