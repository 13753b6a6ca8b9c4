"""What the worker does for the notifications."""

from datetime import timedelta

from polycast.core.jobs.model import Job, Lane, Run, Tick
from polycast.core.notify.service import Notify


def jobs(notify: Notify) -> list[Job]:
    """Their own jobs."""

    async def clean(_: Tick, run: Run) -> None:
        while await notify.clean():
            run.check()

    return [
        Job(
            name="core.clean_notifications",
            payload=Tick,
            run=clean,
            lane=Lane.QUICK,
            every=timedelta(days=1),
            title="Drop old notifications",
        )
    ]
