"""Rows of goals and of copies made ahead of time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from sqlalchemy import func, select

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.probing.model import Probed, decode
from polycast.library.tables.catalogue import files, items
from polycast.library.tables.playback import optimization, variants

if TYPE_CHECKING:
    from polycast.library.playback.optimizing import Goal

ONLY = 1


class Seen(Struct, frozen=True, kw_only=True):
    """A file and the title it is of."""

    item: str
    path: str
    probed: Probed


class OptimizingStore:
    """`library_optimization` and `library_variants`."""

    def goal(self, unit: Unit) -> Any:
        """What was set, as a plain object; None when nothing was."""
        return unit.execute(select(optimization.c.body).where(optimization.c.id == ONLY)).scalar()

    def set_goal(self, unit: Unit, goal: Goal) -> None:
        unit.upsert(optimization, [{"id": ONLY, "body": msgspec.to_builtins(goal)}], key=["id"], update=["body"])

    def films(self, unit: Unit, viewer: Viewer) -> Iterator[Seen]:
        """Files that were looked into, of what may be seen."""
        query = select(items.c.nanoid, files.c.path, files.c.probed).join(items, items.c.id == files.c.item_id)
        query = query.where(visible(viewer), files.c.state == "available", files.c.role == "main")
        for row in unit.execute(query.where(files.c.probed.is_not(None)).order_by(files.c.id)):
            yield Seen(item=row.nanoid, path=row.path, probed=decode(row.probed))

    def counts(self, unit: Unit) -> dict[str, tuple[int, int]]:
        """(how many, bytes) by status."""
        query = select(variants.c.status, func.count(), func.coalesce(func.sum(variants.c.size), 0))
        return {row[0]: (row[1], row[2]) for row in unit.execute(query.group_by(variants.c.status))}
