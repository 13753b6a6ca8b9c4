"""What users' `custom_properties` may hold. Keys we never read are kept as they are."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from polycast.core.errors import Invalid
from polycast.core.secrets import MASK
from polycast.live.outputs.access import Endpoint, networks_of

XC_PASSWORD: Final = "xc_password"  # noqa: S105 - the key of one
DEVICE: Final = "xtream"  # the name of the device password behind it
LARGEST_BYTES: Final = 100 * 1024
NOT_ONES_OWN: Final = frozenset({XC_PASSWORD, "allowed_networks", "catchup_enabled"})
_SAFE_IN_PATHS: Final = re.compile(r"[A-Za-z0-9._@-]{8,128}")
PATH: Final = "custom_properties"
_ENDPOINTS: Final = frozenset(endpoint.value for endpoint in Endpoint)

_Words = Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(max_length=50)]


class _Known(Struct, frozen=True, kw_only=True):
    hide_adult_content: bool | None | UnsetType = UNSET
    output_format: Literal["mpegts", "fmp4", ""] | None | UnsetType = UNSET
    output_profile: int | None | UnsetType = UNSET
    epg_days: Annotated[int, Meta(ge=0, le=365)] | None | UnsetType = UNSET
    epg_prev_days: Annotated[int, Meta(ge=0, le=30)] | None | UnsetType = UNSET
    allowed_networks: dict[str, str] | None | UnsetType = UNSET
    catchup_enabled: bool | None | UnsetType = UNSET
    nav_order: _Words | None | UnsetType = field(default=UNSET, name="navOrder")
    hidden_nav: _Words | None | UnsetType = field(default=UNSET, name="hiddenNav")
    xc_password: str | None | UnsetType = UNSET


def own_part(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What users may set of their own. The rest is left out without a word: players send all they have read back."""
    return {name: value for name, value in sent.items() if name not in NOT_ONES_OWN}


def checked(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What may be stored of `sent`, the password for players apart (`password_in`). Raises: Invalid."""
    if len(msgspec.json.encode(sent)) > LARGEST_BYTES:
        raise Invalid.one(PATH, "too_large", "More than 100 KB.")
    try:
        known = msgspec.convert(sent, _Known)
    except msgspec.ValidationError as error:
        raise Invalid.one(PATH, "invalid", str(error)) from error
    if isinstance(known.allowed_networks, dict):
        _check_networks(known.allowed_networks)
    return {name: value for name, value in sent.items() if name != XC_PASSWORD}


def merged(present: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """`present` with what was sent; a key set to null is gone."""
    return {name: value for name, value in {**present, **sent}.items() if value is not None}


def password_in(sent: Mapping[str, Any]) -> str | None | UnsetType:
    """The new password for players; None takes it away, UNSET keeps it. Raises: Invalid."""
    password = sent.get(XC_PASSWORD, UNSET)
    if password is UNSET or password == MASK:
        return UNSET
    if password is None or password == "":
        return None
    if not isinstance(password, str) or not _SAFE_IN_PATHS.fullmatch(password):
        text = "8 to 128 of the letters A-Z, digits and . _ @ -"
        raise Invalid.one(f"{PATH}.{XC_PASSWORD}", "invalid", text)
    return password


def _check_networks(lists: Mapping[str, str]) -> None:
    for name, text in lists.items():
        bad = networks_of(text)[1]
        if name not in _ENDPOINTS or bad:
            wrong = ", ".join(bad) or name
            raise Invalid.one(f"{PATH}.allowed_networks", "invalid_network", f"Not a network: {wrong}")
