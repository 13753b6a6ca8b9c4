"""Accounts: making, changing and deleting them, and asking for refreshes."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import UNSET

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run
from polycast.core.secrets import is_mask
from polycast.core.storage import Database, Unit
from polycast.live.sources.accounts.checks import Problems, check_account, check_url
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.accounts.state import Keeper, next_refresh
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.addresses import is_masked, masked
from polycast.live.sources.files import AccountFiles
from polycast.live.sources.model import (
    Account,
    AccountChanged,
    AccountDetail,
    AccountType,
    DeleteAccount,
    OrphanCleanup,
    RefreshAccount,
    Status,
)
from polycast.live.sources.ports import AccountChannels
from polycast.live.sources.refresh.store import RefreshStore
from polycast.live.tables import account_profiles, accounts, server_groups, stream_profiles, user_agents

REMOVE_PAGE = 20_000


class Accounts:
    """Where streams come from."""

    def __init__(
        self,
        *,
        db: Database,
        store: AccountStore,
        streams: RefreshStore,
        keeper: Keeper,
        files: AccountFiles,
        channels: AccountChannels,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._db = db
        self._store = store
        self._streams = streams
        self._keeper = keeper
        self._files = files
        self._channels = channels
        self._clock = clock
        self._zone = zone

    async def all(self, caller: Caller) -> list[AccountDetail]:
        """All accounts with their parts, the locked one for custom streams first. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._details, None)

    async def get(self, caller: Caller, account_id: int) -> AccountDetail:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._detail, account_id)

    async def create(self, caller: Caller, form: AccountForm) -> AccountDetail:
        """Add an account. Its groups are then loaded in the background, and it waits for somebody to choose.

        Raises: NotAllowed; Invalid.
        """
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._create, form, caller.user_id)

    async def change(self, caller: Caller, account_id: int, form: AccountForm) -> AccountDetail:
        """Raises: NotAllowed; NotFound; Invalid; Conflict for the locked account."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._change, account_id, form)

    async def delete(self, caller: Caller, account_id: int) -> int:
        """Remove an account with its streams and the channels its sync has made; how many of these.

        It is gone for everybody at once; a job removes its streams. Raises: NotAllowed; NotFound; Conflict.
        """
        caller.require(Scope.LIVE_WRITE)
        await self._db.read(self._removable, account_id)
        channels = await self._channels.remove_of(account_id)
        await self._db.write(self._hide, account_id)
        return channels

    async def refresh(self, caller: Caller, account_id: int, *, accept_drop: bool = False) -> int:
        """Ask for a refresh; the job's id. `accept_drop` confirms what the drop guard holds back.

        Raises: NotAllowed; NotFound; Conflict, when the account is switched off.
        """
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._ask, account_id, accept_drop, caller.user_id)

    async def refresh_all(self, caller: Caller) -> int:
        """Ask for a refresh of each active account; how many. Raises: NotAllowed."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._ask_all, caller.user_id)

    async def remove_deleted(self, payload: DeleteAccount, run: Run) -> None:
        """The job behind `delete`."""
        while ids := await self._db.read(self._streams.ids_of, payload.account_id, REMOVE_PAGE):
            run.check()
            await self._db.write_bulk(self._remove, ids)
        await self._db.write(self._forget, payload.account_id)

    def _forget(self, unit: Unit, account_id: int) -> None:
        file_path = self._store.file_of(unit, account_id)
        self._store.delete(unit, account_id)
        self._left(unit, file_path)

    def _left(self, unit: Unit, file_path: str) -> None:
        """An upload that no account reads any more leaves the disk with this commit."""
        if file_path and not self._store.is_file_read(unit, file_path):
            unit.after_commit(lambda: self._files.drop(file_path))

    def _remove(self, unit: Unit, ids: Any) -> None:
        self._streams.remove(unit, ids)

    def _details(self, unit: Unit, only: Sequence[int] | None) -> list[AccountDetail]:
        profiles, filters = self._store.profiles(unit, only), self._store.filters(unit, only)
        groups = self._store.groups(unit, only)
        found = self._store.all(unit) if only is None else [a for i in only if (a := self._store.by_id(unit, i))]
        return [
            AccountDetail(
                account=account,
                profiles=[p for p in profiles if p.account_id == account.id],
                filters=[f for f in filters if f.account_id == account.id],
                groups=[g for g in groups if g.account_id == account.id],
            )
            for account in found
        ]

    def _detail(self, unit: Unit, account_id: int) -> AccountDetail:
        found = self._details(unit, [account_id])
        if not found:
            raise NotFound("The account")
        return found[0]

    def _create(self, unit: Unit, form: AccountForm, by: int | None) -> AccountDetail:
        problems, now = Problems(), self._clock.now()
        if form.name is UNSET:
            problems.add("name", "required")
        values = check_account(form, problems, now=now, zone=self._zone)
        kind = AccountType(values.setdefault("account_type", AccountType.PLAYLIST.value))
        self._check(unit, form, values, problems, kind=kind, account_id=None)
        problems.settle()
        values |= {
            "status": Status.IDLE.value if values.get("is_active", True) else Status.DISABLED.value,
            "orphan_cleanup": values.get("orphan_cleanup", OrphanCleanup.ALWAYS.value),
            "next_refresh_at": next_refresh(
                values.get("cron", ""), values.get("refresh_hours", 0), now=now, zone=self._zone
            ),
        }
        properties = values.pop("custom_properties", {})
        account_id = self._store.insert(unit, values, now=now)
        self._store.update(unit, account_id, {**self._secrets(form, account_id), "custom_properties": properties})
        self._set_expiry(unit, account_id, form)
        unit.publish(AccountChanged(account_id=account_id, change="created"))
        if values.get("is_active", True):
            unit.enqueue("live.refresh_account", RefreshAccount(account_id=account_id, groups_only=True), by=by)
        return self._detail(unit, account_id)

    def _change(self, unit: Unit, account_id: int, form: AccountForm) -> AccountDetail:
        account = self._known(unit, account_id)
        if account.locked:
            raise Conflict("The account for custom streams cannot be changed.", reason="locked")
        problems, now = Problems(), self._clock.now()
        values = check_account(form, problems, now=now, zone=self._zone)
        kind = AccountType(values.get("account_type", account.account_type))
        self._check(unit, form, values, problems, kind=kind, account_id=account_id)
        problems.settle()
        if "is_active" in values and values["is_active"] != account.is_active:
            values["status"] = Status.IDLE.value if values["is_active"] else Status.DISABLED.value
        if values.keys() & {"cron", "refresh_hours", "is_active"}:
            cron, hours = values.get("cron", account.cron), values.get("refresh_hours", account.refresh_hours)
            due = next_refresh(cron, hours, now=now, zone=self._zone)
            values["next_refresh_at"] = due if values.get("is_active", account.is_active) else None
        if "custom_properties" in values:
            values["custom_properties"] = {**account.custom_properties, **values["custom_properties"]}
        self._store.update(unit, account_id, {**values, **self._secrets(form, account_id)})
        if values.get("file_path", account.file_path) != account.file_path:
            self._left(unit, account.file_path)
        self._set_expiry(unit, account_id, form)
        unit.publish(AccountChanged(account_id=account_id, change="updated"))
        return self._detail(unit, account_id)

    def _check(
        self,
        unit: Unit,
        form: AccountForm,
        values: dict[str, Any],
        problems: Problems,
        *,
        kind: AccountType,
        account_id: int | None,
    ) -> None:
        if "name" in values and self._store.is_name_taken(unit, accounts, values["name"], but=account_id):
            problems.add("name", "unique", model="m3u account", field="name")
        references = {
            "server_group_id": server_groups,
            "user_agent_id": user_agents,
            "stream_profile_id": stream_profiles,
        }
        for column, table in references.items():
            if self._store.missing(unit, table, values.get(column)):
                problems.add(column.removesuffix("_id"), "does_not_exist", pk=values[column])
        if isinstance(form.url, str) and not is_masked(form.url):
            check_url(form.url, problems)
        if isinstance(form.file_path, str):
            values["file_path"] = form.file_path.strip()
        elif form.file_path is None:
            values["file_path"] = ""
        if account_id is None and kind in {AccountType.XTREAM, AccountType.HDHOMERUN} and not form.url:
            problems.add("server_url", "required")
        if account_id is None and kind is AccountType.XTREAM:
            for name in ("username", "password"):
                if not getattr(form, name):
                    problems.add(name, "required")

    def _secrets(self, form: AccountForm, account_id: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if form.url is None or form.url == "":
            values |= {"url_sealed": None, "url_masked": ""}
        elif form.url is not UNSET and not is_masked(form.url):
            url = check_url(form.url, Problems())
            # What the server said about the old address says nothing about the new one.
            values |= {
                "url_sealed": self._keeper.seal(url, "url", account_id),
                "url_masked": masked(url),
                "etag": "",
                "last_modified": "",
            }
        for name in ("username", "password"):
            sent = getattr(form, name)
            if sent is UNSET or is_mask(sent) or (name == "password" and sent == ""):
                continue
            values[f"{name}_sealed"] = self._keeper.seal(sent.strip(), name, account_id) if sent else None
        return values

    def _set_expiry(self, unit: Unit, account_id: int, form: AccountForm) -> None:
        if form.expires_at is UNSET:
            return
        for profile in self._store.profiles(unit, [account_id]):
            if profile.is_default:
                self._store.update_part(unit, account_profiles, profile.id, {"expires_at": form.expires_at})

    def _known(self, unit: Unit, account_id: int) -> Account:
        account = self._store.by_id(unit, account_id)
        if account is None:
            raise NotFound("The account")
        return account

    def _removable(self, unit: Unit, account_id: int) -> None:
        if self._known(unit, account_id).locked:
            raise Conflict("The account for custom streams cannot be deleted.", reason="locked")

    def _hide(self, unit: Unit, account_id: int) -> None:
        self._store.hide(unit, account_id, at=self._clock.now())
        unit.publish(AccountChanged(account_id=account_id, change="deleted"))
        unit.enqueue("live.delete_account", DeleteAccount(account_id=account_id))

    def _ask(self, unit: Unit, account_id: int, accept_drop: bool, by: int | None) -> int:
        account = self._known(unit, account_id)
        if account.locked:
            raise Invalid.one("id", "locked", "The account for custom streams has nothing to refresh.")
        if not account.is_active:
            raise Conflict("The account is switched off.", reason="inactive")
        return unit.enqueue(
            "live.refresh_account", RefreshAccount(account_id=account_id, accept_drop=accept_drop), by=by
        )

    def _ask_all(self, unit: Unit, by: int | None) -> int:
        ids = self._store.active(unit)
        for account_id in ids:
            unit.enqueue("live.refresh_account", RefreshAccount(account_id=account_id), by=by)
        return len(ids)
