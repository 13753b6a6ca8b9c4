"""What a refresh reads of an account, secrets opened, and what it writes back."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.core.jobs.schedule import next_cron
from polycast.core.secrets import Secrets
from polycast.core.storage import Unit
from polycast.live.providers.xtream.wire import whole
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.addresses import Login, find_login
from polycast.live.sources.model import Account, AccountFilter, GroupAtAccount, Status
from polycast.live.sources.refresh.fetch import Material, moment
from polycast.live.tables import account_profiles


class Loaded(Struct, frozen=True, kw_only=True):
    """An account as a refresh needs it."""

    account: Account
    filters: list[AccountFilter]
    groups: list[GroupAtAccount]
    url: str
    login: Login | None
    user_agent: str | None
    etag: str
    last_modified: str
    entry_count: int
    indexed_id: int
    hash_keys: str
    content_digest: bytes | None
    shape_digest: bytes | None


class Keeper:
    """Seals and opens the secrets of accounts; each is bound to its column and row."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def seal(self, plain: str, what: str, account_id: int) -> bytes:
        return self._secrets.seal(plain, context=f"live.account:{account_id}:{what}")

    def open(self, sealed: bytes | None, what: str, account_id: int) -> str:
        """ "" when nothing is stored. Raises: Unsealable."""
        return self._secrets.open(sealed, context=f"live.account:{account_id}:{what}") if sealed else ""

    def stream_url(self, sealed: bytes, stream_id: int) -> str:
        """The address of a custom stream. Raises: Unsealable."""
        return self._secrets.open(sealed, context=f"live.stream:{stream_id}:url")

    def url(self, row: Any) -> str:
        return self.open(row.url_sealed, "url", row.id)

    def login(self, row: Any) -> Login | None:
        """The account's login: its own fields, else the one in its address, else the one found in its streams."""
        username = self.open(row.username_sealed, "username", row.id)
        if username:
            return Login(username, self.open(row.password_sealed, "password", row.id))
        if found := find_login(self.url(row)):
            return found
        stored = self.open(row.login_sealed, "login", row.id)
        return Login(*msgspec.json.decode(stored, type=tuple[str, str])) if stored else None


class AccountState:
    """Status, schedule and marks of accounts. Plain methods for units."""

    def __init__(self, *, store: AccountStore, keeper: Keeper, zone: ZoneInfo) -> None:
        self.store = store
        self._keeper = keeper
        self._zone = zone

    def load(self, unit: Unit, account_id: int) -> Loaded | None:
        """Raises: Unsealable, when the key that sealed a secret is gone."""
        row = self.store.row(unit, account_id)
        account = self.store.by_id(unit, account_id)
        if row is None or account is None:
            return None
        return Loaded(
            account=account,
            filters=self.store.filters(unit, [account_id]),
            groups=self.store.groups(unit, [account_id]),
            url=self._keeper.url(row),
            login=self._keeper.login(row),
            user_agent=self.store.user_agent(unit, account.user_agent_id),
            etag=row.etag,
            last_modified=row.last_modified,
            entry_count=row.entry_count,
            indexed_id=row.indexed_id,
            hash_keys=row.hash_keys,
            content_digest=row.content_digest,
            shape_digest=row.shape_digest,
        )

    def say(self, unit: Unit, account_id: int, status: Status, message: str) -> None:
        self.store.update(unit, account_id, {"status": status.value, "last_message": message})

    def plain_url(self, row: Any) -> str:
        """A stream's address as its identity is made of: a custom one's with its credential."""
        return self._keeper.stream_url(row.url_sealed, row.id) if row.url_sealed else str(row.url)

    def keep_login(self, unit: Unit, account_id: int, login: Login) -> None:
        """Remember the login that the account's stream addresses carry."""
        plain = msgspec.json.encode((login.username, login.password)).decode()
        self.store.update(unit, account_id, {"login_sealed": self._keeper.seal(plain, "login", account_id)})

    def keep_fetched(self, unit: Unit, loaded: Loaded, material: Material, now: datetime) -> None:
        """Write what came beside the streams: what a panel says about the login, how many tuners there are."""
        account = loaded.account
        if material.tuners:
            self.store.update(unit, account.id, {"max_streams": material.tuners})
        if material.info is None:
            return
        default = next((p for p in self.store.profiles(unit, [account.id]) if p.is_default), None)
        if default is None:
            return
        user = material.info.user_info
        values: dict[str, Any] = {
            "user_info": msgspec.to_builtins(user),
            "server_info": msgspec.to_builtins(material.info.server_info),
            "info_at": now,
            "expires_at": moment(user.exp_date) if user else None,
        }
        if loaded.login is not None:
            values["login_fingerprint"] = loaded.login.fingerprint()
        if user and not default.max_streams and (limit := whole(user.max_connections)):
            values["max_streams"] = limit
        self.store.update_part(unit, account_profiles, default.id, values)

    def hashed_by(self, unit: Unit, account_id: int, keys: str) -> None:
        """What the hashes of the account's streams are made of now."""
        self.store.update(unit, account_id, {"hash_keys": keys})

    def disabled_groups(self, unit: Unit, account_id: int) -> set[int]:
        """Group ids whose streams are not wanted."""
        return {g.group_id for g in self.store.groups(unit, [account_id]) if not g.enabled}

    def pending(self, unit: Unit, account: Account, message: str) -> None:
        """The groups of a new account are known; somebody has to choose."""
        self.say(unit, account.id, Status.PENDING_SETUP, message)

    def complete(
        self, unit: Unit, loaded: Loaded, material: Material, *, shape: bytes, message: str, now: datetime
    ) -> None:
        """A good end: what was imported, so that the next refresh can tell what is new."""
        values: dict[str, Any] = {
            "status": Status.SUCCESS.value,
            "last_message": message,
            "updated_at": now,
            "is_held": False,
            "shape_digest": shape,
            "etag": material.etag,
            "last_modified": material.last_modified,
        }
        if material.survey is not None:
            values |= {"content_digest": material.survey.digest, "entry_count": material.survey.entries}
        self.store.update(unit, loaded.account.id, values)
        self.plan_next(unit, loaded.account.id, now)

    def fail(self, unit: Unit, account_id: int, message: str, *, held: bool, now: datetime) -> None:
        """A bad end; the streams are as they were. The next try comes by schedule."""
        values = {
            "status": Status.ERROR.value,
            "last_message": message,
            "is_held": held,
            "etag": "",
            "last_modified": "",
        }
        self.store.update(unit, account_id, values)
        self.plan_next(unit, account_id, now)

    def plan_next(self, unit: Unit, account_id: int, now: datetime) -> None:
        """Set when the account is refreshed next."""
        account = self.store.by_id(unit, account_id)
        if account is not None:
            due = next_refresh(account.cron, account.refresh_hours, now=now, zone=self._zone)
            self.store.update(unit, account_id, {"next_refresh_at": due if account.is_active else None})

    def scanned(self, unit: Unit, account_id: int, at: datetime) -> None:
        """The scan that began `at` is complete: present streams were last seen then."""
        self.store.update(unit, account_id, {"scanned_at": at})


def next_refresh(cron: str, hours: int, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a schedule comes next; the cron line wins over the hours; None for never. Raises: Invalid."""
    if cron:
        return next_cron(cron, after=now, zone=zone)
    return now + timedelta(hours=hours) if hours else None


def require_cron(cron: str, *, now: datetime, zone: ZoneInfo) -> None:
    """Raises: Invalid at `cron_expression`."""
    try:
        next_refresh(cron, 0, now=now, zone=zone)
    except Invalid:
        raise Invalid.one("cron_expression", "invalid", "Enter five cron fields, like 0 3 * * *.") from None
