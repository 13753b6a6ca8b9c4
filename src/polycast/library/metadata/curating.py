"""What people decide about a title: which one it is, what is locked, which picture is shown."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Unavailable
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids as NewIds
from polycast.core.jobs import Job, Retry, Run
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Item, Kind, Library, MatchStatus
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.titles import Titles
from polycast.library.events import ItemsChanged
from polycast.library.metadata.artwork import Artwork
from polycast.library.metadata.lookup import Chosen, Lookup
from polycast.library.metadata.model import FIELDS, Facts, Picture
from polycast.library.metadata.scoring import Candidate
from polycast.library.metadata.search import TitleIndex
from polycast.library.metadata.store import FactStore
from polycast.library.metadata.writing import FactWriter
from polycast.library.workflows.model import Workflow
from polycast.library.workflows.service import Workflows

JOB: Final = "library.refresh_metadata"
KINDS: Final = {"movie": Kind.MOVIE, "show": Kind.SHOW, "season": Kind.SEASON, "episode": Kind.EPISODE}
PICTURES: Final = frozenset({"poster", "backdrop", "logo", "still", "banner", "thumb", "clearart", "disc"})


class RefreshItem(Struct, frozen=True):
    """Payload: look a title up; `external` 0 for what its name says."""

    item_id: int
    workflow_id: int
    provider: str = "tmdb"
    external: int = 0
    artwork: bool = False  # take the provider's pictures in place of what is shown


class Shown(Struct, frozen=True, kw_only=True):
    """A picture that could be shown."""

    nanoid: str
    kind: str
    source: str
    language: str
    width: int
    height: int
    name: str
    is_selected: bool


class Curating:
    """Edits, identification, locks and artwork, for managers."""

    def __init__(
        self, *, db: Database, titles: Titles, libraries: LibraryStore, facts: FactStore, writer: FactWriter,
        lookup: Lookup, artwork: Artwork, index: TitleIndex, workflows: Workflows, clock: Clock, ids: NewIds,
    ) -> None:  # fmt: skip
        self._db = db
        self._titles = titles
        self._libraries = libraries
        self._facts = facts
        self._writer = writer
        self._lookup = lookup
        self._artwork = artwork
        self._index = index
        self._workflows = workflows
        self._clock = clock
        self._ids = ids

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name=JOB, payload=RefreshItem, run=self.refresh, retry=Retry(attempts=1),
                title="Look a title up")
        ]  # fmt: skip

    async def search(
        self, caller: Caller, kind: str, title: str, year: int | None, language: str, provider: str | None = None
    ) -> list[Candidate]:
        """What a provider offers. Raises: NotAllowed; Unavailable without a key; Busy."""
        caller.require(Scope.LIBRARY_WRITE)
        word = "movie" if kind == "movie" else "show"
        return await self._lookup.candidates(word, title, year, language=language, provider=provider)

    async def identify(
        self, caller: Caller, kind: Kind, media: str, provider: str, external: int, *, artwork: bool = True
    ) -> Workflow:
        """It is this one, whatever automatic matching thinks. Raises: NotAllowed; NotFound; Unavailable."""
        caller.require(Scope.LIBRARY_WRITE)
        self._require_key()
        return await self._db.write(self._queue, caller, kind, media, provider, external, artwork)

    async def look_again(self, caller: Caller, kind: Kind, media: str, *, artwork: bool = False) -> Workflow:
        """Ask the provider anew. Raises: NotAllowed; NotFound; Unavailable."""
        caller.require(Scope.LIBRARY_WRITE)
        self._require_key()
        return await self._db.write(self._queue, caller, kind, media, "", 0, artwork)

    def _require_key(self) -> None:
        if not self._lookup.can_look_up:
            raise Unavailable("There is no key for TMDB or TheTVDB.")

    async def unmatch(self, caller: Caller, kind: Kind, media: str) -> None:
        """Nobody knows what it is: what a provider said of its identity is taken back. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)

        def work(unit: Unit) -> None:
            item = self._titles.item_in(unit, caller, media, kind)[1]
            self._facts.update(
                unit, item.id, match_status=MatchStatus.UNMATCHED.value, match_confidence=0, tmdb=None, imdb=None,
                tvdb=None, collection_tmdb=None, collection_name="", updated_at=self._clock.now(),
            )  # fmt: skip

        await self._db.write(work)

    async def edit(
        self, caller: Caller, kind: Kind, media: str, facts: Facts, names: Sequence[str], *, lock: bool
    ) -> None:
        """Write what a person says of a title; `names` are the fields they named. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)

        def work(unit: Unit) -> None:
            item = self._titles.item_in(unit, caller, media, kind)[1]
            kept = [name for name in item.locked if name not in names]
            self._facts.update(unit, item.id, locked=kept)
            changed = self._writer.write_in(unit, item.id, facts)
            locked = sorted({*item.locked, *names}) if lock else item.locked
            self._facts.update(unit, item.id, locked=locked)
            self._changed(unit, changed)

        await self._db.write(work)

    async def lock(self, caller: Caller, kind: Kind, media: str, names: Sequence[str]) -> list[str]:
        """These fields and no others are left alone by refreshes. Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIBRARY_WRITE)
        wrong = [name for name in names if name not in FIELDS]
        if wrong:
            raise Invalid.one("lockedFields", "not_a_choice", f"There is no field {wrong[0]}")

        def work(unit: Unit) -> list[str]:
            item = self._titles.item_in(unit, caller, media, kind)[1]
            self._facts.update(unit, item.id, locked=sorted(set(names)), updated_at=self._clock.now())
            return sorted(set(names))

        return await self._db.write(work)

    async def pictures(self, caller: Caller, kind: Kind, media: str, what: str | None) -> list[Shown]:
        """All candidates. Raises: NotFound."""

        def work(unit: Unit) -> list[Shown]:
            item = self._titles.item_in(unit, caller, media, kind)[1]
            return [
                Shown(nanoid=row.nanoid, kind=row.kind, source=row.source, language=row.language, width=row.width,
                      height=row.height, name=row.sha256, is_selected=bool(row.sha256) and item.images.get(row.kind) == row.sha256)
                for row in self._facts.pictures(unit, item.id, what)
            ]  # fmt: skip

        return await self._db.read(work)

    async def choose(self, caller: Caller, kind: Kind, media: str, what: str, picture: str) -> str:
        """Show this candidate. Raises: NotAllowed; NotFound; Unavailable when it cannot be fetched."""
        caller.require(Scope.LIBRARY_WRITE)
        item, row = await self._db.read(self._candidate, caller, kind, media, what, picture)
        name = row.sha256 or await self._lookup.fetch(row.source, row.origin)
        if not name:
            raise Unavailable("The picture cannot be fetched.")
        await self._db.write(self._show, item, what, name, row.origin)
        return str(name)

    async def choose_url(self, caller: Caller, kind: Kind, media: str, what: str, url: str) -> str:
        """Show a picture from the web, fetched once. Raises: NotAllowed; NotFound; Invalid; Unavailable."""
        caller.require(Scope.LIBRARY_WRITE)
        item = (await self._titles.get(caller, media, kind)).item
        if not url.startswith(("https://", "http://")):
            raise Invalid.one("url", "invalid", "Only http and https addresses")
        name = await self._lookup.fetch("web", url)
        if not name:
            raise Unavailable("The picture cannot be fetched.")
        await self._db.write(self._show, item, what, name, url)
        return name

    async def upload(self, caller: Caller, kind: Kind, media: str, what: str, content: bytes) -> str:
        """Show a picture that somebody brings. Raises: NotAllowed; NotFound; Invalid; TooLarge."""
        caller.require(Scope.LIBRARY_WRITE)
        if what not in PICTURES:
            raise NotFound("The kind of picture")
        name = await self._artwork.keep(content)
        item = (await self._titles.get(caller, media, kind)).item
        await self._db.write(self._brought, item, what, name)
        return name

    async def refresh(self, payload: RefreshItem, run: Run) -> None:
        """The job."""
        row = await self._db.read(self._facts.row, payload.item_id)
        library = None if row is None else await self._db.read(self._libraries.by_id, row.library_id)
        if row is None or library is None:
            return
        found: Library = library

        chosen = Chosen(payload.provider, payload.external, is_manual=True) if payload.external else None

        async def work() -> dict[str, int]:
            if payload.artwork:
                await self._db.write(self._clear_pictures, row.id)
            changed = await self._lookup.look_up(found, row, chosen=chosen)
            await self._db.write(self._changed, changed)
            return {"changed": len(changed)}

        await self._workflows.run(payload.workflow_id, run, work)

    def _queue(
        self, unit: Unit, caller: Caller, kind: Kind, media: str, provider: str, external: int, artwork: bool
    ) -> Workflow:
        item = self._titles.item_in(unit, caller, media, kind)[1]
        if external:  # ids of what it was taken for would lead the next refresh back there
            ids = {"tmdb": None, "imdb": None, "tvdb": None, provider: external}
            self._facts.update(unit, item.id, match_status=MatchStatus.MANUAL.value, **ids)
        return self._workflows.start_in(
            unit, "metadata.match" if external else "metadata.refresh", f"Look up {item.title}", job=JOB,
            payload=lambda key: RefreshItem(item.id, key, provider, external, artwork), subject=f"item:{item.id}",
            given={"item": item.nanoid, "provider": provider or None, "externalId": external or None},
            by=caller.user_id, priority=10,
        )  # fmt: skip

    def _clear_pictures(self, unit: Unit, item_id: int) -> None:
        """Forget what providers have shown; pictures beside the files and brought ones stay."""
        row = self._facts.row(unit, item_id)
        if row is None:
            return
        kept = {
            one.kind for one in self._facts.pictures(unit, item_id) if one.source in ("local", "upload", "embedded")
        }
        for source in ("tmdb", "tvdb"):
            self._facts.drop_pictures(unit, item_id, source)
        images = {kind: name for kind, name in row.images.items() if kind in kept}
        locked = [name for name in row.locked if name != "images"]
        self._facts.update(unit, item_id, images=images, locked=locked)

    def _candidate(
        self, unit: Unit, caller: Caller, kind: Kind, media: str, what: str, picture: str
    ) -> tuple[Item, Any]:
        item = self._titles.item_in(unit, caller, media, kind)[1]
        row = self._facts.picture(unit, picture)
        if row is None or row.item_id != item.id or row.kind != what:
            raise NotFound("The picture")
        return item, row

    def _show(self, unit: Unit, item: Item, what: str, name: str, origin: str) -> None:
        known = next((one for one in self._facts.pictures(unit, item.id, what) if one.origin == origin), None)
        source = known.source if known is not None else "upload"
        one = Picture(kind=what, source=source, origin=origin, score=known.score if known is not None else 0)
        self._facts.put_picture(unit, item.id, one, name=name, nanoid=self._ids.nanoid())
        self._facts.set_pictures(unit, item.id, {what: name})
        self._facts.update(unit, item.id, locked=sorted({*item.locked, "images"}), updated_at=self._clock.now())
        self._changed(unit, {item.id})

    def _brought(self, unit: Unit, item: Item, what: str, name: str) -> None:
        self._show(unit, item, what, name, f"upload:{name}")

    def _changed(self, unit: Unit, item_ids: set[int]) -> None:
        self._index.put_in(unit, sorted(item_ids))
        unit.publish(ItemsChanged(item_ids=sorted(item_ids)[:500]))
