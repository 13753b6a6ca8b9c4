"""Routes that no story of the other files comes by: a good answer and a wrong question of each."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from polycast.core.identity.scopes import Role
from tests.monitor.test_support import code
from tests.monitor.world import World, trust_inbox, until, world
from tests.server import Client

M = "/api/v1/monitor"


class TestAWatchThatHasSeenSomething:
    async def test_what_is_read(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            key = here.dvr.watch("206", "ESPN", "Apple TV")
            here.dvr.schedule("1-a", "Evening News", starts_in=3600)
            await until(lambda: watching(here))
            await self.check_lists(here)
            await self.check_figures(here)
            here.dvr.stop(key)
            past = await until(lambda: past_sessions(here))
            assert (past["device"], past["what"], past["end_reason"]) == ("Apple TV", "ESPN", "ended")

    async def check_lists(self, here: World) -> None:
        get = here.owner.get
        about = (await get("/api/about")).json()
        assert (about["app_name"], about["server"]) == ("ChannelWatch", "polycast")
        assert (await here.server.get("/healthz/live")).json() == {"status": "ok"}
        assert (await here.server.get("/healthz/startup")).json() == {"status": "ready"}
        recent = (await get("/api/recent-activity?hours=1&limit=1")).json()
        assert [one["dvr_id"] for one in recent] == [here.dvr_id]
        assert (await get("/api/recent-activity?limit=0")).status == 422
        filters = (await get("/api/v1/activity-history/filters")).json()
        assert filters == {"clients": [{"value": "Apple TV", "label": "Apple TV", "count": 1}]}
        preflight = (await get("/api/v1/runtime/preflight")).json()
        assert preflight == {"status": "ok", "setup_required": False, "blockers": [], "warnings": []}
        card = (await get(f"{M}/overview")).json()["servers"][0]
        assert (card["id"], card["connected"], card["watching"][0]["device"]) == (here.dvr_id, True, "Apple TV")
        [now] = (await get(f"{M}/sessions?dvr_id={here.dvr_id}")).json()["items"]
        assert (now["device"], now["what"], now["title"]) == ("Apple TV", "ESPN", "SportsCenter")
        assert code(await get(f"{M}/sessions?dvr_id=dvr_00000000")) == (404, "ERR_DVR_NOT_FOUND")
        assert (await get(f"{M}/recordings?limit=0")).status == 422
        assert [one["title"] for one in (await get(f"{M}/recordings")).json()["items"]] in ([], ["Evening News"])
        assert (await get(f"{M}/rules")).json() == []
        assert (await get(f"{M}/silences")).json() == []
        assert (await get(f"{M}/quiet-hours")).json() == []
        assert (await get(f"{M}/outbox")).json() == {"items": [], "total": 0, "offset": 0, "limit": 50}
        assert (await get(f"{M}/destinations")).json() == []
        assert (await get("/api/v1/feed.rss?token=x")).status == 404

    async def check_figures(self, here: World) -> None:
        get = here.owner.get
        stats = (await get(f"{M}/stats?group_by=channel")).json()
        assert (stats["group_by"], [one["what"] for one in stats["items"]]) == ("channel", ["ESPN"])
        assert (await get(f"{M}/stats?group_by=planet")).status == 422
        points = await get(f"{M}/series?dvr_id={here.dvr_id}&metric=streams")
        assert points.status == 200
        assert (await get(f"{M}/series?dvr_id={here.dvr_id}&metric=weather")).status == 422
        assert code(await get(f"{M}/series?dvr_id=dvr_00000000")) == (404, "ERR_DVR_NOT_FOUND")
        assert code(await get(f"{M}/dvrs/{here.dvr_id}/forecast")) == (404, "ERR_NOT_FOUND")
        assert code(await get(f"{M}/dvrs/dvr_00000000/forecast")) == (404, "ERR_DVR_NOT_FOUND")


async def watching(here: World) -> bool:
    streams, coming = await here.dvr_get("/streams"), await here.dvr_get("/recordings/upcoming")
    return streams["total"] == 1 and len(coming) == 1 and streams["watching"][0]["image"] != ""


async def past_sessions(here: World) -> Any:
    items = (await here.get(f"{M}/sessions", params={"history": "true"}))["items"]
    return items[0] if items else None


class TestChanging:
    async def test_servers_and_the_watch_itself(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            owner, viewer = here.owner, await here.server.client(Role.MEMBER)
            path = f"/api/v1/dvrs/{here.dvr_id}"
            changed = await owner.patch(path, {"name": "Den", "api_key": "****", "group_name": "Home"})
            assert (changed.status, changed.json()["name"], changed.json()["group"]) == (200, "Den", "Home")
            assert code(await owner.patch(path, {"host": "169.254.169.254"})) == (400, "ERR_DVR_TEST_TARGET_REJECTED")
            assert (await owner.patch(path, {"port": "many"})).status == 422
            assert code(await owner.patch("/api/v1/dvrs/dvr_00000000", {})) == (404, "ERR_DVR_NOT_FOUND")
            assert (await owner.post("/api/v1/dvrs", {"host": "127.0.0.1", "port": here.dvr.port})).status == 422
            assert code(await owner.post("/api/v1/dvrs", {"host": "a/b"})) == (400, "ERR_DVR_TEST_TARGET_REJECTED")
            for what in ("core", "container"):
                assert (await owner.post(f"/api/restart_{what}")).status == 202
                assert code(await viewer.post(f"/api/restart_{what}")) == (403, "ERR_AUTH_FORBIDDEN")
            await until(lambda: healthy(here))
            assert code(await viewer.post("/api/regenerate-api-key")) == (403, "ERR_AUTH_FORBIDDEN")
            assert code(await viewer.post("/api/clear-activity-history")) == (403, "ERR_AUTH_FORBIDDEN")
            assert (await owner.post("/api/clear-activity-history?before=yesterday")).status == 422
            assert (await owner.delete(path)).json() == {"message": f"DVR '{here.dvr_id}' soft-deleted"}
            assert code(await owner.delete(path)) == (404, "ERR_DVR_NOT_FOUND")

    async def test_rules_silences_quiet_hours_policies_and_the_outbox(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            owner, viewer = here.owner, await here.server.client(Role.MEMBER)
            rule = (await owner.post(f"{M}/rules", {"name": "Kids"})).json()
            renamed = await owner.patch(f"{M}/rules/{rule['id']}", {"name": "Children", "enabled": False})
            assert (renamed.json()["name"], renamed.json()["enabled"]) == ("Children", False)
            assert code(await owner.patch(f"{M}/rules/999", {"name": "x"})) == (404, "ERR_NOT_FOUND")
            assert (await owner.patch(f"{M}/rules/{rule['id']}", {"name": " "})).status == 422
            assert (await owner.post(f"{M}/rules/preview", {"severity": "loud"})).status == 422
            silence = await owner.post(f"{M}/silences", {"until": soon(), "comment": "holiday"})
            assert silence.status == 201, silence.text()
            assert len((await owner.get(f"{M}/silences")).json()) == 1
            assert (await owner.post(f"{M}/silences", {"until": "2001-01-01T00:00:00Z"})).status == 422
            assert (await owner.delete(f"{M}/silences/{silence.json()['id']}")).status == 204
            assert code(await owner.delete(f"{M}/silences/{silence.json()['id']}")) == (404, "ERR_NOT_FOUND")
            hours = [{"id": "a", "start": "22:00", "end": "06:00", "channels": ["discord"]}]
            assert (await owner.put(f"{M}/quiet-hours", hours)).json()[0]["start"] == "22:00"
            assert (await owner.put(f"{M}/quiet-hours", [{"start": "25:00"}])).status == 422
            assert (await owner.put(f"{M}/alert-policy", {"policy": "some"})).status == 422
            assert (await owner.post("/api/run_test/Test_Disk_Space_Alert?dvr_id=no")).json()["success"] is False
            assert code(await viewer.post("/api/run_test/Test_Connectivity")) == (403, "ERR_AUTH_FORBIDDEN")
            await self.check_destinations(here, owner, viewer)

    async def check_destinations(self, here: World, owner: Client, viewer: Client) -> None:
        await trust_inbox(here)
        assert [one["channel"] for one in (await owner.get(f"{M}/destinations")).json()] == ["custom"]
        tried = (await owner.post(f"{M}/destinations/custom/test")).json()
        assert (tried["success"], tried["payload_size"] > 0) == (True, True)
        assert code(await owner.post(f"{M}/destinations/pager/test")) == (404, "ERR_NOT_FOUND")
        [row] = (await owner.get("/api/v1/notification-log")).json()["items"]
        assert (row["status"], row["channel"]) == ("sent", "custom")
        assert (await owner.get("/api/v1/notification-log?limit=500")).status == 422
        assert code(await owner.post(f"{M}/outbox/{row['id']}/retry")) == (409, "ERR_CONFLICT")
        assert code(await owner.post(f"{M}/outbox/999/retry")) == (404, "ERR_NOT_FOUND")
        assert code(await viewer.post(f"{M}/outbox/1/retry")) == (403, "ERR_AUTH_FORBIDDEN")
        await here.inbox.stop()
        assert (await owner.post(f"{M}/destinations/custom/test")).json()["success"] is False
        rows = (await owner.get("/api/v1/notification-log?status=failed")).json()["items"]
        again = await owner.post(f"{M}/outbox/{rows[0]['id']}/retry")
        assert again.json() == {"message": "The message is tried again."}
        incident = await owner.post(f"{M}/incidents/999/ack", {})
        assert code(incident) == (404, "ERR_NOT_FOUND")
        assert code(await owner.post(f"{M}/incidents/1/dance", {})) == (404, "ERR_NOT_FOUND")

    async def test_searching_finds_nothing_on_loopback_and_says_why(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            old = (await here.owner.get("/api/discover-servers")).json()
            assert (old["servers"], old["error"]) == ([], None)
            found = (await here.owner.post("/api/v1/discovery/scan")).json()
            assert (found["servers"], found["manual_add_available"]) == ([], True)
            assert "loopback only" in found["message"]
            viewer = await here.server.client(Role.MEMBER)
            assert code(await viewer.post("/api/v1/discovery/scan")) == (403, "ERR_AUTH_FORBIDDEN")


async def healthy(here: World) -> bool:
    return bool((await here.dvr_get())["monitoring_status"] == "healthy")


def soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()
