"""JSON Web Tokens: signed pointers to a session row, so that they end with it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import jwt
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.secrets.tokens import LEEWAY, Tokens

ALGORITHM: Final = "HS256"
ACCESS_LIFE: Final = timedelta(minutes=30)
PURPOSE: Final = "jwt"


class Use(StrEnum):
    """What a token is for. The words are those of Django's SimpleJWT, whose clients look at them."""

    ACCESS = "access"
    REFRESH = "refresh"


class BadJwt(Exception):
    """Not one of ours, for something else, or too old."""


class Claims(Struct, frozen=True, kw_only=True):
    """What a token of ours says."""

    user_id: int
    session_id: int


class JwtTokens:
    """Makes and reads JWTs with this installation's own key."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._key = tokens.derive(PURPOSE)
        self._clock = clock

    def make(self, use: Use, *, user_id: int, session_id: int, life: timedelta = ACCESS_LIFE) -> str:
        """A token for a session. Clients read `exp` and `user_id`."""
        return self.sign({"token_type": use.value, "jti": str(session_id), "user_id": user_id}, life=life)

    def read(self, text: str, use: Use) -> Claims:
        """What a token made by `make` says. The session behind it may have ended. Raises: BadJwt."""
        match self.claims(text):
            case {"token_type": str(word), "jti": str(jti), "user_id": int(user_id)} if word == use and jti.isdecimal():
                return Claims(user_id=user_id, session_id=int(jti))
            case _:
                raise BadJwt("not for this")

    def sign(self, claims: Mapping[str, Any], *, life: timedelta, audience: str | None = None) -> str:
        """Any claims with an end. With an `audience` it is good for nothing but that."""
        now = self._clock.now()
        body = dict(claims) | {"iat": int(now.timestamp()), "exp": int((now + life).timestamp())}
        if audience is not None:
            body["aud"] = audience
        return jwt.encode(body, self._key, algorithm=ALGORITHM)

    def claims(self, text: str, *, audience: str | None = None) -> dict[str, Any]:
        """The claims of a token that was signed here for `audience` and is not too old. Raises: BadJwt."""
        try:
            # The end is judged below, by our clock and with our leeway.
            options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp"]}
            found: dict[str, Any] = jwt.decode(
                text, self._key, algorithms=[ALGORITHM], audience=audience, options=options
            )
        except (jwt.InvalidTokenError, ValueError) as error:
            raise BadJwt("not signed here") from error
        end = found["exp"]
        if not isinstance(end, int) or end + LEEWAY.total_seconds() <= self._clock.now().timestamp():
            raise BadJwt("too old")
        return found


def looks_like_jwt(text: str) -> bool:
    """Three parts, the first of which begins like base64 of `{"`."""
    return text.startswith("eyJ") and text.count(".") == 2
