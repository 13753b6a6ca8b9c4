"""What this dialect needs of rooms that may be missing from a server."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Viewers(Protocol):
    """How many connections to providers are in use: `relay/slots.py`."""

    async def used(self, account_profile_ids: Sequence[int], /) -> Mapping[int, int]:
        """By id of the account's profile; those without any are absent."""
        ...


class NoViewers:
    """For a server that relays nothing."""

    async def used(self, account_profile_ids: Sequence[int], /) -> Mapping[int, int]:
        return {}
