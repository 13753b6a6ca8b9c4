"""A mail, the server it leaves by, and what that server may say against it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from polycast.core.errors import Unavailable
from polycast.core.settings.model import SecretText


class Security(StrEnum):
    """How the connection is protected."""

    NONE = "none"
    STARTTLS = "starttls"  # demanded: a server that does not offer it gets no mail
    TLS = "tls"  # from the first byte


PORTS: Final[Mapping[Security, int]] = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


class MailServer(Struct, frozen=True, kw_only=True):
    """Where mail is handed in."""

    host: str
    port: int = 0  # 0: the usual one of `security`
    security: Security = Security.STARTTLS
    username: str = ""  # empty: no sign-in
    password: SecretText = SecretText("")

    @property
    def at(self) -> int:
        return self.port or PORTS[self.security]


class Mail(Struct, frozen=True, kw_only=True):
    """What is sent. Addresses may carry a name: `Ada <ada@example.org>`."""

    sender: str
    to: Sequence[str]
    subject: str
    text: str
    html: str = ""  # shown instead of `text` by programs that can
    headers: Mapping[str, str] = {}  # List-Unsubscribe and the like


class MailRefused(Unavailable):
    """The server took the connection but not the mail. `code` is SMTP's, 0 when it gave none."""

    def __init__(self, message: str, *, smtp_code: int = 0) -> None:
        super().__init__(message)
        self.smtp_code = smtp_code
