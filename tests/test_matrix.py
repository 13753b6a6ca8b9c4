"""Every route of every dialect against every kind of stranger. A route cannot be forgotten: they are all asked for here.

Good answers and foreign objects are the dialects' own tests; this is the door.
"""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from polycast.core.http.routes import RouteInfo
from polycast.core.identity.caller import Credential
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role
from tests.server import Client, Server, running

PARAMETER = re.compile(r"\{[^}]*\}")
ROLES = (Role.GUEST, Role.MEMBER, Role.OPERATOR, Role.BROADCASTER)
ASKS_WITH_403 = frozenset({"acquire.qbittorrent"})  # its clients sign in again on 403, and give up on 401
WRONG_KEY_IS_403 = frozenset({"radio.panel"})  # specs/radio.md 3.13: a bad key is refused, a missing one asked for
HEADER_KINDS = {Credential.SESSION, Credential.JWT, Credential.API_KEY}


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """Without limits by the minute: nobody else asks for a thousand routes in a row."""
    monkeypatch.setattr("polycast.front.rates.Count.__call__", lambda *_: None)
    async with running(tmp_path) as server:
        await server.client(Role.OWNER)
        yield server


def closed_routes(
    server: Server, *, among: frozenset[str] | None = None, but: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str, RouteInfo]]:
    """(method, a path that fits, route) of every route that is not open to everybody; of these dialects if given."""
    for dialect in server.house.dialects:
        if dialect.name in but or (among is not None and dialect.name not in among):
            continue
        for route in dialect.app.routes:
            if not route.policy.anonymous and route.method != "WS":
                yield route.method, PARAMETER.sub("1", route.path), route


async def wrong(client: Client, routes: Iterator[tuple[str, str, RouteInfo]], status: int) -> list[str]:
    """The routes that do not answer `status`."""
    found = []
    for method, path, route in routes:
        answer = await client.ask(method, path)
        if answer.status != status:
            found.append(f"{method} {route.path}: {answer.status} instead of {status}")
    return found


class TestNobodyInParticular:
    async def test_they_are_asked_who_they_are_everywhere(self, server: Server) -> None:
        assert await wrong(server, closed_routes(server, but=ASKS_WITH_403), 401) == []
        assert await wrong(server, closed_routes(server, among=ASKS_WITH_403), 403) == []

    async def test_a_wrong_key_is_no_key(self, server: Server) -> None:
        stranger = Client(server.url, server.session, {"X-API-Key": "not-a-key-of-ours-at-all"})
        for routes, status in (
            (closed_routes(server, but=WRONG_KEY_IS_403), 401),
            (closed_routes(server, among=WRONG_KEY_IS_403), 403),
        ):
            knocked = (one for one in routes if one[2].policy.kinds & HEADER_KINDS)
            assert await wrong(stranger, knocked, status) == []


class TestSomebodyWithoutTheRight:
    @pytest.mark.parametrize("role", ROLES)
    async def test_they_are_refused_what_their_role_does_not_give(self, server: Server, role: Role) -> None:
        client = await server.client(role)
        routes = (
            (method, path, route)
            for method, path, route in closed_routes(server)
            if route.policy.scope is not None
            and route.policy.scope not in SCOPES_OF_ROLE[role]
            and route.policy.kinds & HEADER_KINDS
        )
        assert await wrong(client, routes, 403) == []
