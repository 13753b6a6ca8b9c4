"""What the bodies of several routes have in common."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct


class Message(Struct, frozen=True):
    """Something was done."""

    message: str


class Success(Struct, frozen=True):
    """Something was done, and that is all there is to say."""

    success: bool = True


def sent_fields(sent: Struct, renamed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The fields that a client sent, by the names that services know them by."""
    names = renamed or {}
    found = {name: getattr(sent, name) for name in sent.__struct_fields__}
    return {names.get(name, name): value for name, value in found.items() if value is not UNSET}


def plain(value: Any) -> Any:
    """A struct as the JSON value it would become."""
    return msgspec.to_builtins(value)
