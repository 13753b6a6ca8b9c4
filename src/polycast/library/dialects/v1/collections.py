"""`/v1/collections`. Source: specs/library.md 3.9."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.http import Answer, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.library.collections.model import SORTS, CollectionNew
from polycast.library.collections.service import Collections, Member, Seen, WrongType
from polycast.library.dialects.v1.errors import BadRequest
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.titles_shapes import Card
from polycast.library.dialects.v1.titles_wire import IMAGES, card
from polycast.library.dialects.v1.wire import Cursors, Out, Paged, PageOf, Sent, iso, iso_or_none

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=4000)]
Order = Literal["asc", "desc"]
Kind = Literal["manual", "auto", "smart"]
Match = Literal["all", "any"]
Scope = Literal["movies", "shows", "both"]
SortBy = Annotated[str, Meta(max_length=20)]
Count = Annotated[int, Meta(ge=1, le=20_000)]
Rules = Annotated[list[Any], Meta(max_length=100)]
MOST: int = 500


class CollectionOut(Out, frozen=True, kw_only=True):
    """A collection."""

    id: str
    name: str
    description: str | None
    type: str
    match_mode: str
    media_scope: str
    rules: list[Any]
    sort_by: str
    sort_order: str
    limit: int | None
    visibility: str
    poster: str | None
    item_count: int
    is_mine: bool
    last_refreshed_at: str | None
    created_at: str
    updated_at: str


class CollectionIn(Sent, frozen=True, kw_only=True):
    """A collection to be made."""

    name: Name
    type: Kind = "manual"
    description: Text | None = None
    match_mode: Match = "all"
    media_scope: Scope = "both"
    rules: Rules = []
    sort_by: SortBy = "title"
    sort_order: Order = "asc"
    limit: Count | None = None
    visibility: Literal["server", "private"] | None = None


class CollectionChange(Sent, frozen=True, kw_only=True):
    """What to change; absent keeps."""

    name: Name | UnsetType = UNSET
    description: Text | None | UnsetType = UNSET
    match_mode: Match | UnsetType = UNSET
    media_scope: Scope | UnsetType = UNSET
    rules: Rules | UnsetType = UNSET
    sort_by: SortBy | UnsetType = UNSET
    sort_order: Order | UnsetType = UNSET
    limit: Count | None | UnsetType = UNSET
    visibility: Literal["server", "private"] | UnsetType = UNSET


class MemberIn(Sent, frozen=True, kw_only=True):
    """A title."""

    media_type: Literal["movie", "show", "episode"]
    media_id: Annotated[str, Meta(min_length=1, max_length=64)]
    position: int | None = None


class MembersIn(Sent, frozen=True, kw_only=True):
    """Titles, at most 500."""

    items: Annotated[list[MemberIn], Meta(max_length=MOST)]


class Added(Out, frozen=True, kw_only=True):
    """Whether it is new."""

    added: bool


class Wrong(Out, frozen=True, kw_only=True):
    """Why one was passed over."""

    index: int
    error: str


class AddedMany(Out, frozen=True, kw_only=True):
    """What became of each."""

    added: int
    skipped: int
    errors: list[Wrong]


class Ordered(Out, frozen=True, kw_only=True):
    """How many have a place of their own."""

    updated: int


class Refreshed(Out, frozen=True, kw_only=True):
    """What the rules changed."""

    added: int
    removed: int
    item_count: int


class PreviewIn(Sent, frozen=True, kw_only=True):
    """Rules to be tried."""

    match_mode: Match = "all"
    media_scope: Scope = "both"
    rules: Rules = []


class Preview(Out, frozen=True, kw_only=True):
    """What they would find."""

    count: int
    sample: list[Card]


def collection_out(seen: Seen) -> CollectionOut:
    one = seen.collection
    return CollectionOut(
        id=one.nanoid, name=one.name, description=one.description or None, type=one.type, match_mode=one.match_mode,
        media_scope=one.media_scope, rules=one.rules, sort_by=one.sort_by, sort_order=one.sort_order,
        limit=one.item_limit, visibility=one.visibility, poster=f"{IMAGES}/{one.poster}" if one.poster else None,
        item_count=seen.count, is_mine=seen.is_mine, last_refreshed_at=iso_or_none(one.last_refreshed_at),
        created_at=iso(one.created_at), updated_at=iso(one.updated_at),
    )  # fmt: skip


@get("/v1/collections", policy=USER, query=Paged)
async def listed(caller: Caller, collections: Collections, cursors: Cursors, query: Paged) -> PageOf[CollectionOut]:
    """Collections by name."""
    after = cursors.read(query.cursor, tuple[str, int], "collections")
    rows = await collections.page(caller, after=after, limit=query.limit + 1)
    shown = [collection_out(seen) for seen, _ in rows]
    return cursors.page(shown, limit=query.limit, place=lambda index: rows[index][1], filters="collections")


@post("/v1/collections", policy=USER, sent=CollectionIn, status=201)
async def create(caller: Caller, collections: Collections, sent: CollectionIn) -> CollectionOut:
    """Make a collection; those for all to see need an administrator."""
    _sortable(sent.sort_by)
    visibility = sent.visibility or ("server" if _manages(caller) else "private")
    new = CollectionNew(
        name=sent.name, description=sent.description or "", type=sent.type, match_mode=sent.match_mode,
        media_scope=sent.media_scope, rules=sent.rules, sort_by=sent.sort_by, sort_order=sent.sort_order,
        item_limit=sent.limit, visibility=visibility,
    )  # fmt: skip
    return collection_out(await collections.create(caller, new))


@post("/v1/collections/preview-rules", policy=USER, sent=PreviewIn)
async def preview(caller: Caller, collections: Collections, sent: PreviewIn) -> Preview:
    """How many titles rules would find."""
    count, sample = await collections.preview(caller, sent.rules, match=sent.match_mode, scope=sent.media_scope)
    return Preview(count=count, sample=[card(one) for one in sample])


@get("/v1/collections/{collection_id}", policy=USER)
async def details(caller: Caller, collections: Collections, collection_id: str) -> CollectionOut:
    """One collection."""
    return collection_out(await collections.get(caller, collection_id))


@patch("/v1/collections/{collection_id}", policy=USER, sent=CollectionChange)
async def change(caller: Caller, collections: Collections, collection_id: str, sent: CollectionChange) -> CollectionOut:
    """Change a collection."""
    told = {name: value for name in CollectionChange.__struct_fields__ if (value := getattr(sent, name)) is not UNSET}
    if "sort_by" in told:
        _sortable(told["sort_by"])
    if "limit" in told:
        told["item_limit"] = told.pop("limit")
    if "description" in told:
        told["description"] = told["description"] or ""
    return collection_out(await collections.change(caller, collection_id, told))


@delete("/v1/collections/{collection_id}", policy=USER, status=204)
async def remove(caller: Caller, collections: Collections, collection_id: str) -> None:
    """Remove a collection; its titles stay."""
    await collections.remove(caller, collection_id)


@get("/v1/collections/{collection_id}/items", policy=USER, query=Paged)
async def items(
    caller: Caller, collections: Collections, cursors: Cursors, collection_id: str, query: Paged
) -> PageOf[Card]:
    """Its titles."""
    bound = ("collection", collection_id)
    found = cursors.read(query.cursor, tuple[int | str, int], bound)
    rows = await collections.items(caller, collection_id, after=found, limit=query.limit + 1)
    shown = [card(title) for title, _ in rows]
    return cursors.page(shown, limit=query.limit, place=lambda index: _place(rows[index][1]), filters=bound)


@post("/v1/collections/{collection_id}/items", policy=USER, sent=MemberIn, status=201)
async def add(caller: Caller, collections: Collections, collection_id: str, sent: MemberIn) -> Answer[Added]:
    """Put a title in; 200 when it is there already."""
    try:
        added, _, wrong = await collections.add(caller, collection_id, [_member(sent)])
    except WrongType as error:
        raise BadRequest(error.message) from error
    if wrong:
        raise NotFound("The title")
    return Answer(Added(added=bool(added)), status=201 if added else 200)


@post("/v1/collections/{collection_id}/items/batch", policy=USER, sent=MembersIn)
async def add_many(caller: Caller, collections: Collections, collection_id: str, sent: MembersIn) -> AddedMany:
    """Put many titles in."""
    try:
        added, skipped, wrong = await collections.add(caller, collection_id, [_member(one) for one in sent.items])
    except WrongType as error:
        raise BadRequest(error.message) from error
    errors = [Wrong(index=index, error="Not found") for index in wrong]
    return AddedMany(added=added, skipped=len(skipped), errors=errors)


@delete("/v1/collections/{collection_id}/items/{media_type}/{media_id}", policy=USER, status=204)
async def take_out(
    caller: Caller, collections: Collections, collection_id: str, media_type: str, media_id: str
) -> None:
    """Take a title out."""
    try:
        await collections.take_out(caller, collection_id, Member(media_type=media_type, media_id=media_id))
    except WrongType as error:
        raise BadRequest(error.message) from error


@put("/v1/collections/{collection_id}/items/order", policy=USER, sent=MembersIn)
async def order(caller: Caller, collections: Collections, collection_id: str, sent: MembersIn) -> Ordered:
    """A new order."""
    try:
        updated = await collections.order(caller, collection_id, [_member(one) for one in sent.items])
    except WrongType as error:
        raise BadRequest(error.message) from error
    return Ordered(updated=updated)


@post("/v1/collections/{collection_id}/refresh", policy=USER)
async def refresh(caller: Caller, collections: Collections, collection_id: str) -> Refreshed:
    """Fill it by its rules."""
    try:
        added, removed, count = await collections.refresh(caller, collection_id)
    except WrongType as error:
        raise BadRequest(error.message) from error
    return Refreshed(added=added, removed=removed, item_count=count)


def _member(sent: MemberIn) -> Member:
    return Member(media_type=sent.media_type, media_id=sent.media_id)


def _sortable(word: str) -> None:
    if word not in SORTS:
        raise Invalid([Problem("sortBy", "not_a_choice", {})])


def _manages(caller: Caller) -> bool:
    return caller.profile_id is None and any(scope.value == "library:write" for scope in caller.scopes)


def _place(place: tuple[Any, int]) -> tuple[Any, int]:
    value, key = place
    return (value if isinstance(value, int | str) else msgspec.to_builtins(value)), key


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        listed, create, preview, details, change, remove, items, add, add_many, take_out, order, refresh,
    ]  # fmt: skip
