"""Settings do what they say, or say that they do nothing."""

from pathlib import Path
from typing import Any

import pytest

from polycast.acquire.config.environment import laid_over, read_overlay
from tests.acquire.world import World, world_of
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.real_debrid import RealDebrid
from tests.fakes.releases import release


def account(debrid: RealDebrid, **more: Any) -> dict[str, Any]:
    return {"provider": "realdebrid", "name": "rd", "api_key": "rd-key-canary", "base_url": debrid.base_url, **more}


class TestTheEnvironment:
    def test_names_of_the_original_reach_into_lists(self) -> None:
        overlay = read_overlay(
            {
                "DECYPHARR_LOG_LEVEL": "debug",
                "DECYPHARR_DEBRIDS__0__API_KEY": "k",
                "DECYPHARR_DEBRIDS__0__PROVIDER": "torbox",
                "DECYPHARR_DEBRIDS__1__PROVIDER": "alldebrid",
                "DECYPHARR_MAX_ACTIVE_DOWNLOADS": "9",
                "DECYPHARR_ALLOWED_FILE_TYPES": "mkv,mp4",
                "DECYPHARR_USENET__PROVIDERS__0__SSL": "true",
                "POLYCAST_ACQUIRE__LOG_LEVEL": "warn",
                "DECYPHARR_NO_SUCH_THING": "1",
                "DECYPHARR_MAX_SPEED__DEEP": "1",
                "DECYPHARR_RETRIES": "many",
                "DECYPHARR_MOUNT": "x",
            }
        )
        assert laid_over({"debrids": [{"provider": "realdebrid", "name": "mine"}], "retries": 2}, overlay) == {
            "debrids": [{"provider": "torbox", "name": "mine", "api_key": "k"}, {"provider": "alldebrid"}],
            "retries": 2,
            "log_level": "warn",
            "max_active_downloads": 9,
            "allowed_file_types": ("mkv", "mp4"),
            "usenet": {"providers": [{"ssl": True}]},
        }

    async def test_a_server_that_was_started_with_them(self, tmp_path: Path, debrid: RealDebrid) -> None:
        host = {f"acquire__debrids__0__{name}": str(text) for name, text in account(debrid).items()}
        async with world_of(tmp_path, host=host | {"acquire__folder_naming": "infohash"}) as world:
            film = debrid.know(release())
            shown = await world.acquired(film.magnet)
            assert shown["content_path"].endswith(film.info_hash)
            answer = await world.bearer.post("/api/config", {"folder_naming": "original"})
            assert answer.json()["ignored"] == ["folder_naming"]
            config = (await world.bearer.get("/api/config")).json()
            assert (config["folder_naming"], config["debrids"][0]["api_key"]) == ("infohash", "********")


class TestAnAccountsOwnWay:
    async def test_a_proxy_carries_its_calls(self, tmp_path: Path, debrid: RealDebrid) -> None:
        async with upstream() as proxy, world_of(tmp_path) as world:
            for path, answer in (
                ("/user", b'{"username": "through the proxy", "type": "premium"}'),
                ("/torrents/activeCount", b'{"nb": 1, "limit": 10}'),
            ):
                proxy.on(f"{debrid.base_url}{path}", ok(answer, "application/json"))
            await world.configure(debrids=[account(debrid, proxy=proxy.url())])
            tested = await world.owner.post("/polycast/v1/acquire/accounts/rd/test", {})
            assert tested.json() == {"ok": True, "text": ""}
            assert proxy.asked[0].path == f"{debrid.base_url}/user"
            assert debrid.calls == []

    @pytest.mark.parametrize(
        ("values", "key"),
        [
            (
                {"debrids": [{"provider": "torbox", "api_key": "k", "proxy": "socks5://10.0.0.1:1080"}]},
                "debrids.0.proxy",
            ),
            ({"debrids": [{"provider": "torbox", "api_key": "k", "proxy": "http://"}]}, "debrids.0.proxy"),
            (
                {"debrids": [{"provider": "torbox", "api_key": "k", "tls_fingerprint": "abc"}]},
                "debrids.0.tls_fingerprint",
            ),
            ({"mount": {"type": "dfs"}}, "mount.type"),
            ({"mount": {"external_rclone": {"rc_url": "ftp://x"}}}, "mount.external_rclone.rc_url"),
            ({"usenet": {"disk_buffer_path": "relative"}}, "usenet.disk_buffer_path"),
        ],
    )
    async def test_what_cannot_be_is_refused_by_its_key(self, world: World, values: dict[str, Any], key: str) -> None:
        answer = await world.bearer.post("/api/config", values)
        assert answer.status == 400
        assert key in answer.json()["error"]


class TestWhatChangesNothing:
    async def test_is_kept_and_said(self, world: World) -> None:
        sent = {
            "port": "9999",
            "usenet": {"socket_read_buffer": "8MB", "read_ahead": "32MB"},
            "mount": {"dfs": {"cache_dir": "/cache"}},
        }
        answer = (await world.bearer.post("/api/config", sent)).json()
        assert answer["ignored"] == ["port", "mount.dfs", "usenet.socket_read_buffer"]
        config = (await world.bearer.get("/api/config")).json()
        assert (config["port"], config["usenet"]["socket_read_buffer"]) == ("9999", "8MB")
