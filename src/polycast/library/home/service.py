"""A whole start page at once, and what somebody might like."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.query import Sort, TitleQuery
from polycast.library.catalogue.store_alike import AlikeStore
from polycast.library.catalogue.store_lists import ListStore
from polycast.library.catalogue.titles import Title, Titles
from polycast.library.home.store import PreferenceStore
from polycast.library.playback.progress import Progress

ROW: Final = 20
GENRES: Final = 3
LIKED: Final = 20
LAYOUT: Final = "home.layout"


class Row(Struct, frozen=True, kw_only=True):
    """A row of cards."""

    id: str
    title: str
    type: str  # progress, items
    titles: list[Title]
    subject: str = ""  # "because you watched" what


class Home(Struct, frozen=True, kw_only=True):
    """A start page."""

    rows: list[Row]
    hero: Title | None


class HomeRows:
    """Rows in the order a person likes them."""

    def __init__(
        self, *, db: Database, titles: Titles, lists: ListStore, alike: AlikeStore, progress: Progress,
        preferences: PreferenceStore, clock: Clock,
    ) -> None:  # fmt: skip
        self._db = db
        self._titles = titles
        self._lists = lists
        self._alike = alike
        self._progress = progress
        self._preferences = preferences
        self._clock = clock

    async def page(self, caller: Caller) -> Home:
        """The rows that have something in them."""
        return await self._db.read(self._page, caller)

    async def recommended(self, caller: Caller, *, limit: int) -> list[Title]:
        """Unseen titles near to what was liked lately; the best rated where nothing is known."""

        def work(unit: Unit) -> list[Title]:
            viewer = self._titles.viewer_in(unit, caller)
            return self._recommended(unit, viewer, limit)

        return await self._db.read(work)

    async def arrange(self, caller: Caller, layout: Any) -> None:
        """Keep which rows a person wants, in which order: ids of rows."""
        user = caller.user_id or 0
        await self._db.write(self._preferences.put, user, LAYOUT, layout, self._clock.now())

    def _page(self, unit: Unit, caller: Caller) -> Home:
        viewer = self._titles.viewer_in(unit, caller)
        cards = self._progress.cards_in(unit, viewer, 2 * ROW)
        rows = [
            self._row(unit, viewer, "continue_watching", "Continue watching",
                      [one.item.id for one in cards if one.reason == "resume"], "progress"),
            self._row(unit, viewer, "next_up", "Next up", [one.item.id for one in cards if one.reason != "resume"]),
        ]  # fmt: skip
        recent = TitleQuery(kinds=("movie",), sort=Sort.ADDED_AT, descending=True)
        shows = TitleQuery(kinds=("show",), sort=Sort.ADDED_AT, descending=True)
        newest = self._lists.ids(unit, viewer, recent, limit=ROW)
        rows.append(self._row(unit, viewer, "recently_added_movies", "Recently added movies", newest))
        rows.append(
            self._row(unit, viewer, "recently_added_shows", "Recently added shows",
                      self._lists.ids(unit, viewer, shows, limit=ROW))
        )  # fmt: skip
        rows.append(self._because(unit, viewer))
        for name, _ in self._lists.genres(unit, viewer, ("movie", "show"))[:GENRES]:
            query = TitleQuery(kinds=("movie", "show"), genres=(name,), sort=Sort.RATING, descending=True)
            rows.append(self._row(unit, viewer, f"genre:{name}", name, self._lists.ids(unit, viewer, query, limit=ROW)))
        filled = [row for row in rows if row.titles]
        layout = self._preferences.get(unit, caller.user_id or 0, LAYOUT)
        hero = next((row.titles[0] for row in filled if row.id.startswith("recently_added")), None)
        return Home(rows=_arranged(filled, layout), hero=hero)

    def _because(self, unit: Unit, viewer: Viewer) -> Row:
        recent = TitleQuery(
            kinds=("movie", "show"), watched=True, sort=Sort.LAST_PLAYED_AT, descending=True, with_missing=True
        )
        seen = self._lists.ids(unit, viewer, recent, limit=1)
        if not seen:
            return Row(id="because_you_watched", title="", type="items", titles=[])
        subject = self._titles.of_ids_in(unit, viewer, seen)
        if not subject:
            return Row(id="because_you_watched", title="", type="items", titles=[])
        item = subject[0].item
        near = self._alike.like(unit, viewer, item, limit=ROW)
        title = f"Because you watched {item.title}"
        return self._row(unit, viewer, f"because_you_watched:{item.nanoid}", title, near)

    def _recommended(self, unit: Unit, viewer: Viewer, limit: int) -> list[Title]:
        liked = TitleQuery(kinds=("movie", "show"), watched=True, sort=Sort.LAST_PLAYED_AT, descending=True)
        recent = self._lists.ids(unit, viewer, liked, limit=LIKED)
        weights = {item_id: 0.9**place for place, item_id in enumerate(recent)}
        scores: dict[int, float] = {}
        for kind in ("movie", "show"):
            scores |= self._alike.scores(unit, viewer, weights, kind=kind) if weights else {}
        ranked = [key for key, _ in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])) if key not in weights]
        unseen = TitleQuery(kinds=("movie", "show"), watched=False, sort=Sort.RATING, descending=True)
        fresh = set(self._lists.ids(unit, viewer, unseen, limit=100_000)) if ranked else set()
        chosen = [key for key in ranked if key in fresh][:limit]
        if len(chosen) < limit:
            more = self._lists.ids(unit, viewer, unseen, limit=limit * 2)
            chosen += [key for key in more if key not in chosen][: limit - len(chosen)]
        return self._titles.of_ids_in(unit, viewer, chosen)

    def _row(self, unit: Unit, viewer: Viewer, name: str, title: str, keys: Sequence[int], kind: str = "items") -> Row:
        return Row(id=name, title=title, type=kind, titles=self._titles.of_ids_in(unit, viewer, keys[:ROW]))


def _arranged(rows: list[Row], layout: Any) -> list[Row]:
    wanted = layout if isinstance(layout, list) else []
    places = {name: place for place, name in enumerate(wanted) if isinstance(name, str)}
    return sorted(rows, key=lambda row: places.get(row.id, len(places)))
