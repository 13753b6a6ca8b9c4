from pathlib import Path

from tests.server import running


class TestTheWholeServer:
    async def test_players_need_no_sign_in_and_dashboards_do(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            admin = await server.client()
            unknown = await server.get("/proxy/ts/stream/00000000-0000-4000-8000-000000000000")
            assert (unknown.status, unknown.json()) == (404, {"error": "Channel was not found."})
            assert (await server.get("/proxy/ts/status")).status == 401
            status = await admin.get("/proxy/ts/status")
            assert (status.status, status.json()) == (200, {"channels": [], "count": 0})
            sessions = await admin.get("/polycast/v1/live/sessions")
            assert (sessions.status, sessions.json()) == (200, {"items": []})
            clients = await admin.get("/api/connect/clients/")
            assert clients.status == 200, clients.text()
            assert clients.json()["results"] == []
            history = await admin.get("/api/connect/clients/history/")
            assert history.json()["count"] == 0
