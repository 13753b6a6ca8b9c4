"""The jobs of backups."""

from datetime import timedelta

from polycast.core.backups.service import Backups, CreateBackup
from polycast.core.jobs.model import Job, Retry, Tick

LONGEST = timedelta(hours=2)


def jobs(backups: Backups, *, cron: str) -> list[Job]:
    """`cron`: five fields in the server's zone, empty for no schedule."""
    return [
        Job(
            name="core.create_backup",
            payload=CreateBackup,
            run=backups.create,
            one_per="",
            timeout=LONGEST,
            retry=Retry(attempts=3, first_wait=timedelta(seconds=30)),
            title="Make a backup",
        ),
        Job(
            name="core.create_scheduled_backup",
            payload=Tick,
            run=backups.create_scheduled,
            one_per="",
            timeout=LONGEST,
            retry=Retry(attempts=3, first_wait=timedelta(seconds=30)),
            cron=cron or None,
            title="Make a backup by schedule",
        ),
    ]
