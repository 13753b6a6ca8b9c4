"""Routes whose rooms are not built yet: lists answer in their shape from no rows, everything else says so.

Source: `specs/live.md` 3.3 (recordings and rules), 3.8, 3.9, 3.11, 3.13.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from polycast.core.errors import NotBuilt, NotFound
from polycast.core.http import Docs, Envelope, PageNumber, Request, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Policy
from polycast.live.dialects.rest.levels import ANYBODY, READ, WRITE
from polycast.live.dialects.rest.lists import PAGES, Lists

Row = dict[str, Any]
FILMS: Final = PageNumber(default=20, cap=100)
UNIFIED: Final = PageNumber(default=24, cap=100)
LOGS: Final = PageNumber(default=50, cap=250)
METHODS: Final[dict[str, Callable[..., Callable[..., Route]]]] = {
    "POST": post,
    "PUT": put,
    "PATCH": patch,
    "DELETE": delete,
}
CHANGES: Final = ("PUT", "PATCH", "DELETE")


class Rules(Struct, frozen=True, kw_only=True):
    """Rules for recording series."""

    rules: list[Row] = []


class ComskipConfig(Struct, frozen=True, kw_only=True):
    """The configuration for finding advertisements."""

    path: str = ""
    exists: bool = False


class Unified(Struct, frozen=True, kw_only=True):
    """Films and series together; here the neighbours are only told to exist."""

    count: int = 0
    next: bool = False
    previous: bool = False
    results: list[Row] = []


class Plugins(Struct, frozen=True, kw_only=True):
    """The plugins that are installed."""

    plugins: list[Row] = []


class RepoSettings(Struct, frozen=True, kw_only=True):
    """How often lists of plugins are fetched."""

    refresh_interval_hours: int = 6


def routes() -> list[Route]:
    """All of them."""
    return [*_recordings(), *_films(), *_catchup(), *_integrations(), *_plugins()]


def _recordings() -> list[Route]:
    root, tag = "/api/channels/", "recordings"
    found = [
        *_collection(f"{root}recordings/", tag, bare=True),
        *_collection(f"{root}recurring-rules/", tag, bare=True),
        _answer(f"{root}series-rules/", tag, Rules),
        _answer(f"{root}dvr/comskip-config/", tag, ComskipConfig, policy=WRITE),
        _absent(f"{root}recordings/{{row_id}}/file/", tag),
        _absent_below(f"{root}recordings/{{row_id}}/hls/{{path:path}}", tag),
        _unbuilt("DELETE", f"{root}series-rules/", tag),
        _unbuilt_key("DELETE", f"{root}series-rules/{{key}}/", tag),
    ]
    posts = ["recordings/bulk-delete-upcoming/", "series-rules/", "dvr/comskip-config/"]
    posts += [f"series-rules/{verb}/" for verb in ("preview", "evaluate", "bulk-remove")]
    found += [_unbuilt("POST", root + path, tag) for path in posts]
    verbs = ("stop", "extend", "comskip", "refresh-artwork", "update-metadata")
    return [*found, *(_unbuilt_row("POST", f"{root}recordings/{{row_id}}/{verb}/", tag) for verb in verbs)]


def _films() -> list[Route]:
    root, tag = "/api/vod/", "vod"
    found = [_answer(f"{root}all/", tag, Unified), *_list(f"{root}categories/", tag, bare=True)]
    for kind in ("movies", "series", "episodes"):
        found += _list(f"{root}{kind}/", tag, pages=FILMS)
        found += [_absent(f"{root}{kind}/{{row_id}}/", tag)]
        found += [_absent(f"{root}{kind}/{{row_id}}/image/", tag, policy=ANYBODY)]
    for path in ("movies/{row_id}/providers/", "movies/{row_id}/provider-info/", "categories/{row_id}/"):
        found.append(_absent(root + path, tag))
    for path in ("providers/", "episodes/", "provider-info/"):
        found.append(_absent(f"{root}series/{{row_id}}/{path}", tag))
    found += _collection(f"{root}vodlogos/", tag)
    found.append(_absent(f"{root}vodlogos/{{row_id}}/cache/", tag, policy=ANYBODY))
    return [
        *found,
        _unbuilt("DELETE", f"{root}vodlogos/bulk-delete/", tag),
        _unbuilt("POST", f"{root}vodlogos/cleanup/", tag),
    ]


def _catchup() -> list[Route]:
    root, tag = "/api/catchup/sessions/", "catchup"
    return [
        _unbuilt("POST", root, tag, policy=READ),
        _unbuilt_key("POST", f"{root}{{key}}/position/", tag, policy=READ),
        _unbuilt_key("DELETE", f"{root}{{key}}/", tag, policy=READ),
    ]


def _integrations() -> list[Route]:
    root, tag = "/api/connect/", "connect"
    return [
        *_collection(f"{root}integrations/", tag, policy=WRITE),
        *_collection(f"{root}subscriptions/", tag, policy=WRITE),
        *_list(f"{root}logs/", tag, pages=LOGS, policy=WRITE),
        _absent(f"{root}logs/{{row_id}}/", tag, policy=WRITE),
        _absent(f"{root}integrations/{{row_id}}/subscriptions/", tag, policy=WRITE),
        _unbuilt_row("PUT", f"{root}integrations/{{row_id}}/subscriptions/set/", tag),
        _unbuilt_row("POST", f"{root}integrations/{{row_id}}/test/", tag),
    ]


def _plugins() -> list[Route]:
    root, tag = "/api/plugins/", "plugins"
    found = [
        _answer(f"{root}plugins/", tag, Plugins),
        _absent_key(f"{root}plugins/{{key}}/logo/", tag),
        _unbuilt_key("DELETE", f"{root}plugins/{{key}}/delete/", tag),
        *_list(f"{root}repos/", tag, policy=WRITE),
        *_list(f"{root}repos/available/", tag, policy=WRITE),
        _answer(f"{root}repos/settings/", tag, RepoSettings, policy=WRITE),
        _unbuilt("PUT", f"{root}repos/settings/", tag),
        _unbuilt_row("PUT", f"{root}repos/{{row_id}}/", tag),
        _unbuilt_row("DELETE", f"{root}repos/{{row_id}}/", tag),
        _unbuilt_row("POST", f"{root}repos/{{row_id}}/refresh/", tag),
    ]
    posts = ("plugins/reload/", "plugins/import/", "repos/", "repos/preview/", "repos/plugin-detail/", "repos/install/")
    found += [_unbuilt("POST", root + path, tag) for path in posts]
    return [
        *found,
        *(_unbuilt_key("POST", f"{root}plugins/{{key}}/{verb}/", tag) for verb in ("settings", "run", "enabled")),
    ]


def _collection(path: str, tag: str, *, bare: bool = False, policy: Policy = READ) -> list[Route]:
    """A list that is empty, single rows that are not there, and changes that are not built."""
    one = f"{path}{{row_id}}/"
    changes = [_unbuilt_row(method, one, tag) for method in CHANGES]
    return [
        *_list(path, tag, bare=bare, policy=policy),
        _absent(one, tag, policy=policy),
        _unbuilt("POST", path, tag),
        *changes,
    ]


def _list(path: str, tag: str, *, bare: bool = False, pages: PageNumber = PAGES, policy: Policy = READ) -> list[Route]:
    async def bare_list(request: Request, lists: Lists) -> list[Row] | Envelope[Row]:
        """None so far."""
        nothing: list[Row] = []
        return await lists.bare(request, nothing, pages)

    async def paged_list(request: Request, lists: Lists) -> Envelope[Row]:
        """None so far."""
        nothing: list[Row] = []
        return lists.paged(request, nothing, pages)

    return [get(path, policy=policy, docs=Docs(tags=[tag]))(bare_list if bare else paged_list)]


def _answer(path: str, tag: str, kind: type[Struct], *, policy: Policy = READ) -> Route:
    async def nothing_yet() -> Any:
        return kind()

    nothing_yet.__annotations__["return"] = kind
    nothing_yet.__doc__ = kind.__doc__
    return get(path, policy=policy, docs=Docs(tags=[tag]))(nothing_yet)


def _absent(path: str, tag: str, *, policy: Policy = READ) -> Route:
    async def absent(row_id: int) -> Row:
        """There is none so far."""
        raise NotFound

    return get(path, policy=policy, docs=Docs(tags=[tag]))(absent)


def _absent_key(path: str, tag: str) -> Route:
    async def absent(key: str) -> Row:
        """There is none so far."""
        raise NotFound

    return get(path, policy=READ, docs=Docs(tags=[tag]))(absent)


def _absent_below(template: str, tag: str) -> Route:
    async def absent(row_id: int, path: str) -> Row:
        """There is none so far."""
        raise NotFound

    return get(template, policy=READ, docs=Docs(tags=[tag]))(absent)


def _unbuilt(method: str, path: str, tag: str, *, policy: Policy = WRITE) -> Route:
    async def unbuilt() -> None:
        """Not built yet."""
        raise NotBuilt(_words(tag))

    return _changing(method, path, tag, policy)(unbuilt)


def _unbuilt_row(method: str, path: str, tag: str, *, policy: Policy = WRITE) -> Route:
    async def unbuilt(row_id: int) -> None:
        """Not built yet."""
        raise NotBuilt(_words(tag))

    return _changing(method, path, tag, policy)(unbuilt)


def _unbuilt_key(method: str, path: str, tag: str, *, policy: Policy = WRITE) -> Route:
    async def unbuilt(key: str) -> None:
        """Not built yet."""
        raise NotBuilt(_words(tag))

    return _changing(method, path, tag, policy)(unbuilt)


def _changing(method: str, path: str, tag: str, policy: Policy) -> Callable[..., Route]:
    return METHODS[method](path, policy=policy, docs=Docs(tags=[tag], answers={501: "Not built yet"}))


def _words(tag: str) -> str:
    return f"This server cannot do this yet ({tag})."
