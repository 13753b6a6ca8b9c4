"""A scan's progress for the pages that show it, told besides what the job keeps."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from polycast.core.events import Event
from polycast.core.jobs import Run
from polycast.library.events import ScanChanged

T = TypeVar("T")
Tell = Callable[[Event], None]


class TellingRun:
    """A `Run` that tells each step of a scan on."""

    def __init__(self, run: Run, *, tell: Tell, library: str, workflow: str) -> None:
        self._run = run
        self._tell = tell
        self._library = library
        self._workflow = workflow

    @property
    def job_id(self) -> int:
        return self._run.job_id

    @property
    def attempt(self) -> int:
        return self._run.attempt

    @property
    def saved(self) -> bytes | None:
        return self._run.saved

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """`note` is the phase."""
        await self._run.progress(done, total, note)
        self._tell(
            ScanChanged(
                library=self._library, workflow=self._workflow, status="scanning", phase=note, done=done, total=total
            )
        )

    async def checkpoint(self, value: Struct) -> None:
        await self._run.checkpoint(value)

    def check(self) -> None:
        self._run.check()

    async def thread(self, fn: Callable[..., T], *args: object) -> T:
        return await self._run.thread(fn, *args)
