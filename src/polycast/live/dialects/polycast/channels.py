"""The channel table: windows of any size, edits in place, moves and bulk edits that can be taken back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from polycast.core.errors import Invalid, Problem
from polycast.core.http import Docs, Route, get, patch, post
from polycast.core.http.pages import size_of
from polycast.core.identity.caller import Caller, Policy, needs
from polycast.core.identity.scopes import Scope
from polycast.live.dialects.polycast import channels_wire as wire
from polycast.live.dialects.polycast.wire import MOST_ROWS
from polycast.live.lineup.model import ChannelQuery, Visibility
from polycast.live.lineup.room import LineUp

READ: Final[Policy] = needs(Scope.LIVE_READ)
WRITE: Final[Policy] = needs(Scope.LIVE_ADMIN)
TAGS: Final = Docs(tags=["channels"])
BULK_LIMIT: Final = 4 * 1024 * 1024  # bytes: the ids of a hundred thousand channels
SORTS: Final = ("number", "name", "group", "guide")
ONLY: Final = ("disabled", "no_guide", "no_streams", "overridden", "hidden")


def routes() -> Sequence[Route]:
    """Takes the service `lineup`."""
    return [window, ids, change, move, edit, undo]


@get("/polycast/v1/live/channels", policy=READ, docs=TAGS)
async def window(
    caller: Caller,
    lineup: LineUp,
    offset: int = 0,
    limit: int = 50,
    search: str = "",
    group: int | None = None,
    sort: str = "number",
    only: str = "",
) -> wire.LiveChannelWindow:
    """Channels `offset` to `offset + limit` of the table. `only` is a list with commas; all of it must hold."""
    query = await _query(caller, lineup, search, group, sort, only)
    if offset < 0:
        raise Invalid.one("offset", "min_value", "At least 0.", limit=0)
    page = await lineup.channels.page(caller, query, offset=offset, limit=size_of(limit, MOST_ROWS))
    rows = await lineup.channels.rows(page.items)
    return wire.LiveChannelWindow(total=page.count, items=[wire.LiveChannel.of(row) for row in rows])


@get("/polycast/v1/live/channels/ids", policy=READ, docs=TAGS)
async def ids(
    caller: Caller, lineup: LineUp, search: str = "", group: int | None = None, sort: str = "number", only: str = ""
) -> wire.Ids:
    """The ids of all channels of the table, in its order."""
    query = await _query(caller, lineup, search, group, sort, only)
    return wire.Ids(ids=list(await lineup.channels.ids(caller, query)))


@patch("/polycast/v1/live/channels/{id}", policy=WRITE, sent=wire.LiveChannelChange, docs=TAGS)
async def change(caller: Caller, id: int, lineup: LineUp, sent: wire.LiveChannelChange) -> wire.LiveChannel:
    """Change a channel; of one that a sync has made, the override is written."""
    with _worded():
        channel = await lineup.channels.change_effective(caller, id, sent.patch())
    [row] = await lineup.channels.rows([channel])
    return wire.LiveChannel.of(row)


@post("/polycast/v1/live/channels/move", policy=WRITE, sent=wire.Move, body_limit=BULK_LIMIT, docs=TAGS)
async def move(caller: Caller, lineup: LineUp, sent: wire.Move) -> wire.Changed:
    """Move rows; the numbers of the touched span are dealt out again."""
    return wire.Changed.of(await lineup.bulk.move(caller, sent.move(), dry_run=sent.dry_run))


@post("/polycast/v1/live/channels/bulk", policy=WRITE, sent=wire.BulkEdit, body_limit=BULK_LIMIT, docs=TAGS)
async def edit(caller: Caller, lineup: LineUp, sent: wire.BulkEdit) -> wire.Changed:
    """Edit many channels; with `dry_run` only what would change is told."""
    with _worded():
        return wire.Changed.of(await lineup.bulk.edit(caller, sent.edit(), dry_run=sent.dry_run))


@post("/polycast/v1/live/undo/{token}", policy=WRITE, docs=TAGS)
async def undo(caller: Caller, token: str, lineup: LineUp) -> wire.Undone:
    """Take a move or an edit back: once, within a day, as long as the channels are as it left them."""
    done = await lineup.undos.undo(caller, token)
    return wire.Undone(count=done.count, text=done.text)


async def _query(caller: Caller, lineup: LineUp, search: str, group: int | None, sort: str, only: str) -> ChannelQuery:
    """Raises: Invalid for an unknown order or restriction."""
    words = {word.strip() for word in only.split(",") if word.strip()}
    if unknown := sorted(words - set(ONLY)):
        raise Invalid.one("only", "not_a_choice", f'"{unknown[0]}" is not a valid choice.', value=unknown[0])
    if sort.removeprefix("-") not in SORTS:
        raise Invalid.one("sort", "not_a_choice", f'"{sort}" is not a valid choice.', value=sort)
    sees_hidden = (await lineup.channels.visible_to(caller)).level >= 10
    visibility = Visibility.ALL if sees_hidden else Visibility.ACTIVE
    if words & {"disabled", "hidden"}:
        visibility = Visibility.HIDDEN
    return ChannelQuery(
        search=search,
        group_id=group,
        order=sort,
        visibility=visibility,
        only_without_guide="no_guide" in words,
        only_streamless="no_streams" in words,
        only_overridden="overridden" in words,
    )


@contextmanager
def _worded() -> Iterator[None]:
    """Problems under the names that this API has for the fields."""
    try:
        yield
    except Invalid as error:
        problems = [
            Problem(wire.NAMES.get(bare, bare), one.code, one.params, one.text)
            for one in error.problems
            for bare in [one.path.removeprefix("override.")]
        ]
        raise Invalid(problems) from error
