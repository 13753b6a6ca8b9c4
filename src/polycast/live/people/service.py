"""Users' properties in live TV, and what follows from them."""

from collections.abc import Callable

from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.live.lineup.model import Viewer
from polycast.live.people.model import LEVEL_OF_ROLE, Person
from polycast.live.people.store import PersonStore


class People:
    """What each user has here; made when it is first written."""

    def __init__(self, *, db: Database, store: PersonStore) -> None:
        self._db = db
        self._store = store

    async def get(self, user_id: int) -> Person:
        return await self._db.read(self._store.get, user_id)

    async def many(self, user_ids: list[int]) -> dict[int, Person]:
        return await self._db.read(self._store.many, user_ids)

    async def change(self, user_id: int, fn: Callable[[Person], Person]) -> Person:
        """Write what `fn` makes of the present properties."""
        return await self._db.write(self.change_in, user_id, fn)

    def change_in(self, unit: Unit, user_id: int, fn: Callable[[Person], Person]) -> Person:
        """`change` inside a bigger unit."""
        person = fn(self._store.get(unit, user_id))
        self._store.put(unit, person)
        return person

    def drop_in(self, unit: Unit, user_id: int) -> None:
        """Forget a user who is gone."""
        self._store.drop(unit, user_id)

    def sees_all(self, caller: Caller) -> bool:
        """Whether `caller` manages the line-up, and so sees all of it whatever they prefer to see."""
        return caller.role is not None and LEVEL_OF_ROLE[caller.role] >= 10

    async def viewer(self, caller: Caller) -> Viewer:
        """What `caller` may see of the line-up. Nobody in particular sees what level 0 sees."""
        if caller.user_id is None:
            return Viewer(level=0)
        return (await self.get(caller.user_id)).viewer(caller.role)

    async def stream_limits(self, user_ids: list[int]) -> dict[int, int]:
        """Concurrent streams by user; 0 for no limit."""
        return {one: person.stream_limit for one, person in (await self.many(user_ids)).items()}

    async def set_stream_limit(self, user_id: int, limit: int) -> None:
        await self._db.write(self._set_limit, user_id, limit)

    def _set_limit(self, unit: Unit, user_id: int, limit: int) -> None:
        person = self._store.get(unit, user_id)
        fields = {name: getattr(person, name) for name in Person.__struct_fields__}
        self._store.put(unit, Person(**fields | {"stream_limit": limit}))
