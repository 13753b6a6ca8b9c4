"""Exactly what the admin API takes. Absent keeps; an empty field of a form is nothing, or no."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.http import line, prose
from polycast.radio.accounts.model import AccountChange
from polycast.radio.templates.model import TemplateChange

Line = Annotated[str, line(255, blank=True)] | UnsetType
Password = Annotated[str, Meta(max_length=1024)] | UnsetType
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)] | None | UnsetType
Port = Annotated[int, Meta(ge=0, le=65535)] | None | UnsetType
Switch = bool | None | UnsetType


class FlagsSent(Struct, kw_only=True):
    """What may be used."""

    youtube_streaming_enabled: Switch = UNSET
    fb_streaming_enabled: Switch = UNSET
    vk_streaming_enabled: Switch = UNSET
    tg_streaming_enabled: Switch = UNSET
    geoblocking_enabled: Switch = UNSET
    stereo_tool_enabled: Switch = UNSET
    url_branding_enabled: Switch = UNSET
    website_enabled: Switch = UNSET
    tts_enabled: Switch = UNSET
    podcasts_enabled: Switch = UNSET
    save_dj_streams_enabled: Switch = UNSET


class LimitsSent(FlagsSent, kw_only=True):
    """What there may be. 0 is no limit."""

    limit_stations: Count = UNSET
    limit_streams: Count = UNSET
    limit_listeners: Count = UNSET
    limit_bitrate: Count = UNSET
    limit_du: Count = UNSET
    limit_traffic: Count = UNSET


class BroadcasterSent(LimitsSent, kw_only=True):
    """A new account, or what to change of one."""

    username: Line = UNSET
    email: Line = UNSET
    password: Password = UNSET
    first_name: Line = UNSET
    owner: int | None | UnsetType = UNSET
    server_type: Line = UNSET
    panel_port: Port = UNSET
    default_channel_port: Port = UNSET
    port_range_min: Port = UNSET
    port_range_max: Port = UNSET
    branded_url: Line = UNSET
    station_name: Line = UNSET
    website_url: Line = UNSET
    language: Line = UNSET
    timezone: Line = UNSET


class ResellerSent(FlagsSent, kw_only=True):
    """A new reseller, or what to change of one."""

    username: Line = UNSET
    email: Line = UNSET
    password: Password = UNSET
    first_name: Line = UNSET
    language: Line = UNSET
    timezone: Line = UNSET
    limit_accounts: Count = UNSET
    limit_listeners: Count = UNSET
    limit_du: Count = UNSET
    limit_bitrate: Count = UNSET
    limit_traffic: Count = UNSET


class TemplateSent(LimitsSent, kw_only=True):
    """A new package, or what to change of one."""

    name: Line = UNSET
    server_type: Line = UNSET
    limit_accounts: Count = UNSET


class ProfileSent(Struct, kw_only=True):
    """One's own profile. `image` is a file of a multipart form; any other is passed over."""

    email: Line = UNSET
    first_name: Line = UNSET
    password: Password = UNSET
    password_current: Password = UNSET
    language: Line = UNSET
    timezone: Line = UNSET
    image: Any = UNSET


class LoginSent(Struct, kw_only=True):
    username: Annotated[str, Meta(max_length=255)] = ""
    email: Annotated[str, Meta(max_length=255)] = ""
    password: Annotated[str, Meta(max_length=1024)] = ""

    def __repr__(self) -> str:
        return "LoginSent()"


class NewPasswordSent(Struct, kw_only=True):
    """dj-rest-auth's; `old_password` counts when it is there."""

    new_password1: Password = UNSET
    new_password2: Password = UNSET
    old_password: Password = UNSET


class ResetSent(Struct, kw_only=True):
    email: Annotated[str, Meta(max_length=255)] = ""


class ResetConfirmSent(Struct, kw_only=True):
    uid: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    token: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    password: Password = UNSET


class ResetConfirmTwiceSent(Struct, kw_only=True):
    """dj-rest-auth's."""

    uid: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    token: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    new_password1: Password = UNSET
    new_password2: Password = UNSET


class BackupSent(Struct, kw_only=True):
    """What to do about backups."""

    action: Annotated[str, Meta(max_length=32)] = ""
    backup_quick: Switch = UNSET
    when: Annotated[int, Meta(ge=0, le=3)] | None | UnsetType = UNSET
    type: Annotated[int, Meta(ge=0, le=1)] | None | UnsetType = UNSET
    all: Switch = UNSET
    file: Annotated[str, line(200, blank=True)] = ""


class SettingsSent(Struct, kw_only=True):
    """Settings of the business. Pictures are files of a multipart form."""

    company_name: Line = UNSET
    copyright: Line = UNSET
    company_logo: Any = UNSET
    company_favicon: Any = UNSET
    smtp_host: Line = UNSET
    smtp_port: Port = UNSET
    smtp_username: Line = UNSET
    smtp_password: Password = UNSET
    smtp_sender: Line = UNSET
    smtp_tls: Switch = UNSET
    smtp_ssl: Switch = UNSET


class TestEmailSent(Struct, kw_only=True):
    subject: Annotated[str, line(300, blank=True)] = ""
    recipient: Annotated[str, line(255, blank=True)] = ""
    body: Annotated[str, prose(65_536)] = ""


class EmailTemplateSent(Struct, kw_only=True):
    language: Annotated[str, Meta(pattern=r"^[a-z]{2}(-[a-z]{2,8})?$")] = "en"
    email_type: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    subject: Annotated[str, line(300, blank=True)] | UnsetType = UNSET
    body: Annotated[str, prose(65_536)] | UnsetType = UNSET


class LicenseSent(Struct, kw_only=True):
    license_key: Annotated[str, Meta(max_length=255)] = ""


class RemoteQuery(Struct, frozen=True, kw_only=True):
    """Credentials that a billing program puts into the address."""

    server_username: Annotated[str, Meta(max_length=255)] = ""
    server_password: Annotated[str, Meta(max_length=1024)] = ""

    def __repr__(self) -> str:
        return "RemoteQuery()"


class RemoteSent(LimitsSent, kw_only=True):
    """What the billing program sends with every call; each reads its own part."""

    server_username: Annotated[str, Meta(max_length=255)] = ""
    server_password: Annotated[str, Meta(max_length=1024)] = ""
    username: Annotated[str, line(255, blank=True)] = ""
    email: Line = UNSET
    password: Password = UNSET
    new_password: Annotated[str, Meta(max_length=1024)] = ""
    template: Annotated[str, line(255, blank=True)] = ""
    configoption1: Annotated[str, line(255, blank=True)] = ""
    server_type: Line = UNSET
    first_name: Line = UNSET
    station_name: Line = UNSET
    website_url: Line = UNSET

    def __repr__(self) -> str:
        return "RemoteSent()"


def account_change(sent: Struct) -> AccountChange:
    """What of `sent` is about an account."""
    given = _given(sent)
    return msgspec.convert({n: v for n, v in given.items() if n in AccountChange.__struct_fields__}, AccountChange)


def template_change(sent: TemplateSent) -> TemplateChange:
    return msgspec.convert(_given(sent), TemplateChange)


def _given(sent: Struct) -> dict[str, Any]:
    """Fields that say something: an empty number is nothing, an empty switch is off, only an owner may be none."""
    found: dict[str, Any] = {}
    for name in sent.__struct_fields__:
        value = getattr(sent, name)
        if value is None and name.endswith("_enabled"):
            value = False
        if value is UNSET or (value is None and name != "owner"):
            continue
        found[name] = value
    return found
