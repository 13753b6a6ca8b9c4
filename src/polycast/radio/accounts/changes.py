"""What a change asks for, read against what there is."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import asdict

from polycast.core.errors import Invalid, Problem
from polycast.radio.accounts import rules
from polycast.radio.accounts.model import FEATURES, LIMITS, Account, AccountChange, Ports, Status
from polycast.radio.accounts.store import Block

PORT_NAMES: Final = ("panel_port", "default_channel_port", "port_range_min", "port_range_max")
LIFTED: Final = 1000  # `traffic_told` of an account whose traffic limit was lifted by hand for this month


def wanted_of(change: AccountChange, before: Account | None) -> dict[str, Any]:
    """Every limit and feature as it would be."""
    found: dict[str, Any] = {}
    for name in ("limit_accounts", *LIMITS):
        value = getattr(change, name)
        found[name] = value if value is not UNSET else getattr(before.limits, name) if before else 0
    for name in FEATURES:
        value = getattr(change, name)
        found[name] = value if value is not UNSET else getattr(before.features, name) if before else False
    return found


def merged_ports(before: Ports, change: AccountChange) -> Ports:
    """The ports as they would be."""
    given = {name: port for name in PORT_NAMES if (port := getattr(change, name)) is not UNSET}
    return Ports(**(asdict(before) | given))


def port_problems(ports: Ports, others: Sequence[Block], used: Iterable[int]) -> list[Problem]:
    """Whether `ports` fit; `used` are those of its channels and DJs."""
    return rules.port_problems(
        panel=ports.panel_port,
        channel=ports.default_channel_port,
        first=ports.port_range_min,
        last=ports.port_range_max,
        others=others,
        used=used,
    )


def change_problems(change: AccountChange) -> list[Problem]:
    """What is wrong with the fields that are there."""
    return [
        *([] if change.email is UNSET else rules.email_problems(change.email)),
        *([] if change.password is UNSET else rules.password_problems(change.password)),
        *word_problems(change),
    ]


def word_problems(change: AccountChange) -> list[Problem]:
    """Of those that are chosen from a list."""
    return rules.word_problems(server_type=change.server_type, language=change.language, timezone=change.timezone)


def at_rest(account: Account) -> Account:
    """Raises: Invalid ("account_busy"), while it is made or deleted."""
    if account.status in (Status.BEING_CREATED, Status.BEING_DELETED):
        raise Invalid([Problem("non_field_errors", "account_busy")])
    return account
