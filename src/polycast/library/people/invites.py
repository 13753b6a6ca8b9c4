"""Invitations: the only way for others than the first to make an account of their own."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotAllowed, NotFound
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.rights import may_touch
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User, UserNew
from polycast.core.ids import Ids
from polycast.core.secrets import Secrets, Tokens
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.people.store_invites import InviteStore

CONTEXT: Final = "library.invite"
ROLES: Final = {"admin": Role.ADMIN, "member": Role.MEMBER, "guest": Role.GUEST}
LIFE: Final = timedelta(days=14)


class Invite(Struct, frozen=True, kw_only=True):
    """An invitation. `code` is shown to those who manage users."""

    id: int
    nanoid: str
    code: str
    role: str
    libraries: list[str]  # nanoids
    expires_at: datetime | None
    created_by: int | None
    used_by: int | None
    used_at: datetime | None
    created_at: datetime


class Invites:
    """Makes, lists and redeems invitations."""

    def __init__(
        self, *, db: Database, store: InviteStore, libraries: LibraryStore, identity: Identity, secrets: Secrets,
        tokens: Tokens, clock: Clock, ids: Ids,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._libraries = libraries
        self._identity = identity
        self._secrets = secrets
        self._tokens = tokens
        self._clock = clock
        self._ids = ids

    async def create(self, caller: Caller, *, role: str, libraries: list[str], expires_at: datetime | None) -> Invite:
        """Raises: NotAllowed; Invalid for a library that is not there."""
        caller.require(Scope.CORE_ADMIN)
        may_touch(caller, ROLES[role])
        code = self._tokens.new()[:24]

        def work(unit: Unit) -> Invite:
            known = self._libraries.ids(unit, libraries)
            if len(known) != len(set(libraries)):
                raise Invalid.one("libraryIds", "does_not_exist", "No such library")
            key = self._store.insert(
                unit,
                nanoid=self._ids.nanoid(),
                code_hash=self._tokens.hash(code),
                code_sealed=self._secrets.seal(code, context=CONTEXT),
                role=role,
                libraries=sorted(known.values()),
                expires_at=expires_at or self._clock.now() + LIFE,
                created_by=caller.user_id,
                created_at=self._clock.now(),
            )
            self._identity.audit.note(unit, caller, "invite.create", target=f"role:{role}")
            return self._read(unit, key)

        return await self._db.write(work)

    async def all(self, caller: Caller) -> list[Invite]:
        """All, the youngest first. Raises: NotAllowed."""
        caller.require(Scope.CORE_ADMIN)
        return await self._db.read(lambda unit: [self._read(unit, key) for key in self._store.keys(unit)])

    async def revoke(self, caller: Caller, nanoid: str) -> None:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.CORE_ADMIN)

        def work(unit: Unit) -> None:
            if not self._store.delete(unit, nanoid):
                raise NotFound("The invitation")
            self._identity.audit.note(unit, caller, "invite.revoke", target=f"invite:{nanoid}")

        await self._db.write(work)

    async def redeem(self, code: str, *, name: str, email: str, password: str) -> User:
        """Make the account that an invitation allows. Raises: NotAllowed for a code that is not good; Invalid."""
        row = await self._db.read(self._store.by_hash, self._tokens.hash(code))
        if row is None or not self._is_good(row):
            raise NotAllowed("invite", "This invitation is not valid.")
        ready = await self._identity.users.prepare(
            UserNew(email=email, password=password, name=name, role=ROLES[row.role])
        )

        def work(unit: Unit) -> User:
            again = self._store.by_hash(unit, self._tokens.hash(code))
            if again is None or not self._is_good(again):
                raise NotAllowed("invite", "This invitation is not valid.")
            user = self._identity.users.add_in(unit, ready, by=SYSTEM)
            self._store.use(unit, again.id, by=user.id, at=self._clock.now())
            self._libraries.set_grants(unit, user.id, again.libraries, by=again.created_by, at=self._clock.now())
            return user

        return await self._db.write(work)

    def _is_good(self, row: object) -> bool:
        used, ends = getattr(row, "used_at", None), getattr(row, "expires_at", None)
        return used is None and (ends is None or ends > self._clock.now())

    def _read(self, unit: Unit, key: int) -> Invite:
        row = self._store.row(unit, key)
        names = self._libraries.nanoids(unit)
        return Invite(
            id=row.id,
            nanoid=row.nanoid,
            code=self._secrets.open(row.code_sealed, context=CONTEXT),
            role=row.role,
            libraries=[names[one] for one in row.libraries if one in names],
            expires_at=row.expires_at,
            created_by=row.created_by,
            used_by=row.used_by,
            used_at=row.used_at,
            created_at=row.created_at,
        )
