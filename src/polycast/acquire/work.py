"""What the worker does for acquisition, and how often."""

from datetime import timedelta

from polycast.acquire.arrs.owner import PushFailure, RefreshArr, Report
from polycast.acquire.building import Rooms
from polycast.acquire.mounting.service import RefreshMount
from polycast.acquire.providers.upkeep import SyncLibrary
from polycast.acquire.repair.service import RunRepair
from polycast.acquire.transfers.changes import DropRemote
from polycast.acquire.transfers.switching import SwitchEntry
from polycast.core.jobs import Job, Lane, Retry, Tick


def jobs(rooms: Rooms) -> list[Job]:
    """The worker's part."""
    return [
        Job(
            name="acquire.drop_remote",
            payload=DropRemote,
            run=rooms.drops.drop,
            lane=Lane.QUICK,
            timeout=timedelta(minutes=2),
            title="Remove an item at a provider",
        ),
        Job(
            name="acquire.refresh_mount",
            payload=RefreshMount,
            run=rooms.mounts.refresh,
            lane=Lane.QUICK,
            one_per="mount",
            retry=Retry(attempts=2),
            timeout=timedelta(minutes=1),
            title="Have the mount look at its folders",
        ),
        Job(
            name="acquire.clear_leftovers",
            payload=Tick,
            run=rooms.leftovers.clear,
            lane=Lane.QUICK,
            every=timedelta(minutes=10),
            timeout=timedelta(minutes=5),
            title="Remove what a crash has left at an account",
        ),
        *_arr_jobs(rooms),
        *_upkeep_jobs(rooms),
    ]


def _arr_jobs(rooms: Rooms) -> list[Job]:
    return [
        Job(
            name="acquire.refresh_arr",
            payload=RefreshArr,
            run=rooms.owner.refresh,
            lane=Lane.QUICK,
            one_per="category",
            timeout=timedelta(minutes=1),
            title="Have an Arr look at its downloads",
        ),
        Job(
            name="acquire.push_failure",
            payload=PushFailure,
            run=rooms.cleanup.push,
            lane=Lane.QUICK,
            one_per="info_hash",
            timeout=timedelta(minutes=2),
            title="Tell an Arr that a download has failed",
        ),
        Job(
            name="acquire.report",
            payload=Report,
            run=rooms.reports.send,
            lane=Lane.QUICK,
            timeout=timedelta(minutes=2),
            retry=Retry(attempts=3),
            title="Tell others about a download",
        ),
        Job(
            name="acquire.clean_queues",
            payload=Tick,
            run=rooms.cleanup.look,
            lane=Lane.QUICK,
            every=timedelta(minutes=1),
            timeout=timedelta(minutes=5),
            title="Clear up what Arrs cannot import",
        ),
    ]


def _upkeep_jobs(rooms: Rooms) -> list[Job]:
    return [
        Job(
            name="acquire.switch_entry",
            payload=SwitchEntry,
            run=rooms.switching.switch,
            one_per="info_hash",
            retry=Retry(attempts=2),
            title="Move an entry to another account",
        ),
        Job(
            name="acquire.look_at_accounts",
            payload=Tick,
            run=rooms.upkeep.look,
            lane=Lane.QUICK,
            every=timedelta(minutes=10),
            title="Look at the debrid accounts",
        ),
        Job(
            name="acquire.sync_due_libraries",
            payload=Tick,
            run=rooms.upkeep.due,
            lane=Lane.QUICK,
            every=timedelta(minutes=1),
            title="See which libraries are to be read again",
        ),
        *_long_jobs(rooms),
    ]


def _long_jobs(rooms: Rooms) -> list[Job]:
    return [
        Job(
            name="acquire.sync_library",
            payload=SyncLibrary,
            run=rooms.upkeep.sync,
            one_per="provider",
            timeout=timedelta(hours=1),
            title="Read what an account holds",
        ),
        Job(
            name="acquire.start_due_repair",
            payload=Tick,
            run=rooms.repairs.due,
            lane=Lane.QUICK,
            every=timedelta(minutes=5),
            title="See whether a repair is due",
        ),
        Job(
            name="acquire.run_repair",
            payload=RunRepair,
            run=rooms.runner.run,
            one_per="run_id",
            timeout=timedelta(hours=6),
            title="Look for dead content",
        ),
    ]
