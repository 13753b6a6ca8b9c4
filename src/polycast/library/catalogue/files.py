"""What may be played: the one place that judges a file before anybody opens it."""

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import MAIN, Item, Kind, MediaFile, PlayableFile, Viewer
from polycast.library.catalogue.store_files import FileStore
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_viewer import ViewerStore


class Files:
    """Files of titles, for whoever may see them."""

    def __init__(
        self, *, db: Database, viewers: ViewerStore, libraries: LibraryStore, items: ItemStore, files: FileStore
    ) -> None:
        self._db = db
        self._viewers = viewers
        self._libraries = libraries
        self._items = items
        self._files = files

    async def playable(self, caller: Caller, item_id: int | str, file_id: int | str | None = None) -> PlayableFile:
        """The file of a film, an episode or an extra's owner, `file_id` or the best; keys or nanoids.

        Raises: NotFound, when there is no such title or file, the caller may not see it, or nothing of it is there.
        """
        return await self._db.read(self.playable_in, caller, item_id, file_id)

    def playable_in(
        self, unit: Unit, caller: Caller, item_id: int | str, file_id: int | str | None = None
    ) -> PlayableFile:
        """`playable`, in `unit`. A file of the title that is missing on disk is found all the same: ask `is_available`."""
        viewer = self._viewers.of(unit, caller)
        item = self.item_in(unit, viewer, item_id)
        versions = self._files.of_item(unit, item.id)
        library = self._libraries.by_id(unit, item.library_id)
        if library is None:
            raise NotFound("The title")
        file = self._chosen(unit, item, versions, file_id)
        return PlayableFile(
            file=file,
            item=item,
            show=self._items.by_id(unit, item.top_id, viewer) if item.kind is Kind.EPISODE and item.top_id else None,
            library=library,
            parts=tuple(parts_of(file, versions)),
            versions=tuple(one for one in versions if one.part_index <= 1),
        )

    def item_in(self, unit: Unit, viewer: Viewer, item_id: int | str) -> Item:
        """A title by key or nanoid. Raises: NotFound."""
        if isinstance(item_id, int):
            found = self._items.by_id(unit, item_id, viewer)
        else:
            found = self._items.get(unit, item_id, viewer)
        if found is None:
            raise NotFound("The title")
        return found

    def viewer_in(self, unit: Unit, caller: Caller) -> Viewer:
        """What `caller` may see, for queries that carry the rule themselves (`store_viewer.visible`)."""
        return self._viewers.of(unit, caller)

    def _chosen(self, unit: Unit, item: Item, versions: list[MediaFile], file_id: int | str | None) -> MediaFile:
        if file_id is None:
            if versions:
                return versions[0]
            missing = self._files.of_item(unit, item.id, missing=True)
            if not missing:
                raise NotFound("The file")
            return missing[0]
        everything = self._files.of_item(unit, item.id, missing=True)
        everything += self._files.of_item(unit, item.id, role=None, missing=True)
        for one in everything:
            if file_id in (one.id, one.nanoid):
                return one
        raise NotFound("The file")


def parts_of(file: MediaFile, versions: list[MediaFile]) -> list[MediaFile]:
    """All parts of the version that `file` belongs to, in order; empty for a whole file."""
    if not file.part_index or file.role != MAIN:
        return []
    same = [
        one
        for one in versions
        if one.part_index and one.edition == file.edition and one.path.parent == file.path.parent
    ]
    return sorted(same, key=lambda one: one.part_index)
