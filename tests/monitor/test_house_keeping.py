"""Settings, tests that people press, feeds, rules, incidents, aggregates: the rest of the surface."""

import json
from pathlib import Path
from typing import Any

import icalendar

from polycast.core.identity.scopes import Role
from tests.monitor.world import World, trust_inbox, until, world
from tests.server import running

SECRETS = ("apprise_discord", "apprise_email", "apprise_custom")


class TestSettings:
    async def test_what_is_read_and_sent_back_changes_no_secret(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            hooks = [{"url": "https://a.example/hooks/one", "secret": "first"}, {"url": "https://b.example/hooks/two", "secret": "second"}]  # fmt: skip
            sent = {
                "apprise_discord": "123456/abcdefghijkl", "apprise_email": "u:p@example.org", "webhooks": hooks,
                "dvr_servers": [{"host": "192.168.77.1", "port": 8089, "name": "A", "api_key": "dvr-secret"}], "someday": {"kept": True},
            }  # fmt: skip
            saved = await owner.post("/api/settings", sent)
            assert saved.json() == {"message": "Settings saved successfully", "restarted": [], "warnings": []}
            read = (await owner.get("/api/settings")).json()
            text = json.dumps(read)
            for secret in ("abcdefghijkl", "u:p@", "dvr-secret", '"first"', '"second"'):
                assert secret not in text
            assert (read["apprise_discord"], read["dvr_servers"][0]["api_key"], read["someday"]) == (
                "****",
                "****",
                {"kept": True},
            )
            read["webhooks"].reverse()  # another order must not swap secrets
            assert (await owner.post("/api/settings", read)).status == 200
            book = rooms(server).book
            hooks_now = {hook.url: hook.secret for hook in (await book.load()).known.webhooks}
            assert hooks_now == {"https://a.example/hooks/one": "first", "https://b.example/hooks/two": "second"}
            assert (await book.load()).known.apprise_discord == "123456/abcdefghijkl"
            assert rooms(server).servers.key_of((await rooms(server).servers.active())[0]) == "dvr-secret"
            stored = (tmp_path / "data" / "polycast.db").read_bytes() + (
                tmp_path / "data" / "polycast.db-wal"
            ).read_bytes()
            assert b"dvr-secret" not in stored
            assert b"abcdefghijkl" not in stored
            assert (await server.get("/api/v1/security/status")).json()["encrypted_dvr_api_keys_at_rest"] is True
            await owner.post("/api/settings", {"__clear": ["apprise_discord"]})
            assert (await owner.get("/api/settings")).json()["apprise_discord"] == ""

    async def test_wrong_values_are_all_named_and_nothing_is_saved(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            wrong = {"tz": "Mars/Olympus", "cw_alert_cooldown": -1, "cw_image_source": "x", "cw_template_title": "{nope}", "history_retention_days": 5}  # fmt: skip
            answer = await owner.post("/api/settings", wrong)
            assert answer.status == 422
            assert [one["loc"] for one in answer.json()["detail"]] == [["body", "tz"], ["body", "cw_alert_cooldown"], ["body", "cw_image_source"], ["body", "cw_template_title"]]  # fmt: skip
            assert (await owner.get("/api/settings")).json()["history_retention_days"] == 90
            twice = {"dvr_servers": [{"host": "10.0.0.1"}, {"host": "10.0.0.1", "port": 8089}]}
            assert (await owner.post("/api/settings", twice)).status == 422
            unsafe = await owner.post("/api/settings", {"dvr_servers": [{"host": "169.254.169.254"}]})
            assert (unsafe.status, unsafe.json()["detail"]["code"]) == (400, "ERR_DVR_TEST_TARGET_REJECTED")

    async def test_a_dvr_is_archived_restored_and_removed(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            dvr_id = (await owner.post("/api/v1/dvrs", {"host": "10.9.9.9"})).json()["id"]
            assert (await owner.post(f"/api/dvrs/{dvr_id}/soft-delete")).json() == {
                "message": f"DVR '{dvr_id}' soft-deleted"
            }
            assert (await owner.get("/api/v1/dvrs")).json() == []
            assert (await owner.get(f"/api/v1/dvrs/{dvr_id}")).status == 404
            again = await owner.post(f"/api/dvrs/{dvr_id}/soft-delete")
            assert (again.status, again.json()["detail"]["code"]) == (409, "ERR_DVR_ALREADY_DELETED")
            [archived] = (await owner.get("/api/dvrs/archived")).json()["archived"]
            assert archived["id"] == dvr_id
            assert (await owner.post(f"/api/dvrs/{dvr_id}/restore")).json() == {"message": f"DVR '{dvr_id}' restored"}
            assert (await owner.post(f"/api/dvrs/{dvr_id}/restore")).json()["detail"]["code"] == "ERR_DVR_NOT_DELETED"
            assert (await owner.delete(f"/api/dvrs/{dvr_id}")).json() == {
                "message": f"DVR '{dvr_id}' permanently deleted"
            }
            assert (await owner.delete(f"/api/dvrs/{dvr_id}")).json()["detail"]["code"] == "ERR_DVR_NOT_FOUND"


def rooms(server: Any) -> Any:
    daemon = next(one for module in server.house.modules for one in module.daemons if one.name == "monitor.watch")
    return daemon.run.__self__._make.__self__


class TestTestsThatPeoplePress:
    async def test_they_succeed_only_when_somebody_confirmed(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            none = await here.owner.post("/api/run_test/Test_Disk_Space_Alert")
            assert none.json()["success"] is False
            await trust_inbox(here)
            for name in ("Test_Connectivity", "Test_API_Endpoints", "Test_Channel_Watching_Alert", "Test_VOD_Watching_Alert", "Test_Disk_Space_Alert", "Test_Recording_Cancelled_Alert"):  # fmt: skip
                answer = await here.owner.post(f"/api/run_test/{name}")
                assert answer.json()["success"] is True, answer.text()
            titles = [json.loads(asked.body)["title"] for asked in here.inbox.asked]
            assert titles[2] == "⚠️ [TEST] Low Disk Space Warning"
            await here.inbox.stop()
            broken = await here.owner.post("/api/run_test/Test_Disk_Space_Alert")
            assert broken.json()["success"] is False
            unknown = await here.owner.post("/api/run_test/Test_Nothing")
            assert unknown.json() == {
                "test_name": "Test Nothing",
                "success": False,
                "message": "Unknown test: Test Nothing",
            }
            assert all(line["is_test"] for line in await here.lines())

    async def test_a_connection_is_tried_before_it_is_kept(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            path = "/api/v1/dvrs/test-connection"
            good = await here.owner.post(path, {"host": "127.0.0.1", "port": here.dvr.port, "api_key": "k-e-y"})
            assert good.json() == {"success": True, "name": "media-server", "version": "2026.04.20.0213"}
            assert here.dvr.keys == {"k-e-y"}
            dead = await here.owner.post(path, {"host": "127.0.0.1", "port": 9})
            assert (dead.status, dead.json()["success"]) == (200, False)
            unsafe = await here.owner.post(path, {"host": "169.254.169.254", "port": 80})
            assert unsafe.json()["detail"]["code"] == "ERR_DVR_TEST_TARGET_REJECTED"


class TestFeedsAndAggregates:
    async def test_they_show_what_all_servers_do(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            here.dvr.watch("206", "ESPN", "TV")
            here.dvr.schedule("1-a", "Evening News", starts_in=3600)
            await until(lambda: planned(here))
            assert (await here.owner.get("/api/v1/calendar.ics")).status == 404
            await here.owner.post("/api/settings", {"ics_feed_enabled": True, "rss_feed_enabled": True})
            assert (await here.owner.get("/api/v1/calendar.ics?token=no")).json()["detail"][
                "code"
            ] == "ERR_FEED_TOKEN_INVALID"
            prefs = (await rooms(here.server).book.load()).known
            for path in ("/api/v1/feeds/calendar.ics", "/api/v1/calendar.ics"):
                got = await here.server.get(f"{path}?token={prefs.ics_feed_token}&recordings_only=true")
                assert got.headers["cache-control"] == "no-store"
                [event] = icalendar.Calendar.from_ical(got.body).walk("VEVENT")
                assert str(event["SUMMARY"]) == "Recording: Evening News"
            for path, media in (("/api/v1/feeds/activity.rss", "rss"), ("/api/v1/feed.atom", "atom")):
                got = await here.server.get(f"{path}?token={prefs.rss_feed_token}")
                assert got.headers["content-type"].startswith(f"application/{media}+xml")
                assert prefs.rss_feed_token not in got.text()
            assert (await here.owner.get("/api/streams/active")).json() == 1
            assert (await here.owner.get("/api/recordings/active")).json() == 0
            assert len((await here.owner.get("/api/recordings/upcoming")).json()) == 1
            assert (await here.owner.get("/api/streams/details")).json()["subtitle"] == "TV watching ESPN"
            info = (await here.owner.get("/api/system-info")).json()
            assert (info["disk_severity"], info["core_status"], len(info["dvr_status"])) == ("normal", "Running", 1)
            assert "/shares" not in json.dumps(info)
            assert (await here.server.get("/api/health")).json()["ready"] is True
            ready = (await here.server.get("/healthz/ready")).json()
            assert ready == {"status": "ready", "ready": True}
            full = (await here.owner.get("/healthz/ready")).json()
            assert full["tested_version_range"] == {"min": "2024.01.01", "max": "2026.08.07.0346"}
            windows = (await here.owner.get("/api/v1/maintenance-windows?days=1")).json()
            assert windows["dvrs"][0]["status"] == "available"


async def planned(here: World) -> bool:
    return bool(await here.dvr_get("/recordings/upcoming")) and bool((await here.dvr_get("/streams"))["total"])


class TestRulesOfOnesOwn:
    async def test_a_rule_is_tried_on_the_past_and_then_tells(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            await trust_inbox(here, alert_channel_watching=False)
            here.dvr.watch("206", "ESPN", "Kids Room")
            await until(lambda: count(here, 1))
            body = {
                "match": {"devices": ["kids room"], "programs": "sports.*|nightly"},
                "severity": "warning",
                "title": "Kids watch TV",
            }
            tried = await here.owner.post("/api/v1/monitor/rules/preview", body)
            assert [one["message"] for one in tried.json()["matches"]] == ["Watching ESPN on Kids Room"]
            assert here.inbox.asked == []
            bad = await here.owner.post("/api/v1/monitor/rules", {"name": "x", "body": {"match": {"programs": "("}}})
            assert bad.status == 422
            rule = (await here.owner.post("/api/v1/monitor/rules", {"name": "Kids", "body": body})).json()
            here.dvr.watch("206", "ESPN", "Parents", ip="10.0.0.2")
            here.dvr.watch("512", "NBC", "Kids Room", ip="10.0.0.3")
            await until(lambda: sent(here, 1))
            message = json.loads(here.inbox.asked[0].body)
            assert (message["title"], message["message"]) == ("Kids watch TV", "Watching NBC on Kids Room")
            [incident] = (await here.get("/api/v1/monitor/incidents"))["items"]
            acked = await here.owner.post(f"/api/v1/monitor/incidents/{incident['id']}/ack", {"text": "looking"})
            assert acked.json()["state"] == "acknowledged"
            assert [note["kind"] for note in acked.json()["timeline"]] == ["opened", "acknowledged"]
            assert (await here.owner.delete(f"/api/v1/monitor/rules/{rule['id']}")).status == 204
            assert (await here.owner.delete(f"/api/v1/monitor/rules/{rule['id']}")).status == 404

    async def test_named_policies_set_all_switches(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            assert (await owner.put("/api/v1/monitor/alert-policy", {"policy": "important_only"})).status == 200
            assert (await owner.get("/api/v1/monitor/alert-policy")).json()["policy"] == "important_only"
            read = (await owner.get("/api/settings")).json()
            assert (read["alert_channel_watching"], read["alert_dvr_health"], read["rd_alert_failed"]) == (
                False,
                True,
                True,
            )
            await owner.post("/api/settings", {"rd_alert_failed": False})
            assert (await owner.get("/api/v1/monitor/alert-policy")).json()["policy"] == "custom"


async def count(here: World, wanted: int) -> bool:
    return len(await here.lines()) == wanted


async def sent(here: World, wanted: int) -> bool:
    return len(here.inbox.asked) >= wanted
