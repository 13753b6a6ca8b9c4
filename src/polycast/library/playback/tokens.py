"""Stream tokens: `userId:sessionId:expiresAt:hmac`. Source: specs/library.md 3.6."""

from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotSignedIn
from polycast.core.secrets import Tokens

LIFE: Final = timedelta(hours=4)
RENEWED: Final = timedelta(hours=1)  # a heartbeat brings a new one when less is left
PURPOSE: Final = "library.stream"
LONGEST: Final = 300


class StreamToken(Struct, frozen=True, kw_only=True):
    """What a token says."""

    user: str  # 21 characters
    session: str  # 21 characters
    ends_at: datetime


class StreamTokens:
    """Makes and judges them."""

    def __init__(self, *, tokens: Tokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock

    def make(self, user: str, session: str) -> tuple[str, datetime]:
        """A token for a playback session, and its end."""
        ends_at = self._clock.now() + LIFE
        body = f"{user}:{session}:{int(ends_at.timestamp() * 1000)}"
        return f"{body}:{self._mac(body)}", ends_at

    def read(self, text: str) -> StreamToken:
        """Raises: NotSignedIn, for one that is malformed, not ours or too old."""
        body, _, mac = text.rpartition(":")
        parts = body.split(":")
        if len(text) > LONGEST or len(parts) != 3 or not self._tokens.same(mac.encode(), self._mac(body).encode()):
            raise NotSignedIn("bad_token", "This stream token is not valid.")
        ends_at = datetime.fromtimestamp(int(parts[2]) / 1000, UTC)
        if ends_at <= self._clock.now():
            raise NotSignedIn("bad_token", "This stream token has expired.")
        return StreamToken(user=parts[0], session=parts[1], ends_at=ends_at)

    def _mac(self, body: str) -> str:
        return self._tokens.mac(body, purpose=PURPOSE).hex()


def looks_like_token(text: str) -> bool:
    """Whether a text has the shape of one."""
    return text.count(":") == 3
