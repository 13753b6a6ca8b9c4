"""What a job is given while it runs, for calling a job's method directly."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from polycast.core.jobs.model import Cancelled

T = TypeVar("T")


class DirectRun:
    """A `Run` without a queue: remembers progress and checkpoints, can be cancelled."""

    def __init__(self, *, job_id: int = 1, attempt: int = 1, saved: bytes | None = None) -> None:
        self.job_id = job_id
        self.attempt = attempt
        self.saved = saved
        self.told: list[tuple[int, int | None, str]] = []
        self.checkpoints: list[Struct] = []
        self.is_cancelled = False
        self.cancel_after: int | None = None  # looks at `check` that still pass

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.told.append((done, total, note))

    async def checkpoint(self, value: Struct) -> None:
        self.checkpoints.append(value)

    def check(self) -> None:
        if self.cancel_after is not None:
            self.cancel_after -= 1
            self.is_cancelled = self.cancel_after < 0
        if self.is_cancelled:
            raise Cancelled

    async def thread(self, fn: Callable[..., T], *args: object) -> T:
        return await asyncio.to_thread(fn, *args)
