"""Which seasons have not been listened to yet."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, func, select

from polycast.core.storage import Unit
from polycast.library.tables.catalogue import files, items, libraries
from polycast.library.tables.playback import looks

HEAD: Final = "sound_head"
TAIL: Final = "sound_tail"
SHOWS: Final = 200  # looked at in one read: of 200,000 episodes a look at all takes seconds


class IntroStore:
    """Reads of the catalogue for the search for intros."""

    def shows(self, unit: Unit, after: int) -> list[int]:
        """Keys of the next shows after one."""
        query = select(items.c.id).where(items.c.kind == "show", items.c.id > after)
        return [row[0] for row in unit.execute(query.order_by(items.c.id).limit(SHOWS))]

    def seasons(self, unit: Unit, shows: Sequence[int]) -> list[tuple[int, int]]:
        """(show, season number) with an episode that nobody has listened to, and a neighbour to compare it with."""
        heard = and_(looks.c.file_id == files.c.id, looks.c.kind == HEAD, looks.c.size == files.c.size)
        query = (
            select(items.c.top_id, items.c.season_number)
            .join(files, files.c.item_id == items.c.id)
            .join(libraries, libraries.c.id == items.c.library_id)
            .outerjoin(looks, heard)
            .where(items.c.top_id.in_(shows), items.c.kind == "episode")
            .where(files.c.role == "main", files.c.state == "available")
            .where(files.c.probe_status == "ok", libraries.c.detect_intros.is_(True))
            .where(libraries.c.removed_at.is_(None), items.c.season_number.is_not(None))
            .group_by(items.c.top_id, items.c.season_number)
            .having(func.count(files.c.id) > 1, func.count(looks.c.file_id) < func.count(files.c.id))
            .order_by(items.c.top_id, items.c.season_number)
        )
        return [(row[0], row[1]) for row in unit.execute(query)]

    def episodes(self, unit: Unit, show_id: int, season: int) -> list[tuple[int, int]]:
        """(title, file) of a season in order, one file a title."""
        query = (
            select(items.c.id, func.min(files.c.id))
            .join(files, files.c.item_id == items.c.id)
            .where(items.c.top_id == show_id, items.c.season_number == season, items.c.kind == "episode")
            .where(files.c.role == "main", files.c.state == "available", files.c.probe_status == "ok")
            .group_by(items.c.id, items.c.episode_number)
            .order_by(items.c.episode_number, items.c.id)
        )
        return [(row[0], row[1]) for row in unit.execute(query)]
