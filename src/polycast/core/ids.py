"""Names made for new rows. Not secrets: those come from `core/secrets`."""

import secrets
import uuid
from typing import Protocol

NANOID_LENGTH = 21
NANOID_BYTES = 16  # 21 characters of base64url carry 126 bits


class Ids(Protocol):
    """Where names of new things come from; tests bring a predictable one."""

    def uuid(self) -> str:
        """A version 4 UUID, lower case, with dashes."""
        ...

    def nanoid(self) -> str:
        """21 characters of `A-Za-z0-9_-`."""
        ...


class RandomIds:
    """Random names, as used by the server."""

    def uuid(self) -> str:
        return str(uuid.uuid4())

    def nanoid(self) -> str:
        return secrets.token_urlsafe(NANOID_BYTES)[:NANOID_LENGTH]
