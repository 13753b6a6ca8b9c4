"""Every expected failure, in one tree; each dialect spells it in its own shape (`Dialect.spell`).

PolycastError
├── Invalid            input that breaks a rule; carries every Problem found
├── NotSignedIn        no credential, or a wrong one
├── NotAllowed         a good credential without the right
├── NotFound           no such thing, or not this caller's
├── Conflict           the thing's state forbids it
├── Gone               it was here once
├── TooLarge           more bytes, entries or time than the limit
├── Busy               a limit is reached; later may work
│   └── TooMany        too many requests or attempts by this caller
├── Unavailable        something outside us does not answer as it should
├── NotBuilt           the route exists for compatibility, its job is not built yet
└── Storage            our own disk or database refuses (full, locked)
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec import Struct


class Problem(Struct, frozen=True):
    """One thing wrong with an input."""

    path: str  # "channel_number", "streams.0"; "" for the input as a whole
    code: str  # a stable word: "required", "null", "blank", "max_length", "not_a_number", "does_not_exist" ...
    params: Mapping[str, str | int | float] = {}
    text: str = ""  # what to tell a person when a dialect has no wording of its own for `code`


class PolycastError(Exception):
    """An expected failure. `code` is stable snake_case; logs, tests and clients may rely on it."""

    code: ClassVar[str] = "failed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message  # for a person; never holds a secret or an inside detail


class Invalid(PolycastError):
    """Input that breaks a rule."""

    code = "invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path or 'input'}: {p.text or p.code}" for p in self.problems))

    @classmethod
    def one(cls, path: str, code: str, text: str = "", **params: str | int | float) -> "Invalid":
        """An Invalid with a single problem."""
        return cls([Problem(path, code, params, text)])


class NotSignedIn(PolycastError):
    """No credential where one is needed, or a wrong one. `reason`: "missing", "bad_token", "bad_key", "bad_login", "inactive"."""

    code = "not_signed_in"

    def __init__(self, reason: str = "missing", message: str = "Sign in to do this.") -> None:
        super().__init__(message)
        self.reason = reason


class NotAllowed(PolycastError):
    """Signed in, but without the right. `reason`: "scope", "network", "csrf", "fresh", "switched_off"."""

    code = "not_allowed"

    def __init__(self, reason: str = "scope", message: str = "You may not do this.") -> None:
        super().__init__(message)
        self.reason = reason


class NotFound(PolycastError):
    """No such thing, or one that belongs to somebody else."""

    code = "not_found"

    def __init__(self, what: str = "Nothing") -> None:
        super().__init__(f"{what} was not found.")
        self.what = what


class Conflict(PolycastError):
    """The state of the thing forbids it. `reason` is a stable word for clients."""

    code = "conflict"

    def __init__(self, message: str, *, reason: str = "conflict") -> None:
        super().__init__(message)
        self.reason = reason


class Gone(PolycastError):
    """It was here once and will not come back."""

    code = "gone"


class TooLarge(PolycastError):
    """More than a limit allows: bytes, entries, nesting, decompressed size."""

    code = "too_large"


class Busy(PolycastError):
    """A limit is reached; the same request may succeed after `retry_after` seconds."""

    code = "busy"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooMany(Busy):
    """This caller asks too often, or has failed too often."""

    code = "too_many"


class Unavailable(PolycastError):
    """Something outside us (a provider, a tool) does not answer as it should."""

    code = "unavailable"


class NotBuilt(PolycastError):
    """The route exists because clients look for it; what it would do is not built."""

    code = "not_built"


class Storage(PolycastError):
    """Our own disk or database refuses. `reason`: "full", "locked", "read_only"."""

    code = "storage"

    def __init__(self, message: str, *, reason: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after
