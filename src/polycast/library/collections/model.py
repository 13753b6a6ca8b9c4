"""Collections and their rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "genre": frozenset({"is", "is_not", "any_of"}),
    "year": frozenset({"is", "before", "after", "between"}),
    "rating": frozenset({"at_least", "at_most", "between"}),
    "runtime": frozenset({"at_least", "at_most", "between"}),
    "contentRating": frozenset({"is", "is_not", "any_of"}),
    "language": frozenset({"is"}),
    "originCountry": frozenset({"is"}),
    "keywords": frozenset({"has_any", "has_all"}),
    "studio": frozenset({"is", "any_of"}),
    "network": frozenset({"is"}),
    "person": frozenset({"is", "any_of"}),
    "resolution": frozenset({"is", "any_of"}),
    "hdr": frozenset({"is", "any_of"}),
    "videoCodec": frozenset({"is", "any_of"}),
    "audioCodec": frozenset({"is", "any_of"}),
    "container": frozenset({"is", "any_of"}),
    "audioChannels": frozenset({"is", "any_of", "at_least", "at_most"}),
    "fileSize": frozenset({"at_least", "at_most"}),
    "addedAt": frozenset({"in_last", "not_in_last", "before", "after"}),
    "releaseDate": frozenset({"in_last", "not_in_last", "before", "after"}),
    "tag": frozenset({"has_any", "has_all", "has_none"}),
    "mood": frozenset({"has_any", "has_all", "has_none"}),
    "theme": frozenset({"has_any", "has_all", "has_none"}),
    "contentWarning": frozenset({"has_any", "has_all", "has_none"}),
    "title": frozenset({"contains", "is"}),
    "path": frozenset({"contains"}),
    "library": frozenset({"is", "in"}),
    "watched": frozenset({"is"}),
    "inProgress": frozenset({"is"}),
    "inWatchlist": frozenset({"is"}),
}
NUMBERS: Final = frozenset({"year", "rating", "runtime", "audioChannels", "fileSize"})
SORTS: Final = ("title", "year", "releaseDate", "addedAt", "rating", "runtime", "random", "fileSize", "custom")
DEEPEST: Final = 5
MOST_RULES: Final = 100


class Collection(Struct, frozen=True, kw_only=True):
    """A collection, as it is stored."""

    id: int
    nanoid: str
    uuid: str
    name: str
    description: str
    type: str
    match_mode: str
    media_scope: str
    rules: list[Any]
    sort_by: str
    sort_order: str
    item_limit: int | None
    visibility: str
    poster: str
    item_count: int
    created_by: int | None
    last_refreshed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CollectionNew(Struct, frozen=True, kw_only=True):
    """A collection to be made."""

    name: str
    description: str = ""
    type: str = "manual"
    match_mode: str = "all"
    media_scope: str = "both"
    rules: Sequence[Any] = ()
    sort_by: str = "title"
    sort_order: str = "asc"
    item_limit: int | None = None
    visibility: str = "server"
