"""Signed tokens for the URLs of streams: good for one path, one user and a few hours."""

from datetime import timedelta
from typing import Final

import msgspec
from msgspec import Struct

from polycast.core.identity.caller import Caller, Credential
from polycast.core.secrets.tokens import BadSignature, Tokens

PURPOSE: Final = "stream"
LONGEST: Final = timedelta(hours=12)


class Pass(Struct, frozen=True, array_like=True):
    """What a stream token says."""

    path: str  # it opens this path and all below it
    user_id: int
    session_id: int | None  # it ends with what it was got by: a session, a key or a device password
    key_id: int | None
    device_id: int | None = None


class SignedTokens:
    """Makes and reads stream tokens; whether the user behind one may still play is asked at each use."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def make(self, caller: Caller, path: str, *, life: timedelta = LONGEST) -> str:
        """A token that opens `path` and what lies below it in the name of `caller`, for `life`, 12 hours at most.

        Raises: ValueError for a caller who is no user, or a path that would open everything.
        """
        if caller.user_id is None or not path.startswith("/") or not path.strip("/"):
            raise ValueError("a stream token needs a user and a path")
        kind = caller.credential
        found = Pass(
            path=path.rstrip("/"),
            user_id=caller.user_id,
            session_id=caller.credential_id if kind in (Credential.SESSION, Credential.JWT) else None,
            key_id=caller.credential_id if kind is Credential.API_KEY else None,
            device_id=caller.credential_id if kind is Credential.DEVICE else None,
        )
        return self._tokens.sign(msgspec.json.encode(found).decode(), purpose=PURPOSE, life=min(life, LONGEST))

    def read(self, text: str, path: str) -> Pass:
        """What a token says about `path`. Raises: BadSignature, also when it is for another path."""
        found = msgspec.json.decode(self._tokens.verify(text, purpose=PURPOSE), type=Pass)
        if path != found.path and not path.startswith(f"{found.path}/"):
            raise BadSignature("for another path")
        return found
