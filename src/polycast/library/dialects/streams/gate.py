"""Who fetches bytes: anybody with a credential of the house, or with a stream token in the address."""

from collections.abc import MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.http import Authenticator
from polycast.core.identity.caller import Caller, Credential, Policy
from polycast.core.identity.origin import address
from polycast.core.identity.scopes import Scope
from polycast.core.identity.users.model import User
from polycast.library.playback.tokens import StreamTokens, looks_like_token


class People(Protocol):
    """Where users are found: `core/identity`."""

    async def by_nanoid(self, nanoid: str) -> User | None: ...


class StreamGate:
    """Judges stream tokens; leaves every other credential to the house. A token is good for its own session alone."""

    def __init__(self, identity: Authenticator, *, tokens: StreamTokens, people: People) -> None:
        self._identity = identity
        self._tokens = tokens
        self._people = people

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        """Who asks. Raises: NotSignedIn; NotAllowed, for a token of another session or user."""
        text = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not looks_like_token(text):
            return await self._identity.authenticate(scope, policy)
        token = self._tokens.read(text)
        if scope["path_params"].get("session") != token.session:
            raise NotAllowed("scope", "This token is another session's.")
        user = await self._people.by_nanoid(token.user)
        if user is None or not user.is_active:
            raise NotSignedIn("inactive", "This account is not active.")
        if Scope.LIBRARY_PLAY not in user.scopes:
            raise NotAllowed
        return Caller(
            user_id=user.id,
            username=user.username,
            role=user.role,
            scopes=user.scopes,
            credential=Credential.SIGNED,
            address=address(scope),
            via="query",
            request_id=str(scope["state"].get("request_id", "")),
            ends_at=token.ends_at,
        )
