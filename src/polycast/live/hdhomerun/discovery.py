"""UDP 65001: programs that look for tuners ask, we answer. Source: `specs/live.md` 4.5."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

from polycast.core.clock import Clock
from polycast.core.net import Datagrams, Peer, open_datagrams
from polycast.live.hdhomerun.model import AUTH, Device
from polycast.live.hdhomerun.packets import ANY, TUNER, Kind, Packet, Tag, number, pack, unpack, whole

PORT: Final = 65001
WAITING: Final = 64  # questions; more than that are dropped
WhoAmI = Callable[[], Awaitable[Device]]


class Discovery:
    """Answers questions for tuners. `host` is the address the server listens on, `port` its HTTP port."""

    def __init__(self, *, who: WhoAmI, clock: Clock, host: str, port: Callable[[], int]) -> None:
        self._who = who
        self._clock = clock
        self._host = host
        self._port = port
        self._questions: asyncio.Queue[tuple[Datagrams, Packet, Peer]] = asyncio.Queue(WAITING)

    async def run(self) -> None:
        """Until cancelled. Raises: Taken."""
        async with AsyncExitStack() as stack:
            opened = open_datagrams(PORT, host=self._host, heard=self._heard, clock=self._clock)
            await stack.enter_async_context(opened)
            while True:
                talk, question, peer = await self._questions.get()
                device = await self._who()
                told = answer(question, device, f"http://{talk.our_address(peer)}:{self._port()}")
                if told is not None:
                    talk.answer(told, peer)

    def _heard(self, talk: Datagrams, data: bytes, peer: Peer) -> None:
        question = unpack(data)
        if question is not None and question.kind == Kind.DISCOVER and not self._questions.full():
            self._questions.put_nowait((talk, question, peer))


def answer(question: Packet, device: Device, base_url: str) -> bytes | None:
    """What a device says to a question; None when it is about others."""
    device_number = device.number
    if device_number is None or not _is_meant(question, device_number):
        return None
    return pack(
        Kind.FOUND,
        [
            (Tag.DEVICE_TYPE, whole(TUNER)),
            (Tag.DEVICE_ID, whole(device_number)),
            (Tag.TUNER_COUNT, bytes([device.tuners])),
            (Tag.BASE_URL, base_url.encode()),
            (Tag.LINEUP_URL, f"{base_url}/lineup.json".encode()),
            (Tag.AUTH, AUTH.encode()),
        ],
    )


def _is_meant(question: Packet, device_number: int) -> bool:
    kinds = {number(value) for value in question.all(Tag.DEVICE_TYPE)}
    for several in question.all(Tag.TYPES):
        kinds |= {number(several[at : at + 4]) for at in range(0, len(several), 4)}
    ids = {number(value) for value in question.all(Tag.DEVICE_ID)}
    return (not kinds or bool(kinds & {TUNER, ANY})) and (not ids or bool(ids & {device_number, ANY}))
