"""Categories and tags, as people and download clients keep them."""

from collections.abc import Iterable, Sequence

from polycast.acquire.arrs.service import Arrs
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.config.document import is_folder_name
from polycast.acquire.config.service import Configs
from polycast.acquire.transfers.adding import clean_tags, save_path_of
from polycast.acquire.transfers.events import LibraryChanged
from polycast.acquire.transfers.labels_store import LabelStore
from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit


class Labels:
    """Categories are those configured, those of Arrs, and those that clients have made."""

    def __init__(
        self,
        *,
        db: Database,
        store: LabelStore,
        entries: EntryStore,
        configs: Configs,
        arrs: Arrs,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._entries = entries
        self._configs = configs
        self._arrs = arrs
        self._clock = clock

    async def categories(self) -> dict[str, str]:
        """Name -> where it saves, by name."""
        config = await self._configs.read()
        stored = await self._db.read(self._store.categories)
        names = {*config.categories, *stored, *(arr.name for arr in await self._arrs.all())}
        return {name: save_path_of(config, stored.get(name, ""), name) for name in sorted(names)}

    async def create(self, caller: Caller, name: str, save_path: str) -> None:
        """Raises: Invalid for an empty name or a foreign path; Conflict for a name that is bad or taken."""
        caller.require(Scope.ACQUIRE_WRITE)
        if not name.strip():
            raise Invalid.one("category", "blank", "Category name is empty")
        if not is_folder_name(name) or name in await self._known():
            raise Conflict("Unable to create category", reason="exists")
        config = await self._configs.read()
        if save_path:
            save_path_of(config, save_path, name)
        await self._db.write(self._store.put_category, name, save_path)

    async def edit(self, caller: Caller, name: str, save_path: str) -> None:
        """Raises: Invalid; Conflict for one that is not there."""
        caller.require(Scope.ACQUIRE_WRITE)
        if not name.strip():
            raise Invalid.one("category", "blank", "Category name is empty")
        if name not in await self.categories():
            raise Conflict("Unable to edit category", reason="unknown")
        config = await self._configs.read()
        if save_path:
            save_path_of(config, save_path, name)
        await self._db.write(self._store.put_category, name, save_path)

    async def _known(self) -> set[str]:
        return set(await self._db.read(self._store.categories))

    async def remove(self, caller: Caller, names: Sequence[str]) -> None:
        """Their entries have none afterwards. Those of the configuration stay."""
        caller.require(Scope.ACQUIRE_WRITE)
        await self._db.write(self._remove, list(names))

    def _remove(self, unit: Unit, names: Sequence[str]) -> None:
        self._store.drop_categories(unit, names)
        changed = []
        for name in names:
            for entry in self._entries.in_category(unit, name):
                self._entries.update(unit, entry.id, category="", updated_at=self._clock.now())
                changed.append(entry.info_hash)
        if changed:
            unit.publish(LibraryChanged(hashes=changed))

    async def tags(self) -> list[str]:
        return await self._db.read(self._store.tags)

    async def create_tags(self, caller: Caller, tags: Iterable[str]) -> None:
        caller.require(Scope.ACQUIRE_WRITE)
        await self._db.write(self._store.add_tags, clean_tags(tuple(tags)))

    async def delete_tags(self, caller: Caller, tags: Iterable[str]) -> None:
        """Entries lose them too."""
        caller.require(Scope.ACQUIRE_WRITE)
        await self._db.write(self._delete_tags, clean_tags(tuple(tags)))

    def _delete_tags(self, unit: Unit, tags: Sequence[str]) -> None:
        self._store.drop_tags(unit, tags)
        for entry in self._entries.in_client(unit):
            kept = [tag for tag in entry.tags if tag not in tags]
            if len(kept) != len(entry.tags):
                self._entries.update(unit, entry.id, tags=kept, updated_at=self._clock.now())
