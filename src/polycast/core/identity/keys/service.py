"""Making, showing and revoking API keys."""

from datetime import datetime
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.keys.model import ApiKey, ApiKeyMade, ApiKeyNew
from polycast.core.identity.keys.store import ApiKeyStore
from polycast.core.identity.known import KnownCache
from polycast.core.identity.rights import is_whole, may_touch, whose
from polycast.core.identity.scopes import Scope
from polycast.core.identity.users.store import UserStore
from polycast.core.secrets.seal import Secrets
from polycast.core.secrets.tokens import Tokens
from polycast.core.storage.database import Database
from polycast.core.storage.text import clean
from polycast.core.storage.unit import Unit

MOST: Final = 100  # keys of one user
PREFIX: Final = 8
SHORTEST_GIVEN: Final = 16  # characters of a key that the host's configuration brings


class ApiKeys:
    """Several keys a user, each with a name and at most the owner's scopes."""

    def __init__(
        self, *, db: Database, store: ApiKeyStore, users: UserStore, tokens: Tokens, secrets: Secrets, clock: Clock, known: KnownCache,
        audit: Audit,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._users = users
        self._tokens = tokens
        self._secrets = secrets
        self._clock = clock
        self._known = known
        self._audit = audit

    async def create(self, caller: Caller, new: ApiKeyNew, *, user_id: int | None = None) -> ApiKeyMade:
        """Make a key for the caller, or with `core:admin` for another user or (`new.role`) for nobody.

        Raises: NotAllowed; Invalid, when the name is empty or a scope is not the caller's; Conflict at 100 keys.
        """
        if new.role is None:
            owner: int | None = whose(caller, user_id)
            if owner != caller.user_id:
                await self._db.read(self._may_touch, caller, user_id)
        else:
            caller.require(Scope.CORE_ADMIN)
            owner = None
        if new.scopes is not None and not new.scopes <= caller.scopes:
            raise Invalid.one("scopes", "not_yours", "A key may have your own rights at most.")
        # A limited key that could make an unlimited one would not be limited.
        narrowed = caller.scopes if new.scopes is None and not is_whole(caller) else new.scopes
        return await self._db.write(self.create_in, caller, new, owner, scopes=narrowed)

    def _may_touch(self, unit: Unit, caller: Caller, user_id: int | None) -> None:
        user = None if user_id is None else self._users.get(unit, user_id)
        if user is None:
            raise NotFound("The user")
        may_touch(caller, user.role)

    def create_in(
        self, unit: Unit, caller: Caller, new: ApiKeyNew, owner: int | None, *, scopes: frozenset[Scope] | None
    ) -> ApiKeyMade:
        """`create` within a bigger transaction, without its questions of right."""
        name = clean(new.name, 100)
        if not name:
            raise Invalid.one("name", "blank", "A key needs a name.")
        if new.key is not None and len(new.key) < SHORTEST_GIVEN:
            raise Invalid.one("key", "min_length", f"At least {SHORTEST_GIVEN} characters.", min=SHORTEST_GIVEN)
        if len(self._store.of_user(unit, owner)) >= MOST:
            raise Conflict(f"There are {MOST} keys already; revoke one first.", reason="too_many_keys")
        key = new.key or self._tokens.new(new.form)
        if self._store.by_hash(unit, self._tokens.hash(key)):
            raise Conflict("There is such a key already.", reason="exists")
        row = self._store.insert(
            unit,
            user_id=owner,
            role=None if new.role is None else new.role.value,
            name=name,
            made_by=new.made_by,
            prefix=key[:PREFIX] if new.key is None else "",
            key_hash=self._tokens.hash(key),
            sealed=self._secrets.seal(key, context="core.api_key") if new.is_shown_again else None,
            scopes=None if scopes is None else sorted(scopes),
            created_at=self._clock.now(),
            ends_at=new.ends_at,
        )
        self._audit.note(unit, caller, "api_key.create", target=f"api_key:{row.id}", details={"name": name})
        return ApiKeyMade(row=row, key=key)

    async def of_server(self, caller: Caller) -> list[ApiKey]:
        """The keys that belong to nobody. Raises: NotAllowed, without `core:admin`."""
        caller.require(Scope.CORE_ADMIN)
        return await self._db.read(self._store.of_user, None)

    async def list(self, caller: Caller, *, user_id: int | None = None) -> list[ApiKey]:
        """The caller's keys; another's with `core:admin`."""
        return await self._db.read(self._store.of_user, whose(caller, user_id))

    async def show(self, caller: Caller, key_id: int) -> str:
        """The text of a key whose copy is kept. Raises: NotFound, also when no copy is kept."""
        sealed = await self._db.read(self._sealed, caller, key_id)
        return self._secrets.open(sealed, context="core.api_key")

    def _sealed(self, unit: Unit, caller: Caller, key_id: int) -> bytes:
        self._mine(unit, caller, key_id)
        sealed = self._store.sealed(unit, key_id)
        if sealed is None:
            raise NotFound("The key")
        return sealed

    async def revoke(self, caller: Caller, key_id: int) -> None:
        """It is no key any more, at once. Raises: NotFound, also for another's without `core:admin`."""
        await self._db.write(self.revoke_in, caller, key_id)

    def revoke_in(self, unit: Unit, caller: Caller, key_id: int) -> None:
        """`revoke` within a bigger transaction."""
        row = self._mine(unit, caller, key_id)
        self._store.delete(unit, key_id)
        self._known.announce(
            unit,
            CredentialEnded(user_id=row.user_id, credential=Credential.API_KEY, credential_id=key_id, reason="revoked"),
        )
        self._audit.note(unit, caller, "api_key.revoke", target=f"api_key:{key_id}", details={"name": row.name})

    async def rename(self, caller: Caller, key_id: int, name: str) -> ApiKey:
        """Raises: NotFound; Invalid for an empty name."""
        return await self._db.write(self._rename, caller, key_id, name)

    def _rename(self, unit: Unit, caller: Caller, key_id: int, name: str) -> ApiKey:
        self._mine(unit, caller, key_id)
        kept = clean(name, 100)
        if not kept:
            raise Invalid.one("name", "blank", "A key needs a name.")
        self._store.update(unit, key_id, name=kept)
        return self._mine(unit, caller, key_id)

    def used_in(self, unit: Unit, key_id: int, at: datetime) -> None:
        """Note a use."""
        self._store.used(unit, key_id, at)

    def _mine(self, unit: Unit, caller: Caller, key_id: int) -> ApiKey:
        row = self._store.get(unit, key_id)
        own = row is not None and row.user_id is not None and row.user_id == caller.user_id
        if row is None or not (own or caller.has(Scope.CORE_ADMIN)):
            raise NotFound("The key")
        return row
