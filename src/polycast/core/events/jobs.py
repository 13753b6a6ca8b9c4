"""What the worker does for the events."""

from datetime import timedelta

from polycast.core.events.service import Events
from polycast.core.jobs.model import Job, Lane, Run, Tick


def jobs(events: Events) -> list[Job]:
    """The outbox's own jobs."""

    async def clean(_: Tick, run: Run) -> None:
        while await events.clean():
            run.check()

    return [
        Job(
            name="core.clean_events",
            payload=Tick,
            run=clean,
            lane=Lane.QUICK,
            every=timedelta(hours=6),
            title="Drop old events",
        )
    ]
