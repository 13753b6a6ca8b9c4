"""What the worker does for its own queue."""

from datetime import timedelta

from polycast.core.jobs.model import Job, Lane, Run, Tick
from polycast.core.jobs.service import Queue


def jobs(queue: Queue) -> list[Job]:
    """The queue's own jobs."""

    async def clean(_: Tick, run: Run) -> None:
        while await queue.clean():
            run.check()

    return [
        Job(
            name="core.clean_jobs",
            payload=Tick,
            run=clean,
            lane=Lane.QUICK,
            every=timedelta(hours=6),
            title="Drop old jobs",
        )
    ]
