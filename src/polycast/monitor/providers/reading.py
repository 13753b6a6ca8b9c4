"""Reading answers of other servers without believing them: fields that may be missing, of another type, or endless."""

from collections.abc import Mapping, Sequence
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def listing(value: Any, most: int = 2000) -> Sequence[Any]:
    return value[:most] if isinstance(value, list) else []


def text(value: Any, most: int = 300) -> str:
    if isinstance(value, str):
        return value.strip()[:most]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: Any) -> float:
    if isinstance(value, bool):
        return 0.0
    if isinstance(value, int | float) and abs(value) < 1e18:
        return float(value)
    try:
        found = float(value) if isinstance(value, str) and len(value) < 30 else 0.0
    except ValueError:
        return 0.0
    return found if abs(found) < 1e18 else 0.0
