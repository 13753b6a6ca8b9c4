"""Rows of categories and tags."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from polycast.acquire.tables import categories, tags
from polycast.core.storage import Unit


class LabelStore:
    """Categories with where they save, and tags."""

    def categories(self, unit: Unit) -> dict[str, str]:
        """Name -> save path ("" for the usual one)."""
        return {row.name: row.save_path for row in unit.execute(select(categories).order_by(categories.c.name))}

    def save_path(self, unit: Unit, name: str) -> str:
        return str(unit.execute(select(categories.c.save_path).where(categories.c.name == name)).scalar() or "")

    def put_category(self, unit: Unit, name: str, save_path: str, *, only_new: bool = False) -> None:
        row = {"name": name, "save_path": save_path}
        unit.upsert(categories, [row], key=["name"], update=[] if only_new else ["save_path"])

    def drop_categories(self, unit: Unit, names: Iterable[str]) -> None:
        unit.execute(delete(categories).where(categories.c.name.in_(list(names))))

    def tags(self, unit: Unit) -> list[str]:
        return [row.name for row in unit.execute(select(tags.c.name).order_by(tags.c.name))]

    def add_tags(self, unit: Unit, names: Iterable[str]) -> None:
        unit.upsert(tags, [{"name": name} for name in names], key=["name"], update=[])

    def drop_tags(self, unit: Unit, names: Iterable[str]) -> None:
        unit.execute(delete(tags).where(tags.c.name.in_(list(names))))
