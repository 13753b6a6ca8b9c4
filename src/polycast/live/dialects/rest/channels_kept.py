"""Lists of channels that clients poll, answered again without being made again."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from polycast.core.http import Answer, Request, Slice
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.live.lineup.kept import depends_on_channels_only
from polycast.live.lineup.model import ChannelQuery
from polycast.live.lineup.room import LineUp

T = TypeVar("T")


async def kept(
    request: Request,
    caller: Caller,
    lineup: LineUp,
    asked: ChannelQuery,
    cut: Slice | None,
    make: Callable[[], Awaitable[T]],
) -> T:
    """What `make` makes, or the bytes that it made for the same question while the line-up was as it is now.

    The address tells apart what is asked of whom, the viewer who may see what, `cut` whether it is in pages. Raises: NotAllowed; what `make` raises.
    """
    caller.require(Scope.LIVE_READ)
    if not depends_on_channels_only(asked):
        return await make()
    viewer = await lineup.channels.visible_to(caller)
    version = await lineup.versions.now()
    scope = request.scope
    key = (viewer, cut, scope["state"].get("origin"), scope.get("raw_path", b""), scope["path"], scope["query_string"])
    body = lineup.kept.get(version, key)
    if body is None:
        body = _bytes_of(await make())
        lineup.kept.put(version, key, body)
    return Answer(body)  # type: ignore[return-value]  # the same value, already in JSON


def _bytes_of(made: Any) -> bytes:
    body = made.body if isinstance(made, Answer) else made
    return body if isinstance(body, bytes) else msgspec.json.encode(body)
