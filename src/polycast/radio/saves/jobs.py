"""Jobs of backups."""

from datetime import timedelta

from polycast.core.jobs import Job, Lane, Retry, Tick
from polycast.radio.saves.model import BackupAccount, RestoreFile
from polycast.radio.saves.service import Saves

LONG = timedelta(hours=6)


def jobs(saves: Saves) -> list[Job]:
    """Making, restoring, and looking for what is due."""
    return [
        Job(
            name="radio.backup_account",
            payload=BackupAccount,
            run=saves.make,
            one_per="account_id",
            timeout=LONG,
            retry=Retry(attempts=1),
            title="Save a radio account",
        ),
        Job(
            name="radio.restore_account",
            payload=RestoreFile,
            run=saves.bring_back,
            one_per="file",
            timeout=LONG,
            retry=Retry(attempts=1),
            title="Restore a radio account",
        ),
        Job(
            name="radio.schedule_backups",
            payload=Tick,
            run=saves.due,
            lane=Lane.QUICK,
            one_per="",
            every=timedelta(minutes=15),
            title="Queue the radio backups that are due",
        ),
        Job(
            name="radio.watch_restores",
            payload=Tick,
            run=saves.watch,
            lane=Lane.QUICK,
            one_per="",
            every=timedelta(seconds=60),
            title="Look for radio accounts to restore",
        ),
    ]
