"""When a job by schedule comes next: an interval, or a cron line in local time."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from polycast.core.errors import Invalid
from polycast.core.jobs.model import Job

FIRST_TICK: Final = timedelta(minutes=1)  # a new interval job comes this soon, so that a long interval is no silence
STEP_BACK: Final = timedelta(hours=2)  # a clock set back by less does not repeat what has been


def plan_of(job: Job) -> str:
    """The job's schedule as one text, to see that a release changed it: "every 300 s", "cron 0 3 * * *"; "" for none."""
    if job.every is not None:
        return f"every {job.every.total_seconds():g} s"
    return f"cron {job.cron}" if job.cron is not None else ""


def next_due(job: Job, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first time of `job`'s schedule later than `after`.

    Raises: Invalid for a cron line that means nothing; ValueError when the job has no schedule.
    """
    if job.every is not None:
        return after + job.every
    if job.cron is None:
        raise ValueError(f"{job.name} has no schedule")
    return next_cron(job.cron, after=after, zone=zone)


def first_due(job: Job, *, now: datetime, zone: ZoneInfo) -> datetime:
    """When a schedule that was not there before comes for the first time."""
    if job.every is not None:
        return now + min(job.every, FIRST_TICK)
    return next_due(job, after=now, zone=zone)


def replanned(job: Job, *, due: datetime, fired: datetime | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """A nearer time when `due` cannot be right because the wall clock went back; None when it can.

    `fired` is when the schedule last came. After a small step back we wait until that time has passed again, so that
    nothing happens twice; after a large one the earlier clock was wrong, and we plan afresh.
    """
    base = now
    if fired is not None and now < fired <= now + STEP_BACK:
        base = fired
    nearest = next_due(job, after=base, zone=zone)
    return nearest if due > nearest else None


def following(job: Job, *, due: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """The time after one that came at `due`: in step with it while that is still ahead, else counted from `now`.

    What was missed (server off, clock put forward) has come once and is not made up for.
    """
    step = next_due(job, after=due, zone=zone)
    return step if step > now else next_due(job, after=now, zone=zone)


def next_cron(line: str, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first time of the five fields `line`, local in `zone`, later than `after`.

    A time that a gap skips comes at the gap's end, one that occurs twice comes the first time. Lines for every hour
    (`*/15 * * * *`) go by elapsed time instead: they miss no hour and stand still in none.

    Raises: Invalid for a line that means nothing, or never comes.
    """
    fields = line.split()
    try:
        if len(fields) != 5:
            raise CronSimError("a cron line has five fields")
        if fields[1].startswith("*"):
            return next(CronSim(line, after.astimezone(zone))).astimezone(UTC)
        local = CronSim(line, after.astimezone(zone).replace(tzinfo=None))
        while (due := _in_zone(next(local), zone)) <= after:
            pass
    except (CronSimError, StopIteration) as error:
        raise Invalid.one("cron", "bad_cron", f"{line!r} is no cron line: {error}") from error
    return due


def _in_zone(local: datetime, zone: ZoneInfo) -> datetime:
    """UTC of the naive `local`; in a gap, the gap's end; of two, the first."""
    while True:
        due = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if due.astimezone(zone).replace(tzinfo=None) == local:
            return due
        local += timedelta(minutes=1)  # gaps begin and end on whole minutes; the longest, Samoa's, was a day
