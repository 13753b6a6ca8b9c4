"""Pages of programmes in the database."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import BigInteger, delete, select, type_coerce

from polycast.core.storage import Unit
from polycast.live.guide.pages import MICRO, Page
from polycast.live.tables import programme_pages

FIRST = type_coerce(programme_pages.c.first_at, BigInteger)
LAST = type_coerce(programme_pages.c.last_at, BigInteger)
FEW = 500
COLUMNS = ("guide_channel_id", "first_at", "last_at", "count", "titles", "body")


class PageStore:
    """Rows of `live_programme_pages`. Times are unix seconds."""

    def replace(self, unit: Unit, guide_channel_id: int, pages: Iterable[Page]) -> None:
        """Put other programmes in the place of those of a guide channel: readers see the old ones or the new."""
        self.clear(unit, [guide_channel_id])
        unit.insert_rows(
            programme_pages,
            COLUMNS,
            [(guide_channel_id, p.first_at, p.last_at, p.count, p.titles, p.body) for p in pages],
        )

    def clear(self, unit: Unit, guide_channel_ids: Sequence[int]) -> None:
        unit.execute(delete(programme_pages).where(programme_pages.c.guide_channel_id.in_(guide_channel_ids)))

    def window(
        self, unit: Unit, guide_channel_ids: Sequence[int], start: int, end: int | None
    ) -> Sequence[tuple[int, bytes]]:
        """Bodies of pages that touch [start, end), by guide channel and time; at most a few hundred guide channels."""
        c = programme_pages.c
        asked = (
            select(c.guide_channel_id, c.body)
            .where(c.guide_channel_id.in_(guide_channel_ids), start * MICRO < LAST)
            .order_by(c.guide_channel_id, c.first_at)
        )
        if end is not None:
            asked = asked.where(end * MICRO > FIRST)
        return [(row[0], row[1]) for row in unit.execute(asked)]

    def titled(
        self,
        unit: Unit,
        words: Sequence[str],
        start: int,
        end: int,
        *,
        after: int,
        limit: int,
        owners: Collection[int] | None = None,
    ) -> Sequence[tuple[int, int, bytes]]:
        """Pages that touch [start, end) in whose titles each of `words` (folded) stands, by id above `after`.

        Few `owners` (guide channels) narrow it; with many the caller looks itself.
        """
        c = programme_pages.c
        asked = (
            select(c.id, c.guide_channel_id, c.body)
            .where(c.id > after, start * MICRO < LAST, end * MICRO > FIRST)
            .where(*(c.titles.contains(word, autoescape=True) for word in words))
            .order_by(c.id)
            .limit(limit)
        )
        if owners is not None and len(owners) <= FEW:
            asked = asked.where(c.guide_channel_id.in_(owners))
        return [(row[0], row[1], row[2]) for row in unit.execute(asked)]
