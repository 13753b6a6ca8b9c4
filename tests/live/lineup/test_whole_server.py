"""The line-up in the running server: routes, worker, search and pictures together."""

from pathlib import Path

from polycast.core.identity.scopes import Role
from tests.server import running

CHANNELS = "/api/channels/channels/"


class TestAnAdministratorBuildsALineUp:
    async def test_from_a_stream_to_a_row_that_can_be_found(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            admin, member = await server.client(), await server.client(Role.MEMBER)
            stream = (
                await admin.post("/api/channels/streams/", json={"name": "HBO", "url": "http://a.example/1.ts"})
            ).json()
            started = await admin.post(f"{CHANNELS}from-stream/bulk/", json={"stream_ids": [stream["id"]]})
            assert started.status == 202
            await server.idle()
            [channel] = (await member.get(CHANNELS)).json()
            assert (channel["name"], channel["channel_number"], channel["streams"]) == ("HBO", 1, [stream["id"]])
            [row] = (await member.get("/polycast/v1/live/channels")).json()["items"]
            assert (row["name"], row["number"], row["streams"]) == ("HBO", "1", 1)
            [hit] = (await member.get("/polycast/v1/search?q=hbo")).json()["items"]
            assert hit["ref"] == f"live.channel:{channel['id']}"
            moved = await admin.get("/api/channels")
            assert (moved.status, moved.headers["location"]) == (301, "/api/channels/")
            assert (await server.get("/api/channels/")).json() == {
                "detail": "Authentication credentials were not provided."
            }
