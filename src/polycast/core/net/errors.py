"""What goes wrong outside us, in words a person understands and a stable `reason` for programs.

Unavailable
├── Unreachable      no answer at all: name, connection, TLS, silence, or a host we leave alone for a while
└── BadAnswer        an answer we can do nothing with: status, type, encoding, broken off
NotAllowed
└── Forbidden        a place we do not go to
"""

from collections.abc import Mapping
from typing import ClassVar

from polycast.core.errors import NotAllowed, Unavailable


class Unreachable(Unavailable):
    """No answer. `reason`: "name", "connect", "tls", "silent", "lost", "resting"; always "unreachable" to class USER."""

    def __init__(self, message: str, *, reason: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after  # seconds until we would try again, when we rest


class BadAnswer(Unavailable):
    """An answer that is of no use. `reason`: "status", "redirect", "encoding", "shape", "broken", "slow"."""

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        status: int | None = None,
        retry_after: int | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after  # seconds, as the server asked for
        self.body = body  # its first 4 KiB, for clients that look for error codes; never shown to a person


class Forbidden(NotAllowed):
    """A place we do not go to. `why`: a Reach, or "spelling", "scheme", "port", "own", "credentials", "redirects"."""

    WORDS: ClassVar[Mapping[str, str]] = {
        "private": "The address is in a private network.",
        "loopback": "The address is this machine itself.",
        "multicast": "The address is a multicast group.",
        "never": "The address is reserved.",
        "spelling": "The address is not written as it should be.",
        "scheme": "Only http and https addresses are fetched.",
        "port": "The port of this address is not allowed.",
        "own": "The address is this server's own.",
        "credentials": "The server leads from https to http; the credentials were not sent there.",
    }

    def __init__(self, why: str) -> None:
        super().__init__("network", self.WORDS.get(why, "The address may not be reached."))
        self.why = why
