"""`/api/m3u/accounts/`: trying out before saving, and what a refresh would do. Over the whole server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from tests.fakes.http_upstream import HTML, Upstream, ok, upstream
from tests.fakes.xtream_panel import XtreamPanel
from tests.live.sources.world import playlist
from tests.server import Client, Server, running

ACCOUNTS = "/api/m3u/accounts/"
DETAIL_404 = {"detail": "Not found."}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


@pytest.fixture
async def provider() -> AsyncIterator[Upstream]:
    async with upstream() as provider:
        yield provider


def panel_of(provider: Upstream) -> tuple[XtreamPanel, dict[str, Any]]:
    panel = XtreamPanel()
    provider.on("/player_api.php", panel)
    sent = {"account_type": "XC", "server_url": provider.url("/"), "username": panel.username}
    return panel, {**sent, "password": panel.password}


async def made(owner: Client, **sent: Any) -> dict[str, Any]:
    got = await owner.post(ACCOUNTS, json=sent)
    assert got.status == 201, got.text()
    found: dict[str, Any] = got.json()
    return found


class TestAnXtreamAccount:
    async def test_goes_from_its_login_to_streams(self, server: Server, provider: Upstream) -> None:
        owner = await server.client()
        _, login = panel_of(provider)
        path = f"{ACCOUNTS}{(await made(owner, name='Panel', **login))['id']}/"
        await server.idle()
        account = (await owner.get(path)).json()
        assert (account["status"], account["exp_date"]) == ("pending_setup", "2027-01-01T00:00:00Z")
        uk, sport = sorted(account["channel_groups"], key=lambda one: one["custom_properties"]["xc_id"])
        assert (uk["custom_properties"]["xc_id"], uk["enabled"], uk["stream_count"]) == ("1", True, 0)
        settings = [
            {"channel_group": uk["channel_group"], "auto_channel_sync": True, "auto_sync_channel_start": 100},
            {"channel_group": sport["channel_group"], "enabled": False},
        ]
        got = await owner.patch(f"{path}group-settings/", json={"group_settings": settings, "category_settings": []})
        assert got.json() == {"message": "Group settings updated successfully"}
        got = await owner.post(f"/api/m3u/refresh/{account['id']}/")
        assert (got.status, got.json()["success"]) == (202, True)
        await server.idle()
        account = (await owner.get(path)).json()
        assert (account["status"], account["stream_count"]) == ("success", 2)
        count = (await owner.get(f"{path}auto-created-channels-count/")).json()
        assert count == {"count": 2, "sample_names": ["BBC One", "BBC Two"]}
        got = await owner.post(f"{path}repack-group/?channel_group_id={uk['channel_group']}")
        assert (got.status, got.json()) == (200, {"assigned": 0, "released": 0, "failed": 0})
        assert (await owner.delete(path)).json() == {"deleted_channels": 2}

    async def test_tells_what_the_panel_says_of_its_login(self, server: Server, provider: Upstream) -> None:
        owner = await server.client()
        panel, login = panel_of(provider)
        account = await made(owner, name="Panel", **login)
        await server.idle()
        panel.user_info["exp_date"] = "1830297600"
        [profile] = account["profiles"]
        got = await owner.post(f"/api/m3u/refresh-account-info/{profile['id']}/")
        assert (got.status, got.json()) == (202, {"success": True, "message": "Account info refresh initiated."})
        await server.idle()
        got = await owner.get(f"{ACCOUNTS}{account['id']}/profiles/")
        [told] = got.json()
        assert told["exp_date"] == "2028-01-01T00:00:00Z"
        assert told["custom_properties"]["user_info"]["username"] == "***"
        assert told["custom_properties"]["server_info"]["timezone"] == "Europe/London"
        assert "canary" not in got.text()


class TestATrial:
    async def test_of_a_good_login(self, server: Server, provider: Upstream) -> None:
        _, login = panel_of(provider)
        got = await (await server.client()).post(f"{ACCOUNTS}test/", json={"name": "Panel", **login})
        assert (got.status, got.json()) == (
            200,
            {
                "success": True,
                "message": "The provider accepts the login and offers 2 groups.",
                "stream_count": None,
                "group_count": 2,
                "max_streams": 2,
                "exp_date": "2027-01-01T00:00:00Z",
            },
        )

    async def test_of_a_wrong_one_says_so_and_repeats_nothing(self, server: Server, provider: Upstream) -> None:
        _, login = panel_of(provider)
        got = await (await server.client()).post(f"{ACCOUNTS}test/", json={**login, "password": "pea-soup-4"})
        assert (got.status, got.json()["success"]) == (200, False)
        assert got.json()["message"] == "The provider refuses this login (status 512)."
        assert "pea-soup" not in got.text()

    async def test_of_playlists(self, server: Server, provider: Upstream) -> None:
        owner = await server.client()
        provider.on("/list.m3u", ok(playlist("One", "Two").encode(), "audio/x-mpegurl"))
        provider.on("/page", ok(HTML, "text/html"))
        got = await owner.post(f"{ACCOUNTS}test/", json={"server_url": provider.url("/list.m3u")})
        assert (got.json()["success"], got.json()["stream_count"], got.json()["group_count"]) == (True, 2, 1)
        got = await owner.post(f"{ACCOUNTS}test/", json={"server_url": provider.url("/page")})
        assert got.json()["success"] is False
        assert got.json()["message"] == "The address gives a web page instead of a playlist."
        assert [one["name"] for one in (await owner.get(ACCOUNTS)).json()] == ["custom"]

    async def test_says_what_is_missing(self, server: Server) -> None:
        owner = await server.client()
        got = await owner.post(f"{ACCOUNTS}test/", json={"account_type": "XC"})
        required = ["This field is required."]
        assert (got.status, got.json()) == (
            400,
            {"server_url": required, "username": required, "password": required},
        )
        got = await owner.post(f"{ACCOUNTS}test/", json={"account_type": "FILE"})
        assert (got.status, got.json()) == (400, {"account_type": ['"FILE" is not a valid choice.']})

    async def test_is_for_administrators(self, server: Server) -> None:
        assert (await server.post(f"{ACCOUNTS}test/", json={})).json() == {
            "detail": "Authentication credentials were not provided."
        }
        member = await server.client(Role.MEMBER)
        for path in ("test/", "1/dry-run/"):
            got = await member.post(f"{ACCOUNTS}{path}", json={})
            assert (got.status, got.json()) == (403, {"detail": "You do not have permission to perform this action."})


class TestADryRun:
    async def test_tells_what_a_refresh_would_do(self, server: Server, provider: Upstream) -> None:
        owner = await server.client()
        provider.on("/list.m3u", ok(playlist("One", "Two").encode(), "audio/x-mpegurl"))
        account = await made(owner, name="List", server_url=provider.url("/list.m3u"))
        await server.idle()
        await owner.post(f"/api/m3u/refresh/{account['id']}/")
        await server.idle()
        text = playlist("One") + playlist("Goal", group="Sport")
        provider.on("/list.m3u", ok(text.encode(), "audio/x-mpegurl"))
        got = await owner.post(f"{ACCOUNTS}{account['id']}/dry-run/")
        assert (got.status, got.json()) == (
            200,
            {
                "entries": 2,
                "streams_added": 1,
                "streams_changed": 0,
                "streams_unchanged": 1,
                "streams_removed": 1,
                "filtered": 0,
                "duplicates": 0,
                "rejected": {},
                "groups": [{"name": "Sport", "enabled": True, "is_new": True, "streams_added": 1}],
                "added_names": ["Goal"],
                "removed_names": ["Two"],
                "would_hold": False,
            },
        )
        assert (await owner.get(f"{ACCOUNTS}{account['id']}/")).json()["stream_count"] == 2

    async def test_of_what_is_no_playlist_says_why(self, server: Server, provider: Upstream) -> None:
        owner = await server.client()
        provider.on("/page", ok(HTML, "text/html"))
        account = await made(owner, name="Page", server_url=provider.url("/page"))
        got = await owner.post(f"{ACCOUNTS}{account['id']}/dry-run/")
        assert (got.status, got.json()) == (
            400,
            {"error": "The address gives a web page instead of a playlist."},
        )
        got = await owner.post(f"{ACCOUNTS}9999/dry-run/")
        assert (got.status, got.json()) == (404, DETAIL_404)
