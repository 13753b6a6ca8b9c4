"""Jobs: work that outlives the request that asked for it."""

from polycast.core.jobs.book import JobBook
from polycast.core.jobs.model import Cancelled, Job, JobChanged, JobRow, JobState, Lane, Retry, Run, Tick
from polycast.core.jobs.service import Queue
from polycast.core.jobs.worker import Worker, WorkerSettings

__all__ = [
    "Cancelled",
    "Job",
    "JobBook",
    "JobChanged",
    "JobRow",
    "JobState",
    "Lane",
    "Queue",
    "Retry",
    "Run",
    "Tick",
    "Worker",
    "WorkerSettings",
]
