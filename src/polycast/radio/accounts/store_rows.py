"""How rows of accounts become `Account`s: joined with the users they belong to."""

from typing import Any, Final

from sqlalchemy import Row, Select, select

from polycast.core.identity.tables import users
from polycast.radio.accounts.model import (
    DEFAULT_IMAGE,
    FEATURES,
    LIMITS,
    Account,
    Backup,
    Features,
    Kind,
    Limits,
    Ports,
    Status,
)
from polycast.radio.tables import accounts

PORTS: Final = ("panel_port", "default_channel_port", "port_range_min", "port_range_max")
ALL_LIMITS: Final = ("limit_accounts", *LIMITS)
PLAIN: Final = (
    "id",
    "owner_id",
    "email",
    "status_error",
    "suspend_reason",
    "server_type",
    "branded_url",
    "branded_url_status",
    "station_name",
    "website_url",
    "du_bytes",
    "traffic_bytes",
    "traffic_month",
    "traffic_told",
    "token_epoch",
    "login_at",
    "joined_at",
)


def selected() -> Select[Any]:
    """All accounts with their user names."""
    joined = select(accounts, users.c.username, users.c.name.label("first_name"))
    return joined.join(users, users.c.id == accounts.c.id)


def account_of(row: Row[Any]) -> Account:
    """One row of `selected`."""
    values = row._mapping
    return Account(
        **{name: values[name] for name in PLAIN},
        kind=Kind(values["kind"]),
        username=values["username"],
        first_name=values["first_name"],
        image=values["image"] or DEFAULT_IMAGE,
        status=Status(values["status"]),
        language=values["language"] or "en",
        timezone=values["timezone"] or "UTC",
        ports=Ports(**{name: values[name] for name in PORTS}),
        limits=Limits(**{name: values[name] for name in ALL_LIMITS}),
        features=Features(**{name: values[name] for name in FEATURES}),
        backup=Backup(
            status=values["backup_status"],
            auto_type=values["backup_auto_type"],
            auto_when=values["backup_auto_when"],
            quick=values["backup_quick"],
            at=values["backup_at"],
            due_at=values["backup_due_at"],
        ),
    )
