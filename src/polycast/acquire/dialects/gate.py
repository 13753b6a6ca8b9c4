"""Who comes in: the server's users, Arrs by their own address, and everybody at home when the owner has said so."""

import base64
import binascii
from collections.abc import MutableMapping
from ipaddress import ip_address
from typing import Any, Final

from polycast.acquire.arrs.model import Arr
from polycast.acquire.arrs.service import Arrs
from polycast.acquire.config.service import Configs
from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.http import Authenticator
from polycast.core.identity.caller import Caller, Credential, Policy, RateClass
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.throttle.model import NETWORK, Limit
from polycast.core.net.address import Reach, reach_of

EVERYBODY: Final = frozenset({Scope.ACQUIRE_READ, Scope.ACQUIRE_WRITE, Scope.ACQUIRE_ADMIN})
ARR_SCOPES: Final = frozenset({Scope.ACQUIRE_READ, Scope.ACQUIRE_WRITE})
KINDS: Final = frozenset({Credential.SESSION, Credential.JWT, Credential.API_KEY, Credential.DEVICE})
KNOCKS: Final = Limit(times=10, per=NETWORK.per)
NO_LIMIT: Final = RateClass.BYTES  # the reference has no rate limit on this API


def may(scope: Scope, *, in_query: bool = False) -> Policy:
    """A policy of this module: Basic counts too, and nothing is counted by the minute."""
    kinds = KINDS | {Credential.SIGNED} if in_query else KINDS
    return Policy(kinds=kinds, scope=scope, rate=NO_LIMIT, in_query=in_query)


READ: Final = may(Scope.ACQUIRE_READ)
WRITE: Final = may(Scope.ACQUIRE_WRITE)
ADMIN: Final = may(Scope.ACQUIRE_ADMIN)
PUBLIC: Final = Policy(anonymous=True, rate=NO_LIMIT)


class Gate:
    """Identity, as this module's owner has set it up. `is_open` says whether nobody may come in too."""

    def __init__(self, identity: Identity, *, configs: Configs, arrs: Arrs, is_webdav: bool = False) -> None:
        self._identity: Authenticator = identity
        self._throttle = identity.throttle
        self._configs = configs
        self._arrs = arrs
        self._is_webdav = is_webdav

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        """Who asks. Raises: as identity."""
        known = await self._arr(scope)
        if known is not None:
            if policy.scope is not None and policy.scope not in known.scopes:
                raise NotAllowed("scope")
            return known
        try:
            return await self._identity.authenticate(scope, policy)
        except NotSignedIn as error:
            if error.reason != "missing" or not await self._is_open(scope):
                raise
            return Caller(
                username="everybody", scopes=EVERYBODY, credential=Credential.INTERNAL, address=address(scope)
            )

    async def _is_open(self, scope: MutableMapping[str, Any]) -> bool:
        config = await self._configs.read()
        closed = config.use_auth and (not self._is_webdav or config.enable_webdav_auth)
        return not closed and is_private(address(scope))

    async def _arr(self, scope: MutableMapping[str, Any]) -> Caller | None:
        """An Arr that shows its own address and key as Basic; None when nothing of that kind was shown."""
        name, key = _basic(scope)
        if not name.lower().startswith(("http://", "https://")):
            return None
        arr = await self.knock(name, key, address(scope))
        if arr is None:
            raise NotSignedIn("bad_login", "This program is not known here.")
        return Caller(
            user_id=arr.user_id or None,
            username=arr.name,
            scopes=ARR_SCOPES,
            credential=Credential.API_KEY,
            address=address(scope),
            via="basic",
        )

    async def knock(self, host: str, key: str, where: str) -> Arr | None:
        """The approved Arr, or nobody; tries are counted. Raises: TooMany."""
        arr = await self._arrs.knock(host, key)
        if arr is None:
            await self._throttle.hit("arr_knock", where, KNOCKS)
        return arr


def address(scope: MutableMapping[str, Any]) -> str:
    """The client's address as the front has judged it."""
    client = scope.get("client")
    return str(scope.get("state", {}).get("client_ip") or (client[0] if client else ""))


def is_private(text: str) -> bool:
    """Whether a peer is at home: this machine or a private network."""
    try:
        return reach_of(ip_address(text.partition("%")[0])) in (Reach.PRIVATE, Reach.LOOPBACK)
    except ValueError:
        return False


def _basic(scope: MutableMapping[str, Any]) -> tuple[str, str]:
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:6].lower() == b"basic " and len(value) < 4096:
            try:
                pair = base64.b64decode(value[6:].strip(), validate=True).decode()
            except (binascii.Error, ValueError):
                return "", ""
            scheme, _, rest = pair.partition("://")
            if not rest:
                return "", ""
            host, _, key = rest.rpartition(":")
            return f"{scheme}://{host}", key
    return "", ""
