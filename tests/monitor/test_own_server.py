"""The server watches itself: its live TV's viewers, by its own events."""

from pathlib import Path
from typing import Any

from polycast.core.identity.scopes import Role
from polycast.live.relay.events import SessionChanged, SessionEnded
from polycast.monitor.ports import LiveSessionChanged, LiveSessionEnded
from tests.monitor.world import until
from tests.server import Server, running

SESSION = {
    "uuid": "c1", "number": "5.1", "name": "First Light", "source": "Provider",
    "clients": [{"id": "client_1", "user": "ada", "address": "192.168.1.9", "agent": "VLC/3.0.20 LibVLC"}],
}  # fmt: skip


class TestItsOwnLiveTelevision:
    async def test_a_viewer_is_a_session_like_any_other(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            assert (await owner.get("/api/v1/monitor/overview")).json()["servers"] == []
            server.house.core.events.tell(SessionChanged(uuid="c1", session=SESSION))
            found = await until(lambda: cards(server, watching=1))
            [one] = found["watching"]
            assert (found["id"], found["provider"]) == ("polycast", "polycast")
            assert (one["device"], one["channel"], one["user"], one["ip"]) == (
                "VLC",
                "First Light",
                "ada",
                "192.168.1.9",
            )
            server.house.core.events.tell(SessionEnded(uuid="c1"))
            await until(lambda: cards(server, watching=0))
            lines = (await owner.get("/api/activity-history")).json()["items"]
            assert [line["message"] for line in lines] == ["Watching First Light on VLC"]
            assert (await owner.get("/api/v1/dvrs")).json() == []


async def cards(server: Server, *, watching: int) -> Any:
    owner = await server.client(Role.OWNER)
    found = (await owner.get("/api/v1/monitor/overview")).json()["servers"]
    return found[0] if found and len(found[0]["watching"]) == watching else None


def test_what_is_heard_is_what_is_told() -> None:
    for ours, theirs in ((LiveSessionChanged, SessionChanged), (LiveSessionEnded, SessionEnded)):
        assert ours.name == theirs.name
        assert set(ours.__struct_fields__) <= set(theirs.__struct_fields__)
