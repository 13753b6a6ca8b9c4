"""What a library consists of."""

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_statistics import StatisticsStore
from polycast.library.catalogue.store_viewer import ViewerStore


class Stats(Struct, kw_only=True):
    """Counts over what a viewer may see."""

    movies: int = 0
    shows: int = 0
    episodes: int = 0
    files: int = 0
    size: int = 0
    duration_ms: int = 0
    direct_play_percent: int = 0  # files that a browser plays as they are
    video_codecs: dict[str, int] = {}
    audio_codecs: dict[str, int] = {}
    audio_channels: dict[str, int] = {}
    resolutions: dict[str, int] = {}
    hdr: dict[str, int] = {}
    genres: dict[str, int] = {}
    match_status: dict[str, int] = {}
    embedded: int = 0
    external: int = 0
    with_subtitles: int = 0
    languages: dict[str, int] = {}


class Statistics:
    """Counting what there is."""

    def __init__(self, *, db: Database, viewers: ViewerStore, libraries: LibraryStore, store: StatisticsStore) -> None:
        self._db = db
        self._viewers = viewers
        self._libraries = libraries
        self._store = store

    async def of(self, caller: Caller, library: str) -> Stats:
        """Raises: NotFound."""
        return await self._db.read(self._of, caller, library)

    async def counts(self, caller: Caller) -> dict[str, int]:
        """Titles by kind over everything the caller may see."""
        return await self._db.read(lambda unit: self._store.kinds(unit, self._viewers.of(unit, caller), None))

    def _of(self, unit: Unit, caller: Caller, nanoid: str) -> Stats:
        viewer = self._viewers.of(unit, caller)
        library = self._libraries.get(unit, nanoid, viewer)
        if library is None:
            raise NotFound("The library")
        kinds = self._store.kinds(unit, viewer, library.id)
        found = Stats(movies=kinds.get("movie", 0), shows=kinds.get("show", 0), episodes=kinds.get("episode", 0))
        self._store.fill_files(unit, viewer, library.id, found)
        found.match_status = self._store.match_status(unit, viewer, library.id)
        found.genres = self._store.genres(unit, viewer, library.id)
        return found
