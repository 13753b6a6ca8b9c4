"""What Radarr, Sonarr and Seerr tell us by their webhooks. Source: wiki.servarr.com (webhooks), docs.seerr.dev."""

import posixpath
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct, field

from polycast.core.clock import Clock
from polycast.core.errors import Busy, NotFound
from polycast.core.jobs import Job, Retry, Run
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.library.connections.store_servers import ServerStore

JOB: Final = "library.arrived"
MOVED: Final = frozenset(
    {"Download", "Rename", "MovieDelete", "SeriesDelete", "MovieFileDelete", "EpisodeFileDelete", "ImportComplete"}
)
OF_NEWS: Final = {
    "MEDIA_PENDING": "pending", "MEDIA_APPROVED": "approved", "MEDIA_AUTO_APPROVED": "approved",
    "MEDIA_AUTO_REQUESTED": "pending", "MEDIA_AVAILABLE": "available", "MEDIA_FAILED": "failed",
    "MEDIA_DECLINED": "declined",
}  # fmt: skip


class Arrived(Struct, frozen=True):
    """Payload: look into these folders."""

    paths: tuple[str, ...]


class Film(Struct, kw_only=True, rename="camel"):
    """Radarr's."""

    folder_path: str = ""


class Series(Struct, kw_only=True):
    """Sonarr's."""

    path: str = ""


class MovedFile(Struct, kw_only=True, rename="camel"):
    """A file that came, went or has another name."""

    path: str = ""
    previous_path: str = ""


class ArrNews(Struct, kw_only=True, rename="camel"):
    """A message of Radarr or Sonarr."""

    event_type: str
    movie: Film | None = None
    series: Series | None = None
    movie_file: MovedFile | None = None
    episode_file: MovedFile | None = None
    episode_files: list[MovedFile] = []
    renamed_movie_files: list[MovedFile] = []
    renamed_episode_files: list[MovedFile] = []

    def paths(self) -> list[str]:
        """The folder of the title, and the folders of its files, as that server sees them."""
        found = [self.movie.folder_path] if self.movie else []
        found += [self.series.path] if self.series else []
        files = [one for one in (self.movie_file, self.episode_file) if one]
        for one in [*files, *self.episode_files, *self.renamed_movie_files, *self.renamed_episode_files]:
            found += [posixpath.dirname(path) for path in (one.path, one.previous_path) if path]
        return list(dict.fromkeys(path for path in found if path.startswith("/")))


class SeerrRequest(Struct, kw_only=True):
    """Which request a message is about. The default message has texts only."""

    request_id: str = ""


class SeerrNews(Struct, kw_only=True):
    """A message of Seerr, in its default form."""

    notification_type: str
    subject: str = ""
    request: SeerrRequest | None = field(default=None)


class News:
    """Takes messages in. Who knows the secret word in the address is the server."""

    def __init__(
        self, *, db: Database, store: ServerStore, scan: Callable[[Sequence[str]], Awaitable[Sequence[str]]],
        is_ours: Callable[[str], Awaitable[bool]], tokens: Tokens, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._scan = scan
        self._is_ours = is_ours
        self._tokens = tokens
        self._clock = clock

    def jobs(self) -> list[Job]:
        """For the worker."""
        retry = Retry(attempts=10, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=2))
        return [Job(name=JOB, payload=Arrived, run=self.arrived, retry=retry, title="Look at what has arrived")]

    async def of_arr(self, kind: str, secret: str, news: ArrNews) -> int:
        """Have the folders looked into; how many. Raises: NotFound for a word that nobody has."""

        def work(unit: Unit) -> int:
            row = self._known(unit, kind, secret, news.event_type)
            if news.event_type not in MOVED:
                return 0
            paths = tuple(mapped(path, row.options.get("pathMappings") or []) for path in news.paths())
            if paths:
                unit.enqueue(JOB, Arrived(paths), priority=10)
            return len(paths)

        return await self._db.write(work)

    async def of_seerr(self, secret: str, news: SeerrNews) -> None:
        """Note what has become of a request; one that is new is read with the others. Raises: NotFound."""

        def work(unit: Unit) -> None:
            row = self._known(unit, "seerr", secret, news.notification_type)
            status = OF_NEWS.get(news.notification_type)
            number = news.request.request_id if news.request else ""
            if status is not None and number.isdigit():
                self._store.set_status(unit, row.id, int(number), status, self._clock.now())

        await self._db.write(work)

    async def arrived(self, payload: Arrived, run: Run) -> None:
        """The job. Raises: Busy while the library is scanned already: it is tried again."""
        run.check()
        ours = [path for path in payload.paths if await self._is_ours(path)]
        if ours and not await self._scan(ours):
            raise Busy("The library is being scanned.", retry_after=5)

    def _known(self, unit: Unit, kind: str, secret: str, event: str) -> Any:
        row = self._store.by_hook(unit, kind, self._tokens.hash(secret))
        if row is None:
            raise NotFound("The webhook")
        self._store.note(unit, row.id, last_event=event[:60], last_event_at=self._clock.now())
        return row


def mapped(path: str, mappings: Sequence[dict[str, str]]) -> str:
    """A path of that server's as we see it: the longest mapping that fits."""
    fits = [
        one for one in mappings
        if path == one["remote"].rstrip("/") or path.startswith(one["remote"].rstrip("/") + "/")
    ]  # fmt: skip
    best = max(fits, key=lambda one: len(one["remote"]), default=None)
    plain = path if best is None else best["local"].rstrip("/") + path[len(best["remote"].rstrip("/")) :]
    return posixpath.normpath(plain)
