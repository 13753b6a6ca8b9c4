"""Rows of the documents people set."""

from typing import Any

from sqlalchemy import select

from polycast.acquire.tables import documents
from polycast.core.storage import Unit


class DocumentStore:
    """Documents by name, each with a number that grows with every change."""

    def version(self, unit: Unit, name: str) -> int:
        """0 when there is none."""
        return unit.execute(select(documents.c.version).where(documents.c.name == name)).scalar() or 0

    def read(self, unit: Unit, name: str) -> tuple[Any, int]:
        """The document and its version; an empty one and 0 when there is none."""
        row = unit.execute(select(documents.c.value, documents.c.version).where(documents.c.name == name)).one_or_none()
        return (row.value, row.version) if row else ({}, 0)

    def write(self, unit: Unit, name: str, value: Any) -> int:
        """Store it; its new version."""
        version = self.version(unit, name) + 1
        row = {"name": name, "value": value, "version": version}
        unit.upsert(documents, [row], key=["name"], update=["value", "version"])
        return version
