"""Making titles findable in the one search."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from polycast.core.events import Audience
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.search import SearchWords
from polycast.core.storage import Unit
from polycast.library.catalogue.model import Item, Kind
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_viewer import ViewerStore

PREFIX: Final = "library."
FOR_ALL: Final = Audience(scope=Scope.LIBRARY_PLAY)
MOST_PEOPLE: Final = 20
OVERVIEW: Final = 300


class TitleIndex:
    """Writes what titles are found by, and judges who may find them."""

    def __init__(self, *, items: ItemStore, viewers: ViewerStore) -> None:
        self._items = items
        self._viewers = viewers

    def put_in(self, unit: Unit, item_ids: Iterable[int]) -> None:
        """Bring the index up to date for these titles, in `unit`; seasons are not in it."""
        wanted = list(item_ids)
        found = self._items.by_ids(unit, wanted)
        words = self._items.words(unit, [one.id for one in found.values() if one.kind is not Kind.EPISODE])
        shows = self._items.by_ids(
            unit, sorted({one.top_id for one in found.values() if one.top_id and one.kind is Kind.EPISODE})
        )
        for item_id in wanted:
            item = found.get(item_id)
            if item is None:
                for kind in (Kind.MOVIE, Kind.SHOW, Kind.EPISODE):
                    unit.index(f"{PREFIX}{kind.value}:{item_id}", None, FOR_ALL)
            elif item.kind is not Kind.SEASON:
                told = self._words(unit, item, words.get(item.id, {}), shows) if item.is_available else None
                unit.index(f"{PREFIX}{item.kind.value}:{item.id}", told, FOR_ALL)

    def judge(self, unit: Unit, caller: Caller, refs: Sequence[str]) -> Collection[str]:
        """Of these refs of ours, those that `caller` may see. What is no title is everybody's."""
        keys = {ref: int(ref.rpartition(":")[2]) for ref in refs if ref.startswith(TITLES)}
        viewer = self._viewers.of(unit, caller)
        seen = self._items.by_ids(unit, sorted(set(keys.values())), viewer)
        return {ref for ref in refs if ref not in keys or keys[ref] in seen}

    def _words(self, unit: Unit, item: Item, words: dict[str, list[str]], shows: dict[int, Item]) -> SearchWords:
        poster = item.images.get("poster") or item.images.get("still") or ""
        image = f"/api/images/{poster}" if poster else ""
        weight = min(100, 40 + item.popularity // 2000)
        if item.kind is Kind.EPISODE:
            show = shows.get(item.top_id or 0)
            place = f"S{item.season_number or 0:02}E{item.episode_number or 0:02}"
            return SearchWords(
                kind="episode", title=item.title, subtitle=f"{show.title if show else ''} {place}".strip(),
                weight=max(0, weight - 30), image=image,
            )  # fmt: skip
        people = [one.name for one in self._items.credits(unit, item.id)[:MOST_PEOPLE]]
        more = [item.original_title, *item.extra.get("aliases", []), *people, *words.get("keyword", [])]
        subtitle = ", ".join([str(item.year)] * bool(item.year) + words.get("genre", [])[:2])
        return SearchWords(
            kind=item.kind.value,
            title=item.title,
            subtitle=subtitle,
            text=" ".join([*more, item.overview[:OVERVIEW]]),
            weight=weight,
            image=image,
        )


TITLES: Final = tuple(f"{PREFIX}{kind.value}:" for kind in (Kind.MOVIE, Kind.SHOW, Kind.EPISODE))
