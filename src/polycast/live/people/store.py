"""Rows of users' live TV properties."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from polycast.core.storage import Unit
from polycast.live.people.model import Person
from polycast.live.tables import channel_profiles, user_channel_profiles, user_properties

FIELDS = ("stream_limit", "first_name", "last_name", "custom_properties", "avatar_config")


class PersonStore:
    """Users without a row have the defaults."""

    def get(self, unit: Unit, user_id: int) -> Person:
        return self.many(unit, [user_id])[user_id]

    def many(self, unit: Unit, user_ids: Sequence[int]) -> dict[int, Person]:
        rows = unit.execute(select(user_properties).where(user_properties.c.user_id.in_(user_ids)))
        found = {row.user_id: row for row in rows}
        profiles = self._profiles(unit, user_ids)
        return {one: _person(one, found.get(one), profiles.get(one, frozenset())) for one in user_ids}

    def put(self, unit: Unit, person: Person) -> None:
        values: dict[str, Any] = {name: getattr(person, name) for name in FIELDS}
        unit.upsert(user_properties, [{"user_id": person.user_id} | values], key=["user_id"], update=FIELDS)
        link = user_channel_profiles
        unit.execute(delete(link).where(link.c.user_id == person.user_id))
        rows = [(person.user_id, profile_id) for profile_id in sorted(person.profile_ids)]
        unit.insert_rows(link, ["user_id", "profile_id"], rows)

    def missing_profiles(self, unit: Unit, profile_ids: Iterable[int]) -> list[int]:
        """Those of `profile_ids` that no channel profile has."""
        wanted = sorted(set(profile_ids))
        found = set(unit.execute(select(channel_profiles.c.id).where(channel_profiles.c.id.in_(wanted))).scalars())
        return [one for one in wanted if one not in found]

    def drop(self, unit: Unit, user_id: int) -> None:
        unit.execute(delete(user_properties).where(user_properties.c.user_id == user_id))
        unit.execute(delete(user_channel_profiles).where(user_channel_profiles.c.user_id == user_id))

    def _profiles(self, unit: Unit, user_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
        link = user_channel_profiles.c
        found: dict[int, set[int]] = {}
        for row in unit.execute(select(link.user_id, link.profile_id).where(link.user_id.in_(list(user_ids)))):
            found.setdefault(row.user_id, set()).add(row.profile_id)
        return {user_id: frozenset(ids) for user_id, ids in found.items()}


def _person(user_id: int, row: Any, profile_ids: frozenset[int]) -> Person:
    if row is None:
        return Person(user_id=user_id, profile_ids=profile_ids)
    return Person(
        user_id=user_id,
        stream_limit=row.stream_limit,
        first_name=row.first_name or "",
        last_name=row.last_name or "",
        custom_properties=row.custom_properties,
        avatar_config=row.avatar_config,
        profile_ids=profile_ids,
    )
