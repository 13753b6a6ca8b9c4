"""Filters of accounts, how accounts use groups, and groups of servers."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.sources.accounts.checks import FILTER_LIMIT, FILTER_TYPES, Problems
from polycast.live.sources.accounts.forms import FilterForm, GroupForm, given
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.model import AccountChanged, AccountFilter, GroupAtAccount, ServerGroup, Status
from polycast.live.tables import filters, group_accounts, server_groups


class Filters:
    """What an account leaves out or keeps, entry by entry; counts from the next refresh on."""

    def __init__(self, *, db: Database, store: AccountStore) -> None:
        self._db = db
        self._store = store

    async def of(self, caller: Caller, account_id: int) -> Sequence[AccountFilter]:
        """In the order in which they decide. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._of, account_id)

    async def create(self, caller: Caller, account_id: int, form: FilterForm) -> AccountFilter:
        """Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._create, account_id, form)

    async def change(self, caller: Caller, account_id: int, filter_id: int, form: FilterForm) -> AccountFilter:
        """Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._change, account_id, filter_id, form)

    async def delete(self, caller: Caller, account_id: int, filter_id: int) -> None:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_WRITE)
        await self._db.write(self._delete, account_id, filter_id)

    def _of(self, unit: Unit, account_id: int) -> list[AccountFilter]:
        if self._store.by_id(unit, account_id) is None:
            raise NotFound("The account")
        return self._store.filters(unit, [account_id])

    def _one(self, unit: Unit, account_id: int, filter_id: int) -> AccountFilter:
        found = self._store.filter(unit, filter_id)
        if found is None or found.account_id != account_id:
            raise NotFound("The filter")
        return found

    def _create(self, unit: Unit, account_id: int, form: FilterForm) -> AccountFilter:
        present = self._of(unit, account_id)
        problems = Problems()
        for name in ("filter_type", "regex_pattern"):
            if getattr(form, name) is UNSET:
                problems.add(name, "required")
        values = _checked_filter(form, problems)
        problems.settle()
        values.setdefault("custom_properties", {})
        values.setdefault("position", max((f.position for f in present), default=-1) + 1)
        filter_id = self._store.insert_part(unit, filters, {"account_id": account_id, **values})
        unit.publish(AccountChanged(account_id=account_id, change="updated"))
        return self._one(unit, account_id, filter_id)

    def _change(self, unit: Unit, account_id: int, filter_id: int, form: FilterForm) -> AccountFilter:
        self._one(unit, account_id, filter_id)
        problems = Problems()
        values = _checked_filter(form, problems)
        problems.settle()
        self._store.update_part(unit, filters, filter_id, values)
        unit.publish(AccountChanged(account_id=account_id, change="updated"))
        return self._one(unit, account_id, filter_id)

    def _delete(self, unit: Unit, account_id: int, filter_id: int) -> None:
        self._one(unit, account_id, filter_id)
        self._store.delete_part(unit, filters, filter_id)
        unit.publish(AccountChanged(account_id=account_id, change="updated"))


def _checked_filter(form: FilterForm, problems: Problems) -> dict[str, Any]:
    values = given(form, "exclude", "case_sensitive", "position", "custom_properties")
    if form.filter_type is not UNSET:
        values["filter_type"] = problems.choice(form.filter_type, FILTER_TYPES, "filter_type")
    if form.regex_pattern is not UNSET:
        values["regex_pattern"] = problems.pattern(form.regex_pattern, "regex_pattern", limit=FILTER_LIMIT)
    return values


class AccountGroups:
    """Which groups of an account are imported, and which become channels by themselves."""

    def __init__(self, *, db: Database, store: AccountStore) -> None:
        self._db = db
        self._store = store

    async def of(self, caller: Caller, account_id: int) -> Sequence[GroupAtAccount]:
        """By name. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._of, account_id)

    async def change(self, caller: Caller, account_id: int, forms: Sequence[GroupForm]) -> None:
        """Set several at once; all are checked first. Counts from the next refresh on.

        Raises: NotAllowed; NotFound; Invalid.
        """
        caller.require(Scope.LIVE_WRITE)
        await self._db.write(self._change, account_id, forms)

    def _of(self, unit: Unit, account_id: int) -> list[GroupAtAccount]:
        if self._store.by_id(unit, account_id) is None:
            raise NotFound("The account")
        return self._store.groups(unit, [account_id])

    def _change(self, unit: Unit, account_id: int, forms: Sequence[GroupForm]) -> None:
        present = {group.group_id: group for group in self._of(unit, account_id)}
        problems = Problems()
        changes: list[tuple[int, dict[str, Any]]] = []
        for index, form in enumerate(forms):
            path = f"group_settings.{index}"
            group = present.get(form.group_id)
            if group is None:
                problems.add(f"{path}.channel_group", "does_not_exist", pk=form.group_id)
                continue
            values = given(form, "enabled", "auto_channel_sync", "sync_start", "sync_end")
            _check_range(values, group, problems, path)
            if form.custom_properties is not UNSET:
                # The provider's category is ours to know; what people send for it is an echo.
                values["custom_properties"] = {k: v for k, v in form.custom_properties.items() if k != "xc_id"}
            changes.append((group.id, values))
        problems.settle()
        for row_id, values in changes:
            self._store.update_part(unit, group_accounts, row_id, values)
        account = self._store.by_id(unit, account_id)
        if account is not None and account.status is Status.PENDING_SETUP:
            self._store.update(unit, account_id, {"last_message": "Groups are chosen; refresh to import them."})
        unit.publish(AccountChanged(account_id=account_id, change="updated"))


def _check_range(values: Mapping[str, Any], group: GroupAtAccount, problems: Problems, path: str) -> None:
    start, end = values.get("sync_start", group.sync_start), values.get("sync_end", group.sync_end)
    if start is not None and start < 1000:
        problems.add(f"{path}.auto_sync_channel_start", "min_value", limit=1)
    if start is not None and end is not None and end < start:
        problems.add(f"{path}.auto_sync_channel_end", "invalid", "The end must not be below the start.")


class ServerGroups:
    """Accounts of one group share connections per equal login."""

    def __init__(self, *, db: Database, store: AccountStore) -> None:
        self._db = db
        self._store = store

    async def all(self, caller: Caller) -> Sequence[ServerGroup]:
        """Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._store.server_groups)

    async def create(self, caller: Caller, name: str) -> ServerGroup:
        """Raises: NotAllowed; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._put, None, name)

    async def rename(self, caller: Caller, group_id: int, name: str) -> ServerGroup:
        """Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._put, group_id, name)

    async def delete(self, caller: Caller, group_id: int) -> None:
        """Its accounts are then in none. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_WRITE)
        await self._db.write(self._delete, group_id)

    def _put(self, unit: Unit, group_id: int | None, sent: str) -> ServerGroup:
        if group_id is not None and self._store.missing(unit, server_groups, group_id):
            raise NotFound("The server group")
        problems = Problems()
        name = problems.name(sent)
        if self._store.is_name_taken(unit, server_groups, name, but=group_id):
            problems.add("name", "unique", model="server group", field="name")
        problems.settle()
        if group_id is None:
            return ServerGroup(id=self._store.insert_part(unit, server_groups, {"name": name}), name=name)
        self._store.update_part(unit, server_groups, group_id, {"name": name})
        return ServerGroup(id=group_id, name=name)

    def _delete(self, unit: Unit, group_id: int) -> None:
        if not self._store.delete_part(unit, server_groups, group_id):
            raise NotFound("The server group")
