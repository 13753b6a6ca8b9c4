"""Secrets that are told to the server are never told by it. Source: specs/security.md 3.12.

Each is set to a marker of its own. Then jobs run and fail with them, and everything that can be read is read: every
route, the log, every file of the data directory, a backup. A marker found anywhere is a leak.
"""

import asyncio
import base64
import logging
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from polycast.core.identity.scopes import Role
from tests.fakes.http_upstream import Upstream, ok, upstream
from tests.server import Client, Server, running

PARAMETER = re.compile(r"\{[^}]*\}")
AT_ONCE = 6
PATIENCE_S = 6.0  # an event stream never ends: what it said by then counts


def marker(name: str) -> str:
    """Long and odd enough that it is found nowhere by chance."""
    return f"kanarie-{name}-7f3c9a51e8"


def spellings(mark: str) -> Iterator[bytes]:
    """As text, and as Basic credentials would carry it at each of three offsets."""
    yield mark.encode()
    for pad in range(3):
        yield base64.b64encode(b"x" * pad + mark.encode())[4 * ((pad + 2) // 3) : -4].rstrip(b"=")


SETTINGS = {
    name: marker(name.replace("_", "-"))
    for name in (
        "library__tmdb_api_key",
        "library__tvdb_api_key",
        "library__mdblist_api_key",
        "library__opensubtitles_api_key",
        "library__opensubtitles_password",
        "library__trakt_client_secret",
        "library__podcast_index_secret",
    )
}


async def posted(client: Client, path: str, sent: object, method: str = "POST") -> None:
    answer = await client.ask(method, path, json=sent)
    assert answer.status < 300, (path, answer.status, answer.text())


async def tell_everything(owner: Client, provider: Upstream) -> list[str]:
    """Give every module its secrets; what they are."""
    base, host = provider.url(), provider.url().removeprefix("http://").rstrip("/")
    marks = {
        name: marker(name)
        for name in ("m3u", "xc", "epg", "debrid", "news", "smtp", "apprise", "hook", "plex", "radarr", "arr")
    }
    provider.on(
        f"/list.m3u?token={marks['m3u']}",
        ok(f"#EXTM3U\n#EXTINF:-1,One\nhttp://ann:{marks['xc']}@{host}/live/{marks['xc']}/1.ts\n".encode()),
    )
    for account in (
        {
            "name": "list",
            "account_type": "STD",
            "server_url": f"http://ann:{marks['m3u']}@{host}/list.m3u?token={marks['m3u']}",
        },
        {"name": "panel", "account_type": "XC", "server_url": base, "username": "ann", "password": marks["xc"]},
    ):
        await posted(owner, "/api/m3u/accounts/", account)
    guide = {"name": "guide", "source_type": "xmltv", "url": f"http://ann:{marks['epg']}@{host}/guide.xml"}
    await posted(owner, "/api/epg/sources/", guide)
    await posted(
        owner,
        "/api/config",
        {
            "debrids": [{"provider": "realdebrid", "name": "rd", "api_key": marks["debrid"], "base_url": base}],
            "usenet": {"providers": [{"host": "127.0.0.1", "port": 9, "username": "ann", "password": marks["news"]}]},
            "arrs": [{"name": "sonarr", "host": base, "token": marks["arr"]}],
        },
    )
    await posted(owner, "/api/v1/settings/", {"smtp_host": "127.0.0.1", "smtp_password": marks["smtp"]}, "PUT")
    hook = {"url": f"{base}hook", "secret": marks["hook"], "enabled": True}
    await posted(
        owner, "/api/settings", {"apprise_custom": f"json://ann:{marks['apprise']}@{host}/x", "webhooks": [hook]}
    )
    plex = {"kind": "plex", "name": "Plex", "host": "127.0.0.1", "port": int(host.rpartition(":")[2])}
    await posted(owner, "/api/v1/dvrs", plex | {"api_key": marks["plex"]})
    radarr = {"name": "radarr", "baseUrl": base, "apiKey": marks["radarr"]}
    await posted(owner, "/v1/integrations/radarr/instances", radarr)
    return list(marks.values())


async def everything_read(server: Server, owner: Client) -> AsyncIterator[tuple[str, bytes]]:
    """(route, what it answered) of every GET there is, in bunches."""
    paths = {
        PARAMETER.sub("1", route.path): route.path
        for dialect in server.house.dialects
        for route in dialect.app.routes
        if route.method == "GET"
    }
    gate = asyncio.Semaphore(AT_ONCE)

    async def read(path: str) -> bytes:
        said = bytearray()
        async with gate:
            try:
                async with (
                    asyncio.timeout(PATIENCE_S),
                    server.session.get(server.url + path, headers=owner.headers, allow_redirects=False) as answer,
                ):
                    said += repr(sorted(answer.headers.items())).encode()
                    async for block in answer.content.iter_any():
                        said += block
            except TimeoutError:
                pass
        return bytes(said)

    answers = await asyncio.gather(*map(read, paths))
    for (_, route), answer in zip(paths.items(), answers, strict=True):
        yield route, answer


def used(marks: list[str], provider: Upstream) -> set[str]:
    """Those that were put to use: a server that forgets everything tells nothing either."""
    heard = b"".join(f"{one.path} {one.headers}".encode() for one in provider.asked)
    return {mark for mark in marks if any(one in heard for one in spellings(mark))}


def leaks(where: str, text: bytes, marks: list[str]) -> list[str]:
    return [f"{mark} in {where}" for mark in marks if any(one in text for one in spellings(mark))]


@pytest.mark.needs_tool("bsdtar")
class TestASecretThatWasToldToTheServer:
    async def test_is_told_by_nothing_that_can_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr("polycast.front.rates.Count.__call__", lambda *_: None)
        caplog.set_level(logging.DEBUG, "polycast")
        async with upstream() as provider, running(tmp_path, **SETTINGS) as server:
            owner = await server.client(Role.OWNER)
            marks = [*SETTINGS.values(), *await tell_everything(owner, provider)]
            await server.idle()
            found = [leak async for where, text in everything_read(server, owner) for leak in leaks(where, text, marks)]
            await posted(owner, "/api/backups/create/", {})
            await server.idle()
        assert used(marks, provider) >= {marker(name) for name in ("m3u", "xc", "epg", "plex")}
        found += leaks("the log", caplog.text.encode(), marks)
        for file in (tmp_path / "data").rglob("*"):
            if file.is_file():
                found += leaks(f"the file {file.name}", file.read_bytes(), marks)
        [backup] = (tmp_path / "data" / "backups").glob("*.zip")
        found += leaks(
            "the backup", subprocess.run(["bsdtar", "-xOf", backup], check=True, capture_output=True).stdout, marks
        )
        assert found == []
