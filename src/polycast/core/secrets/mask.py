"""A stored secret is shown as `***`; sending that back means that nothing changes."""

from typing import Final

MASK: Final = "***"


def masked(stored: str | bytes | None) -> str | None:
    """What an answer says about a stored secret: `***`, or None where there is none."""
    return MASK if stored else None


def is_mask(sent: str | None) -> bool:
    """Whether `sent` is a masked value coming back. Some APIs show four or eight asterisks, so any three or more are."""
    return sent is not None and len(sent) >= len(MASK) and not sent.strip("*")


def unmask(sent: str | None, stored: str | None) -> str | None:
    """The secret to keep: `stored` when a mask came back, else what was sent."""
    return stored if is_mask(sent) else sent
