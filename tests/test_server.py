"""The house as a whole: it starts, answers, and says what is missing."""

from pathlib import Path

from polycast.core.identity.scopes import Role
from tests.server import running


class TestAServerThatHasStarted:
    async def test_it_says_that_it_is_well(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            answer = await server.get("/healthz")
        assert answer.status == 200
        assert answer.json()["status"] == "ok"

    async def test_an_unknown_path_is_a_404_in_json(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            answer = await server.get("/no/such/thing")
        assert answer.status == 404
        assert answer.json()["code"] == "unknown_path"

    async def test_metrics_are_there_for_this_machine(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            answer = await server.get("/metrics")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/plain")


class TestAUserOfEveryRole:
    async def test_they_can_be_made_and_sign_in_with_a_key(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            for role in (Role.OWNER, Role.OPERATOR, Role.MEMBER, Role.GUEST):
                client = await server.client(role)
                assert client.headers["X-API-Key"]
            await server.idle()
