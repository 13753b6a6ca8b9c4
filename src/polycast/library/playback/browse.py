"""Titles as clients that page by number see them: each with its family, its files and what the caller has seen of it."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Item, Kind, Library, MediaFile, Viewer
from polycast.library.catalogue.store_files import FileStore
from polycast.library.catalogue.store_items import Credit, ItemStore
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.playback.store_browse import BrowseStore, Changed, Wanted
from polycast.library.playback.store_progress import ProgressStore, WatchState

FEW: Final = 50


class Entry(Struct, frozen=True, kw_only=True):
    """A title and what belongs to it."""

    item: Item
    state: WatchState
    library: Library | None
    show: Item | None = None
    season: Item | None = None
    files: tuple[MediaFile, ...] = ()
    genres: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    seen_episodes: int = 0


class Browse:
    """Pages, single titles and the words that clients filter by."""

    def __init__(
        self,
        *,
        db: Database,
        store: BrowseStore,
        items: ItemStore,
        files: FileStore,
        libraries: LibraryStore,
        progress: ProgressStore,
        viewers: ViewerStore,
    ) -> None:
        self._db = db
        self._store = store
        self._items = items
        self._files = files
        self._libraries = libraries
        self._progress = progress
        self._viewers = viewers

    async def libraries(self, caller: Caller) -> list[Library]:
        """What the caller may enter."""
        return await self._db.read(lambda unit: self._libraries.shown(unit, self._viewers.of(unit, caller)))

    async def page(self, caller: Caller, wanted: Wanted) -> tuple[list[Entry], int]:
        """A page, and how many there are in all."""

        def work(unit: Unit) -> tuple[list[Entry], int]:
            viewer = self._viewers.of(unit, caller)
            keys, total = self._store.ids(unit, viewer, wanted)
            return self.entries_in(unit, viewer, keys), total

        return await self._db.read(work)

    async def of_ids(self, caller: Caller, keys: list[int]) -> list[Entry]:
        """Titles by key, in that order; those that may not be seen are left out."""
        return await self._db.read(lambda unit: self.entries_in(unit, self._viewers.of(unit, caller), keys))

    async def get(self, caller: Caller, uuid: str) -> Entry:
        """A title with its people. Raises: NotFound."""

        def work(unit: Unit) -> Entry:
            viewer = self._viewers.of(unit, caller)
            item = self._items.by_uuid(unit, uuid, viewer)
            if item is None:
                raise NotFound("The title")
            return self.entries_in(unit, viewer, [item.id], with_people=True)[0]

        return await self._db.read(work)

    async def by_file(self, caller: Caller, nanoid: str) -> Entry | None:
        """The title of a file."""

        def work(unit: Unit) -> Entry | None:
            viewer = self._viewers.of(unit, caller)
            item_id = self._store.item_of_file(unit, nanoid)
            found = [] if item_id is None else self.entries_in(unit, viewer, [item_id], with_people=True)
            return found[0] if found else None

        return await self._db.read(work)

    async def words(self, caller: Caller, kind: str, library_id: int | None = None) -> list[str]:
        """Genres or studios."""
        return await self._db.read(
            lambda unit: self._store.words(unit, self._viewers.of(unit, caller), kind, library_id)
        )

    async def years(self, caller: Caller) -> list[int]:
        return await self._db.read(lambda unit: self._store.years(unit, self._viewers.of(unit, caller)))

    async def counts(self, caller: Caller) -> dict[str, int]:
        """How many titles of each kind."""
        return await self._db.read(lambda unit: self._store.counts(unit, self._viewers.of(unit, caller)))

    async def images(self, uuid: str) -> dict[str, str]:
        """The pictures of a title by kind; nobody is asked who they are."""
        return await self._db.read(self._store.images, uuid)

    async def person(self, caller: Caller, uuid: str) -> Any:
        """Somebody, when a title they had a part in may be seen. Raises: NotFound."""

        def work(unit: Unit) -> Any:
            viewer = self._viewers.of(unit, caller)
            found = self._store.person(unit, uuid)
            seen, _ = self._store.ids(unit, viewer, Wanted(person=uuid, limit=1, with_total=False))
            if found is None or not seen:
                raise NotFound("The person")
            return found

        return await self._db.read(work)

    async def changed(self, caller: Caller, item_ids: Sequence[int]) -> list[Changed]:
        """Where titles that came, changed or went stand now, of those that the caller may see."""
        return await self._db.read(lambda unit: self._store.changed(unit, self._viewers.of(unit, caller), item_ids))

    async def named(self, caller: Caller, nanoids: Sequence[str]) -> list[Entry]:
        """Titles by our own names; those that may not be seen are left out."""

        def work(unit: Unit) -> list[Entry]:
            viewer = self._viewers.of(unit, caller)
            found = [self._items.get(unit, one, viewer) for one in nanoids]
            return self.entries_in(unit, viewer, [one.id for one in found if one is not None])

        return await self._db.read(work)

    def entries_in(self, unit: Unit, viewer: Viewer, keys: list[int], *, with_people: bool = False) -> list[Entry]:
        """Titles by key with all that belongs to them."""
        found = self._items.by_ids(unit, keys, viewer)
        family = {one for item in found.values() for one in (item.top_id, item.parent_id) if one is not None}
        relatives = self._items.by_ids(unit, sorted(family - set(keys)), viewer) | found
        states = self._progress.states(unit, viewer.key, keys)
        own_files = self._files.of_items(unit, keys)
        words = self._items.words(unit, keys)
        shows = [key for key, item in found.items() if item.kind is Kind.SHOW]
        seen = self._progress.watched_counts(unit, viewer.key, shows)
        libraries = {one.id: one for one in self._libraries.shown(unit, viewer)}
        entries = []
        for key in keys:
            item = found.get(key)
            if item is None:
                continue
            is_below = item.kind in (Kind.SEASON, Kind.EPISODE)
            entries.append(
                Entry(
                    item=item,
                    state=states.get(key, WatchState(item_id=key)),
                    library=libraries.get(item.library_id),
                    show=relatives.get(item.top_id) if is_below and item.top_id is not None else None,
                    season=relatives.get(item.parent_id)
                    if item.kind is Kind.EPISODE and item.parent_id is not None
                    else None,
                    files=tuple(own_files.get(key, ())),
                    genres=tuple(words.get(key, {}).get("genre", ())),
                    studios=tuple(words.get(key, {}).get("studio", ())),
                    credits=tuple(self._items.credits(unit, key)[:FEW]) if with_people else (),
                    seen_episodes=seen.get(key, 0),
                )
            )
        return entries
