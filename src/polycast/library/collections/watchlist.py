"""Watchlists: what a person means to see, whether it is here or not."""

from datetime import datetime

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.ids import Ids
from polycast.core.storage import Database, Unit, clean
from polycast.library.catalogue.model import Kind, Viewer
from polycast.library.catalogue.titles import Titles
from polycast.library.collections.store_watchlist import WatchlistStore


class Listed(Struct, frozen=True, kw_only=True):
    """A title on a watchlist."""

    id: int
    nanoid: str
    media_type: str
    media_id: str | None
    tmdb: int | None
    title: str
    year: int | None
    poster: str
    added_at: datetime
    is_available: bool


class Wanted(Struct, frozen=True, kw_only=True):
    """A title to be listed: one of ours, or one that only a provider knows."""

    media_type: str
    media_id: str | None = None
    tmdb: int | None = None
    title: str = ""
    year: int | None = None
    poster: str = ""


class Watchlist:
    """Each person's, and each profile's, own list."""

    def __init__(self, *, db: Database, store: WatchlistStore, titles: Titles, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._store = store
        self._titles = titles
        self._clock = clock
        self._ids = ids

    async def page(self, caller: Caller, *, before: int | None, limit: int) -> list[Listed]:
        """The last added first. What may not be seen any more is left out."""

        def work(unit: Unit) -> list[Listed]:
            viewer = self._titles.viewer_in(unit, caller)
            rows = self._store.page(unit, viewer, before=before, limit=limit)
            return [self._read(unit, viewer, row) for row in rows]

        return await self._db.read(work)

    async def add(self, caller: Caller, wanted: Wanted) -> Listed:
        """Raises: NotFound for a title that is not the caller's to see; Invalid; Conflict when it is listed."""
        return await self._db.write(self._add, caller, wanted)

    async def remove(self, caller: Caller, nanoid: str) -> None:
        """Raises: NotFound."""

        def work(unit: Unit) -> None:
            if not self._store.delete(unit, nanoid, self._titles.viewer_in(unit, caller)):
                raise NotFound("The entry")

        await self._db.write(work)

    def _add(self, unit: Unit, caller: Caller, wanted: Wanted) -> Listed:
        viewer = self._titles.viewer_in(unit, caller)
        item_id, identity, tmdb = None, "", wanted.tmdb
        title, year, poster = clean(wanted.title, 300), wanted.year, wanted.poster
        if wanted.media_id is not None:
            kind = Kind.MOVIE if wanted.media_type == "movie" else Kind.SHOW
            item = self._titles.item_in(unit, caller, wanted.media_id, kind)[1]
            item_id, tmdb, title, year = item.id, item.tmdb, item.title, item.year
            poster = item.images.get("poster", "")
            identity = f"tmdb:{wanted.media_type}:{tmdb}" if tmdb else f"item:{item.id}"
        elif tmdb is not None:
            identity = f"tmdb:{wanted.media_type}:{tmdb}"
            item_id = self._store.item_of_tmdb(unit, wanted.media_type, tmdb, viewer)
        else:
            raise Invalid.one("mediaId", "required", "mediaId or tmdbId is needed")
        if self._store.has(unit, viewer, identity):
            raise Conflict("This is on the watchlist already.", reason="listed")
        key = self._store.insert(
            unit, nanoid=self._ids.nanoid(), user_id=viewer.key[0], profile_id=viewer.key[1],
            media_type=wanted.media_type, item_id=item_id, tmdb=tmdb, identity=identity, title=title or "Untitled",
            year=year, poster=poster, source="manual", added_at=self._clock.now(),
        )  # fmt: skip
        return self._read(unit, viewer, self._store.row(unit, key))

    def _read(self, unit: Unit, viewer: Viewer, row: object) -> Listed:
        item_id = getattr(row, "item_id", None)
        shown = self._titles.of_ids_in(unit, viewer, [item_id]) if item_id is not None else []
        item = shown[0].item if shown else None
        return Listed(
            id=getattr(row, "id", 0),
            nanoid=getattr(row, "nanoid", ""),
            media_type=getattr(row, "media_type", ""),
            media_id=item.nanoid if item else None,
            tmdb=getattr(row, "tmdb", None),
            title=item.title if item else getattr(row, "title", ""),
            year=item.year if item else getattr(row, "year", None),
            poster=item.images.get("poster", "") if item else getattr(row, "poster", ""),
            added_at=getattr(row, "added_at", self._clock.now()),
            is_available=item is not None and item.is_available,
        )
