"""The lists of networks that administrators keep, asked before a request is served."""

from collections.abc import MutableMapping
from typing import Any, Protocol

from polycast.core.errors import NotAllowed
from polycast.core.http import Authenticator
from polycast.core.identity.caller import Caller, Policy
from polycast.live.dialects.rest.errors import Refused
from polycast.live.outputs.access import Endpoint


class Networks(Protocol):
    """Which networks may use which kind of endpoint: `outputs/access.py`."""

    async def admits(self, endpoint: Endpoint, caller: Caller) -> bool:
        """Whether `caller` may from where they are; a user's own list counts beside the server's."""
        ...


class Guarded(Policy, frozen=True, kw_only=True):
    """A policy whose network list is another than that of the pages, or that has one although anybody may come."""

    endpoint: Endpoint = Endpoint.UI


class NetworkGate:
    """Identity, with the network lists behind it: every request of somebody signed in, and the guarded others."""

    def __init__(self, identity: Authenticator, networks: Networks) -> None:
        self._identity = identity
        self._networks = networks

    async def authenticate(self, scope: MutableMapping[str, Any], policy: Policy) -> Caller:
        """Who asks. Raises: NotSignedIn; NotAllowed, also for a network that is not on the list."""
        caller = await self._identity.authenticate(scope, policy)
        if policy.anonymous and not isinstance(policy, Guarded):
            return caller
        endpoint = policy.endpoint if isinstance(policy, Guarded) else Endpoint.UI
        if not await self._networks.admits(endpoint, caller):
            if policy.anonymous or endpoint is not Endpoint.UI:
                raise Refused("Forbidden", status=403)
            raise NotAllowed("network", "This network may not use it.")
        return caller
