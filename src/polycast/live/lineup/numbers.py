"""Channel numbers: decimals with at most three places, kept as whole thousandths (5.1 is 5100)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

WHOLE: Final = 1000  # thousandths in a whole number
HIGHEST: Final = 999_999_999 * WHOLE


def thousandths(number: Decimal | int | float | str) -> int:
    """A number as it is stored. Raises: ValueError for what is no finite number of 0 to 999,999,999."""
    try:
        value = Decimal(str(number))
        stored = int((value * WHOLE).to_integral_value(ROUND_HALF_UP))
    except (ArithmeticError, ValueError) as error:
        raise ValueError("not a channel number") from error
    if not 0 <= stored <= HIGHEST:
        raise ValueError("out of range")
    return stored


def shown(stored: int | None) -> str | None:
    """A stored number as people write it: "5", "5.1"."""
    if stored is None:
        return None
    whole, rest = divmod(stored, WHOLE)
    return str(whole) if not rest else f"{whole}.{rest:03}".rstrip("0")


def as_json(stored: int | None) -> int | float | None:
    """A stored number as a JSON number; whole ones without a point, because a client of C++ reads them as integers."""
    if stored is None:
        return None
    return stored // WHOLE if stored % WHOLE == 0 else stored / WHOLE


def first_free(used: set[int], start: int = WHOLE, end: int | None = None) -> int | None:
    """The lowest whole number from `start` that is not in `used`; None when `end` is passed."""
    number = -(-start // WHOLE) * WHOLE
    while number in used:
        number += WHOLE
    return None if end is not None and number > end else number
