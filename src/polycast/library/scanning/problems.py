"""What in a library wants a person: titles nobody knows, files that are gone, doubles, what was skipped."""

from datetime import datetime

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.scanning.store_problems import ProblemStore


class Trouble(Struct, frozen=True, kw_only=True):
    """One of them. `item` is a nanoid."""

    id: int
    path: str
    reason: str
    item: str | None = None
    title: str | None = None
    since: datetime | None = None


class Problems:
    """Lists for managers."""

    def __init__(self, *, db: Database, viewers: ViewerStore, libraries: LibraryStore, store: ProblemStore) -> None:
        self._db = db
        self._viewers = viewers
        self._libraries = libraries
        self._store = store

    async def page(self, caller: Caller, library: str, what: str, *, after: int, limit: int) -> list[Trouble]:
        """`what`: unmatched, missing, duplicates, skipped. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._db.read(self._page, caller, library, what, after, limit)

    def _page(self, unit: Unit, caller: Caller, nanoid: str, what: str, after: int, limit: int) -> list[Trouble]:
        library = self._libraries.get(unit, nanoid, self._viewers.of(unit, caller))
        if library is None:
            raise NotFound("The library")
        found: list[Trouble] = getattr(self._store, what)(unit, library.id, after=after, limit=limit)
        return found
