"""Names that a test makes up: any host resolves as told, and a judged public address is reached on loopback."""

from collections.abc import Sequence
from ipaddress import ip_address

from polycast.core.net import Address


class FakeNames:
    """`answers`: host -> a list of answers, one for each look-up, the last for ever. `dials`: judged address -> real one."""

    def __init__(self, answers: dict[str, list[list[str]]], dials: dict[str, str] | None = None) -> None:
        self._answers = answers
        self._dials = dials or {}
        self.asked: list[str] = []

    async def look_up(self, host: str) -> Sequence[Address]:
        self.asked.append(host)
        if host not in self._answers:
            raise OSError(f"no such name: {host}")
        turns = self._answers[host]
        return [ip_address(text) for text in (turns.pop(0) if len(turns) > 1 else turns[0])]

    def dial(self, address: Address) -> str:
        return self._dials.get(str(address), str(address))
