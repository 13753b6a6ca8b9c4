"""The rules for passwords that people choose, and their slow hashes."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from polycast.core.errors import Busy, Problem
from polycast.core.identity.common import is_common

T = TypeVar("T")

MEMORY_KIB: Final = 19 * 1024  # OWASP's first choice for Argon2id: 19 MiB, 2 passes, 1 lane
PASSES: Final = 2
LANES: Final = 1
AT_ONCE: Final = 2  # hashes; 1,000 parallel sign-ins then need no more memory than two
WAITING: Final = 256  # sign-ins that wait for their hash; more are turned away
LONGEST: Final = 1024  # characters that are hashed at all; nobody's password is longer than 128
VERIFIED: Final = 1024  # passwords known to be right, so that a player's next segment costs no hash
_EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class PasswordRule(Struct, frozen=True, kw_only=True):
    """What a new password must be like. No rules of composition: length is what counts."""

    min_length: int = 8
    max_length: int = 128
    uncommon: bool = True  # neither one of those tried first nor the user's own name

    def problems(self, password: str, *, names: Iterable[str | None] = (), path: str = "password") -> list[Problem]:
        """What is wrong with `password`; `names` are the user's own."""
        if len(password) < self.min_length:
            text = f"This password is too short: at least {self.min_length} characters."
            return [Problem(path, "password_too_short", {"min": self.min_length}, text)]
        if len(password) > self.max_length:
            text = f"This password is too long: at most {self.max_length} characters."
            return [Problem(path, "password_too_long", {"max": self.max_length}, text)]
        if self.uncommon and _is_own(password, names):
            return [Problem(path, "password_own_name", {}, "This password is too close to your own name.")]
        if self.uncommon and is_common(password):
            return [Problem(path, "password_common", {}, "This password is one of those that are tried first.")]
        return []


STRICT: Final = PasswordRule()


def _is_own(password: str, names: Iterable[str | None]) -> bool:
    text = password.casefold()
    core = _EDGES.sub("", text)
    own = {part for name in names if name for part in (name.casefold(), name.casefold().partition("@")[0]) if part}
    return any(form in own or form[::-1] in own for form in (text, core) if form)


class Hashing(Struct, kw_only=True):
    """How often what was done; tests compare the costs of answers by it."""

    hashed: int = 0
    verified: int = 0


class Hasher:
    """Argon2id, two at once, never in the event loop.

    `gate` is the queue before it: what is decided there (is this address throttled?) is still true when the hash is
    computed, because no more than two callers are past it.
    """

    def __init__(self) -> None:
        self._argon = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._threads = ThreadPoolExecutor(AT_ONCE, "polycast-hash")
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self.count = Hashing()

    async def gate(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` as one of two. Raises: Busy, when too many wait already."""
        if self._waiting >= WAITING:
            raise Busy("Too many sign-ins at once.", retry_after=2)
        self._waiting += 1
        try:
            async with self._gate:
                return await work()
        finally:
            self._waiting -= 1

    async def hash(self, password: str) -> str:
        """The PHC string to store."""
        self.count.hashed += 1
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._argon.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one behind `stored`; None costs the same and is never right."""
        self.count.verified += 1
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._verify, stored, password)

    async def verify_often(self, stored: str, password: str) -> bool:
        """`verify` for what comes with every request. A right answer is remembered with the hash it was right for."""
        if self.knows(stored, password):
            return True
        if not await self.verify(stored, password):
            return False
        self._right[_known(stored, password)] = None
        if len(self._right) > VERIFIED:
            self._right.popitem(last=False)
        return True

    def knows(self, stored: str, password: str) -> bool:
        """Whether this pair was found right a while ago. A new password has a new hash, so nothing needs forgetting."""
        known = _known(stored, password)
        if known not in self._right:
            return False
        self._right.move_to_end(known)
        return True

    def is_outdated(self, stored: str) -> bool:
        """Whether `stored` was made with other parameters than today's."""
        return self._argon.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False)

    def _verify(self, stored: str | None, password: str) -> bool:
        if stored is None or len(password) > LONGEST:
            self._argon.hash("a password that nobody has")
            return False
        try:
            return self._argon.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _known(stored: str, password: str) -> bytes:
    return hashlib.sha256(f"{stored}\0{password}".encode()).digest()
