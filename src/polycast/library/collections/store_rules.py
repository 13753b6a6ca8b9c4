"""Rules as conditions on titles."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true

from polycast.core.storage import fold, sort_key
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_items import days_of
from polycast.library.collections.rules import day_of
from polycast.library.tables.catalogue import files, items, libraries, parts, people, tags
from polycast.library.tables.collections import watchlist
from polycast.library.tables.playback import progress

KINDS: Final = {"movies": ("movie",), "shows": ("show",), "both": ("movie", "show")}
WORDS: Final = {
    "genre": "genre", "keywords": "keyword", "studio": "studio", "network": "network", "originCountry": "country",
    "tag": "tag", "mood": "mood", "theme": "theme", "contentWarning": "warning",
}  # fmt: skip
COLUMNS: Final = {
    "year": items.c.year, "rating": items.c.rating, "runtime": items.c.runtime, "contentRating": items.c.content_rating,
    "language": items.c.original_language, "resolution": items.c.resolution, "hdr": items.c.hdr,
    "videoCodec": items.c.video_codec, "audioCodec": items.c.audio_codec, "audioChannels": items.c.audio_channels,
    "container": items.c.container, "fileSize": items.c.file_size,
}  # fmt: skip
SCALE: Final = {"rating": 100}


def condition(rules: Sequence[Any], *, match: str, scope: str, viewer: Viewer, now: datetime) -> ColumnElement[bool]:
    """What a title must be like. `rules` were checked."""
    kinds = items.c.kind.in_(KINDS.get(scope, KINDS["both"]))
    return and_(kinds, items.c.is_available.is_(True), _group(rules, match, viewer, now))


def _group(rules: Sequence[Any], match: str, viewer: Viewer, now: datetime) -> ColumnElement[bool]:
    found = [
        _group(one["rules"], one.get("match", "all"), viewer, now) if "rules" in one else _one(one, viewer, now)
        for one in rules
    ]
    if match == "none":
        return not_(or_(false(), *found))
    if match == "any":
        return or_(*found) if found else false()
    return and_(true(), *found)


def _one(rule: dict[str, Any], viewer: Viewer, now: datetime) -> ColumnElement[bool]:
    field, operator, value = rule["field"], rule["operator"], rule["value"]
    if field in WORDS:
        return _words(WORDS[field], operator, value)
    if field in COLUMNS:
        return _column(field, operator, value)
    if field in ("addedAt", "releaseDate"):
        return _time(field, operator, value, now)
    if field == "person":
        return _person(value, rule)
    if field in ("watched", "inProgress", "inWatchlist"):
        return _state(field, viewer) if value else not_(_state(field, viewer))
    if field == "title":
        key = sort_key(value)
        return items.c.title_key == key if operator == "is" else items.c.title_key.contains(key, autoescape=True)
    if field == "path":
        holding = select(files.c.item_id).where(files.c.path.contains(value, autoescape=True))
        return items.c.id.in_(holding)
    wanted = value if isinstance(value, list) else [value]
    named = select(libraries.c.id).where(or_(libraries.c.nanoid.in_(wanted), libraries.c.name.in_(wanted)))
    return items.c.library_id.in_(named)


def _words(kind: str, operator: str, value: Any) -> ColumnElement[bool]:
    wanted = [fold(one) for one in (value if isinstance(value, list) else [value])]

    def has(values: Sequence[str]) -> ColumnElement[bool]:
        return items.c.id.in_(select(tags.c.item_id).where(tags.c.kind == kind, tags.c.value_key.in_(values)))

    if operator in ("is_not", "has_none"):
        return not_(has(wanted))
    if operator == "has_all":
        return and_(*(has([one]) for one in wanted))
    return has(wanted)


def _column(field: str, operator: str, value: Any) -> ColumnElement[bool]:
    column = COLUMNS[field]
    scale = SCALE.get(field, 1)
    if isinstance(value, list):
        value = [round(one * scale) if isinstance(one, int | float) else one for one in value]
    elif isinstance(value, int | float):
        value = round(value * scale)
    made: dict[str, Any] = {
        "is": lambda: column == value,
        "is_not": lambda: column != value,
        "any_of": lambda: column.in_(value),
        "before": lambda: column < value,
        "after": lambda: column > value,
        "at_least": lambda: column >= value,
        "at_most": lambda: column <= value,
        "between": lambda: column.between(min(value), max(value)),
    }
    found: ColumnElement[bool] = made[operator]()
    return found


def _time(field: str, operator: str, value: Any, now: datetime) -> ColumnElement[bool]:
    column: Any = items.c.added_at if field == "addedAt" else items.c.released

    def at(moment: datetime) -> Any:
        return moment if field == "addedAt" else days_of(moment.date())

    if operator in ("in_last", "not_in_last"):
        recent: ColumnElement[bool] = column >= at(now - timedelta(days=value))
        return recent if operator == "in_last" else not_(recent)
    day = day_of(value)
    if day is None:
        return false()
    moment = datetime.combine(day, time(), UTC)
    found: ColumnElement[bool] = (
        column < at(moment) if operator == "before" else column >= at(moment + timedelta(days=1))
    )
    return found


def _person(value: Any, rule: dict[str, Any]) -> ColumnElement[bool]:
    made = []
    for one in value if isinstance(value, list) else [value]:
        told = {"name": one} if isinstance(one, str) else one
        role = told.get("role", rule.get("role", "any"))
        query = select(parts.c.item_id).join(people, people.c.id == parts.c.person_id)
        if told.get("personId"):
            query = query.where(people.c.nanoid == told["personId"])
        else:
            query = query.where(people.c.name_key == sort_key(told["name"]))
        if role in ("cast", "crew"):
            query = query.where(parts.c.kind == role)
        made.append(items.c.id.in_(query))
    return or_(*made)


def _state(field: str, viewer: Viewer) -> ColumnElement[bool]:
    user, profile = viewer.key
    if field == "inWatchlist":
        return items.c.id.in_(
            select(watchlist.c.item_id).where(
                watchlist.c.user_id == user, watchlist.c.profile_id == profile, watchlist.c.item_id.is_not(None)
            )
        )
    mine = (progress.c.user_id == user, progress.c.profile_id == profile)
    if field == "inProgress":
        return items.c.id.in_(select(progress.c.top_id).where(*mine, progress.c.position_ms > 0))
    return items.c.id.in_(select(progress.c.item_id).where(*mine, progress.c.watched.is_(True)))
