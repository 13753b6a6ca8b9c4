"""The reference's routes with whole bodies. Source: specs/monitor.md 3.2 to 3.4, all [S]."""

from pathlib import Path
from typing import Any

from tests.fakes.channels_dvr import GIB
from tests.monitor.world import World, until, world

MISSING = {
    "detail": {
        "code": "ERR_DVR_NOT_FOUND",
        "message": "DVR 'dvr_00000000' not found",
        "remediation": "GET /api/v1/dvrs lists the configured DVRs.",
        "docs_url": None,
    }
}
PER_DVR = ("", "/streams", "/system-info", "/activity-history", "/recordings/upcoming", "/health")


async def full(tmp_path: Path, here: World) -> None:
    await until(lambda: libraries(here))


async def libraries(here: World) -> bool:
    return bool((await here.dvr_get())["library_episodes"] == 940)


class TestOneWatchedDvr:
    async def test_each_route_answers_exactly_what_the_reference_shows(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await full(tmp_path, here)
            await self.check_list_and_detail(here)
            await self.check_streams(here)
            await self.check_system_info_and_health(here)
            await self.check_upcoming(here)
            for path in PER_DVR:
                answer = await here.owner.get(f"/api/v1/dvrs/dvr_00000000{path}")
                assert (answer.status, answer.json()) == (404, MISSING), path

    async def check_list_and_detail(self, here: World) -> None:
        port = here.dvr.port
        listed = await here.owner.get("/api/v1/dvrs")
        assert listed.json() == [
            {"id": here.dvr_id, "name": "Living Room", "host": "127.0.0.1", "port": port, "enabled": True}
        ]
        body = await here.dvr_get()
        moving = {name: body.pop(name) for name in ("last_freshness_at", "last_event_at", "freshness_age_seconds")}
        assert list(moving) == ["last_freshness_at", "last_event_at", "freshness_age_seconds"]
        assert moving["last_freshness_at"].endswith("+00:00")
        assert isinstance(moving["freshness_age_seconds"], float)
        assert body == {
            "id": here.dvr_id,
            "name": "Living Room",
            "host": "127.0.0.1",
            "port": port,
            "connected": True,
            "version": "2026.04.20.0213",
            "version_compatible": True,
            "version_warning": None,
            "disk_usage_percent": 42,
            "disk_total_gb": 2000.0,
            "disk_free_gb": 1160.0,
            "library_shows": 85,
            "library_movies": 120,
            "library_episodes": 940,
            "monitoring_status": "healthy",
            "monitoring_ready": True,
            "monitoring_reason": None,
            "freshness_status": "fresh",
            "stale_threshold_seconds": 300,
            "active_streams": 0,
        }

    async def check_streams(self, here: World) -> None:
        empty = {"total": 0, "watching": [], "recording": [], "subtitle": "No active streams", "image": ""}
        named = {"dvr_id": here.dvr_id, "dvr_name": "Living Room"}
        assert await here.dvr_get("/streams") == named | empty
        first = here.dvr.watch("206", "ESPN", "Apple TV")
        await until(lambda: totals(here, 1))
        espn = {"device": "Apple TV", "channel": "ESPN", "image": "https://img.invalid/206.jpg"}
        assert await here.dvr_get("/streams") == named | {
            "total": 1,
            "watching": [espn],
            "recording": [],
            "subtitle": "Apple TV watching ESPN",
            "image": "https://img.invalid/206.jpg",
        }
        second = here.dvr.watch("13.1", "ACTION NETWORK", "Bedroom", ip="192.168.1.46")
        await until(lambda: totals(here, 2))
        assert (await here.dvr_get("/streams"))["subtitle"] == "Apple TV watching ESPN +1 more"
        here.dvr.set_activity("rec-1", "Recording ch512 NBC for Evening News until 7:30 PM: buf=0%")
        await until(lambda: totals(here, 3))
        found = await here.dvr_get("/streams")
        assert found["recording"] == [{"title": "Evening News", "until": "7:30 PM"}]
        assert found["subtitle"] == "2 watching, 1 recording"
        for key in (first, second, "rec-1"):
            here.dvr.stop(key)
        await until(lambda: totals(here, 0))

    async def check_system_info_and_health(self, here: World) -> None:
        shared = {
            "dvr_id": here.dvr_id,
            "dvr_name": "Living Room",
            "host": "127.0.0.1",
            "port": here.dvr.port,
            "connected": True,
            "version": "2026.04.20.0213",
            "version_compatible": True,
            "version_warning": None,
            "disk_total_gb": 2000.0,
            "disk_free_gb": 1160.0,
        }
        assert await here.dvr_get("/system-info") == shared | {
            "disk_usage_percent": 42,
            "disk_usage_gb": 840.0,
            "disk_severity": "normal",
            "library_shows": 85,
            "library_movies": 120,
            "library_episodes": 940,
        }
        health = await here.dvr_get("/health")
        moving = (
            "last_checked",
            "last_event_at",
            "last_freshness_at",
            "last_freshness_source",
            "freshness_age_seconds",
        )
        assert all(health.pop(name) is not None for name in moving)
        assert health == shared | {
            "disk_status": "normal",
            "freshness_status": "fresh",
            "monitoring_status": "healthy",
            "monitoring_ready": True,
            "monitoring_reason": None,
            "session_state_size": 0,
            "recent_alert_rate": 2.0,
        }

    async def check_upcoming(self, here: World) -> None:
        here.dvr.schedule("1677195000-231", "NBC Nightly News", starts_in=3600)
        [one] = await until(lambda: here.dvr_get("/recordings/upcoming"))
        start = here.dvr.jobs["1677195000-231"]["start_time"]
        when = one.pop("scheduled_time")
        assert " at " in when
        assert one == {
            "id": "1677195000-231",
            "title": "NBC Nightly News",
            "start_time": start,
            "end_time": start + 1800,
            "channel": "NBC",
            "image": "https://img.invalid/p.jpg",
            "artwork_fallback_exhausted": False,
            "dvr_id": here.dvr_id,
            "dvr_name": "Living Room",
        }


async def totals(here: World, count: int) -> bool:
    return bool((await here.dvr_get("/streams"))["total"] == count)


class TestHistory:
    async def test_it_is_paged_filtered_searched_and_exported(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            for number, name, device in (("206", "ESPN", "Apple TV"), ("512", "NBC", "Bedroom"), ("13.1", "ACTION NETWORK", "=cmd()")):  # fmt: skip
                here.dvr.stop(here.dvr.watch(number, name, device))
            await until(lambda: count(here, 3))
            page: dict[str, Any] = await here.dvr_get("/activity-history?limit=1&offset=1&sort=asc")
            assert (page["total"], page["offset"], page["limit"]) == (3, 1, 1)
            [item] = page["items"]
            assert len(item.pop("id")) == 36
            assert item.pop("timestamp").endswith("+00:00")
            assert item == {
                "type": "watching_channel",
                "title": "Watching Channel",
                "message": "Watching NBC on Bedroom",
                "icon": "tv",
                "channel_name": "NBC",
                "channel_number": "512",
                "device_name": "Bedroom",
                "device_ip": "192.168.1.45",
                "program_title": "NBC Nightly News",
                "image_url": "https://img.invalid/512.jpg",
                "stream_source": "PBS",
                "extra": {"stream_count": 1},
                "dvr_id": here.dvr_id,
                "dvr_name": "Living Room",
                "is_test": False,
            }
            for query, wanted in (("type=channel", 3), ("type=recording-events", 0), ("search=nightly", 1), ("client=apple%20%20tv", 1), ("search=%25", 0), ("type=WATCHING_CHANNEL", 3)):  # fmt: skip
                assert (await here.dvr_get(f"/activity-history?{query}"))["total"] == wanted, query
            bad = await here.owner.get(f"/api/v1/dvrs/{here.dvr_id}/activity-history?sort=up")
            assert bad.json()["detail"]["code"] == "ERR_ACTIVITY_SORT_INVALID"
            wrong = await here.owner.get(f"/api/v1/dvrs/{here.dvr_id}/activity-history?limit=0")
            assert wrong.status == 422
            assert wrong.json()["detail"][0]["loc"] == ["query", "limit"]
            sheet = (await here.owner.get(f"/api/v1/history/export?dvr_id={here.dvr_id}")).text().split("\r\n")
            assert sheet[0].startswith("id,dvr_id,dvr_name,event_type,title,message,timestamp,channel_name")
            assert sheet[3].split(",")[9] == "'=cmd"
            assert len(sheet) == 5


async def count(here: World, wanted: int) -> bool:
    return bool((await here.dvr_get("/activity-history"))["total"] == wanted)


class TestADvrThatDoesNotAnswer:
    async def test_it_is_200_and_costs_a_request_nothing(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            made = await here.owner.post("/api/v1/dvrs", {"host": "127.0.0.1", "port": 9, "name": "Dead"})
            dead = made.json()["id"]
            body = await until(lambda: offline(here, dead))
        assert body["connected"] is False
        assert (body["version"], body["disk_usage_percent"], body["disk_total_gb"]) == (None, None, None)
        assert (body["monitoring_status"], body["freshness_status"]) == ("starting", "starting")
        assert body["monitoring_reason"] == "Waiting for the first freshness update"


async def offline(here: World, dvr_id: str) -> Any:
    body = await here.get(f"/api/v1/dvrs/{dvr_id}")
    return body if body["monitoring_status"] == "starting" else None


class TestDiskSeverity:
    async def test_shapes_and_limits(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            here.dvr.free = 60 * GIB  # 3 %
            here.dvr.disk_shape = "text"
            here.dvr.cut_streams()
            body = await until(lambda: severity(here, "critical"))
        assert body["disk_usage_percent"] == 97


async def severity(here: World, word: str) -> Any:
    body = await here.dvr_get("/system-info")
    return body if body["disk_severity"] == word else None
