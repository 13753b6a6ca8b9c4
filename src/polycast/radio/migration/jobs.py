"""Jobs of migrations."""

from datetime import timedelta

from polycast.core.jobs import Job, Retry
from polycast.radio.migration.service import Migrate, Migrations


def jobs(migrations: Migrations) -> list[Job]:
    """One that goes on where the last attempt stopped: what is equal is not fetched again."""
    return [
        Job(
            name="radio.migrate_account",
            payload=Migrate,
            run=migrations.run,
            one_per="account_id",
            timeout=timedelta(hours=12),
            retry=Retry(attempts=3),
            title="Bring a radio account over",
        )
    ]
