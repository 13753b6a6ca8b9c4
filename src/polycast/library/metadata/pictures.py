"""Fetching providers' pictures: TMDB's by their path on its picture server, others' by the address that they tell."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from polycast.core.net import IMAGE, Outbound, Trust, trust_at


class Pictures:
    """`addresses`: where an administrator has us ask a source ("tmdb" for its picture server, "tvdb")."""

    def __init__(self, *, out: Callable[[Trust], Outbound], addresses: Mapping[str, Callable[[], str]]) -> None:
        self._out = out
        self._addresses = addresses

    async def fetch(self, source: str, origin: str) -> bytes:
        """The picture; nothing when it is not there. Raises: Unavailable; NotAllowed for an address we do not go to."""
        given = self._addresses[source]() if source in self._addresses else ""
        url = given + origin if origin.startswith("/") else origin
        trust = trust_at(urlsplit(url).hostname or "", urlsplit(given).hostname or "-")
        got = await self._out(trust).fetch(url, limits=IMAGE)
        return got.body if got.status == 200 else b""
