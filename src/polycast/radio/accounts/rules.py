"""What an account may be given: pure questions, answered with every problem found."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from zoneinfo import available_timezones

from polycast.core.errors import Problem
from polycast.radio.accounts.model import FEATURES, SERVER_TYPES, Account
from polycast.radio.accounts.store import Block, Sums

USERNAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")
RESERVED: Final = frozenset({"admin", "root", "public", "media", "api", "static", "radio"})
HOST: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
EMAIL: Final = re.compile(
    r"[^@\s,;<>\"()\[\]\\:]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\.[A-Za-z0-9-]{2,63}"
)
SHORTEST_PASSWORD: Final = 6
LONGEST_PASSWORD: Final = 128
SHARED: Final = (("limit_listeners", "listeners"), ("limit_du", "du"), ("limit_traffic", "traffic"))
LOWEST_PORT: Final = 1024
HIGHEST_PORT: Final = 65535
FEWEST_PORTS: Final = 4  # a channel's pair and a DJ's


def username_problems(username: str) -> list[Problem]:
    """Names are what the billing program makes: lower-case letters and digits."""
    if not username:
        return [Problem("username", "required")]
    if not USERNAME.fullmatch(username) or username in RESERVED:
        return [Problem("username", "invalid")]
    return []


def email_problems(email: str) -> list[Problem]:
    """Not unique: one owner may hold several accounts."""
    if not email:
        return [Problem("email", "required")]
    return [] if EMAIL.fullmatch(email) and ".." not in email else [Problem("email", "invalid")]


def password_problems(password: str) -> list[Problem]:
    if not password:
        return [Problem("password", "required")]
    if len(password) < SHORTEST_PASSWORD:
        return [Problem("password", "too_short")]
    return [Problem("password", "too_long")] if len(password) > LONGEST_PASSWORD else []


def word_problems(*, server_type: object = None, language: object = None, timezone: object = None) -> list[Problem]:
    """Of fields that are chosen from a list."""
    problems = []
    if isinstance(server_type, str) and server_type not in SERVER_TYPES:
        problems.append(Problem("server_type", "invalid_choice"))
    if isinstance(language, str) and not re.fullmatch(r"[a-z]{2}(?:-[a-z]{2,8})?", language):
        problems.append(Problem("language", "invalid"))
    if isinstance(timezone, str) and timezone not in available_timezones():
        problems.append(Problem("timezone", "invalid"))
    return problems


def branded_problems(host: str, *, is_enabled: bool) -> list[Problem]:
    if host and not is_enabled:
        return [Problem("branded_url", "feature_disabled")]
    return [] if not host or HOST.fullmatch(host) else [Problem("branded_url", "invalid")]


def reseller_problems(reseller: Account, given: Sums, wanted: dict[str, Any], *, is_new: bool) -> list[Problem]:
    """Whether `reseller` may give a broadcaster what `wanted` (its limits and features, whole) says.

    `given` is what the others have.
    """
    own = reseller.limits
    problems = []
    if is_new and own.limit_accounts and given.accounts >= own.limit_accounts:
        problems.append(Problem("non_field_errors", "limit_exceeds_reseller"))
    for name, part in SHARED:
        most = getattr(own, name)
        if most and (wanted[name] == 0 or getattr(given, part) + wanted[name] > most):
            problems.append(Problem(name, "limit_exceeds_reseller"))
    if own.limit_bitrate and not 0 < wanted["limit_bitrate"] <= own.limit_bitrate:
        problems.append(Problem("limit_bitrate", "limit_exceeds_reseller"))
    more = [name for name in FEATURES if wanted[name] and not getattr(reseller.features, name)]
    return problems + [Problem(name, "feature_not_allowed") for name in more]


def port_problems(  # four ports and what they are compared with
    *, panel: int, channel: int, first: int, last: int, others: Sequence[Block], used: Iterable[int]
) -> list[Problem]:
    """Whether an account's ports fit together and into what others have left. `used`: ports of its channels and DJs."""
    named = {"panel_port": panel, "default_channel_port": channel, "port_range_min": first, "port_range_max": last}
    outside = [name for name, port in named.items() if not LOWEST_PORT <= port <= HIGHEST_PORT]
    problems = [Problem(name, "port_out_of_range") for name in outside]
    if outside:
        return problems
    if last - first + 1 < FEWEST_PORTS:
        return [Problem("port_range_max", "range_too_small")]
    if not first <= channel < last:
        problems.append(Problem("default_channel_port", "port_out_of_range"))
    if first <= panel <= last:
        problems.append(Problem("panel_port", "port_busy"))
    if any(not first <= port or port + 1 > last for port in used):
        problems.append(Problem("port_range_min", "port_out_of_range"))
    for block in others:
        if first <= block.last and block.first <= last:
            problems.append(Problem("port_range_min", "range_overlap"))
            break
    if any(panel == block.panel_port or block.first <= panel <= block.last for block in others):
        problems.append(Problem("panel_port", "port_busy"))
    if any(first <= block.panel_port <= last for block in others):
        problems.append(Problem("port_range_min", "range_overlap"))
    return problems
