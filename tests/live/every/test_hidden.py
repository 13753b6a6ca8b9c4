"""What a user may not see is not there: every route of live TV, asked for it by who has no right to it.

Guides, groups, logos and sources are everybody's with `live:read`; channels and profiles are not. Playlists, tuners and
streams without a login are another matter: networks guard those.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from msgspec import Struct

from polycast.core.http.routes import RouteInfo
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role
from tests.server import Client, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROLES = (Role.GUEST, Role.MEMBER)
OPEN = frozenset({"live.playlists", "live.hdhomerun"})  # networks guard them, not logins
GUIDE = """<tv><channel id="hush.tv"><display-name>Guide</display-name></channel>
<programme start="{start}" stop="{stop}" channel="hush.tv"><title>Programme</title></programme></tv>"""
NAME = "Hush-hush channel"
PASSWORD = "tin.lantern-42"
PARAMETER = re.compile(r"\{([a-z_]+)[^}]*\}")


class Secret(Struct, frozen=True, kw_only=True):
    """A channel of administrators alone, a profile of nobody, and what hangs on them."""

    channel: dict[str, Any]
    profile: int
    programme: int
    values: dict[str, str]  # of path parameters


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secret(server: Server, owner: Client) -> Secret:
    stream = (await owner.post("/api/channels/streams/", {"name": "Feed", "url": "http://a.example/1.ts"})).json()
    now = datetime.now(UTC)
    start, stop = (f"{now + timedelta(hours=hours):%Y%m%d%H%M%S +0000}" for hours in (-1, 2))
    form = aiohttp.FormData()
    form.add_field("name", "Guide")
    form.add_field("file", GUIDE.format(start=start, stop=stop), filename="guide.xml", content_type="text/xml")
    assert (await owner.ask("POST", "/api/epg/sources/upload/", data=form)).status == 201
    await server.idle()
    [guide] = (await owner.get("/api/epg/epgdata/")).json()
    logo = (await owner.post("/api/channels/logos/", {"name": "L", "url": "http://a.example/1.png"})).json()
    new = {"name": NAME, "channel_number": 7, "user_level": 10, "streams": [stream["id"]], "epg_data_id": guide["id"]}
    new["logo_id"] = logo["id"]
    channel = (await owner.post("/api/channels/channels/", new)).json()
    profile = (await owner.post("/api/channels/profiles/", {"name": "Hush-hush profile"})).json()["id"]
    await server.idle()
    [programme] = (await owner.get("/api/epg/programs/")).json()["results"]
    values = {
        "channel_id": channel["id"], "profile_id": profile, "id": programme["id"], "number": 7, "ref": channel["uuid"],
        "programme_id": programme["id"], "name": "0.ts", "stream": f"{channel['id']}.ts", "user": "member",
        "password": PASSWORD, "duration": 60, "start": "2026-01-01:10-00", "uuid": channel["uuid"],
    }  # fmt: skip
    return Secret(
        channel=channel, profile=profile, programme=programme["id"], values={k: str(v) for k, v in values.items()}
    )


def routes_of(server: Server, role: Role) -> Iterator[tuple[str, RouteInfo]]:
    """(dialect, route) of all that a user of `role` may ask for in live TV."""
    for dialect in server.house.dialects:
        if dialect.name.startswith("live.") and dialect.name not in OPEN:
            for route in dialect.app.routes:
                scope = route.policy.scope
                if route.method != "WS" and (scope is None or scope in SCOPES_OF_ROLE[role]):
                    yield dialect.name, route


def filled(path: str, secret: Secret, role: Role = Role.OWNER) -> str:
    values = secret.values | {"user": role.value}
    return PARAMETER.sub(lambda found: values.get(found[1], "1"), path)


def asked(path: str, role: Role) -> list[str]:
    """What is asked for behind a path, so that it answers with all that it has."""
    login = f"username={role.value}&password={PASSWORD}"
    now = int(datetime.now(UTC).timestamp())
    known = {
        "/api/channels/channels/numbers-in-range/": ["?start=0&end=10"],
        "/api/epg/programs/search/": ["?title=programme", "?channel=hush", "?tvg_id=hush.tv"],
        "/polycast/v1/live/guide": [f"?start={now - 7200}&end={now + 7200}"],
        "/polycast/v1/live/guide/search": ["?q=programme"],
        "/player_api.php": [
            f"?{login}&action={action}" for action in ("get_live_streams", "get_live_categories", "get_short_epg&stream_id=1")
        ],
        "/get.php": [f"?{login}"],
        "/panel_api.php": [f"?{login}"],
        "/xmltv.php": [f"?{login}"],
        "/api/channels/channels/": ["", "?visibility_filter=all", "?search=hush", "?enabled=false", "?include_streams=true"],
        "/api/channels/": ["", "?visibility_filter=all", "?search=hush"],
        "/api/channels/logos/": ["", "?used=true"],
    }  # fmt: skip
    return known.get(path, [""])


# Whoever has the address of a stream may play it: players send no login. Source: `specs/live.md` 3.14.
PLAYS = frozenset(
    {"GET /proxy/ts/stream/{ref}", "OPTIONS /proxy/ts/stream/{ref}", "GET /proxy/hls/{ref}/index.m3u8",
     "GET /proxy/hls/{ref}/{name}"}
)  # fmt: skip
NOT_THEIRS = {
    "GET /api/channels/{channel_id}/",
    "GET /api/channels/channels/{channel_id}/",
    "GET /api/channels/channels/{channel_id}/streams/",
    "GET /api/channels/channels/{channel_id}/streams/stats/",
    "GET /api/channels/profiles/{profile_id}/",
}
WATCHED = {
    "GET /polycast/v1/live/guide/programmes/{id}",
    "POST /polycast/v1/live/guide/programmes/{id}/reminder",
    "DELETE /polycast/v1/live/guide/programmes/{id}/reminder",
    "POST /polycast/v1/live/guide/programmes/{id}/recording",
    "DELETE /polycast/v1/live/guide/programmes/{id}/recording",
    "GET /polycast/v1/live/play/{channel_id}",
    "GET /polycast/v1/live/play/by-number/{number}",
    "GET /live/{user}/{password}/{stream}",
    "GET /{user}/{password}/{stream}",
}


class TestAChannelOfAdministrators:
    @pytest.mark.parametrize("role", ROLES)
    async def test_no_answer_names_it(self, server: Server, secret: Secret, role: Role) -> None:
        client = await watcher(server, role)
        named = []
        for _, route in routes_of(server, role):
            entry = f"{route.method} {route.path}"
            if route.method != "GET" or entry in PLAYS or route.path.startswith(("/api/backups/", "/proxy/ts/peer")):
                continue
            for query in asked(route.path, role):
                answer = await client.get(filled(route.path, secret, role) + query)
                assert not query or answer.status in {200, 404}, (entry, query, answer.text())
                if any(mark.encode() in answer.body for mark in (NAME, secret.channel["uuid"], "Hush-hush profile")):
                    named.append(f"{entry}{query}: {answer.text()[:200]}")
        assert named == []

    @pytest.mark.parametrize("role", ROLES)
    async def test_what_belongs_to_it_is_not_found(self, server: Server, secret: Secret, role: Role) -> None:
        client = await watcher(server, role)
        expected = WATCHED | NOT_THEIRS if role is Role.MEMBER else WATCHED
        found = {}
        for _, route in routes_of(server, role):
            entry = f"{route.method} {route.path}"
            if entry in WATCHED | NOT_THEIRS:
                found[entry] = (await client.ask(route.method, filled(route.path, secret, role))).status
        assert found == dict.fromkeys(expected, 404)

    async def test_its_owner_finds_all_of_it(self, server: Server, owner: Client, secret: Secret) -> None:
        for entry in NOT_THEIRS | WATCHED:
            method, path = entry.split(" ")
            if method == "GET" and "{password}" not in path:
                answer = await owner.get(filled(path, secret))
                assert (entry, answer.status) == (entry, 200)

    @pytest.mark.parametrize("role", ROLES)
    async def test_lists_of_ids_leave_it_out(self, server: Server, secret: Secret, role: Role) -> None:
        client = await watcher(server, role)
        sent = {"channel_uuids": [secret.channel["uuid"]]}
        answers = {
            "/api/channels/channels/by-uuids/": {"uuids": [secret.channel["uuid"]]},
            "/api/epg/current-programs/": sent,
        }
        for path, body in answers.items():
            answer = await client.post(path, body)
            assert (answer.status, answer.json()) in [(200, []), (403, answer.json())]
            assert NAME.encode() not in answer.body

    @pytest.mark.parametrize("role", ROLES)
    async def test_nobody_else_changes_or_removes_it(
        self, server: Server, owner: Client, secret: Secret, role: Role
    ) -> None:
        client = await watcher(server, role)
        one = f"/api/channels/channels/{secret.channel['id']}/"
        before = (await owner.get(one)).json()
        wrong = []
        for dialect in server.house.dialects:
            for route in dialect.app.routes if dialect.name.startswith("live.") else ():
                scope = route.policy.scope
                if route.method != "WS" and scope is not None and scope not in SCOPES_OF_ROLE[role]:
                    answer = await client.ask(route.method, filled(route.path, secret), json=None)
                    if answer.status != 403 or NAME.encode() in answer.body:
                        wrong.append((route.method, route.path, answer.status))
        assert wrong == []
        assert (await owner.get(one)).json() == before


async def watcher(server: Server, role: Role) -> Client:
    """A user of `role` with a device password for players."""
    client = await server.client(role)
    owner = await server.client(Role.OWNER)
    [user] = [row for row in (await owner.get("/api/accounts/users/")).json() if row["username"] == role.value]
    sent = {"custom_properties": {"xc_password": PASSWORD}}
    assert (await owner.patch(f"/api/accounts/users/{user['id']}/", sent)).status == 200
    return client
