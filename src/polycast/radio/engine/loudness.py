"""Measures what was not measured yet: loudness, peak, silence at both ends. A job of the worker."""

import asyncio
import logging
import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.errors import Invalid, NotFound, Unavailable
from polycast.core.files import Root, write_bytes
from polycast.core.jobs import Job, Lane, Run, Tick
from polycast.core.processes.forks import open_forks
from polycast.core.processes.lasting import Line
from polycast.core.storage import Database
from polycast.radio.engine.store import AudienceStore, Unmeasured
from polycast.radio.stations.service import Setups

CHILD: Final = "polycast.radio.player.measuring_child"
BATCH: Final = 50
MOST: Final = timedelta(minutes=10)  # for one file

log = logging.getLogger("polycast.radio")


class _Answer(Struct, frozen=True):
    why: str = ""
    lufs: float = 0.0
    peak_db: float = 0.0
    start_s: float = 0.0
    end_s: float = 0.0
    length_s: float = 0.0
    wave: bytes = b""


class Loudness:
    """Decodes whole files in a confined child."""

    def __init__(self, *, db: Database, store: AudienceStore, setups: Setups) -> None:
        self._db = db
        self._store = store
        self._setups = setups

    async def measure(self, payload: Tick, run: Run) -> None:
        """The job: everything that waits, a batch at a time."""
        found = await self._db.read(self._store.unmeasured, limit=BATCH)
        if not found:
            return
        async with open_forks(CHILD, size=1) as forks:
            while found:
                for number, track in enumerate(found):
                    await run.progress(number, len(found), track.path)
                    line = await forks.hold()
                    with closing(line):
                        await self._one(line, track)
                found = await self._db.read(self._store.unmeasured, limit=BATCH)

    async def _one(self, line: Line, track: Unmeasured) -> None:
        values: dict[str, Any]
        try:
            answer = await self._asked(line, track)
        except (NotFound, Invalid, OSError) as error:
            log.info("a track is not there: %s", error)
            answer = _Answer(why="it is not there")
        except (Unavailable, TimeoutError) as error:
            log.warning("a track made the measuring child fail: %s", error)
            answer = _Answer(why="it made the decoder fail")
        if answer.why:
            values = {"state": "broken", "loudness_lufs": 0.0}
        else:
            values = {
                "loudness_lufs": answer.lufs,
                "max_volume_db": answer.peak_db,
                "peak_value": 10 ** (answer.peak_db / 20),
                "cue_in": answer.start_s,
                "cue_out": answer.end_s,
            }
            values["has_waveform"] = await asyncio.to_thread(
                _keep_wave, self._setups.wave(track.account_id, track.id), answer.wave
            )
            values |= {} if track.length_ms else {"length_ms": round(answer.length_s * 1000)}
        await self._db.write(self._store.measured, track, values)

    async def _asked(self, line: Line, track: Unmeasured) -> _Answer:
        """Raises: NotFound, Invalid, OSError, Unavailable, TimeoutError."""
        media = self._setups.media(track.account_id, track.station_id)
        descriptor = await asyncio.to_thread(_open, media, track.path)
        try:
            line.tell(b"measure", (descriptor,))
        finally:
            os.close(descriptor)
        async with asyncio.timeout(MOST.total_seconds()):
            async for body in line.frames():
                return msgspec.json.decode(body, type=_Answer)
        raise Unavailable("The child has died.")

    def jobs(self) -> list[Job]:
        """Once a minute, whatever is new."""
        return [
            Job(
                name="radio.measure_tracks",
                payload=Tick,
                run=self.measure,
                one_per="",
                every=timedelta(minutes=1),
                timeout=timedelta(hours=6),
                lane=Lane.MEDIA,
                title="Measure how loud music is",
            )
        ]


def _keep_wave(place: Path, wave: bytes) -> bool:
    """Blocking. A disk that is full costs the drawing, nothing else."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_bytes(place, wave)
    except OSError as error:
        log.warning("a waveform could not be kept: %s", error)
        return False
    return True


def _open(media: Any, path: str) -> int:
    with Root(media) as root:
        return root.descriptor(*(part for part in path.split("/") if part))
