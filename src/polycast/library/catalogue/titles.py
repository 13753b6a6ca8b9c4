"""Titles as faces show them: pages of them, and one with all that belongs to it."""

from collections.abc import Sequence

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Item, Kind, MediaFile, Viewer
from polycast.library.catalogue.query import Position, TitleQuery
from polycast.library.catalogue.store_alike import AlikeStore
from polycast.library.catalogue.store_files import FileStore
from polycast.library.catalogue.store_items import Credit, ItemStore, Rating
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_lists import ListStore
from polycast.library.catalogue.store_states import State, StateStore
from polycast.library.catalogue.store_viewer import ViewerStore

NEVER = State()


class Title(Struct, frozen=True, kw_only=True):
    """A title with what lists and details show of it, for one viewer."""

    item: Item
    library: str  # nanoid
    state: State
    files: list[MediaFile] = []
    words: dict[str, list[str]] = {}
    ratings: list[Rating] = []
    show: Item | None = None  # of a season or episode
    watched_episodes: int = 0
    next_episode: Item | None = None
    next_position_ms: int = 0
    has_managers_view: bool = False


class Found(Struct, frozen=True, kw_only=True):
    """A page of titles. `ends`: the place of each in the order."""

    titles: list[Title]
    ends: list[Position]
    total: int | None = None


class TitleStores(Struct, frozen=True, kw_only=True):
    """The stores that titles are read from."""

    viewers: ViewerStore
    libraries: LibraryStore
    items: ItemStore
    files: FileStore
    lists: ListStore
    states: StateStore
    alike: AlikeStore


class Titles:
    """Reading titles. Every question carries its caller; what they may not see is not there."""

    def __init__(self, *, db: Database, stores: TitleStores) -> None:
        self._db = db
        self._of = stores

    async def page(
        self, caller: Caller, query: TitleQuery, *, after: Position | None, limit: int, total: bool = False
    ) -> Found:
        """The next `limit` titles of a list."""
        return await self._db.read(self._page, caller, query, after, limit, total)

    async def get(self, caller: Caller, nanoid: str, kind: Kind) -> Title:
        """One title with everything. Raises: NotFound."""
        return await self._db.read(self.get_in, caller, nanoid, kind)

    async def credits(self, caller: Caller, nanoid: str, kind: Kind) -> list[Credit]:
        """Cast and crew. Raises: NotFound."""
        return await self._db.read(self._credits, caller, nanoid, kind)

    async def extras(self, caller: Caller, nanoid: str, kind: Kind) -> list[MediaFile]:
        """Trailers and the like. Raises: NotFound."""
        return await self._db.read(self._extras, caller, nanoid, kind)

    async def similar(self, caller: Caller, nanoid: str, kind: Kind, *, limit: int) -> list[Title]:
        """What has most in common with a title: words, people, franchise. Raises: NotFound."""
        return await self._db.read(self._similar, caller, nanoid, kind, limit)

    async def by_tmdb(self, caller: Caller, wanted: dict[int, str]) -> dict[int, str]:
        """Names of those of ours that TMDB calls so; `wanted`: its id -> our kind."""

        def work(unit: Unit) -> dict[int, str]:
            return self._of.items.by_tmdb(unit, self._of.viewers.of(unit, caller), wanted)

        return await self._db.read(work)

    async def seasons(self, caller: Caller, show: str) -> list[Title]:
        """In order. Raises: NotFound."""
        return await self._db.read(self._seasons, caller, show)

    async def season(self, caller: Caller, show: str, number: int) -> Title:
        """Raises: NotFound."""
        return await self._db.read(self._season, caller, show, number)

    async def episodes(self, caller: Caller, show: str, season: int, *, missing: bool = False) -> list[Title]:
        """Of a season, in order. Raises: NotFound, also for a season that is not there."""
        return await self._db.read(self._episodes, caller, show, season, missing)

    async def episode(self, caller: Caller, show: str, season: int, number: int) -> Title:
        """Raises: NotFound."""
        return await self._db.read(self._episode, caller, show, season, number)

    def get_in(self, unit: Unit, caller: Caller, nanoid: str, kind: Kind) -> Title:
        """`get`, in `unit`."""
        viewer, item = self.item_in(unit, caller, nanoid, kind)
        return self.shown_in(unit, viewer, [item], details=True)[0]

    def item_in(self, unit: Unit, caller: Caller, nanoid: str, kind: Kind | None = None) -> tuple[Viewer, Item]:
        """The bare title, for whoever goes on from it. Raises: NotFound."""
        viewer = self._of.viewers.of(unit, caller)
        item = self._of.items.get(unit, nanoid, viewer, kind)
        if item is None:
            raise NotFound("The title")
        return viewer, item

    def viewer_in(self, unit: Unit, caller: Caller) -> Viewer:
        """What the caller may see."""
        return self._of.viewers.of(unit, caller)

    def bare_in(self, unit: Unit, viewer: Viewer, item_id: int) -> Item | None:
        """A title by key alone, when it may be seen."""
        return self._of.items.by_id(unit, item_id, viewer)

    def of_ids_in(self, unit: Unit, viewer: Viewer, item_ids: Sequence[int]) -> list[Title]:
        """Titles by key, in the order of the keys, as far as they may be seen."""
        found = self._of.items.by_ids(unit, item_ids, viewer)
        return self.shown_in(unit, viewer, [found[one] for one in item_ids if one in found])

    def shown_in(self, unit: Unit, viewer: Viewer, items: Sequence[Item], *, details: bool = False) -> list[Title]:
        """`items` with what belongs to them, read in a few questions for all."""
        ids = [one.id for one in items]
        states = self._of.states.of(unit, viewer, ids)
        libraries = self._of.libraries.nanoids(unit)
        leaves = [one.id for one in items if one.kind in (Kind.MOVIE, Kind.EPISODE)]
        shows = [one.id for one in items if one.kind is Kind.SHOW]
        files = self._of.files.of_items(unit, leaves, shared=any(one.kind is Kind.EPISODE for one in items))
        words = self._of.items.words(unit, ids)
        ratings = self._of.items.ratings(unit, ids)
        above = self._of.items.by_ids(
            unit,
            sorted({one.top_id for one in items if one.top_id and one.kind in (Kind.SEASON, Kind.EPISODE)}),
            viewer,
        )
        watched = self._of.states.watched_below(unit, viewer, shows)
        found = []
        for one in items:
            following = self._next(unit, viewer, one) if details and one.kind is Kind.SHOW else None
            begun = self._of.states.of(unit, viewer, [following.id]) if following else {}
            found.append(
                Title(
                    item=one,
                    library=libraries.get(one.library_id, ""),
                    state=states.get(one.id, NEVER),
                    files=files.get(one.id, []),
                    words=words.get(one.id, {}),
                    ratings=ratings.get(one.id, []),
                    show=above.get(one.top_id) if one.top_id and one.kind is not Kind.SHOW else None,
                    watched_episodes=watched.get(one.id, 0),
                    next_episode=following,
                    next_position_ms=begun[following.id].position_ms if following and following.id in begun else 0,
                    has_managers_view=viewer.is_manager,
                )
            )
        return found

    def _page(
        self, unit: Unit, caller: Caller, query: TitleQuery, after: Position | None, limit: int, total: bool
    ) -> Found:
        viewer = self._of.viewers.of(unit, caller)
        rows = self._of.lists.page(unit, viewer, query, after=after, limit=limit)
        titles = self.shown_in(unit, viewer, [item for item, _ in rows])
        count = self._of.lists.count(unit, viewer, query) if total else None
        return Found(titles=titles, ends=[place for _, place in rows], total=count)

    def _credits(self, unit: Unit, caller: Caller, nanoid: str, kind: Kind) -> list[Credit]:
        _, item = self.item_in(unit, caller, nanoid, kind)
        return self._of.items.credits(unit, item.id)

    def _extras(self, unit: Unit, caller: Caller, nanoid: str, kind: Kind) -> list[MediaFile]:
        _, item = self.item_in(unit, caller, nanoid, kind)
        return self._of.files.of_item(unit, item.id, role=None)

    def _similar(self, unit: Unit, caller: Caller, nanoid: str, kind: Kind, limit: int) -> list[Title]:
        viewer, item = self.item_in(unit, caller, nanoid, kind)
        ids = self._of.alike.like(unit, viewer, item, limit=limit)
        found = self._of.items.by_ids(unit, ids, viewer)
        return self.shown_in(unit, viewer, [found[one] for one in ids if one in found])

    def _seasons(self, unit: Unit, caller: Caller, show: str) -> list[Title]:
        viewer, item = self.item_in(unit, caller, show, Kind.SHOW)
        return self._season_titles(unit, viewer, self._of.items.seasons(unit, item.id, viewer))

    def _season(self, unit: Unit, caller: Caller, show: str, number: int) -> Title:
        viewer, item = self.item_in(unit, caller, show, Kind.SHOW)
        found = self._of.items.season(unit, item.id, number, viewer)
        if found is None:
            raise NotFound("The season")
        return self._season_titles(unit, viewer, [found])[0]

    def _season_titles(self, unit: Unit, viewer: Viewer, seasons: Sequence[Item]) -> list[Title]:
        titles = self.shown_in(unit, viewer, seasons)
        if not titles or titles[0].item.top_id is None:
            return titles
        seen = self._of.states.watched_episodes(unit, viewer, titles[0].item.top_id)
        episodes = self._of.items.by_ids(unit, sorted(seen), viewer)
        per_season: dict[int | None, int] = {}
        for one in episodes.values():
            per_season[one.parent_id] = per_season.get(one.parent_id, 0) + 1
        return [_with_watched(one, per_season.get(one.item.id, 0)) for one in titles]

    def _episodes(self, unit: Unit, caller: Caller, show: str, season: int, missing: bool) -> list[Title]:
        viewer, item = self.item_in(unit, caller, show, Kind.SHOW)
        if self._of.items.season(unit, item.id, season, viewer) is None:
            raise NotFound("The season")
        found = self._of.items.episodes(unit, item.id, viewer, season=season, missing=missing)
        return self.shown_in(unit, viewer, found)

    def _episode(self, unit: Unit, caller: Caller, show: str, season: int, number: int) -> Title:
        viewer, item = self.item_in(unit, caller, show, Kind.SHOW)
        found = self._of.items.episode(unit, item.id, season, number, viewer)
        if found is None:
            raise NotFound("The episode")
        return self.shown_in(unit, viewer, [found])[0]

    def _next(self, unit: Unit, viewer: Viewer, show: Item) -> Item | None:
        """The first episode that was not seen, specials last."""
        seen = self._of.states.watched_episodes(unit, viewer, show.id)
        episodes = self._of.items.episodes(unit, show.id, viewer)
        ordered = sorted(episodes, key=lambda one: (one.season_number == 0, one.season_number, one.episode_number))
        return next((one for one in ordered if one.id not in seen), None)


def _with_watched(title: Title, count: int) -> Title:
    return Title(
        item=title.item, library=title.library, state=title.state, words=title.words, ratings=title.ratings,
        show=title.show, watched_episodes=count, has_managers_view=title.has_managers_view,
    )  # fmt: skip
