"""Whether there is a newer version: asked only where the host has named an address, and only when somebody wants to know."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

import polycast
from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.net import Limits, Net, Trust

LIMITS: Final = Limits(total=timedelta(seconds=10), size_bytes=1024 * 1024)
_NUMBERS: Final = re.compile(r"\d{1,9}")
_VERSION: Final = re.compile(r"v?\d{1,9}(\.\d{1,9}){0,4}([.+-]?[0-9A-Za-z]{1,20}){0,4}")


class CheckFailed(PolycastError):
    """Nobody could be asked, or the answer names no version."""

    code = "check_failed"


class Latest(Struct, frozen=True, kw_only=True):
    """The newest version that is known."""

    version: str
    is_newer: bool
    checked_at: datetime


class Updates:
    """`address` answers with JSON that has `version` or `tag_name`, as code hosts do for a project's newest release."""

    def __init__(self, *, net: Net, clock: Clock, address: Callable[[], str]) -> None:
        self._net = net
        self._clock = clock
        self._address = address
        self.latest: Latest | None = None

    @property
    def is_set_up(self) -> bool:
        """Whether there is somebody to ask."""
        return bool(self._address())

    async def check(self) -> Latest:
        """Raises: CheckFailed."""
        if not self.is_set_up:
            raise CheckFailed("No address to ask is set (update_url).")
        out = self._net.client(Trust.SOURCE, owner="monitor.update", limits=LIMITS)
        try:
            found: Any = await out.json("GET", self._address(), type=dict[str, Any])
        except PolycastError as error:
            raise CheckFailed(f"The newest version is not known: {error}") from error
        text = str(found.get("version") or found.get("tag_name") or "")
        if not _VERSION.fullmatch(text):
            raise CheckFailed("The answer names no version.")
        version = text.removeprefix("v")
        newer = numbers(version) > numbers(polycast.__version__)
        self.latest = Latest(version=version, is_newer=newer, checked_at=self._clock.now())
        return self.latest


def numbers(version: str) -> tuple[int, ...]:
    """What versions are compared by; zeros at the end say nothing."""
    found = [int(one) for one in _NUMBERS.findall(re.split(r"[-+a-z]", version.removeprefix("v"))[0])]
    while found and not found[-1]:
        found.pop()
    return tuple(found)
