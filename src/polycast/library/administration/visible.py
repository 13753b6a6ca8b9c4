"""What of the news a caller may hear: only of what they may see."""

from collections.abc import Sequence

from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_viewer import ViewerStore


class Visible:
    """Judges keys that events carry."""

    def __init__(self, *, db: Database, viewers: ViewerStore, items: ItemStore) -> None:
        self._db = db
        self._viewers = viewers
        self._items = items

    async def items(self, caller: Caller, keys: Sequence[int]) -> list[tuple[str, str]]:
        """Kind and name of those of these titles that the caller may see."""

        def work(unit: Unit) -> list[tuple[str, str]]:
            found = self._items.by_ids(unit, list(keys), self._viewers.of(unit, caller))
            return [(one.kind.value, one.nanoid) for one in found.values()]

        return await self._db.read(work)

    async def has_library(self, caller: Caller, key: int) -> bool:
        """Whether the caller may see a library."""
        return await self._db.read(lambda unit: key in self._viewers.of(unit, caller).library_ids)
