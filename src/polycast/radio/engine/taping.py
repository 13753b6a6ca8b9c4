"""Recordings of what DJs send: their own bytes, in files of the account, as far as its disk goes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from polycast.core.clock import Clock
from polycast.core.files import Root
from polycast.radio.edge.model import Format
from polycast.radio.stations.model import Dj, StationSetup
from polycast.radio.stations.service import Setups

EVERY: Final = timedelta(seconds=2)
WAITING_MOST: Final = 8 * 1024 * 1024  # bytes that wait for the disk
ENDINGS: Final = {
    Format.MP3: "mp3",
    Format.AAC: "aac",
    Format.OPUS: "ogg",
    Format.OGG: "ogg",
    Format.FLAC: "ogg",
}

log = logging.getLogger("polycast.radio")


class Tape:
    """One DJ's recording; a new file at each full hour, where that is wanted."""

    def __init__(
        self, *, folder: Path, ending: str, hourly: bool, zone: ZoneInfo, at: datetime, account_id: int
    ) -> None:
        self.account_id = account_id
        self.is_closed = False
        self.waiting = bytearray()
        self._folder = folder
        self._ending = ending
        self._hourly = hourly
        self._zone = zone
        self._at = at
        self._file: BinaryIO | None = None

    def write(self, data: bytes) -> None:
        """Without waiting."""
        if not self.is_closed and len(self.waiting) < WAITING_MOST:
            self.waiting += data

    def close(self) -> None:
        """Nothing follows."""
        self.is_closed = True

    def flush(self, now: datetime, room: int | None) -> int:
        """Write what waits; how much. Blocking. `room`: bytes the account may still use, None for any.

        Raises: OSError.
        """
        data = bytes(self.waiting)
        del self.waiting[: len(data)]
        if room is not None and len(data) > room:
            self.is_closed = True
            data = b""
        is_next_hour = self._hourly and now.astimezone(self._zone).hour != self._at.astimezone(self._zone).hour
        if is_next_hour and self._file is not None:
            self._file.close()
            self._file, self._at = None, now
        if data:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                name = f"{self._at.astimezone(self._zone):%Y-%m-%d_%H-%M-%S}.{self._ending}"
                with Root(self._folder) as root:
                    self._file = root.create(name)
            self._file.write(data)
            self._file.flush()
        if self.is_closed and not self.waiting and self._file is not None:
            self._file.close()
            self._file = None
        return len(data)


class Tapes:
    """All recordings that run."""

    def __init__(self, *, setups: Setups, room: Callable[[int], Awaitable[int | None]], clock: Clock) -> None:
        self._setups = setups
        self._room = room
        self._clock = clock
        self._tapes: list[Tape] = []

    def begin(self, setup: StationSetup, dj: Dj, form: Format) -> Tape:
        """A new one: `recordings/<dj>/2026-11-21_20-00-00.mp3` of the account."""
        tape = Tape(
            folder=self._setups.folder(setup.owner.id) / "recordings" / str(dj.id),
            ending=ENDINGS[form],
            hourly=dj.do_recording_hourly,
            zone=ZoneInfo(setup.station.timezone or "UTC"),
            at=self._clock.now(),
            account_id=setup.owner.id,
        )
        self._tapes.append(tape)
        return tape

    async def run(self) -> None:
        """Until cancelled; what waits then is written."""
        try:
            while True:
                await self._clock.sleep(EVERY)
                await self.flush()
        finally:
            for tape in self._tapes:
                tape.close()
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write what waits of every tape."""
        for tape in list(self._tapes):
            room = await self._room(tape.account_id)
            try:
                await asyncio.to_thread(tape.flush, self._clock.now(), room)
            except OSError as error:
                log.warning("a recording has ended early: %s", error)
                tape.close()
                tape.waiting.clear()
            if tape.is_closed and not tape.waiting:
                self._tapes.remove(tape)
