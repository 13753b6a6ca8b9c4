"""Pages of titles by keyset: every filter and order, with the visibility rule, in one statement."""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, literal, or_, select, tuple_

from polycast.core.storage import Unit, fold, instant_in, sort_key
from polycast.library.catalogue.model import Item, Viewer
from polycast.library.catalogue.query import Position, Sort, TitleQuery
from polycast.library.catalogue.store_items import SHOWN, item_of
from polycast.library.catalogue.store_viewer import visible
from polycast.library.tables.catalogue import items, libraries, parts, people, ratings, tags
from polycast.library.tables.collections import collection_items, collections
from polycast.library.tables.playback import progress

LAST: Final = "\U0010ffff"
PRIME: Final = 1_000_003
COLUMNS: Final = {
    Sort.TITLE: items.c.title_key,
    Sort.YEAR: func.coalesce(items.c.year, literal(-1, BigInteger, literal_execute=True)),
    Sort.RELEASE_DATE: func.coalesce(items.c.released, literal(-1, BigInteger, literal_execute=True)),
    Sort.ADDED_AT: items.c.added_at,
    Sort.RATING: func.coalesce(items.c.rating, literal(-1, BigInteger, literal_execute=True)),
    Sort.RUNTIME: func.coalesce(items.c.runtime, literal(-1, BigInteger, literal_execute=True)),
    Sort.FILE_SIZE: items.c.file_size,
    Sort.BITRATE: items.c.bitrate,
}
WORDS: Final = (("genre", "genres"), ("keyword", "keywords"), ("studio", "studios"), ("country", "countries"),
                ("network", "networks"))  # fmt: skip


class ListStore:
    """Lists of titles."""

    def page(
        self, unit: Unit, viewer: Viewer, query: TitleQuery, *, after: Position | None, limit: int
    ) -> list[tuple[Item, Position]]:
        """The next `limit` titles, each with its place in the order."""
        key = _sort_column(viewer, query)
        statement = select(*SHOWN, key.label("sort_value")).where(*conditions(viewer, query))
        if query.sort is Sort.LAST_PLAYED_AT:
            statement = statement.outerjoin(progress, _mine(viewer))
        if after is not None:
            here = tuple_(key, items.c.id)
            place: Any = tuple_(_bound(query, after), literal(after.id, BigInteger))
            statement = statement.where(here < place if query.descending else here > place)
        order = (key.desc(), items.c.id.desc()) if query.descending else (key, items.c.id)
        rows = unit.execute(statement.order_by(*order).limit(limit))
        return [(item_of(row), Position(_stored(row.sort_value), row.id)) for row in rows]

    def count(self, unit: Unit, viewer: Viewer, query: TitleQuery) -> int:
        """How many there are in all."""
        statement = select(func.count()).select_from(items).where(*conditions(viewer, query))
        return int(unit.execute(statement).scalar_one())

    def ids(self, unit: Unit, viewer: Viewer, query: TitleQuery, *, limit: int) -> list[int]:
        """Keys alone, in the order of the query."""
        key = _sort_column(viewer, query)
        statement = select(items.c.id).where(*conditions(viewer, query))
        if query.sort is Sort.LAST_PLAYED_AT:
            statement = statement.outerjoin(progress, _mine(viewer))
        order = (key.desc(), items.c.id.desc()) if query.descending else (key, items.c.id)
        return [row[0] for row in unit.execute(statement.order_by(*order).limit(limit))]

    def best_of(self, unit: Unit, viewer: Viewer, kind: str, genre: str, *, limit: int) -> list[tuple[int, int]]:
        """(rating, key) of a common genre's titles, the best first: read down the index of ratings until there are enough."""
        rating = COLUMNS[Sort.RATING]
        named = select(tags.c.item_id).where(
            tags.c.item_id == items.c.id, tags.c.kind == "genre", tags.c.value_key == fold(genre)
        )
        query = TitleQuery(kinds=(kind,))
        statement = select(rating, items.c.id).where(*conditions(viewer, query), named.exists())
        rows = unit.execute(statement.order_by(rating.desc(), items.c.id.desc()).limit(limit))
        return [(row[0], row[1]) for row in rows]

    def genres(self, unit: Unit, *, limit: int) -> list[str]:
        """The commonest genres of all titles, the most first. Whether somebody sees one of a genre's titles is not asked
        here: that question takes 150 ms of 60,000 words, this one 10."""
        count = func.count().label("count")
        commonest = select(tags.c.value_key, count).where(tags.c.kind == "genre").group_by(tags.c.value_key)
        keys = [row[0] for row in unit.execute(commonest.order_by(count.desc(), tags.c.value_key).limit(limit))]
        spelled = [
            unit.execute(select(tags.c.value).where(tags.c.kind == "genre", tags.c.value_key == key).limit(1)).scalar()
            for key in keys
        ]
        return [name for name in spelled if name is not None]


def conditions(viewer: Viewer, query: TitleQuery) -> list[ColumnElement[bool]]:
    """Every condition of `query`, the rule first."""
    found: list[ColumnElement[bool]] = [visible(viewer), items.c.kind.in_(query.kinds)]
    if not query.with_missing:
        found.append(items.c.is_available.is_(True))
    if query.ids is not None:
        found.append(items.c.id.in_(query.ids))
    if query.top_id is not None:
        found.append(items.c.top_id == query.top_id)
    if query.library is not None:
        found.append(items.c.library_id.in_(select(libraries.c.id).where(libraries.c.nanoid == query.library)))
    found += _by_columns(query) + _by_words(query) + _by_people(query) + _by_state(viewer, query)
    return found


def _by_columns(query: TitleQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.year_from is not None:
        found.append(items.c.year >= query.year_from)
    if query.year_to is not None:
        found.append(items.c.year <= query.year_to)
    sets = (
        (items.c.content_rating, query.content_ratings),
        (items.c.resolution, query.resolutions),
        (items.c.hdr, query.hdr),
        (items.c.video_codec, query.video_codecs),
        (items.c.audio_codec, query.audio_codecs),
    )
    found += [column.in_(values) for column, values in sets if values]
    if query.language is not None:
        found.append(items.c.original_language == query.language)
    if query.unmatched is not None:
        is_unmatched = items.c.match_status == "unmatched"
        found.append(is_unmatched if query.unmatched else ~is_unmatched)
    if query.added_after is not None:
        found.append(items.c.added_at > query.added_after)
    if query.starts_with:
        found.append(_starts(query.starts_with))
    if query.search:
        found.append(items.c.title_key.contains(sort_key(query.search), autoescape=True))
    if query.min_rating is not None and query.rating_source is None:
        found.append(items.c.rating >= round(query.min_rating * 100))
    if query.min_rating is not None and query.rating_source is not None:
        rated = select(ratings.c.item_id).where(
            ratings.c.source == query.rating_source, ratings.c.value >= round(query.min_rating * 1000)
        )
        found.append(items.c.id.in_(rated))
    return found


def _starts(text: str) -> ColumnElement[bool]:
    if text == "#":
        return or_(items.c.title_key < "a", items.c.title_key >= "{")
    begin = sort_key(text)
    return and_(items.c.title_key >= begin, items.c.title_key < begin + LAST)


def _by_words(query: TitleQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for kind, name in WORDS:
        wanted = [fold(value) for value in getattr(query, name)]
        if wanted:
            found.append(
                items.c.id.in_(select(tags.c.item_id).where(tags.c.kind == kind, tags.c.value_key.in_(wanted)))
            )
    return found


def _by_people(query: TitleQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.person is not None:
        mine = select(parts.c.item_id).join(people, people.c.id == parts.c.person_id)
        found.append(items.c.id.in_(mine.where(people.c.nanoid == query.person)))
    if query.collection is not None:
        inside = select(collection_items.c.item_id).join(
            collections, collections.c.id == collection_items.c.collection_id
        )
        found.append(items.c.id.in_(inside.where(collections.c.nanoid == query.collection)))
    return found


def _by_state(viewer: Viewer, query: TitleQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    user, profile = viewer.key
    mine = select(progress.c.item_id).where(progress.c.user_id == user, progress.c.profile_id == profile)
    if query.watched is not None:
        seen = or_(items.c.id.in_(mine.where(progress.c.watched.is_(True))), _show_seen(viewer))
        found.append(seen if query.watched else ~seen)
    if query.in_progress is not None:
        tops = select(progress.c.top_id).where(
            progress.c.user_id == user, progress.c.profile_id == profile, progress.c.position_ms > 0,
            progress.c.top_id.is_not(None),
        )  # fmt: skip
        begun = or_(items.c.id.in_(mine.where(progress.c.position_ms > 0)), items.c.id.in_(tops))
        found.append(begun if query.in_progress else ~begun)
    if query.favorite is not None:
        liked = items.c.id.in_(mine.where(progress.c.is_favorite.is_(True)))
        found.append(liked if query.favorite else ~liked)
    return found


def _show_seen(viewer: Viewer) -> ColumnElement[bool]:
    """A show counts as seen when every episode that is there was."""
    user, profile = viewer.key
    seen = select(func.count()).where(
        progress.c.user_id == user,
        progress.c.profile_id == profile,
        progress.c.top_id == items.c.id,
        progress.c.item_id != items.c.id,
        progress.c.watched.is_(True),
    )
    counted = seen.correlate(items).scalar_subquery()
    return and_(items.c.kind == "show", items.c.available_count > 0, counted >= items.c.available_count)


def _mine(viewer: Viewer) -> ColumnElement[bool]:
    user, profile = viewer.key
    return and_(progress.c.item_id == items.c.id, progress.c.user_id == user, progress.c.profile_id == profile)


def _sort_column(viewer: Viewer, query: TitleQuery) -> ColumnElement[Any]:
    if query.sort is Sort.RANDOM:
        return (items.c.id * 7919 + query.seed % PRIME * 104_729) % PRIME
    if query.sort is Sort.LAST_PLAYED_AT:
        return case((progress.c.last_played_at.is_(None), 0), else_=cast(progress.c.last_played_at, BigInteger))
    return COLUMNS[query.sort]


def _bound(query: TitleQuery, after: Position) -> Any:
    if query.sort is Sort.TITLE:
        return literal(str(after.value), items.c.title_key.type)
    return literal(int(after.value), BigInteger)


def _stored(value: Any) -> int | str:
    """A sort value as a cursor carries it."""
    return value if isinstance(value, int | str) else instant_in(value)
