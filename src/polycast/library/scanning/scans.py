"""Scans as runs: asking for one, doing it phase by phase, looking when one is due."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import Job, Retry, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Library, ScanMode, ScanStatus
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.events import ItemsChanged, LibraryChanged
from polycast.library.scanning.discovery import Discovery
from polycast.library.scanning.matching import MatchPhase
from polycast.library.scanning.model import Counts, ScanLibrary
from polycast.library.scanning.ports import Enricher
from polycast.library.scanning.probing import ProbePhase
from polycast.library.scanning.telling import Tell, TellingRun
from polycast.library.settings import LibrarySettings
from polycast.library.workflows.model import Workflow
from polycast.library.workflows.service import AlreadyRunning, Workflows

JOB: Final = "library.scan_library"
KIND: Final = "library.scan"
ATTEMPTS: Final = 3
TOLD: Final = 500  # keys in one event


class Phases:
    """The four phases in their order."""

    def __init__(self, *, discovery: Discovery, probing: ProbePhase, matching: MatchPhase, enriching: Enricher) -> None:
        self.discovery = discovery
        self.probing = probing
        self.matching = matching
        self.enriching = enriching


class Scans:
    """Scanning libraries. One scan of a library at a time; a later ask is told which one runs."""

    def __init__(
        self, *, db: Database, libraries: LibraryStore, viewers: ViewerStore, phases: Phases, workflows: Workflows,
        settings: Callable[[], LibrarySettings], tell: Tell, clock: Clock,
    ) -> None:  # fmt: skip
        self._tell_on = tell
        self._db = db
        self._libraries = libraries
        self._viewers = viewers
        self._phases = phases
        self._workflows = workflows
        self._settings = settings
        self._clock = clock

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(
                name=JOB,
                payload=ScanLibrary,
                run=self.scan,
                timeout=timedelta(hours=24),
                retry=Retry(attempts=ATTEMPTS),
                title="Scan a library",
            ),
            Job(name="library.enqueue_scans", payload=Tick, run=self.enqueue_due, every=timedelta(minutes=5),
                title="Look for scans that are due"),
        ]  # fmt: skip

    async def start(
        self, caller: Caller, library: str, mode: ScanMode = ScanMode.QUICK, *, paths: Sequence[str] = ()
    ) -> Workflow:
        """Queue a scan. The one that we queued ourselves after a change is taken for the asked one, once.

        Raises: NotAllowed; NotFound; AlreadyRunning.
        """
        caller.require(Scope.LIBRARY_WRITE)
        return await self._db.write(self._start, caller, library, mode, tuple(paths))

    async def refresh(self, caller: Caller, library: str) -> Workflow:
        """Ask providers anew about everything in a library. Raises: NotAllowed; NotFound; AlreadyRunning."""
        return await self.start(caller, library, ScanMode.REFRESH_METADATA)

    async def start_all(self, caller: Caller, mode: ScanMode) -> list[str]:
        """Queue a scan of every library; the names of their runs, those that run already included."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._db.write(self._start_all, caller, mode)

    def queue_in(
        self, unit: Unit, library: Library, mode: ScanMode, *, by: int | None, paths: Sequence[str] = (),
        priority: int = 0, adoptable: bool = False,
    ) -> Workflow:  # fmt: skip
        """Queue a scan in `unit`. Raises: AlreadyRunning."""
        found = self._workflows.start_in(
            unit,
            KIND,
            f"Scan {library.name}",
            job=JOB,
            payload=lambda key: ScanLibrary(library.id, key, mode.value, tuple(paths)),
            subject=f"library:{library.id}",
            given={"mode": mode.value, "paths": list(paths), "library": library.nanoid, "adoptable": adoptable},
            by=by,
            priority=priority,
        )
        self._libraries.status(unit, library.id, ScanStatus.QUEUED)
        return found

    async def cancel(self, caller: Caller, library: str) -> None:
        """Stop the scan of a library. Raises: NotFound; Conflict, when none runs."""
        caller.require(Scope.LIBRARY_WRITE)
        found = await self._db.read(self._running, caller, library)
        await self._workflows.cancel(caller, found.nanoid)

    async def scan(self, payload: ScanLibrary, run: Run) -> None:
        """The job."""
        library = await self._db.read(self._libraries.by_id, payload.library_id)
        if library is None:
            return
        await self._db.write(self._libraries.status, library.id, ScanStatus.SCANNING)
        counts = Counts()
        name = await self._workflows.name_of(payload.workflow_id)
        telling = TellingRun(run, tell=self._tell_on, library=library.nanoid, workflow=name)
        try:
            await self._workflows.run(
                payload.workflow_id, run, lambda: self._work(library, payload, telling, counts), attempts=ATTEMPTS
            )
        finally:
            await self._db.write(self._finish, library, counts)

    async def enqueue_due(self, _tick: Tick, run: Run) -> None:
        """The job that starts scans by their interval and lets go of rows that are due to go."""
        now = self._clock.now()
        for library in await self._db.read(self._libraries.all):
            run.check()
            if library.scan_interval_minutes is None or not library.enabled:
                continue
            wait = timedelta(minutes=library.scan_interval_minutes)
            if library.last_scanned_at is None or now - library.last_scanned_at >= wait:
                await self._db.write(self._try_queue, library, ())

    async def arrived(self, paths: Sequence[str], *, priority: int = 5) -> list[str]:
        """Scan just these paths, soon; the names of the runs. Paths outside all libraries are nobody's."""
        started = []
        for library in await self._db.read(self._libraries.all):
            below = [
                path for path in paths if any(path == root or path.startswith(f"{root}/") for root in library.paths)
            ]
            if below and (name := await self._db.write(self._try_queue, library, tuple(below), priority)):
                started.append(name)
        return started

    async def _work(self, library: Library, payload: ScanLibrary, run: Run, counts: Counts) -> Any:
        mode = ScanMode(payload.mode)
        phases = self._phases
        await run.progress(0, None, "discover")
        settle = timedelta(seconds=self._settings().settle_s)
        touched = await phases.discovery.run(library, mode, run, counts, paths=payload.paths, settle=settle)
        if mode is ScanMode.REPROBE:
            await self._db.write(phases.probing.again_in, library.id)
        touched |= await phases.probing.run(library.id, run, counts)
        touched |= await self._db.write(phases.matching.settle_in, sorted(touched))
        touched |= await phases.matching.run(library, run, counts)
        await run.progress(0, len(touched), "enrich")
        await phases.enriching.run(library, mode, run, counts, touched=touched)
        await self._db.write(self._tell, sorted(touched))
        if counts.postponed:
            await self._db.write(self._again, library, self._settings().settle_s + 2)
        return counts

    def _tell(self, unit: Unit, touched: Sequence[int]) -> None:
        for start in range(0, len(touched), TOLD):
            unit.publish(ItemsChanged(item_ids=list(touched[start : start + TOLD])))

    def _again(self, unit: Unit, library: Library, seconds: int) -> None:
        unit.enqueue("library.scan_again", ScanAgain(library.id), due=self._clock.now() + timedelta(seconds=seconds))

    def _finish(self, unit: Unit, library: Library, counts: Counts) -> None:
        self._libraries.scanned(unit, library.id, self._clock.now(), error="; ".join(counts.errors))
        if counts.postponed and not counts.errors:  # files were still being written: another scan waits already
            self._libraries.status(unit, library.id, ScanStatus.QUEUED)
        unit.publish(LibraryChanged(library_id=library.id, library=library.nanoid, change="scanned"))

    def _start(self, unit: Unit, caller: Caller, nanoid: str, mode: ScanMode, paths: tuple[str, ...]) -> Workflow:
        library = self._library(unit, caller, nanoid)
        living = self._workflows.living_in(unit, KIND, f"library:{library.id}")
        if living is not None and not paths and self._workflows.adopt_in(unit, living):
            return living
        return self.queue_in(unit, library, mode, by=caller.user_id, paths=paths, priority=10)

    def _start_all(self, unit: Unit, caller: Caller, mode: ScanMode) -> list[str]:
        viewer = self._viewers.of(unit, caller)
        names = []
        for library in self._libraries.shown(unit, viewer):
            try:
                names.append(self.queue_in(unit, library, mode, by=caller.user_id).nanoid)
            except AlreadyRunning as error:
                names.append(error.workflow)
        return names

    def _try_queue(self, unit: Unit, library: Library, paths: tuple[str, ...], priority: int = 0) -> str | None:
        try:
            return self.queue_in(unit, library, ScanMode.QUICK, by=None, paths=paths, priority=priority).nanoid
        except AlreadyRunning:
            unit.enqueue("library.scan_again", ScanAgain(library.id), due=self._clock.now() + timedelta(seconds=3))
            return None

    def _running(self, unit: Unit, caller: Caller, nanoid: str) -> Workflow:
        library = self._library(unit, caller, nanoid)
        living = self._workflows.living_in(unit, KIND, f"library:{library.id}")
        if living is None:
            raise NotFound("A running scan")
        return living

    def _library(self, unit: Unit, caller: Caller, nanoid: str) -> Library:
        found = self._libraries.get(unit, nanoid, self._viewers.of(unit, caller))
        if found is None:
            raise NotFound("The library")
        return found


class ScanAgain(msgspec.Struct, frozen=True):
    """Payload: a library with files that were not finished when they were met."""

    library_id: int


class Rescans:
    """The job that scans a library once more, when what was there last time was still being written."""

    def __init__(self, *, db: Database, libraries: LibraryStore, scans: Scans) -> None:
        self._db = db
        self._libraries = libraries
        self._scans = scans

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.scan_again", payload=ScanAgain, run=self.run, one_per="library_id",
                title="Look again for files that were not finished")
        ]  # fmt: skip

    async def run(self, payload: ScanAgain, _run: Run) -> None:
        """Queue it, unless a scan runs, which then is the one."""
        library = await self._db.read(self._libraries.by_id, payload.library_id)
        if library is not None:
            await self._db.write(self._queue, library)

    def _queue(self, unit: Unit, library: Library) -> None:
        try:
            self._scans.queue_in(unit, library, ScanMode.QUICK, by=None)
        except AlreadyRunning:
            return
