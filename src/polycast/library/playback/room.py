"""Playback, built: services for dialects and other features, the daemon and events for the module."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from polycast.core.errors import NotFound
from polycast.core.events.model import Event
from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.module import Daemon
from polycast.core.storage import Unit
from polycast.library.catalogue.store_files import FileStore
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.playback.browse import Browse
from polycast.library.playback.encoding import Encoder
from polycast.library.playback.events import PUBLISHED
from polycast.library.playback.films import Films
from polycast.library.playback.judging import Judges
from polycast.library.playback.listening import Listening
from polycast.library.playback.networks import Networks
from polycast.library.playback.optimizing import Optimizing
from polycast.library.playback.ports import PlayableFiles, ScreenTime
from polycast.library.playback.progress import Progress
from polycast.library.playback.runs import Runs
from polycast.library.playback.service import Sessions
from polycast.library.playback.shelf import Shelf
from polycast.library.playback.store import LookStore, SessionStore
from polycast.library.playback.store_browse import BrowseStore
from polycast.library.playback.store_intros import IntroStore
from polycast.library.playback.store_optimizing import OptimizingStore
from polycast.library.playback.store_progress import ProgressStore
from polycast.library.playback.streams import Streams
from polycast.library.playback.supply import Supply
from polycast.library.playback.tokens import StreamTokens
from polycast.library.playback.trickplay import Trickplay
from polycast.library.settings import LibrarySettings
from polycast.library.tracks.manage import Subtitles
from polycast.library.tracks.service import Tracks
from polycast.library.tracks.store import TrackStore

TIDY: Final = timedelta(seconds=15)


class Playback:
    """Everything about watching. Others may use `sessions`, `progress`, `browse`, `films`, `tracks`, `trickplay`."""

    def __init__(
        self, core: Core, *, files: PlayableFiles, progress: Progress, screen_time: ScreenTime | None = None
    ) -> None:
        self._core = core
        settings = _settings(core)
        cuts = core.media.cuts
        self.looks = LookStore()
        self.shelf = Shelf(core.data_dir / "cache" / "playback", limit_bytes=settings().transcoding.cache_bytes)
        runs = self._encoders(settings)
        self.supply = Supply(cuts=cuts, runs=runs, shelf=self.shelf, clock=core.clock)
        self.trickplay = Trickplay(cuts=cuts, folder=core.data_dir / "library" / "trickplay")
        self.films = Films(db=core.db, store=self.looks, cuts=cuts, clock=core.clock)
        self.tokens = StreamTokens(tokens=core.tokens, clock=core.clock)
        self.track_store = TrackStore(core.data_dir / "library" / "subtitles")
        self.tracks = Tracks(cuts=cuts, store=self.track_store)
        self.subtitles = Subtitles(
            db=core.db, files=files, tracks=self.tracks, store=self.track_store, clock=core.clock, ids=core.ids
        )
        self.listening = Listening(
            db=core.db,
            store=IntroStore(),
            looks=self.looks,
            files=FileStore(),
            processes=core.processes,
            clock=core.clock,
            ids=core.ids,
        )
        self.optimizing = Optimizing(db=core.db, store=OptimizingStore(), files=files)
        self.networks = Networks(lambda: settings().lan_subnets)
        self.progress = progress
        self.sessions = self._sessions(files, screen_time)
        self.browse = Browse(
            db=core.db,
            store=BrowseStore(),
            items=ItemStore(),
            files=FileStore(),
            libraries=LibraryStore(),
            progress=ProgressStore(),
            viewers=ViewerStore(),
        )
        self.streams = Streams(
            db=core.db,
            sessions=self.sessions,
            supply=self.supply,
            tracks=self.tracks,
            settings=lambda: settings().transcoding,
        )

    def _encoders(self, settings: Callable[[], LibrarySettings]) -> Runs:
        core = self._core
        return Runs(
            processes=core.processes,
            shelf=self.shelf,
            clock=core.clock,
            slots=settings().transcoding.sessions or _slots(),
            encoder=lambda: Encoder(preset=settings().transcoding.preset, crf=settings().transcoding.crf),
        )

    def _sessions(self, files: PlayableFiles, screen_time: ScreenTime | None) -> Sessions:
        core = self._core
        return Sessions(
            db=core.db,
            store=SessionStore(),
            looks=self.looks,
            plays=ProgressStore(),
            files=files,
            supply=self.supply,
            progress=self.progress,
            tracks=self.tracks,
            tokens=self.tokens,
            networks=self.networks,
            judges=Judges(films=self.films, media=core.media),
            teller=core.events,
            clock=core.clock,
            ids=core.ids,
            user_nanoid=self._user_nanoid,
            screen_time=screen_time,
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return self.listening.jobs()

    def daemons(self) -> list[Daemon]:
        """What the web process runs."""
        return [Daemon(name="library.playback", run=self._run, everywhere=True)]

    def publishes(self) -> list[type[Event]]:
        return list(PUBLISHED)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.supply.run())
            group.create_task(self._tidy())

    async def _tidy(self) -> None:
        while True:
            await self._core.clock.sleep(TIDY)
            await self.sessions.tidy()

    async def user_nanoid(self, user_id: int) -> str:
        """The name of a user in APIs. Raises: NotFound."""
        return await self._core.db.read(self._user_nanoid, user_id)

    def _user_nanoid(self, unit: Unit, user_id: int) -> str:
        found = self._core.identity.users.find_in(unit, user_id)
        if found is None:
            raise NotFound("The user")
        return found.nanoid


def _settings(core: Core) -> Callable[[], LibrarySettings]:
    return lambda: core.settings.of(LibrarySettings)


def _slots() -> int:
    """Transcodes that this machine carries at once."""
    return max(2, (os.cpu_count() or 2) // 2)
