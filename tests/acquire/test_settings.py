"""Settings do what they say, or say that they do nothing."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polycast.acquire.config.environment import laid_over, read_overlay
from tests.acquire.world import World, world_of
from tests.fakes.http_upstream import ok, upstream
from tests.fakes.real_debrid import RealDebrid, real_debrid
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


class TestReadingAhead:
    async def test_an_address_is_there_before_somebody_asks(self, world: World, debrid: RealDebrid) -> None:
        film = debrid.know(release("Warm.Film"))
        await world.acquired(film.magnet)
        await eventually(lambda: len(debrid.cdn_reads) == 1)
        assert debrid.cdn_reads[0][1] == "bytes=0-65535"

    async def test_not_where_it_is_switched_off(self, world: World, debrid: RealDebrid) -> None:
        await world.configure(skip_pre_cache=True)
        cold, warm = debrid.know(release("Cold.Film")), debrid.know(release("Warm.Film"))
        await world.acquired(cold.magnet)
        await world.configure(skip_pre_cache=False)
        await world.acquired(warm.magnet)
        await eventually(lambda: len(debrid.cdn_reads) == 1)  # of the second alone
        assert [call for call in debrid.calls if "unrestrict" in call] == ["POST /unrestrict/link"]


class TestAnAccountThatHasLostAFile:
    @pytest.mark.parametrize("stays", [False, True])
    async def test_is_left_for_another_unless_that_is_switched_off(
        self, tmp_path: Path, debrid: RealDebrid, stays: bool
    ) -> None:
        async with real_debrid() as other:
            accounts = [account(debrid, name="one"), account(other, name="two")]
            async with world_of(tmp_path, debrids=accounts, skip_auto_move=stays, skip_pre_cache=True) as world:
                film = release("Moving.Film")
                debrid.know(film)
                other.know(film)
                await world.acquired(film.magnet)
                debrid.lose(film)
                answer = await world.bearer.get(f"/api/browse/download/{film.name}/movie.mkv")
                assert answer.status == (412 if stays else 200)
                assert len(other.items) == (0 if stays else 1)


class TestTheLog:
    async def test_its_last_lines_are_shown_without_secrets(self, world: World, debrid: RealDebrid) -> None:
        await world.configure(log_level="debug")
        film = debrid.know(release())
        await world.acquired(film.magnet)
        for path in ("/acquire/debug/logs", "/acquire/logs"):
            answer = await world.bearer.get(path)
            assert "POST /torrents/addMagnet (create) answered 201" in answer.text()
            assert "rd-key-canary" not in answer.text()
        last = (await world.bearer.get("/acquire/logs?lines=1")).text()
        assert last.count("\n") == 1
        assert (await world.bearer.get("/acquire/debug/logs/rclone")).status == 404


async def eventually(holds: Callable[[], bool]) -> None:
    """Return when it is true."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.02)
