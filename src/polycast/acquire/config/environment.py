"""What the host fixes: `DECYPHARR_...` and `POLYCAST_ACQUIRE__...`, laid over what people have stored. Source: acquire.md 2.13."""

import logging
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from polycast.acquire.config.model import Config
from polycast.core.settings.load import convert

PREFIXES: Final = ("DECYPHARR_", "POLYCAST_ACQUIRE__")  # the later one wins
Path = tuple[str | int, ...]  # ("debrids", 0, "api_key")

log = logging.getLogger("polycast.acquire.config")


def read_overlay(variables: Mapping[str, str]) -> Sequence[tuple[Path, Any]]:
    """Values by their place in the document, lists in their order. What is no setting is told in the log and left out."""
    found: dict[Path, Any] = {}
    for prefix in PREFIXES:
        for name, text in variables.items():
            if not name.startswith(prefix):
                continue
            path = tuple(
                int(part) if part.isdecimal() else part.lower() for part in name.removeprefix(prefix).split("__")
            )
            try:
                found[path] = msgspec.to_builtins(convert(text, _kind_at(path)))
            except (LookupError, msgspec.ValidationError) as error:
                log.warning("%s is no setting of acquisition: %s", name, type(error).__name__)
    return sorted(found.items(), key=lambda one: tuple(map(str, one[0])))


def _kind_at(path: Path) -> Any:
    """The type at a place of the configuration. Raises: LookupError."""
    kind: Any = Config
    for part in path:
        origin = get_origin(kind)
        if isinstance(kind, type) and issubclass(kind, Struct):
            kind = get_type_hints(kind, include_extras=True)[str(part)]
        elif origin is tuple and isinstance(part, int):
            kind = get_args(kind)[0]
        elif origin is dict:
            kind = get_args(kind)[1]
        else:
            raise LookupError(part)
    if isinstance(kind, type) and issubclass(kind, Struct):
        raise LookupError(path)  # a variable names a value, not a whole section
    return str if kind is Any else kind


def laid_over(document: Mapping[str, Any], overlay: Sequence[tuple[Path, Any]]) -> dict[str, Any]:
    """The document with what the host says; a row of a list may be the one after its last."""
    whole: dict[str, Any] = deepcopy(dict(document))
    for path, value in overlay:
        place: Any = whole
        for part, following in pairwise(path):
            place = _below(place, part, [] if isinstance(following, int) else {})
        _put(place, path[-1], value)
    return whole


def _below(place: Any, part: str | int, empty: Any) -> Any:
    if isinstance(place, list):
        if part == len(place):
            place.append(empty)
        return place[int(part)] if int(part) < len(place) else empty
    found = place.get(part)
    if isinstance(found, tuple):
        found = place[part] = list(found)
    return found if found is not None else place.setdefault(part, empty)


def _put(place: Any, part: str | int, value: Any) -> None:
    if isinstance(place, list):
        at = int(part)
        place[at : at + 1] = [value]
    else:
        place[part] = value


def dotted(path: Path) -> str:
    """As people are told of it: `debrids.0.api_key`."""
    return ".".join(map(str, path))
