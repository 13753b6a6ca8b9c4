"""What became of a request in its first seconds, for clients that wait for it."""

import asyncio
from enum import StrEnum


class Verdict(StrEnum):
    """The first thing a provider said."""

    TAKEN = "taken"
    WAITING = "waiting"
    REFUSED = "refused"


class Verdicts:
    """Waiters by hash, in this process. Where the queue runs on another node nobody is told, and all wait it out."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[Verdict]]] = {}

    def tell(self, info_hash: str, verdict: Verdict) -> None:
        for waiter in self._waiting.pop(info_hash, []):
            if not waiter.done():
                waiter.set_result(verdict)

    async def wait(self, info_hash: str, seconds: float) -> Verdict:
        """The verdict, or WAITING when there is none in time."""
        waiter: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(info_hash, []).append(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter
        except TimeoutError:
            return Verdict.WAITING
        finally:
            left = self._waiting.get(info_hash, [])
            if waiter in left:
                left.remove(waiter)
                if not left:
                    del self._waiting[info_hash]
