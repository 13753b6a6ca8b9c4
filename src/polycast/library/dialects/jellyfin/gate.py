"""Who a Jellyfin client is: its token in any of the places where its kind puts it."""

from collections.abc import MutableMapping
from typing import Any, Final

from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.identity.caller import Caller, Policy
from polycast.core.identity.origin import address
from polycast.core.identity.service import Identity
from polycast.library.dialects.jellyfin.asked import query_of, shown_words

HEADERS: Final = (b"x-emby-token", b"x-mediabrowser-token")
WORDS: Final = (b"authorization", b"x-emby-authorization")


class JellyfinGate:
    """Jellyfin's spellings first; every other credential of the house will do as well."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        """Who asks. Raises: NotSignedIn, NotAllowed."""
        token = token_of(scope)
        where = address(scope)
        if not token:
            if policy.anonymous:
                return Caller(address=where)
            return await self._identity.authenticate(scope, policy)
        try:
            caller = await self._identity.authenticate_token(token, address=where)
        except NotSignedIn:
            if policy.anonymous:
                return Caller(address=where)
            raise
        if policy.scope is not None and not caller.has(policy.scope):
            raise NotAllowed
        return caller


def client_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """`client`, `device`, `deviceid`, `version`, `token`, as far as they were told."""
    for name, value in scope["headers"]:
        if name in WORDS and (found := shown_words(value.decode("utf-8", "replace"))):
            return found
    return {}


def token_of(scope: MutableMapping[str, Any]) -> str:
    """The token, "" for none."""
    if token := client_of(scope).get("token"):
        return token
    for name, value in scope["headers"]:
        if name in HEADERS:
            return str(value.decode("latin-1"))
    query = query_of(scope)
    return query.get("apikey") or query.get("api_key") or ""
