"""News servers on our own pages."""

from pathlib import Path

from tests.acquire.world import world_of
from tests.fakes.news_server import news_server

BASE = "/polycast/v1/acquire/servers"


class TestNewsServers:
    async def test_are_added_tested_changed_and_dropped(self, tmp_path: Path) -> None:
        async with news_server(ada="secret-word") as news, world_of(tmp_path) as world:
            owner = world.owner
            assert (await owner.get(BASE)).json() == {"items": []}
            form = {"host": "127.0.0.1", "port": news.port, "ssl": False, "username": "ada", "password": "secret-word"}
            [made] = (await owner.post(BASE, form)).json()["items"]
            assert (made["host"], made["port"], made["has_password"], made["backup"]) == (
                "127.0.0.1",
                news.port,
                True,
                False,
            )
            assert (await owner.post(f"{BASE}/127.0.0.1/test", {})).json() == {"ok": True, "text": ""}
            kept = await owner.post(BASE, form | {"password": "", "backup": True, "max_connections": 7})
            [changed] = kept.json()["items"]
            assert (changed["backup"], changed["max_connections"], changed["has_password"]) == (True, 7, True)
            assert (await owner.post(f"{BASE}/127.0.0.1/test", {})).json()["ok"] is True
            await owner.post(BASE, form | {"password": "not-that-one"})
            refused = (await owner.post(f"{BASE}/127.0.0.1/test", {})).json()
            assert refused["ok"] is False
            assert "refused the sign-in" in refused["text"]
            shown = await owner.get(BASE)
            assert "secret-word" not in shown.text()
            assert "not-that-one" not in shown.text()
            assert shown.json()["items"][0]["error"] == refused["text"]
            assert (await owner.post(BASE, form | {"host": " "})).status == 400
            assert (await owner.post(BASE, form | {"port": 70_000})).status == 400
            assert (await owner.post(f"{BASE}/nobody/test", {})).status == 404
            assert (await owner.delete(f"{BASE}/nobody")).status == 404
            assert (await owner.delete(f"{BASE}/127.0.0.1")).status == 204
            assert (await owner.get(BASE)).json() == {"items": []}
