"""What stations, channels and DJs may be set to: pure."""

import re
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import available_timezones

from polycast.core.errors import Problem
from polycast.radio.accounts.model import SERVER_TYPES, Account
from polycast.radio.stations.making import RESERVED, SLUG
from polycast.radio.stations.model import FORMATS

MOUNT: Final = re.compile(r"/[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
URL: Final = re.compile(r"https?://[^\s\"'<>]{3,500}")
RESTREAM_FLAGS: Final = {
    "youtube": "youtube_streaming_enabled",
    "fb": "fb_streaming_enabled",
    "vk": "vk_streaming_enabled",
    "telegram": "tg_streaming_enabled",
}
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "crossfade_mode": ("off", "fade", "mix", "smart"),
    "random_mode": ("balanced", "permutation"),
    "resume_after_live": ("resume", "next"),
    "geo_mode": ("off", "allow", "deny"),
    "s_type": SERVER_TYPES,
    "s_format": FORMATS,
    "cat": ("real", "ws", "server"),
    "meta_source": ("stream", "fixed"),
}
EQ_BANDS: Final = 10
EQ_MOST: Final = 12.0  # dB


def station_problems(values: Mapping[str, Any], *, is_new: bool) -> list[Problem]:
    problems = chosen_problems(values)
    if (is_new or "title" in values) and not values.get("title"):
        problems.append(Problem("title", "required"))
    if values.get("slug"):
        slug = str(values["slug"])
        if not SLUG.fullmatch(slug) or slug in RESERVED:
            problems.append(Problem("slug", "invalid"))
    if "timezone" in values and values["timezone"] not in available_timezones():
        problems.append(Problem("timezone", "invalid"))
    gains = values.get("eq_gains") or []
    if len(gains) not in (0, EQ_BANDS) or any(abs(gain) > EQ_MOST for gain in gains):
        problems.append(Problem("eq_gains", "invalid"))
    return problems


def channel_problems(account: Account, values: Mapping[str, Any], *, is_new: bool) -> list[Problem]:
    """Its own fields, and the account's bitrate."""
    problems = chosen_problems(values)
    if is_new:
        needed = ("port", "bitrate", "listeners", "s_type", "s_format")
        problems += [Problem(name, "required") for name in needed if values.get(name) is None]
    bitrate, most = values.get("bitrate"), account.limits.limit_bitrate
    if bitrate is not None and not 8 <= bitrate <= 2000:
        problems.append(Problem("bitrate", "invalid"))
    elif bitrate is not None and 0 < most < bitrate:
        problems.append(Problem("bitrate", "limit_bitrate"))
    mount = values.get("mount_point")
    if mount is not None and (not MOUNT.fullmatch(mount) or mount == "/hls"):
        problems.append(Problem("mount_point", "invalid"))
    redirect = values.get("redirect_url")
    if redirect and not URL.fullmatch(redirect):
        problems.append(Problem("redirect_url", "invalid"))
    return problems


def dj_problems(values: Mapping[str, Any], *, is_new: bool) -> list[Problem]:
    problems = chosen_problems(values)
    if (is_new or "name" in values) and not values.get("name"):
        problems.append(Problem("name", "required"))
    if values.get("cat") == "server" and not values.get("stream_url"):
        problems.append(Problem("stream_url", "required"))
    if values.get("stream_url") and not URL.fullmatch(str(values["stream_url"])):
        problems.append(Problem("stream_url", "invalid"))
    if "volume_change" in values and not -100 <= values["volume_change"] <= 400:
        problems.append(Problem("volume_change", "invalid"))
    password = values.get("password")
    if password and (len(password) < 4 or not str(password).isprintable()):
        problems.append(Problem("password", "too_short" if len(password) < 4 else "invalid"))
    return problems


def chosen_problems(values: Mapping[str, Any]) -> list[Problem]:
    """Of fields that are chosen from a list."""
    return [
        Problem(name, "invalid_choice")
        for name, words in CHOICES.items()
        if name in values and values[name] not in words
    ]
