"""`/api/`, the indexes of its modules, and where the reference moved."""

from collections.abc import Mapping, Sequence
from typing import Final

from polycast.core.http import Docs, Request, Response, Route, get
from polycast.live.dialects.rest.levels import ANYBODY, READ

MODULES: Final = (
    "accounts",
    "channels",
    "epg",
    "m3u",
    "core",
    "hdhr",
    "vod",
    "catchup",
    "backups",
    "connect",
    "plugins",
)
_DOCUMENTS: Final = {"schema": "/api/schema/", "swagger": "/api/swagger/", "redoc": "/api/redoc/"}
_HIDDEN: Final = Docs(hidden=True)


def routes(others: Sequence[Route]) -> list[Route]:
    """The index of all modules, and one for each module that has no list of its own at its root."""
    taken = {route.path for route in others if route.method == "GET"}
    roots = [f"/api/{name}/" for name in MODULES]
    found = [top]
    found += [_index(root, _collections(root, taken)) for root in roots if root not in taken]
    return [*found, _moved("/swagger", "/api/swagger/"), _moved("/redoc", "/api/redoc/")]


@get("/api/", policy=ANYBODY)
async def top(request: Request) -> dict[str, str]:
    """The addresses of the modules."""
    paths = {name: f"/api/{name}/" for name in MODULES} | _DOCUMENTS
    return _absolute(request, paths)


def _collections(root: str, paths: set[str]) -> Mapping[str, str]:
    """The lists right below `root`, by name."""
    below = sorted(path for path in paths if path.startswith(root) and "{" not in path)
    return {path[len(root) : -1]: path for path in below if path.endswith("/") and path[len(root) :].count("/") == 1}


def _index(root: str, collections: Mapping[str, str]) -> Route:
    async def index(request: Request) -> dict[str, str]:
        """What this module offers."""
        return _absolute(request, collections)

    return get(root, policy=READ, docs=Docs(tags=[root.split("/")[2]]))(index)


def _moved(path: str, to: str) -> Route:
    async def moved() -> Response:
        return Response(status_code=301, headers={"location": to})

    return get(path, policy=ANYBODY, docs=_HIDDEN)(moved)


def _absolute(request: Request, paths: Mapping[str, str]) -> dict[str, str]:
    origin = str(request.scope["state"].get("origin", ""))
    return {name: origin + path for name, path in paths.items()}
