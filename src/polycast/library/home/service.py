"""A whole start page at once, and what somebody might like."""

from collections.abc import Mapping
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
SPARE: Final = 3  # common genres whose titles one may not see
LIKED: Final = 20
LAYOUT: Final = "home.layout"


class Row(Struct, frozen=True, kw_only=True):
    """A row of cards."""

    id: str
    title: str
    type: str  # progress, items
    titles: list[Title]
    subject: str = ""  # "because you watched" what


class Plan(Struct, frozen=True, kw_only=True):
    """A row before its titles are read: all rows' are read at once."""

    id: str
    title: str
    keys: list[int]
    type: str = "items"

    def row(self, known: Mapping[int, Title]) -> Row:
        return Row(
            id=self.id, title=self.title, type=self.type, titles=[known[key] for key in self.keys if key in known]
        )


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
        plans = [*self._personal(unit, viewer), *self._recent(unit, viewer), *self._of_genres(unit, viewer)]
        keys = list(dict.fromkeys(key for plan in plans for key in plan.keys))
        known = {one.item.id: one for one in self._titles.of_ids_in(unit, viewer, keys)}
        rows = [plan.row(known) for plan in plans]
        filled = [row for row in rows if row.titles]
        layout = self._preferences.get(unit, caller.user_id or 0, LAYOUT)
        hero = next((row.titles[0] for row in filled if row.id.startswith("recently_added")), None)
        return Home(rows=_arranged(filled, layout), hero=hero)

    def _personal(self, unit: Unit, viewer: Viewer) -> list[Plan]:
        cards = self._progress.cards_in(unit, viewer, 2 * ROW)
        begun = [one.item.id for one in cards if one.reason == "resume"]
        following = [one.item.id for one in cards if one.reason != "resume"]
        return [
            Plan(id="continue_watching", title="Continue watching", type="progress", keys=begun[:ROW]),
            Plan(id="next_up", title="Next up", keys=following[:ROW]),
        ]

    def _recent(self, unit: Unit, viewer: Viewer) -> list[Plan]:
        found = []
        for kind, title in (("movie", "Recently added movies"), ("show", "Recently added shows")):
            query = TitleQuery(kinds=(kind,), sort=Sort.ADDED_AT, descending=True)
            keys = self._lists.ids(unit, viewer, query, limit=ROW)
            found.append(Plan(id=f"recently_added_{kind}s", title=title, keys=keys))
        last = self._progress.last_watched_in(unit, viewer)
        subject = None if last is None else self._titles.bare_in(unit, viewer, last)
        if subject is not None:
            near = self._alike.like(unit, viewer, subject, limit=ROW)
            name = f"because_you_watched:{subject.nanoid}"
            found.append(Plan(id=name, title=f"Because you watched {subject.title}", keys=near))
        return found

    def _of_genres(self, unit: Unit, viewer: Viewer) -> list[Plan]:
        """The best rated of the commonest genres. By kind: then each is read off one index, and no order is made."""
        found: list[Plan] = []
        for name in self._lists.genres(unit, limit=GENRES + SPARE):
            rated = [
                pair for kind in ("movie", "show") for pair in self._lists.best_of(unit, viewer, kind, name, limit=ROW)
            ]
            best = [key for _, key in sorted(rated, reverse=True)[:ROW]]
            found += [Plan(id=f"genre:{name}", title=name, keys=best)] * bool(best)
            if len(found) == GENRES:
                break
        return found

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


def _arranged(rows: list[Row], layout: Any) -> list[Row]:
    wanted = layout if isinstance(layout, list) else []
    places = {name: place for place, name in enumerate(wanted) if isinstance(name, str)}
    return sorted(rows, key=lambda row: places.get(row.id, len(places)))
