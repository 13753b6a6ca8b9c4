"""Relays: a station somewhere else that is heard as if it were a DJ of this one, while the schedule wants it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.net import LIVE, Incoming, Net, Trust
from polycast.radio.edge.metadata import cleaned, decoded
from polycast.radio.edge.model import FORMAT_OF_MIME, Title
from polycast.radio.edge.ports import Offer
from polycast.radio.engine.inputs import DjInput
from polycast.radio.engine.station import StationAir
from polycast.radio.stations.model import Dj

LOOK: Final = timedelta(seconds=1)
AGAIN: Final = timedelta(seconds=5)  # after a relay that failed
METAINT_MOST: Final = 1024 * 1024

log = logging.getLogger("polycast.radio")


class Titles:
    """Takes the metadata blocks out of what another station sends."""

    def __init__(self, metaint: int) -> None:
        self._metaint = metaint
        self._left = metaint  # bytes of sound before the next block
        self._block = bytearray()
        self._size = -1  # of the block that is read; -1: none is
        self.text = ""

    def feed(self, data: bytes) -> bytes:
        """The sound alone; `text` is the last title."""
        if not self._metaint:
            return data
        sound = bytearray()
        at = 0
        while at < len(data):
            if self._left:
                taken = data[at : at + self._left]
                sound += taken
                self._left -= len(taken)
                at += len(taken)
                continue
            if self._size < 0:
                self._size = data[at] * 16
                at += 1
            taken = data[at : at + self._size - len(self._block)]
            self._block += taken
            at += len(taken)
            if len(self._block) >= self._size:
                self._read()
        return bytes(sound)

    def _read(self) -> None:
        value = bytes(self._block).rstrip(b"\0")
        if value.startswith(b"StreamTitle='"):
            self.text = cleaned(decoded(value[13:].partition(b"';")[0]))
        self._block.clear()
        self._size = -1
        self._left = self._metaint


class Relaying:
    """Of one station: connects to the relay that is wanted, and lets go when another or none is."""

    def __init__(
        self,
        station: StationAir,
        *,
        net: Net,
        clock: Clock,
        wanted: Callable[[], int | None],
        allowed: Callable[[], tuple[str, ...]],
    ) -> None:
        self._station = station
        self._net = net
        self._clock = clock
        self._wanted = wanted
        self._allowed = allowed

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            number = self._wanted()
            dj = self._station.dj(number) if number is not None else None
            if dj is not None and dj.cat == "server" and dj.stream_url:
                await self._while_wanted(dj)
            await self._clock.sleep(LOOK)

    async def _while_wanted(self, dj: Dj) -> None:
        fetching = asyncio.ensure_future(self._fetch(dj))
        try:
            while self._wanted() == dj.id and not fetching.done():
                await asyncio.wait({fetching}, timeout=LOOK.total_seconds())
        finally:
            fetching.cancel()
            await asyncio.wait({fetching})
            self._station.cut_dj(dj.id, "the relay is over")
        if not fetching.cancelled():
            fetching.result()

    async def _fetch(self, dj: Dj) -> None:
        client = self._net.client(Trust.USER, owner=f"radio.relay:{dj.id}", limits=LIVE, allowed=self._allowed())
        try:
            async with client.stream("GET", dj.stream_url, headers={"Icy-MetaData": "1"}) as incoming:
                await self._pass_on(dj, incoming)
        except PolycastError as error:
            log.info("relay %d: %s", dj.id, error)
        await self._clock.sleep(AGAIN)

    async def _pass_on(self, dj: Dj, incoming: Incoming) -> None:
        form = FORMAT_OF_MIME.get(incoming.content_type)
        offer = Offer(
            address="",
            user="",
            password="",
            path="",
            format=form,
            mime=incoming.content_type,
            agent="",
            fields={},
        )
        taken = self._station.take_dj(dj.id, offer, _Nobody()) if form is not None else None
        if taken is None:
            log.info("relay %d sends nothing that can be heard: %s", dj.id, incoming.content_type)
            return
        text = incoming.headers.get("icy-metaint", "0")
        metaint = int(text) if text.isdecimal() and len(text) < 8 else 0
        await self._feed(dj, incoming, taken, Titles(metaint if metaint <= METAINT_MOST else 0))

    async def _feed(self, dj: Dj, incoming: Incoming, taken: DjInput, titles: Titles) -> None:
        shown = ""
        try:
            async for piece in incoming.chunks():
                if not taken.feed(titles.feed(piece)):
                    return
                if titles.text != shown:
                    shown = titles.text
                    self._station.retitle_dj(dj.id, Title(shown))
        finally:
            taken.ended("left")


class _Nobody:
    """The other end of a relay is closed by who reads it."""

    def hang_up(self) -> None:
        return
