"""What local actions need of others."""

from typing import Protocol

from polycast.acquire.catalogue.model import Detail


class Sight(Protocol):
    """Whether the program that will import can see what we have made."""

    async def blind(self, detail: Detail) -> str:
        """Why it cannot; empty when it can, or when nobody can be asked."""
        ...
