"""What a route is to the house: its method, path and policy. Every route of every dialect has one."""

from msgspec import Struct

from polycast.core.identity.caller import Policy


class RouteInfo(Struct, frozen=True, kw_only=True):
    """A row of the route table, of `surface.txt` and of the authorisation matrix."""

    method: str  # "GET"; "WS" for a WebSocket
    path: str  # "/api/channels/{id}/"
    policy: Policy
    body_limit: int | None = None  # bytes; None: the dialect's
