"""Wakes whoever waits for a station to sound, or to be heard, in another way."""

import asyncio
from collections import defaultdict
from datetime import timedelta

from polycast.core.events import Listener
from polycast.radio.engine.events import AudienceChanged, NowPlayingChanged
from polycast.radio.events import StationEvent


class Pulse:
    """Of the web process: a number for each station that grows with every change."""

    def __init__(self) -> None:
        self._beats: dict[int, int] = defaultdict(int)
        self._waiting: dict[int, set[asyncio.Event]] = defaultdict(set)

    def beat(self, station_id: int) -> int:
        """The number now."""
        return self._beats[station_id]

    async def after(self, station_id: int, beat: int, *, within: timedelta) -> int:
        """The number once it is another than `beat`, or when `within` has passed."""
        if self._beats[station_id] == beat:
            woken = asyncio.Event()
            self._waiting[station_id].add(woken)
            try:
                async with asyncio.timeout(within.total_seconds()):
                    await woken.wait()
            except TimeoutError:
                pass
            finally:
                self._waiting[station_id].discard(woken)
        return self._beats[station_id]

    def listeners(self) -> list[Listener]:
        """What is a change."""
        return [
            Listener(name="radio.pulse_now_playing", event=NowPlayingChanged, here=self._changed),
            Listener(name="radio.pulse_audience", event=AudienceChanged, here=self._changed),
        ]

    async def _changed(self, event: StationEvent) -> None:
        self._beats[event.station_id] += 1
        for woken in self._waiting.pop(event.station_id, ()):
            woken.set()
