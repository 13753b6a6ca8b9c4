"""Somebody and what they had a part in."""

from typing import Any

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.titles import Title, Titles
from polycast.library.people.store_persons import PersonStore


class Role(Struct, frozen=True, kw_only=True):
    """A part in a title."""

    title: Title
    kind: str
    character: str
    job: str


class Person(Struct, frozen=True, kw_only=True):
    """Somebody."""

    row: Any
    roles: list[Role]


class Persons:
    """People of the titles that a caller may see."""

    def __init__(self, *, db: Database, store: PersonStore, titles: Titles) -> None:
        self._db = db
        self._store = store
        self._titles = titles

    async def get(self, caller: Caller, nanoid: str) -> Person:
        """Raises: NotFound, also when the caller may see none of their titles."""

        def work(unit: Unit) -> Person:
            viewer = self._titles.viewer_in(unit, caller)
            row = self._store.get(unit, nanoid)
            if row is None:
                raise NotFound("The person")
            parts = self._store.parts(unit, row.id)
            shown = {
                one.item.id: one for one in self._titles.of_ids_in(unit, viewer, sorted({p.item_id for p in parts}))
            }
            roles = [
                Role(title=shown[one.item_id], kind=one.kind, character=one.character, job=one.job)
                for one in parts
                if one.item_id in shown
            ]
            if not roles:
                raise NotFound("The person")
            return Person(row=row, roles=sorted(roles, key=lambda one: -(one.title.item.year or 0)))

        return await self._db.read(work)
