"""Servers of other kinds: seen, followed, told of like any other; shown to ChannelWatch's clients only when asked for."""

from pathlib import Path
from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from tests.fakes.channels_dvr import channels_dvr
from tests.fakes.emby_server import EmbyServer
from tests.fakes.hdhomerun_device import HdHomeRunDevice
from tests.fakes.jellyfin_server import JellyfinServer
from tests.fakes.json_server import JsonServer, json_server
from tests.fakes.mail_server import certificates
from tests.fakes.plex_server import PlexServer
from tests.fakes.tvheadend import TvheadendServer
from tests.monitor.world import until
from tests.server import Client, running

KINDS = [
    pytest.param(PlexServer(), {"provider": "plex", "api_key": "plex-token"}, "1.41.0.8992", "Watching Lost - Pilot on Living Room", id="plex"),
    pytest.param(JellyfinServer(), {"provider": "jellyfin", "api_key": "jelly-token"}, "10.11.2", "Watching Lost - Pilot on Firefox", id="jellyfin"),
    pytest.param(EmbyServer(), {"provider": "emby", "api_key": "jelly-token"}, "10.11.2", "Watching Lost - Pilot on Firefox", id="emby"),
    pytest.param(TvheadendServer(), {"provider": "tvheadend", "username": "admin", "api_key": "tvh-word"}, "4.3-2180", "Watching BBC ONE on Kodi", id="tvheadend"),
    pytest.param(HdHomeRunDevice(), {"provider": "hdhomerun"}, "20240101", "Watching KPIX on 192.168.1.5", id="hdhomerun"),
]  # fmt: skip


async def card(client: Client) -> Any:
    [found] = (await client.get("/api/v1/monitor/overview")).json()["servers"]
    return found


class TestAServerOfAnotherKind:
    @pytest.mark.parametrize(("fake", "sent", "version", "message"), KINDS)
    async def test_its_viewers_are_seen_and_told_of(
        self, tmp_path: Path, fake: Any, sent: dict[str, str], version: str, message: str
    ) -> None:
        async with json_server(fake), running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            fake.play()
            made = await owner.post("/api/v1/dvrs", {"host": "127.0.0.1", "port": fake.port, "name": "Other", **sent})
            assert made.status == 201, made.text()

            async def watching() -> Any:
                found = await card(owner)
                return found if found["watching"] and found["monitoring_status"] == "healthy" else None

            found = await until(watching)
            assert (found["version"], found["connected"]) == (version, True)

            async def told() -> bool:
                items = (await owner.get("/api/activity-history")).json()["items"]
                return [item["message"] for item in items] == [message]

            await until(told)
            assert (await owner.get("/api/v1/dvrs")).json() == []

    async def test_a_wrong_key_is_an_outage_with_a_reason(self, tmp_path: Path) -> None:
        fake: JsonServer = PlexServer()
        async with json_server(fake), running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            await owner.post(
                "/api/v1/dvrs", {"host": "127.0.0.1", "port": fake.port, "provider": "plex", "api_key": "wrong"}
            )

            async def refused() -> Any:
                found = await card(owner)
                return found if found["error"] else None

            found = await until(refused)
            assert found["error"] == "The server answered with status 401."
            assert "wrong" not in str((await owner.get("/api/settings")).json())


class TestACertificateThatNobodySigned:
    async def test_it_is_refused_unless_somebody_said_that_any_will_do(self, tmp_path: Path) -> None:
        context, _ = certificates(tmp_path)
        async with channels_dvr(tls=context) as dvr, running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            place = {"host": "127.0.0.1", "port": dvr.port, "scheme": "https"}
            probe = "/api/v1/dvrs/test-connection"
            assert "certificate" in (await owner.post(probe, place)).json()["error"]
            tried = (await owner.post(probe, place | {"verify_tls": False})).json()
            assert (tried["success"], tried["name"]) == (True, "media-server")
            assert (await owner.post(probe, place | {"scheme": "gopher"})).status == 422
            assert (await owner.post("/api/v1/dvrs", place | {"scheme": "gopher"})).status == 422
            dvr_id = (await owner.post("/api/v1/dvrs", place)).json()["id"]
            await until(lambda: said(owner, dvr_id, "certificate"))
            assert (await owner.patch(f"/api/v1/dvrs/{dvr_id}", {"verify_tls": False})).status == 200
            await until(lambda: is_connected(owner, dvr_id))


async def said(owner: Any, dvr_id: str, word: str) -> bool:
    [one] = [one for one in (await owner.get("/api/v1/monitor/overview")).json()["servers"] if one["id"] == dvr_id]
    return word in one["error"]


async def is_connected(owner: Any, dvr_id: str) -> bool:
    return bool((await owner.get(f"/api/v1/dvrs/{dvr_id}")).json()["connected"])
