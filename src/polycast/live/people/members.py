"""Users as live TV knows them: the house's account and what it has here, read and written together."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from polycast.core.errors import Invalid, NotAllowed, Problem
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.devices.model import DeviceNew
from polycast.core.identity.devices.service import DeviceReady
from polycast.core.identity.passwords import STRICT
from polycast.core.identity.rights import is_whole, may_touch
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User, UserNew, UserPatch
from polycast.core.storage import Database, Unit, clean
from polycast.live.people.model import LEVEL_OF_ROLE, ROLE_OF_LEVEL, Member, MemberForm, Person
from polycast.live.people.properties import DEVICE, PATH, XC_PASSWORD, checked, merged, own_part, password_in
from polycast.live.people.service import People
from polycast.live.people.store import PersonStore

PAGE = 500
OWN = frozenset({"first_name", "last_name", "email", "password", "custom_properties"})


class _Ready(Struct, frozen=True, kw_only=True):
    """A form, checked; all that is slow is done."""

    form: MemberForm
    properties: Mapping[str, Any]
    password_hash: str | None = None
    device: DeviceReady | None = None
    drops_device: bool = False


class Members:
    """Making, changing and removing users; administrators everybody, the others themselves in a few fields."""

    def __init__(self, *, db: Database, identity: Identity, people: People, store: PersonStore) -> None:
        self._db = db
        self._identity = identity
        self._people = people
        self._store = store

    async def list(self, caller: Caller) -> list[Member]:
        """Everybody, in the order of their making. Raises: NotAllowed."""
        found: list[User] = []
        while page := await self._identity.users.list(caller, limit=PAGE, offset=len(found)):
            found += page
        people = await self._people.many([user.id for user in found])
        return [await self._member(caller, user, people[user.id]) for user in found]

    async def get(self, caller: Caller, user_id: int) -> Member:
        """Raises: NotFound, for anybody else without `core:admin`."""
        user = await self._identity.users.get(caller, user_id)
        return await self._member(caller, user, await self._people.get(user_id))

    async def create(self, caller: Caller, form: MemberForm) -> Member:
        """Raises: NotAllowed; Invalid."""
        caller.require(Scope.CORE_ADMIN)
        sent = {} if form.custom_properties is UNSET else form.custom_properties
        properties = checked(sent)
        player = password_in(sent)
        if isinstance(player, str):
            self._check_player_password(player, form)
        await self._db.read(self._check_profiles, form)
        new = UserNew(
            username=_or(form.username, None),
            email=_or(form.email, None) or None,
            password=_or(form.password, None),
            name=_full_name(form, Person(user_id=0)),
            role=ROLE_OF_LEVEL[_or(form.level, 0)],
            is_active=_or(form.is_active, True),
        )
        prepared = await self._identity.users.prepare(new)
        user = await self._db.write(self._create, caller, prepared, form, properties)
        if isinstance(player, str):
            await self._set_player_password(caller, user.id, player)
        return await self.get(caller, user.id)

    async def update(self, caller: Caller, user_id: int, form: MemberForm) -> Member:
        """Change what `form` names. Raises: NotAllowed; NotFound; Invalid; Conflict for the last owner."""
        caller.require(Scope.CORE_ADMIN)
        user = await self._identity.users.get(caller, user_id)
        return await self._update(caller, user, form, is_own=False)

    async def update_own(self, caller: Caller, form: MemberForm) -> Member:
        """Change oneself: names, address, password and most properties. Raises: NotAllowed; Invalid."""
        if caller.user_id is None or caller.credential in (Credential.DEVICE, Credential.SIGNED):
            raise NotAllowed
        user = await self._identity.users.get(caller, caller.user_id)
        is_own = not caller.has(Scope.CORE_ADMIN)
        if is_own:
            names = [name for name in MemberForm.__struct_fields__ if name not in {*OWN, "replaces_properties"}]
            form = replace(form, **dict.fromkeys(names, UNSET))
            if not is_whole(caller) and (form.password is not UNSET or form.email is not UNSET):
                raise NotAllowed("scope", "A key of limited rights cannot change how its owner signs in.")
        return await self._update(caller, user, form, is_own=is_own)

    async def delete(self, caller: Caller, user_id: int) -> None:
        """Raises: NotAllowed; NotFound; Conflict for the last owner."""
        await self._identity.users.delete(caller, user_id)

    async def _update(self, caller: Caller, user: User, form: MemberForm, *, is_own: bool) -> Member:
        may_touch(caller, user.role)
        ready = await self._prepare(user, form, is_own=is_own)
        await self._db.write(self._store_changes, caller, user, ready)
        return await self.get(caller, user.id)

    async def _prepare(self, user: User, form: MemberForm, *, is_own: bool) -> _Ready:
        sent = {} if form.custom_properties is UNSET else form.custom_properties
        sent = own_part(sent) if is_own else sent
        properties = checked(sent)
        await self._db.read(self._check_profiles, form)
        player = password_in(sent)
        device: DeviceReady | None = None
        hashed: str | None = None
        if isinstance(player, str):
            self._check_player_password(player, form)
            device = await self._prepared_device(user.id, player)
        if isinstance(form.password, str):
            hashed = await self._identity.users.prepare_password(user, form.password)
        return _Ready(
            form=form, properties=properties, password_hash=hashed, device=device, drops_device=player is None
        )

    async def _prepared_device(self, user_id: int, password: str) -> DeviceReady:
        try:
            return await self._identity.devices.prepare(user_id, DeviceNew(name=DEVICE, password=password))
        except Invalid as error:  # it is about "password", which is another field here
            path = f"{PATH}.{XC_PASSWORD}"
            raise Invalid([Problem(path, p.code, p.params, p.text) for p in error.problems]) from error

    async def _set_player_password(self, caller: Caller, user_id: int, password: str) -> None:
        ready = await self._prepared_device(user_id, password)
        await self._db.write(self._identity.devices.put_in, caller, user_id, ready)

    def _create(self, unit: Unit, caller: Caller, prepared: Any, form: MemberForm, properties: dict[str, Any]) -> User:
        user = self._identity.users.add_in(unit, prepared, by=caller)
        self._people.change_in(unit, user.id, lambda person: _changed(person, form, properties))
        return user

    def _store_changes(self, unit: Unit, caller: Caller, user: User, ready: _Ready) -> None:
        users, form = self._identity.users, ready.form
        person = self._people.change_in(unit, user.id, lambda person: _changed(person, form, ready.properties))
        patch = UserPatch(
            username=form.username,
            email=form.email,
            name=_full_name(form, person) or UNSET,
            role=_new_role(user.role, form),
            is_active=form.is_active,
        )
        users.update_in(unit, user.id, patch, by=caller)
        if ready.password_hash is not None:
            is_session = caller.credential in (Credential.SESSION, Credential.JWT)
            keep = caller.credential_id if is_session and caller.user_id == user.id else None
            users.set_password_in(unit, user.id, ready.password_hash, by=caller, keep=keep)
        if ready.device is not None:
            self._identity.devices.put_in(unit, caller, user.id, ready.device)
        elif ready.drops_device:
            self._identity.devices.revoke_named_in(unit, caller, user.id, DEVICE)

    def _check_profiles(self, unit: Unit, form: MemberForm) -> None:
        if form.profile_ids is UNSET:
            return
        missing = self._store.missing_profiles(unit, form.profile_ids)
        if missing:
            raise Invalid([Problem("channel_profiles", "does_not_exist", {"value": one}) for one in missing])

    def _check_player_password(self, password: str, form: MemberForm) -> None:
        path, names = f"{PATH}.{XC_PASSWORD}", (_or(form.username, None),)
        if problems := STRICT.problems(password, names=names, path=path):
            raise Invalid(problems)
        if password == form.password:
            raise Invalid.one(path, "same_as_login", "A device password must not be the login password.")

    async def _member(self, caller: Caller, user: User, person: Person) -> Member:
        device = await self._identity.devices.named(user.id, DEVICE)
        keys = await self._identity.keys.list(caller, user_id=user.id)
        return Member(user=user, person=person, has_player_password=device is not None, keys=keys)


def _or(value: Any, default: Any) -> Any:
    return default if value is UNSET else value


def _new_role(present: Role, form: MemberForm) -> Any:
    """The role for a level; one that has the level already stays, so that an owner or operator is not made less."""
    if form.level is UNSET or LEVEL_OF_ROLE[present] == form.level:
        return UNSET
    return ROLE_OF_LEVEL[form.level]


def _full_name(form: MemberForm, person: Person) -> str:
    if form.first_name is UNSET and form.last_name is UNSET:
        return ""
    return f"{_or(form.first_name, person.first_name)} {_or(form.last_name, person.last_name)}".strip()


def _changed(person: Person, form: MemberForm, properties: Mapping[str, Any]) -> Person:
    before = {} if form.replaces_properties else person.custom_properties
    return replace(
        person,
        stream_limit=_or(form.stream_limit, person.stream_limit),
        first_name=clean(_or(form.first_name, person.first_name), 150),
        last_name=clean(_or(form.last_name, person.last_name), 150),
        custom_properties=person.custom_properties if form.custom_properties is UNSET else merged(before, properties),
        avatar_config=_or(form.avatar_config, person.avatar_config),
        profile_ids=frozenset(_or(form.profile_ids, person.profile_ids)),
    )
