"""The profiles of accounts: more logins or limits for the same streams, each with a rewriting of addresses."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET

from polycast.core.errors import Conflict, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.sources.accounts.checks import Problems
from polycast.live.sources.accounts.forms import ProfileForm, given
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.model import AccountChanged, AccountProfile
from polycast.live.tables import account_profiles

PATTERN_LIMIT: Final = 255
PLAIN: Final = ("is_active", "expires_at", "custom_properties")
OF_DEFAULT: Final = frozenset({"name", "custom_properties", "expires_at", "search_pattern", "replace_pattern"})


class AccountProfiles:
    """Ways to use an account. Each account has a default one, which cannot be deleted."""

    def __init__(self, *, db: Database, store: AccountStore) -> None:
        self._db = db
        self._store = store

    async def of(self, caller: Caller, account_id: int) -> Sequence[AccountProfile]:
        """The default profile first. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._of, account_id)

    async def create(self, caller: Caller, account_id: int, form: ProfileForm) -> AccountProfile:
        """Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._create, account_id, form)

    async def change(self, caller: Caller, account_id: int, profile_id: int, form: ProfileForm) -> AccountProfile:
        """Of the default profile only name, patterns, end and properties. Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._change, account_id, profile_id, form)

    async def delete(self, caller: Caller, account_id: int, profile_id: int) -> None:
        """Raises: NotAllowed; NotFound; Conflict for the default profile."""
        caller.require(Scope.LIVE_WRITE)
        await self._db.write(self._delete, account_id, profile_id)

    def _of(self, unit: Unit, account_id: int) -> list[AccountProfile]:
        if self._store.by_id(unit, account_id) is None:
            raise NotFound("The account")
        return self._store.profiles(unit, [account_id])

    def _one(self, unit: Unit, account_id: int, profile_id: int) -> AccountProfile:
        profile = self._store.profile(unit, profile_id)
        if profile is None or profile.account_id != account_id:
            raise NotFound("The profile")
        return profile

    def _create(self, unit: Unit, account_id: int, form: ProfileForm) -> AccountProfile:
        self._of(unit, account_id)
        problems = Problems()
        for name in ("name", "search_pattern", "replace_pattern"):
            if getattr(form, name) is UNSET:
                problems.add(name, "required")
        values = self._checked(unit, account_id, form, problems, but=None)
        problems.settle()
        values.setdefault("custom_properties", {})
        profile_id = self._store.insert_part(unit, account_profiles, {"account_id": account_id, **values})
        unit.publish(AccountChanged(account_id=account_id, change="updated"))
        return self._one(unit, account_id, profile_id)

    def _change(self, unit: Unit, account_id: int, profile_id: int, form: ProfileForm) -> AccountProfile:
        profile = self._one(unit, account_id, profile_id)
        problems = Problems()
        values = self._checked(unit, account_id, form, problems, but=profile_id)
        if profile.is_default:
            for name in sorted(values.keys() - OF_DEFAULT):
                if values[name] == getattr(profile, name):
                    del values[name]
                else:
                    problems.add(name, "read_only", "The default profile's value comes from the account.")
        problems.settle()
        if "custom_properties" in values:
            values["custom_properties"] = {**profile.custom_properties, **values["custom_properties"]}
        self._store.update_part(unit, account_profiles, profile_id, values)
        unit.publish(AccountChanged(account_id=account_id, change="updated"))
        return self._one(unit, account_id, profile_id)

    def _delete(self, unit: Unit, account_id: int, profile_id: int) -> None:
        if self._one(unit, account_id, profile_id).is_default:
            raise Conflict("The default profile cannot be deleted.", reason="default")
        self._store.delete_part(unit, account_profiles, profile_id)
        unit.publish(AccountChanged(account_id=account_id, change="updated"))

    def _checked(
        self, unit: Unit, account_id: int, form: ProfileForm, problems: Problems, *, but: int | None
    ) -> dict[str, Any]:
        values = given(form, *PLAIN)
        if form.name is not UNSET:
            values["name"] = problems.name(form.name)
            if self._store.is_profile_name_taken(unit, account_id, values["name"], but=but):
                problems.add("name", "unique", model="m3u account profile", field="name")
        if form.max_streams is not UNSET:
            if form.max_streams < 0:
                problems.add("max_streams", "min_value", limit=0)
            values["max_streams"] = form.max_streams
        if form.search_pattern is not UNSET:
            values["search_pattern"] = problems.pattern(form.search_pattern, "search_pattern", limit=PATTERN_LIMIT)
        if form.replace_pattern is not UNSET:
            if not form.replace_pattern:
                problems.add("replace_pattern", "blank")
            elif len(form.replace_pattern) > PATTERN_LIMIT:
                problems.add("replace_pattern", "max_length", max=PATTERN_LIMIT)
            values["replace_pattern"] = form.replace_pattern
        return values
