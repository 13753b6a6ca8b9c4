"""Rows of files, as players and details read them. The scanner's own writes are in `scanning/store.py`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Row, and_, or_, select

from polycast.core.storage import Unit
from polycast.library.catalogue.model import MAIN, MediaFile, Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.probing.model import Probed
from polycast.library.tables.catalogue import file_episodes, files, items

_probed: Final = msgspec.json.Decoder(Probed)
MADE: Final = frozenset({"path", "size_bytes", "is_available", "probed"})  # from the row's, in another form
AS_STORED: Final = tuple(name for name in MediaFile.__struct_fields__ if name not in MADE)
BEST_FIRST: Final = (files.c.height.desc(), files.c.bitrate.desc(), files.c.edition, files.c.part_index, files.c.id)


class FileStore:
    """Files of titles."""

    def get(self, unit: Unit, nanoid: str, viewer: Viewer) -> MediaFile | None:
        """By its name, when the viewer may see what it is of."""
        query = (
            select(files).join(items, items.c.id == files.c.item_id).where(files.c.nanoid == nanoid, visible(viewer))
        )
        row = unit.execute(query).first()
        return None if row is None else media_file(row)

    def by_id(self, unit: Unit, file_id: int) -> MediaFile | None:
        """Without a look at who asks: for work of our own."""
        row = unit.execute(select(files).where(files.c.id == file_id)).first()
        return None if row is None else media_file(row)

    def of_item(self, unit: Unit, item_id: int, *, role: str | None = MAIN, missing: bool = False) -> list[MediaFile]:
        """The best first; parts of one title in their order. Files that are not there only with `missing`."""
        more = select(file_episodes.c.file_id).where(file_episodes.c.item_id == item_id)
        query = select(files).where(or_(files.c.item_id == item_id, files.c.id.in_(more)))
        query = query.where(files.c.role == role) if role is not None else query.where(files.c.role != MAIN)
        if not missing:
            query = query.where(files.c.state == "available")
        return [media_file(row) for row in unit.execute(query.order_by(*BEST_FIRST))]

    def of_items(self, unit: Unit, item_ids: Sequence[int], *, shared: bool = True) -> dict[int, list[MediaFile]]:
        """Available files by item, the best first, for lists. `shared`: also those of several episodes."""
        found: dict[int, list[MediaFile]] = {}
        if not item_ids:
            return found
        wanted = list(item_ids)
        query = select(files).where(files.c.item_id.in_(wanted), files.c.role == MAIN, files.c.state == "available")
        for row in unit.execute(query.order_by(*BEST_FIRST)):
            found.setdefault(row.item_id, []).append(media_file(row))
        if not shared:
            return found
        further = (
            select(files, file_episodes.c.item_id.label("also"))
            .join(file_episodes, file_episodes.c.file_id == files.c.id)
            .where(and_(file_episodes.c.item_id.in_(wanted), files.c.state == "available"))
        )
        for row in unit.execute(further.order_by(*BEST_FIRST)):
            found.setdefault(row.also, []).append(media_file(row))
        return found


def media_file(row: Row[Any]) -> MediaFile:
    """A row of `library_files` as a struct."""
    return MediaFile(
        path=Path(row.path),
        size_bytes=row.size,
        is_available=row.state == "available",
        probed=None if row.probed is None else _probed.decode(row.probed),
        **{name: getattr(row, name) for name in AS_STORED},
    )
