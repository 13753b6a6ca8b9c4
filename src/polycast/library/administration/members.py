"""Accounts with what this module knows of them."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User
from polycast.core.storage import Database, Unit
from polycast.library.administration.store import AdministrationStore
from polycast.library.catalogue.store_libraries import LibraryStore


class Member(Struct, frozen=True, kw_only=True):
    """Somebody."""

    user: User
    libraries: list[str]  # nanoids they were granted
    profiles: int
    sessions: int
    seconds: int  # watched in 30 days


class Members:
    """Everybody."""

    def __init__(
        self, *, db: Database, store: AdministrationStore, libraries: LibraryStore, identity: Identity, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._libraries = libraries
        self._identity = identity
        self._clock = clock

    async def page(self, caller: Caller, *, offset: int, limit: int) -> list[Member]:
        """In the order of their making. Raises: NotAllowed without `core:admin`."""
        found = await self._identity.users.list(caller, offset=offset, limit=limit)
        return await self._with(caller, found)

    async def one(self, caller: Caller, user_id: int) -> Member:
        """Raises: NotFound."""
        return (await self._with(caller, [await self._identity.users.get(caller, user_id)]))[0]

    async def nanoids(self, user_ids: Sequence[int]) -> dict[int, str]:
        """Names by key, of those who are still there."""

        def work(unit: Unit) -> dict[int, str]:
            users = {key: self._identity.users.find_in(unit, key) for key in set(user_ids)}
            return {key: user.nanoid for key, user in users.items() if user is not None}

        return await self._db.read(work)

    async def set_libraries(self, caller: Caller, user_id: int, libraries: Sequence[str]) -> None:
        """Grant exactly these. Raises: NotAllowed; Invalid."""
        caller.require(Scope.CORE_ADMIN)

        def work(unit: Unit) -> None:
            known = self._libraries.ids(unit, libraries)
            if len(known) != len(set(libraries)):
                raise Invalid.one("libraryIds", "does_not_exist", "No such library")
            self._libraries.set_grants(unit, user_id, sorted(known.values()), by=caller.user_id, at=self._clock.now())

        await self._db.write(work)

    async def _with(self, caller: Caller, users: Sequence[User]) -> list[Member]:
        granted = await self._db.read(self._libraries.granted_to)
        profiles = await self._db.read(self._store.profile_counts)
        seconds = await self._db.read(self._store.seconds_by_user, self._clock.now() - timedelta(days=30))
        found = []
        for user in users:
            sessions = await self._identity.sessions.list(caller, user_id=user.id)
            found.append(
                Member(
                    user=user,
                    libraries=granted.get(user.id, []),
                    profiles=profiles.get(user.id, 0),
                    sessions=len(sessions),
                    seconds=seconds.get(user.id, 0),
                )
            )
        return found
