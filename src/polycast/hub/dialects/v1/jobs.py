"""Jobs: what the server is doing for somebody."""

from collections.abc import Sequence

from polycast.core.errors import Invalid
from polycast.core.http import Route, get, post
from polycast.core.http.pages import Page, page_of, position, size_of
from polycast.core.identity.caller import Caller, needs
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import JobState, Queue
from polycast.core.jobs.wire import Job

READ = needs(Scope.CORE_READ)
STEER = needs(Scope.LIVE_ADMIN)  # who runs the server day by day may stop what it does


def routes() -> Sequence[Route]:
    """The queue."""
    return [jobs, cancel, retry]


@get("/polycast/v1/jobs", policy=READ)
async def jobs(queue: Queue, state: str = "", cursor: str = "", limit: int = 50) -> Page[Job]:
    """Jobs, the youngest first; `state` is a list with commas."""
    words = [word for word in state.split(",") if word]
    if unknown := [word for word in words if word not in set(JobState)]:
        raise Invalid.one("state", "not_a_choice", f'"{unknown[0]}" is no state of a job.', value=unknown[0])
    size = size_of(limit)
    rows = await queue.list(states=words or None, limit=size + 1, before=position(cursor))
    return page_of([Job.of(row) for row in rows], [row.id for row in rows], size)


@post("/polycast/v1/jobs/{id}/cancel", policy=STEER)
async def cancel(caller: Caller, id: int, queue: Queue) -> Job:
    """Stop a job within two seconds."""
    return Job.of(await queue.cancel(id))


@post("/polycast/v1/jobs/{id}/retry", policy=STEER)
async def retry(caller: Caller, id: int, queue: Queue) -> Job:
    """Run a job again that has failed or was cancelled."""
    return Job.of(await queue.retry(id))
