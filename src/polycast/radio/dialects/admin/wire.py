"""Exactly what the admin API sends. Field names and their order are the reference's."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from polycast.radio.accounts.model import FEATURES, Account, Kind, Status
from polycast.radio.accounts.store_rows import ALL_LIMITS, PORTS
from polycast.radio.templates.model import Template

STATUS_WORDS = {
    Status.BEING_CREATED: "Being created",
    Status.BEING_DELETED: "Being deleted",
    Status.ACTIVE: "Active",
    Status.SUSPENDED: "Suspended",
}
TYPE_NUMBERS = {Kind.ADMIN: 0, Kind.RESELLER: 1, Kind.BROADCASTER: 2}
MEGABYTE = 1_000_000


class Flags(Struct, kw_only=True):
    """What may be used."""

    youtube_streaming_enabled: bool
    fb_streaming_enabled: bool
    vk_streaming_enabled: bool
    tg_streaming_enabled: bool
    geoblocking_enabled: bool
    stereo_tool_enabled: bool
    url_branding_enabled: bool
    website_enabled: bool
    tts_enabled: bool
    podcasts_enabled: bool
    save_dj_streams_enabled: bool


class Reseller(Flags, kw_only=True):
    """A reseller, or an admin where one owns accounts."""

    pk: int
    username: str
    email: str
    first_name: str
    image: str
    accounts_current: int
    limit_accounts: int
    limit_listeners: int
    limit_du: int
    limit_bitrate: int
    limit_traffic: int

    @classmethod
    def of(cls, account: Account, *, owned: int) -> "Reseller":
        return cls(**_names(account), **_flags(account), accounts_current=owned, **_some_limits(account))


class ResellerProfile(Reseller, kw_only=True):
    """A reseller's own profile."""

    account_type: int
    allows_reseller: bool

    @classmethod
    def of(cls, account: Account, *, owned: int) -> "ResellerProfile":
        return cls(
            **_names(account),
            **_flags(account),
            accounts_current=owned,
            **_some_limits(account),
            account_type=TYPE_NUMBERS[account.kind],
            allows_reseller=False,
        )


class Profile(Flags, kw_only=True):
    """An admin's or a broadcaster's own profile."""

    pk: int
    username: str
    email: str
    first_name: str
    image: str
    account_type: int
    allows_reseller: bool
    limit_stations: int
    limit_streams: int
    limit_listeners: int
    limit_bitrate: int
    limit_du: int
    limit_traffic: int

    @classmethod
    def of(cls, account: Account) -> "Profile":
        is_admin = account.kind is Kind.ADMIN
        flags: dict[str, Any] = dict.fromkeys(FEATURES, True) if is_admin else _flags(account)
        return cls(
            **_names(account),
            **flags,
            account_type=TYPE_NUMBERS[account.kind],
            allows_reseller=is_admin,
            **{name: getattr(account.limits, name) for name in ALL_LIMITS if name != "limit_accounts"},
        )


class Broadcaster(Flags, kw_only=True):
    """An account with every field of `specs/radio.md` 2.1."""

    pk: int
    username: str
    email: str
    first_name: str
    image: str
    owner: Reseller | None
    account_type: int
    account_status: int
    account_status_display: str
    is_active: bool
    server_type: str
    panel_port: int
    default_channel_port: int
    port_range_min: int
    port_range_max: int
    stations_current: int
    limit_stations: int
    limit_streams: int
    limit_listeners: int
    limit_bitrate: int
    limit_du: int
    limit_traffic: int
    backup_status: int
    backup_auto_type: int
    backup_auto_when: int
    backup_quick: bool
    branded_url: str
    branded_url_status: int
    listeners_current: int
    du_current: int
    traffic_current: int
    station_name: str
    website_url: str
    date_joined: datetime
    language: str
    timezone: str
    suspend_reason: str | None
    error: str


class BroadcasterRow(Broadcaster, kw_only=True):
    """A row of `remote_get_all_broadcasters`; the billing program looks for `password_plain`."""

    password_plain: str = ""


class Surroundings(Struct, frozen=True, kw_only=True):
    """What of an account stands elsewhere: its owner, its stations, who listens."""

    owner: Reseller | None
    stations: int
    listeners: int
    traffic_bytes: int


def broadcaster(account: Account, around: Surroundings) -> Broadcaster:
    """An account as this API shows it."""
    return Broadcaster(**_columns(account, around))


def broadcaster_row(account: Account, around: Surroundings) -> BroadcasterRow:
    return BroadcasterRow(**_columns(account, around))


def _columns(account: Account, around: Surroundings) -> dict[str, Any]:
    return {
        **_names(account),
        **_flags(account),
        "owner": around.owner,
        "account_type": TYPE_NUMBERS[account.kind],
        "account_status": account.status.value,
        "account_status_display": STATUS_WORDS[account.status],
        "is_active": account.status is Status.ACTIVE,
        "server_type": account.server_type,
        **{name: getattr(account.ports, name) for name in PORTS},
        "stations_current": around.stations,
        **{name: getattr(account.limits, name) for name in ALL_LIMITS if name != "limit_accounts"},
        "backup_status": account.backup.status,
        "backup_auto_type": account.backup.auto_type,
        "backup_auto_when": account.backup.auto_when,
        "backup_quick": account.backup.quick,
        "branded_url": account.branded_url or "",
        "branded_url_status": account.branded_url_status,
        "listeners_current": around.listeners,
        "du_current": -(-account.du_bytes // MEGABYTE),
        "traffic_current": -(-around.traffic_bytes // MEGABYTE),
        "station_name": account.station_name,
        "website_url": account.website_url,
        "date_joined": account.joined_at,
        "language": account.language,
        "timezone": account.timezone,
        "suspend_reason": account.suspend_reason or None,
        "error": account.status_error,
    }


def _names(account: Account) -> dict[str, Any]:
    return {
        "pk": account.id,
        "username": account.username,
        "email": account.email,
        "first_name": account.first_name,
        "image": account.image,
    }


def _flags(account: Account) -> dict[str, Any]:
    return {name: getattr(account.features, name) for name in FEATURES}


def _some_limits(account: Account) -> dict[str, Any]:
    names = ("limit_accounts", "limit_listeners", "limit_du", "limit_bitrate", "limit_traffic")
    return {name: getattr(account.limits, name) for name in names}


class BroadcasterTemplate(Flags, kw_only=True):
    """A package for broadcasters."""

    pk: int
    id: int
    name: str
    limit_stations: int
    limit_streams: int
    limit_bitrate: int
    limit_listeners: int
    limit_du: int
    limit_traffic: int
    server_type: str


class ResellerTemplate(Flags, kw_only=True):
    """A package for resellers."""

    pk: int
    id: int
    name: str
    limit_accounts: int
    limit_bitrate: int
    limit_listeners: int
    limit_du: int
    limit_traffic: int


def template(one: Template) -> Struct:
    kind = BroadcasterTemplate if one.kind is Kind.BROADCASTER else ResellerTemplate
    values: dict[str, Any] = {name: getattr(one.features, name) for name in FEATURES}
    values |= {name: getattr(one.limits, name) for name in ALL_LIMITS if name in kind.__struct_fields__}
    values |= {"server_type": one.server_type} if one.kind is Kind.BROADCASTER else {}
    return kind(pk=one.id, id=one.id, name=one.name, **values)


# One of several structs that nothing in the JSON tells apart; the OpenAPI document calls it an object.
Shown = dict[str, Any]


def shown(value: Struct) -> Shown:
    """A struct as its JSON object."""
    found: Shown = msgspec.to_builtins(value)
    return found


class LoggedIn(Struct, frozen=True, kw_only=True):
    """A token and whose it is."""

    key: str
    user: Shown


class Detail(Struct, frozen=True, kw_only=True):
    detail: str


class Success(Struct, frozen=True, kw_only=True):
    success: bool = True


class Empty(Struct, frozen=True):
    """`{}`."""


class LoginUrl(Struct, frozen=True, kw_only=True):
    """Where an account's panel is, and a ticket into it."""

    url: str
    token: str


class EmailTemplate(Struct, frozen=True, kw_only=True):
    owner: int
    language: str
    email_type: str
    subject: str
    body: str


class Broadcasters(Struct, frozen=True, kw_only=True):
    broadcasters: list[BroadcasterRow]


class Exists(Struct, frozen=True, kw_only=True):
    exists: bool


class Token(Struct, frozen=True, kw_only=True):
    token: str


class Url(Struct, frozen=True, kw_only=True):
    url: str


class TemplateNames(Struct, frozen=True, kw_only=True):
    broadcaster_templates: list[str]
    reseller_templates: list[str]


class UsageDay(Struct, frozen=True, kw_only=True):
    date: str
    listeners_peak: int
    listeners_avg: float
    traffic: int  # bytes
    du: int  # bytes


class AccountEvent(Struct, frozen=True, kw_only=True):
    at: datetime
    code: str
    text: str
