"""What the relay needs of others."""

from typing import Protocol

from polycast.core.events.model import Event
from polycast.live.people.model import Person


class Teller(Protocol):
    """Tells what is not kept: `core/events`."""

    def tell(self, event: Event) -> None: ...


class Limits(Protocol):
    """Users, as far as their streams go: `people`."""

    async def get(self, user_id: int) -> Person: ...

    async def stream_limits(self, user_ids: list[int]) -> dict[int, int]:
        """By user; 0 for no limit."""
        ...
