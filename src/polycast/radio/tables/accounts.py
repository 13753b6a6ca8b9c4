"""Accounts of the hosting business, what they are made from, and what the machine's owner has set."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint

from polycast.core.storage.columns import flag, key, moment, sorted_words, whole, words
from polycast.radio.tables.base import METADATA


def _limits() -> list[Column[int]]:
    """0 is no limit; bitrate in kbit/s, disk in MB, traffic in MB a month."""
    names = ("stations", "streams", "listeners", "bitrate", "du", "traffic", "accounts")
    return [whole(f"limit_{name}") for name in names]


def _features() -> list[Column[bool]]:
    streaming = ("youtube_streaming", "fb_streaming", "vk_streaming", "tg_streaming", "geoblocking", "stereo_tool")
    names = (*streaming, "url_branding", "website", "tts", "podcasts", "save_dj_streams")
    return [flag(f"{name}_enabled") for name in names]


accounts = Table(
    "radio_accounts",
    METADATA,
    # The user's own key; the foreign key to core_users stands in the migration.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    words("kind"),  # admin, reseller, broadcaster
    Column("owner_id", BigInteger),  # the reseller or admin whose customer this is
    words("email"),  # may be shared: one owner may hold several accounts
    words("email_key"),
    words("image"),
    whole("status"),
    words("status_error"),  # why a creation or restore did not end
    words("suspend_reason"),  # admin, billing, traffic, license
    words("server_type"),
    whole("panel_port"),
    whole("default_channel_port"),
    whole("port_range_min"),
    whole("port_range_max"),
    *_limits(),
    *_features(),
    whole("backup_status"),
    whole("backup_auto_type"),
    whole("backup_auto_when"),
    flag("backup_quick"),
    moment("backup_at", optional=True),  # when the present file was finished
    moment("backup_due_at", optional=True),
    Column("branded_url", Text, unique=True),
    whole("branded_url_status"),
    words("station_name"),
    words("website_url"),
    words("language"),
    words("timezone"),
    whole("du_bytes"),
    whole("traffic_bytes"),  # in the month that `traffic_month` names
    words("traffic_month"),  # 2026-11, in the account's zone
    whole("traffic_told"),  # the highest share in percent that was mailed this month
    whole("token_epoch"),  # raised, every login token made before is none any more
    moment("login_at", optional=True),  # by this module's own sign-in: older reset links end with it
    moment("joined_at"),
    Index("ix_radio_accounts_kind", "kind", "id"),
    Index("ix_radio_accounts_owner_id", "owner_id"),
    Index("ix_radio_accounts_email_key", "email_key"),
    Index("ix_radio_accounts_status", "status"),
    Index("ix_radio_accounts_panel_port", "panel_port"),
)

templates = Table(
    "radio_templates",
    METADATA,
    key(),
    words("kind"),  # broadcaster, reseller
    words("name"),
    sorted_words("name_key"),  # unique over both kinds: the billing program's list mixes them
    words("server_type"),
    *_limits(),
    *_features(),
    UniqueConstraint("name_key"),
)

mail_templates = Table(
    "radio_mail_templates",
    METADATA,
    key(),
    Column("owner_id", BigInteger, nullable=False),
    words("language"),
    words("email_type"),
    words("subject"),
    words("body"),
    UniqueConstraint("owner_id", "language", "email_type"),
)

# What the machine's owner has set: one row for each word.
values = Table(
    "radio_values",
    METADATA,
    Column("name", Text, primary_key=True),
    words("value"),
    Column("sealed", LargeBinary),  # a secret, instead of `value`
)

mails = Table(
    "radio_mails",
    METADATA,
    key(),
    Column("account_id", BigInteger),
    words("email_type"),
    Column("sealed", LargeBinary, nullable=False),  # JSON: recipient, subject, text, html; links in it are secrets
    moment("created_at"),
    Index("ix_radio_mails_created_at", "created_at"),
    Index("ix_radio_mails_account_id", "account_id", "email_type", "created_at"),
)

account_events = Table(
    "radio_account_events",
    METADATA,
    key(),
    Column("account_id", BigInteger, nullable=False),
    moment("at"),
    words("code"),
    words("text"),
    Index("ix_radio_account_events_account_id", "account_id", "id"),
)

usage_days = Table(
    "radio_usage_days",
    METADATA,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Text, primary_key=True),  # 2026-11-21, in the account's zone
    whole("listeners_peak"),
    whole("listened_ms"),
    whole("traffic_bytes"),
    whole("du_bytes"),
)

ssh_hosts = Table(
    "radio_ssh_hosts",
    METADATA,
    key(),
    words("host"),
    whole("port"),
    words("public_key"),  # as OpenSSH writes it, kept from the first visit
    moment("seen_at"),
    UniqueConstraint("host", "port"),
)
