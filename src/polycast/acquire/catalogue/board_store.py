"""Which entries download clients see, and which of them have changed."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from polycast.acquire.catalogue.model import Entry
from polycast.acquire.catalogue.store import COLUMNS, as_entry
from polycast.acquire.tables import entries
from polycast.core.storage import Unit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN = (entries.c.in_client.is_(True), entries.c.protocol == "torrent")


class BoardStore:
    """Cheap questions that are asked every second or two. Posts of news servers are a client's of another kind."""

    def mark(self, unit: Unit) -> tuple[int, int, datetime]:
        """(how many, the sum of their keys, the last change): differs whenever anything does."""
        query = select(func.count(), func.sum(entries.c.id), func.max(entries.c.updated_at))
        count, keys, latest = unit.execute(query.where(*SHOWN)).one()
        return int(count), int(keys or 0), latest or EPOCH

    def since(self, unit: Unit, at: datetime) -> list[Entry]:
        """Those changed at `at` or later."""
        query = select(*COLUMNS).where(*SHOWN, entries.c.updated_at >= at)
        return [as_entry(row) for row in unit.execute(query)]

    def hashes(self, unit: Unit) -> frozenset[str]:
        return frozenset(unit.execute(select(entries.c.info_hash).where(*SHOWN)).scalars())
