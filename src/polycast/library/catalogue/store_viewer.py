"""The one visibility rule: which items a caller may know of, as conditions that every query of items carries."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.tables.catalogue import items, libraries, permissions
from polycast.library.tables.family import profiles, restrictions


class ViewerStore:
    """Makes viewers. A caller without a grant sees nothing; a managed profile sees less than its account."""

    def of(self, unit: Unit, caller: Caller) -> Viewer:
        """What `caller` may see, as it is now."""
        manages = caller.has(Scope.LIBRARY_WRITE)
        library_ids = self._libraries(unit, caller, everything=manages)
        if caller.profile_id is None:
            return Viewer(user_id=caller.user_id, library_ids=library_ids, is_manager=manages)
        return self._profile(unit, caller.user_id, caller.profile_id, library_ids)

    def of_user(self, unit: Unit, user_id: int, profile_id: int | None) -> Viewer:
        """What a user may see by their grants alone, for work that runs in their name."""
        library_ids = self._libraries(unit, Caller(user_id=user_id, scopes=frozenset({Scope.LIBRARY_PLAY})))
        if profile_id is None:
            return Viewer(user_id=user_id, library_ids=library_ids)
        return self._profile(unit, user_id, profile_id, library_ids)

    def _libraries(self, unit: Unit, caller: Caller, *, everything: bool = False) -> tuple[int, ...]:
        query = select(libraries.c.id).where(libraries.c.removed_at.is_(None)).order_by(libraries.c.id)
        if not everything:
            if caller.user_id is None or not caller.has(Scope.LIBRARY_PLAY):
                return ()
            query = query.join(permissions, permissions.c.library_id == libraries.c.id).where(
                permissions.c.user_id == caller.user_id, libraries.c.enabled.is_(True)
            )
        return tuple(row[0] for row in unit.execute(query))

    def _profile(self, unit: Unit, user_id: int | None, profile_id: int, library_ids: tuple[int, ...]) -> Viewer:
        row = unit.execute(
            select(profiles.c.max_age, profiles.c.block_unrated, profiles.c.allowed_libraries).where(
                profiles.c.id == profile_id, profiles.c.user_id == user_id
            )
        ).first()
        if row is None:  # deleted while a session still acts as it: fail closed
            return Viewer(user_id=user_id, profile_id=profile_id)
        allowed = row.allowed_libraries
        if allowed is not None:
            library_ids = tuple(one for one in library_ids if one in set(allowed))
        return Viewer(
            user_id=user_id,
            profile_id=profile_id,
            library_ids=library_ids,
            max_age=row.max_age,
            block_unrated=row.block_unrated,
        )


def visible(viewer: Viewer, table: Any = items) -> ColumnElement[bool]:
    """The rule, over `items` or an alias of it. Source: specs/library.md 5.8."""
    if not viewer.library_ids:
        return false()
    granted: ColumnElement[bool] = table.c.library_id.in_(viewer.library_ids)
    if viewer.profile_id is None:
        return granted
    age: list[ColumnElement[bool]] = []
    if viewer.max_age is not None:
        age.append(or_(table.c.min_age.is_(None), table.c.min_age <= viewer.max_age))
    if viewer.block_unrated:
        age.append(table.c.is_rated.is_(True))
    fits = and_(true(), *age, table.c.top_id.not_in(_exceptions(viewer.profile_id, "block")))
    return and_(granted, or_(table.c.top_id.in_(_exceptions(viewer.profile_id, "allow")), fits))


def _exceptions(profile_id: int, action: str) -> Select[tuple[int]]:
    return select(restrictions.c.item_id).where(
        restrictions.c.profile_id == profile_id, restrictions.c.action == action
    )
