"""Listens to seasons for what their episodes share. A job of the worker's media lane; a file is listened to once."""

from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.ids import Ids
from polycast.core.jobs.model import Job, Lane, Run, Tick
from polycast.core.processes import Limits, Processes
from polycast.core.processes.allowed import file_word, input_words
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import MediaFile
from polycast.library.catalogue.store_files import FileStore
from polycast.library.playback.intros import Found, Print, of_chapters, of_neighbours, read_print
from polycast.library.playback.store import LookStore, Mark
from polycast.library.playback.store_intros import HEAD, TAIL, IntroStore

AT_ONCE: Final = 20  # seasons in one go
HEARD: Final = timedelta(minutes=10)
SHARE: Final = 0.25  # of an episode, at its beginning
LAST: Final = timedelta(minutes=5)
NEIGHBOURS: Final = 4
MS: Final = timedelta(milliseconds=1)
LIMITS: Final = Limits(file_bytes=0, wall=timedelta(minutes=5), nice=10)


class Listening:
    """Finds intros and credits."""

    def __init__(
        self,
        *,
        db: Database,
        store: IntroStore,
        looks: LookStore,
        files: FileStore,
        processes: Processes,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._db = db
        self._store = store
        self._looks = looks
        self._files = files
        self._processes = processes
        self._clock = clock
        self._ids = ids

    def jobs(self) -> list[Job]:
        return [
            Job(
                name="library.find_intros",
                payload=Tick,
                run=self.listen,
                lane=Lane.MEDIA,
                one_per="",
                every=timedelta(hours=1),
                timeout=timedelta(hours=6),
                title="Find intros and credits",
            )
        ]

    async def listen(self, _tick: Tick, run: Run) -> None:
        """Some seasons that nobody has listened to."""
        seasons: list[tuple[int, int]] = []
        shows = await self._db.read(self._store.shows, 0)
        while shows and len(seasons) < AT_ONCE:
            run.check()
            seasons += await self._db.read(self._store.seasons, shows)
            shows = await self._db.read(self._store.shows, shows[-1])
        for done, (show_id, season) in enumerate(seasons[:AT_ONCE]):
            await run.progress(done, min(len(seasons), AT_ONCE))
            await self.season(show_id, season, run)

    async def season(self, show_id: int, season: int, run: Run) -> None:
        """Listen to the episodes of a season, compare them, keep what was found."""
        rows = await self._db.read(self._store.episodes, show_id, season)
        known: list[tuple[int, MediaFile, Print, Print]] = []
        for item_id, file_id in rows:
            run.check()
            file = await self._db.read(self._files.by_id, file_id)
            if file is None or file.probed is None or not file.probed.audio:
                continue
            head, tail = await self._heard(file, HEAD), await self._heard(file, TAIL)
            known.append((item_id, file, head, tail))
        for place, (item_id, file, head, tail) in enumerate(known):
            beside = [one for number, one in enumerate(known) if 0 < abs(number - place) <= NEIGHBOURS // 2]
            found = of_chapters(file.probed) if file.probed else []
            kinds = {one.kind for one in found}
            if "intro" not in kinds:
                intro = await run.thread(of_neighbours, head, [one[2] for one in beside], "intro")
                found += [intro] if intro else []
            if "credits" not in kinds:
                ending = await run.thread(of_neighbours, tail, [one[3] for one in beside], "credits")
                found += [_later(ending, self._tail_start(file))] if ending else []
            await self._db.write(self._keep, item_id, file.id, found)

    async def _heard(self, file: MediaFile, part: str) -> Print:
        """The fingerprint of a part of a file, made once. Empty when it cannot be heard."""
        stored = await self._db.read(
            lambda unit: self._looks.look(unit, file.id, part, size=file.size_bytes, mtime_ns=file.mtime_ns)
        )
        if stored is None:
            stored = await self._print(file, part)
            now = self._clock.now()
            await self._db.write(
                lambda unit: self._looks.keep(
                    unit, file.id, part, stored or b"", size=file.size_bytes, mtime_ns=file.mtime_ns, made_at=now
                )
            )
        return read_print(stored)

    async def _print(self, file: MediaFile, part: str) -> bytes:
        start = timedelta() if part == HEAD else self._tail_start(file)
        length = min(HEARD, timedelta(milliseconds=file.duration_ms) * SHARE) if part == HEAD else LAST
        stream = file.probed.audio[0].index if file.probed and file.probed.audio else 0
        argv = ["-hide_banner", "-nostdin", "-loglevel", "error", "-ss", f"{start.total_seconds():.3f}"]
        argv += [*input_words(protocols="file"), "-i", file_word(file.path), "-t", f"{length.total_seconds():.3f}"]
        argv += [
            "-map",
            f"0:{stream}",
            "-ac",
            "2",
            "-f",
            "chromaprint",
            "-algorithm",
            "3",
            "-fp_format",
            "raw",
            "pipe:1",
        ]
        try:
            done = await self._processes.run(self._processes.tools.ffmpeg, argv, read=[file.path], limits=LIMITS)
        except PolycastError:
            return b""
        return done.output if done.code == 0 else b""

    def _keep(self, unit: Unit, item_id: int, file_id: int, found: list[Found]) -> None:
        marks = [
            Mark(
                uuid=self._ids.uuid().replace("-", ""),
                kind=one.kind,
                start_ms=one.start // MS,
                end_ms=one.end // MS,
                source=one.source,
                confidence=one.confidence,
            )
            for one in found
        ]
        self._looks.set_marks(unit, item_id, file_id, marks)

    @staticmethod
    def _tail_start(file: MediaFile) -> timedelta:
        return max(timedelta(), timedelta(milliseconds=file.duration_ms) - LAST)


def _later(found: Found, by: timedelta) -> Found:
    return Found(
        kind=found.kind,
        start=found.start + by,
        end=found.end + by,
        source=found.source,
        confidence=found.confidence,
    )
