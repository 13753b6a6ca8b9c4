"""What counts as watched, where people go on, and what comes next. Source: specs/library.md 5.5.7."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Item, Kind, Viewer
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.playback.events import WatchStateChanged
from polycast.library.playback.store_progress import Play, ProgressStore, Seen, WatchState

SHORT_MS: Final = 300_000  # what is shorter has no resume point
LAST_MS: Final = 1_000  # before the end
FORGOTTEN: Final = timedelta(days=180)
LOOKED_AT: Final = 500  # states read to fill one row of cards


class WatchRules(Struct, frozen=True, kw_only=True):
    """In percent of a title."""

    watched: int = 90
    resume: int = 5


class Card(Struct, frozen=True, kw_only=True):
    """Something to go on with."""

    item: Item
    show: Item | None
    state: WatchState
    reason: str  # "resume", "next_up"


class Progress:
    """Watch state of people and profiles, and everything that follows from it."""

    def __init__(
        self,
        *,
        db: Database,
        store: ProgressStore,
        items: ItemStore,
        viewers: ViewerStore,
        clock: Clock,
        rules: Callable[[], WatchRules],
    ) -> None:
        self._db = db
        self._store = store
        self._items = items
        self._viewers = viewers
        self._clock = clock
        self._rules = rules

    def states_in(self, unit: Unit, viewer: Viewer, item_ids: list[int]) -> dict[int, WatchState]:
        """What the viewer has seen of some titles."""
        return self._store.states(unit, viewer.key, item_ids)

    def counts_in(self, unit: Unit, viewer: Viewer, show_ids: list[int]) -> dict[int, int]:
        """How many available episodes of shows the viewer has seen."""
        return self._store.watched_counts(unit, viewer.key, show_ids)

    async def set_watched(
        self, caller: Caller, item_id: int | str, *, watched: bool, at: datetime | None = None, source: str = "manual"
    ) -> WatchState:
        """Mark a film or an episode; of a show or a season all episodes that are there. Raises: NotFound."""
        return await self._db.write(self._set_watched, caller, item_id, watched, at, source)

    async def set_favorite(self, caller: Caller, item_id: int | str, *, favorite: bool) -> WatchState:
        """Raises: NotFound."""

        def work(unit: Unit) -> WatchState:
            viewer, item = self._seen(unit, caller, item_id)
            self.write_in(unit, viewer, item, is_favorite=favorite)
            return self._store.state(unit, viewer.key, item.id)

        return await self._db.write(work)

    async def set_position(
        self, caller: Caller, item_id: int | str, *, position: timedelta, duration: timedelta | None, source: str
    ) -> WatchState:
        """Where a player of somebody else's stopped. Raises: NotFound."""

        def work(unit: Unit) -> WatchState:
            viewer, item = self._seen(unit, caller, item_id)
            known = duration or timedelta(milliseconds=item.duration_ms)
            self.record_in(unit, viewer, item, position=position, duration=known, counted=False, source=source)
            return self._store.state(unit, viewer.key, item.id)

        return await self._db.write(work)

    async def hide(self, caller: Caller, item_id: int | str) -> None:
        """Take a title off "continue watching" until it is played again. Raises: NotFound."""

        def work(unit: Unit) -> None:
            viewer, item = self._seen(unit, caller, item_id)
            ids = [item.id]
            if item.kind in (Kind.SHOW, Kind.EPISODE) and item.top_id is not None:
                ids = [one.id for one in self._items.episodes(unit, item.top_id, viewer)]
            for known in self._store.states(unit, viewer.key, ids).values():
                self._store.save(
                    unit, viewer.key, known.item_id, top_id=item.top_id, at=self._clock.now(), is_hidden=True
                )

        await self._db.write(work)

    async def continue_watching(self, caller: Caller, *, limit: int = 20) -> list[Card]:
        """Each film in progress and one episode a show, the last played first."""
        return await self._db.read(lambda unit: self.cards_in(unit, self._viewers.of(unit, caller), limit))

    async def next_up(self, caller: Caller, *, limit: int = 20, show_id: int | None = None) -> list[Card]:
        """One episode a show that somebody is in the middle of."""

        def work(unit: Unit) -> list[Card]:
            viewer = self._viewers.of(unit, caller)
            cards = self.cards_in(unit, viewer, LOOKED_AT)
            found = [card for card in cards if card.show is not None and card.reason == "next_up"]
            return [card for card in found if show_id is None or (card.show and card.show.id == show_id)][:limit]

        return await self._db.read(work)

    async def history(
        self, caller: Caller, *, before: tuple[datetime, int] | None = None, limit: int = 20
    ) -> list[tuple[int, Play]]:
        """What the caller has watched, the newest first."""
        return await self._db.read(
            lambda unit: self._store.history(unit, self._viewers.of(unit, caller), before=before, limit=limit)
        )

    def cards_in(self, unit: Unit, viewer: Viewer, limit: int) -> list[Card]:
        """`continue_watching`, in `unit`."""
        chosen: list[tuple[int, str]] = []  # (key, reason)
        shows: set[int] = set()
        for one in self._store.recent(unit, viewer, since=self._clock.now() - FORGOTTEN, limit=LOOKED_AT):
            if len(chosen) >= limit:
                break
            if one.kind == Kind.MOVIE and one.position_ms:
                chosen.append((one.id, "resume"))
            elif one.kind == Kind.EPISODE and one.top_id is not None and one.top_id not in shows:
                shows.add(one.top_id)
                chosen += self._of_show(unit, viewer, one)
        return self._cards(unit, viewer, chosen)

    def _cards(self, unit: Unit, viewer: Viewer, chosen: Sequence[tuple[int, str]]) -> list[Card]:
        keys = [key for key, _ in chosen]
        known = self._items.by_ids(unit, keys, viewer)
        tops = {known[key].top_id for key in keys if key in known and known[key].kind is Kind.EPISODE}
        shows = self._items.by_ids(unit, sorted(top for top in tops if top is not None), viewer)
        states = self._store.states(unit, viewer.key, keys)
        return [
            Card(
                item=known[key], show=shows.get(known[key].top_id or 0), state=states.get(key, WatchState(item_id=key)),
                reason=reason,
            )
            for key, reason in chosen
            if key in known
        ]  # fmt: skip

    def following_in(self, unit: Unit, viewer: Viewer, item: Item) -> Item | None:
        """The episode after one, with a file; a special is followed by specials alone."""
        if item.top_id is None or item.kind is not Kind.EPISODE:
            return None
        key = self._store.next_episode(unit, viewer, item, unseen=False)
        return None if key is None else self._items.by_id(unit, key, viewer)

    def last_watched_in(self, unit: Unit, viewer: Viewer) -> int | None:
        """The key of the film or show that was seen last."""
        return self._store.last_watched(unit, viewer)

    def record_in(
        self,
        unit: Unit,
        viewer: Viewer,
        item: Item,
        *,
        position: timedelta,
        duration: timedelta,
        counted: bool,
        source: str = "playback",
        credits_at: timedelta | None = None,
        **more: Any,
    ) -> bool:
        """Take down where somebody is; whether the title is watched to its end by that.

        `counted`: this viewing has been counted before.
        """
        at_ms, all_ms = position // timedelta(milliseconds=1), duration // timedelta(milliseconds=1)
        rules, now = self._rules(), self._clock.now()
        values: dict[str, Any] = {"duration_ms": all_ms, "last_played_at": now, "is_hidden": False, "source": source}
        is_done = all_ms > 0 and (at_ms * 100 >= all_ms * rules.watched or at_ms >= all_ms - LAST_MS)
        if credits_at is not None and position >= credits_at:
            is_done = True
        if is_done:
            values |= {"position_ms": 0, "watched": True}
            if not counted:
                values["play_count"] = self._store.state(unit, viewer.key, item.id).play_count + 1
        else:
            has_point = all_ms >= SHORT_MS and at_ms * 100 >= all_ms * rules.resume
            values["position_ms"] = at_ms if has_point else 0
        self.write_in(unit, viewer, item, **values, **more)
        return is_done

    def write_in(self, unit: Unit, viewer: Viewer, item: Item, **values: Any) -> None:
        """Write a state, and tell."""
        self._store.save(unit, viewer.key, item.id, top_id=item.top_id, at=self._clock.now(), **values)
        if viewer.user_id is not None:
            unit.publish(WatchStateChanged(user_id=viewer.user_id, profile_id=viewer.profile_id or 0, item=item.nanoid))

    def _of_show(self, unit: Unit, viewer: Viewer, last: Seen) -> list[tuple[int, str]]:
        """The one episode to go on with after the one that was played last; none when that was the end."""
        if last.position_ms:
            return [(last.id, "resume")]
        if not last.watched:
            return [(last.id, "next_up")]
        following = self._store.next_episode(unit, viewer, last, unseen=True)
        return [] if following is None else [(following, "next_up")]

    def _seen(self, unit: Unit, caller: Caller, item_id: int | str) -> tuple[Viewer, Item]:
        viewer = self._viewers.of(unit, caller)
        if isinstance(item_id, int):
            item = self._items.by_id(unit, item_id, viewer)
        else:
            item = self._items.get(unit, item_id, viewer)
        if item is None:
            raise NotFound("The title")
        return viewer, item

    def _set_watched(
        self, unit: Unit, caller: Caller, item_id: int | str, watched: bool, at: datetime | None, source: str
    ) -> WatchState:
        viewer, item = self._seen(unit, caller, item_id)
        targets = [item]
        if item.kind in (Kind.SHOW, Kind.SEASON) and item.top_id is not None:
            season = item.season_number if item.kind is Kind.SEASON else None
            targets = self._items.episodes(unit, item.top_id, viewer, season=season)
        states = self._store.states(unit, viewer.key, [one.id for one in targets])
        for one in targets:
            known = states.get(one.id, WatchState(item_id=one.id))
            values: dict[str, Any] = {"watched": watched, "position_ms": 0, "source": source}
            if watched:
                values["last_played_at"] = at or self._clock.now()
                values["play_count"] = max(1, known.play_count + (not known.watched))
            self.write_in(unit, viewer, one, **values)
        return self._store.state(unit, viewer.key, item.id)
