"""What the health page says about the events."""

from collections.abc import Sequence

from polycast.core.events.service import Events
from polycast.core.module import Health, HealthLine


def health(events: Events) -> Health:
    """A line for each listener that has given up, and one that all is well when none has."""

    async def lines() -> Sequence[HealthLine]:
        parked = await events.parked()
        if not parked:
            return [HealthLine(name="events", ok=True, text="Every listener is up to date.")]
        return [
            HealthLine(
                name=f"events: {one.listener}",
                ok=False,
                text=f"It failed too often at {one.error}; {one.waiting} events wait. A restart tries it again.",
            )
            for one in parked
        ]

    return lines
