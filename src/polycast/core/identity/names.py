"""What a user may be called, and how a name typed at a sign-in is read."""

import re
from typing import Final

from polycast.core.errors import Invalid, Problem

USERNAME: Final = re.compile(r"[A-Za-z0-9._@-]{1,150}")
EMAIL: Final = re.compile(r"[^@\s<>\"(),:;\\\[\]]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
EMAIL_LENGTH: Final = 254  # RFC 5321, 4.5.3.1, as erratum 1690 counts
NO_EMAIL: Final = "@polycast.invalid"  # where a shape demands an address and there is none
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")


def username_problems(username: str, *, reserved: frozenset[str], path: str = "username") -> list[Problem]:
    """What is wrong with `username`. Names of our own paths are reserved: it travels as a path segment to players."""
    if not username:
        return [Problem(path, "blank", {}, "A user name is needed.")]
    if len(username) > 150:
        return [Problem(path, "max_length", {"max": 150}, "A user name has at most 150 characters.")]
    if not USERNAME.fullmatch(username) or not username.strip("."):
        return [Problem(path, "invalid", {}, "A user name consists of letters A-Z, digits and . _ @ -")]
    if username_key(username) in reserved or username_key(username).endswith(NO_EMAIL):
        return [Problem(path, "reserved", {}, "This name is reserved.")]
    return []


def email_problems(email: str, *, path: str = "email") -> list[Problem]:
    """What is wrong with `email`, which is in the form of `email_key`."""
    if len(email) > EMAIL_LENGTH or not EMAIL.fullmatch(email):
        return [Problem(path, "invalid_email", {}, "This is no e-mail address.")]
    return []


def username_key(username: str) -> str:
    """User names are compared without regard to case; they are ASCII."""
    return username.lower()


def email_key(email: str | None) -> str | None:
    """An address as it is stored: lower case, or None. The placeholder we show for "none" comes back as none."""
    text = (email or "").strip().lower()
    return None if not text or text.endswith(NO_EMAIL) else text


def sign_in_key(name: str) -> str:
    """What somebody typed in the one field of a sign-in, as it is looked up: a user name or an address."""
    return name.strip().lower().removesuffix(NO_EMAIL)


def username_base(email: str) -> str:
    """The start of a user name for somebody who gave only an address."""
    return _UNFIT.sub("", email.partition("@")[0])[:100].strip(".") or "user"


def check(problems: list[Problem]) -> None:
    """Raises: Invalid, when there are any."""
    if problems:
        raise Invalid(problems)
