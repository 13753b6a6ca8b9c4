"""Jobs of accounts."""

from datetime import timedelta

from polycast.core.jobs import Job, Lane, Retry, Tick
from polycast.radio.accounts.service import MakeAccount, RemoveAccount
from polycast.radio.lifecycle.service import Lifecycle


def jobs(lifecycle: Lifecycle) -> list[Job]:
    """Making, removing, and taking up what a crash left."""
    return [
        Job(
            name="radio.make_account",
            payload=MakeAccount,
            run=lifecycle.make,
            lane=Lane.QUICK,
            one_per="account_id",
            timeout=timedelta(minutes=2),
            retry=Retry(attempts=3),
            title="Make a radio account",
        ),
        Job(
            name="radio.remove_account",
            payload=RemoveAccount,
            run=lifecycle.remove,
            one_per="account_id",
            timeout=timedelta(minutes=60),
            title="Delete a radio account",
        ),
        Job(
            name="radio.sweep_accounts",
            payload=Tick,
            run=lifecycle.sweep,
            lane=Lane.QUICK,
            one_per="",
            every=timedelta(seconds=60),
            title="Take up unfinished radio accounts",
        ),
    ]
