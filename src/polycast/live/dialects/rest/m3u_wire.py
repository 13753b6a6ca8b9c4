"""Bodies of `/api/m3u/`. Provider logins never leave: `***` stands for them, and sent back it means unchanged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import Upload, line
from polycast.core.secrets import MASK
from polycast.live.sources.accounts.forms import AccountForm
from polycast.live.sources.model import Account, AccountDetail, AccountFilter, AccountProfile, GroupAtAccount
from polycast.live.sources.model import AccountType as Kind

THOUSANDTHS: Final = 1000
DEFAULT_PATTERNS: Final = ("^(.*)$", "$1")
# What the original keeps among its custom properties and we in columns: theirs, ours.
SWITCHES: Final[Mapping[str, str]] = {
    "enable_vod": "enable_vod",
    "auto_enable_new_groups_live": "auto_enable_groups_live",
    "auto_enable_new_groups_vod": "auto_enable_groups_vod",
    "auto_enable_new_groups_series": "auto_enable_groups_series",
    "orphan_channel_cleanup": "orphan_cleanup",
}
RENAMED: Final[Mapping[str, str]] = {
    **SWITCHES,
    "server_url": "url",
    "server_group": "server_group_id",
    "user_agent": "user_agent_id",
    "stream_profile": "stream_profile_id",
    "refresh_interval": "refresh_hours",
    "cron_expression": "cron",
    "stale_stream_days": "stale_days",
    "exp_date": "expires_at",
}


class AccountOfProfile(Struct, frozen=True, kw_only=True):
    """Whose profile it is."""

    id: int
    name: str
    account_type: str
    is_xtream_codes: bool


class ProfileOut(Struct, frozen=True, kw_only=True):
    """One way to use an account."""

    id: int
    name: str
    max_streams: int
    is_active: bool
    is_default: bool
    current_viewers: int
    search_pattern: str
    replace_pattern: str
    custom_properties: dict[str, Any]
    exp_date: datetime | None
    account: AccountOfProfile

    @classmethod
    def of(cls, profile: AccountProfile, account: Account, *, viewers: int, may_see: bool) -> "ProfileOut":
        """Patterns may hold logins: without `may_see` only those of every new account are shown."""
        patterns = (profile.search_pattern, profile.replace_pattern)
        search, replace = patterns if may_see or patterns == DEFAULT_PATTERNS else (MASK, MASK)
        return cls(
            id=profile.id,
            name=profile.name,
            max_streams=profile.max_streams,
            is_active=profile.is_active,
            is_default=profile.is_default,
            current_viewers=viewers,
            search_pattern=search,
            replace_pattern=replace,
            custom_properties=_told_by_panel(profile) | dict(profile.custom_properties),
            exp_date=profile.expires_at,
            account=AccountOfProfile(
                id=account.id,
                name=account.name,
                account_type=account.account_type.value,
                is_xtream_codes=account.account_type is Kind.XTREAM,
            ),
        )


def _told_by_panel(profile: AccountProfile) -> dict[str, Any]:
    if profile.user_info is None:
        return {}
    at = profile.info_at
    return {
        "user_info": {**profile.user_info, "username": MASK, "password": MASK},
        "server_info": dict(profile.server_info or {}),
        "last_refresh": None if at is None else at.isoformat().replace("+00:00", "Z"),
        "auth_timestamp": None if at is None else int(at.timestamp()),
    }


class FilterOut(Struct, frozen=True, kw_only=True):
    """A rule for entries."""

    id: int
    filter_type: str
    regex_pattern: str
    exclude: bool
    order: int
    custom_properties: dict[str, Any]

    @classmethod
    def of(cls, rule: AccountFilter) -> "FilterOut":
        return cls(
            id=rule.id,
            filter_type=rule.filter_type,
            regex_pattern=rule.regex_pattern,
            exclude=rule.exclude,
            order=rule.position,
            custom_properties=dict(rule.custom_properties) | {"case_sensitive": rule.case_sensitive},
        )


class GroupOut(Struct, frozen=True, kw_only=True):
    """How an account uses a group."""

    id: int
    m3u_accounts: int
    channel_group: int
    enabled: bool
    auto_channel_sync: bool
    auto_sync_channel_start: float | None
    auto_sync_channel_end: float | None
    custom_properties: dict[str, Any]
    is_stale: bool
    last_seen: datetime | None
    stream_count: int

    @classmethod
    def of(cls, group: GroupAtAccount, account: Account) -> "GroupOut":
        properties = dict(group.custom_properties)
        if group.category_id:
            properties["xc_id"] = group.category_id
        return cls(
            id=group.id,
            m3u_accounts=group.account_id,
            channel_group=group.group_id,
            enabled=group.enabled,
            auto_channel_sync=group.auto_channel_sync,
            auto_sync_channel_start=_number(group.sync_start),
            auto_sync_channel_end=_number(group.sync_end),
            custom_properties=properties,
            is_stale=group.stale_at is not None,
            last_seen=group.last_seen_at or account.scanned_at,
            stream_count=group.stream_count,
        )


def _number(thousandths: int | None) -> float | None:
    return None if thousandths is None else thousandths / THOUSANDTHS


class Expiration(Struct, frozen=True, kw_only=True):
    """When a profile's login ends."""

    profile_id: int
    profile_name: str
    exp_date: datetime
    is_active: bool


class AccountOut(Struct, frozen=True, kw_only=True):
    """A source of streams with its parts."""

    id: int
    name: str
    account_type: str
    server_url: str | None
    file_path: str | None
    username: str | None
    server_group: int | None
    max_streams: int
    is_active: bool
    locked: bool
    user_agent: int | None
    stream_profile: int | None
    refresh_interval: int
    cron_expression: str
    stale_stream_days: int
    priority: int
    status: str
    last_message: str
    created_at: datetime
    updated_at: datetime | None
    custom_properties: dict[str, Any]
    filters: list[FilterOut]
    profiles: list[ProfileOut]
    channel_groups: list[GroupOut]
    enable_vod: bool
    auto_enable_new_groups_live: bool
    auto_enable_new_groups_vod: bool
    auto_enable_new_groups_series: bool
    earliest_expiration: datetime | None
    all_expirations: list[Expiration]
    exp_date: datetime | None
    stream_count: int
    is_held: bool  # the drop guard waits for somebody to confirm
    next_refresh_at: datetime | None

    @classmethod
    def of(cls, detail: AccountDetail, *, viewers: Mapping[int, int], may_see: bool) -> "AccountOut":
        account, profiles = detail.account, detail.profiles
        ends = [profile for profile in profiles if profile.expires_at is not None]
        active_ends = [profile.expires_at for profile in ends if profile.is_active and profile.expires_at]
        switches = {theirs: getattr(account, ours) for theirs, ours in SWITCHES.items()}
        return cls(
            **{name: getattr(account, name) for name in _SAME},
            account_type=account.account_type.value,
            server_url=account.url or None,
            file_path=account.file_path or None,
            username=MASK if account.has_username else None,
            server_group=account.server_group_id,
            user_agent=account.user_agent_id,
            stream_profile=account.stream_profile_id,
            refresh_interval=account.refresh_hours,
            cron_expression=account.cron,
            stale_stream_days=account.stale_days,
            status=account.status.value,
            custom_properties=dict(account.custom_properties) | switches,
            filters=[FilterOut.of(rule) for rule in detail.filters],
            profiles=[
                ProfileOut.of(profile, account, viewers=viewers.get(profile.id, 0), may_see=may_see)
                for profile in profiles
            ],
            channel_groups=[GroupOut.of(group, account) for group in detail.groups],
            auto_enable_new_groups_live=account.auto_enable_groups_live,
            auto_enable_new_groups_vod=account.auto_enable_groups_vod,
            auto_enable_new_groups_series=account.auto_enable_groups_series,
            earliest_expiration=min(active_ends, default=None),
            all_expirations=_expirations(ends),
            exp_date=next((profile.expires_at for profile in profiles if profile.is_default), None),
        )


_SAME: Final = (
    "id",
    "name",
    "max_streams",
    "is_active",
    "locked",
    "priority",
    "last_message",
    "created_at",
    "updated_at",
    "enable_vod",
    "stream_count",
    "is_held",
    "next_refresh_at",
)


def _expirations(profiles: Sequence[AccountProfile]) -> list[Expiration]:
    return [
        Expiration(profile_id=one.id, profile_name=one.name, exp_date=one.expires_at, is_active=one.is_active)
        for one in profiles
        if one.expires_at is not None
    ]


class AccountPatch(Struct, frozen=True, kw_only=True):
    """Absent keeps. A masked address or user name, or an empty password, means unchanged."""

    name: Annotated[str, line(255)] | UnsetType = UNSET
    account_type: str | UnsetType = UNSET
    server_url: str | None | UnsetType = UNSET
    file: Upload | None | UnsetType = UNSET
    file_path: str | None | UnsetType = UNSET
    username: str | None | UnsetType = UNSET
    password: str | None | UnsetType = UNSET
    server_group: int | None | UnsetType = UNSET
    max_streams: int | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    user_agent: int | None | UnsetType = UNSET
    stream_profile: int | None | UnsetType = UNSET
    refresh_interval: int | UnsetType = UNSET
    cron_expression: str | None | UnsetType = UNSET
    stale_stream_days: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    enable_vod: bool | UnsetType = UNSET
    auto_enable_new_groups_live: bool | UnsetType = UNSET
    auto_enable_new_groups_vod: bool | UnsetType = UNSET
    auto_enable_new_groups_series: bool | UnsetType = UNSET
    orphan_channel_cleanup: str | UnsetType = UNSET
    custom_properties: dict[str, Any] | None | UnsetType = UNSET
    exp_date: datetime | None | UnsetType = UNSET

    def __repr__(self) -> str:
        return "AccountPatch()"

    def form(self, *, file_path: str | None) -> AccountForm:
        """For the service; `file_path` is where an upload was put. Raises: Invalid for a switch of the wrong type."""
        sent = {
            name: getattr(self, name) for name in self.__struct_fields__ if name not in ("file", "custom_properties")
        }
        values = {RENAMED.get(name, name): value for name, value in sent.items() if value is not UNSET}
        if file_path is not None:
            values["file_path"] = file_path
        if isinstance(self.custom_properties, dict):
            rest = dict(self.custom_properties)
            for theirs, ours in SWITCHES.items():
                if theirs in rest:
                    values.setdefault(ours, _switch(theirs, rest.pop(theirs)))
            values["custom_properties"] = rest
        return AccountForm(**values)


def _switch(name: str, value: Any) -> Any:
    wanted: type = str if name == "orphan_channel_cleanup" else bool
    if not isinstance(value, wanted):
        raise Invalid.one("custom_properties", "invalid", f"{name} must be {wanted.__name__}.")
    return value


class AccountIn(AccountPatch, frozen=True, kw_only=True):
    """An account, new or in full."""

    name: Annotated[str, line(255)]


class GroupSetting(Struct, frozen=True, kw_only=True):
    """How an account shall use a group."""

    channel_group: int
    enabled: bool | UnsetType = UNSET
    auto_channel_sync: bool | UnsetType = UNSET
    auto_sync_channel_start: float | None | UnsetType = UNSET
    auto_sync_channel_end: float | None | UnsetType = UNSET
    custom_properties: dict[str, Any] | None | UnsetType = UNSET


class GroupSettings(Struct, frozen=True, kw_only=True):
    """Groups of channels; those of films are taken in and mean nothing yet."""

    group_settings: list[GroupSetting] = []
    category_settings: list[dict[str, Any]] = []
