"""Our own way to the settings, the door for inbound events, and the reference. Source: specs/monitor.md 3.6, 3.12, 4.2."""

import json
from pathlib import Path
from typing import Any

import aiohttp

from polycast.core.identity.scopes import Role
from polycast.monitor.preferences.catalogue import label
from polycast.monitor.preferences.model import SECRETS, Preferences
from tests.monitor.test_house_keeping import rooms
from tests.monitor.test_support import code
from tests.monitor.world import trust_inbox, until, world
from tests.server import Client, running

SETTINGS = "/api/v1/monitor/settings"


class TestTheSchema:
    async def test_every_key_has_a_label_a_group_and_a_role(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            found = (await owner.get(f"{SETTINGS}/schema")).json()
            assert (await (await server.client(Role.GUEST)).get(f"{SETTINGS}/schema")).status == 403
        assert set(found["properties"]) == set(Preferences.__struct_fields__)
        one = found["properties"]["ds_alert_cooldown"]
        assert one == {
            "type": "integer", "minimum": 0, "maximum": 31_536_000, "default": 3600, "title": "Alert cooldown",
            "x-group": "Disk space", "x-reload": "in_place", "x-role": "operator",
        }  # fmt: skip
        assert {name for name, shape in found["properties"].items() if shape.get("x-secret")} == {*SECRETS, "api_key"}
        assert found["properties"]["mqtt"]["$ref" if "$ref" in found["properties"]["mqtt"] else "default"]
        assert all(shape["title"] and shape["x-group"] for shape in found["properties"].values())

    def test_labels_read_like_words(self) -> None:
        assert label("cw_channel_name") == "Channel name"
        assert label("dvr_alert_unreachable") == "DVR alert unreachable"
        assert label("_version") == "Version"


class TestChangingAgainstARevision:
    async def test_two_people_do_not_undo_each_other(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            first = (await owner.get(SETTINGS)).headers["etag"]
            changed = await owner.patch(SETTINGS, {"cw_alert_cooldown": 17}, headers={"If-Match": first})
            assert (changed.status, changed.json()["cw_alert_cooldown"]) == (200, 17)
            assert changed.headers["etag"] != first
            late = await owner.patch(SETTINGS, {"cw_alert_cooldown": 18}, headers={"If-Match": first})
            assert code(late) == (409, "ERR_SETTINGS_CONFLICT")
            assert (await owner.get(SETTINGS)).json()["cw_alert_cooldown"] == 17
            assert (await owner.patch(SETTINGS, {"cw_alert_cooldown": 19})).status == 200
            for wrong, place in (
                ({"cw_alert_cooldown": -1}, "cw_alert_cooldown"),
                ({"dvr_servers": []}, "dvr_servers"),
                ({"log_rules": [{"name": "x", "pattern": "("}]}, "log_rules"),
                ({"mqtt": {"enabled": True}}, "mqtt"),
                ({"mqtt": {"topic": "a/#"}}, "mqtt"),
            ):
                answer = await owner.patch(SETTINGS, wrong)
                assert (answer.status, answer.json()["detail"][0]["loc"][1]) == (422, place), wrong
            assert (await owner.patch(SETTINGS, {}, headers={"If-Match": '"x"'})).status == 422
            operator = await server.client(Role.OPERATOR)
            assert code(await operator.patch(SETTINGS, {"ingest_enabled": True})) == (403, "ERR_AUTH_FORBIDDEN")
            assert (await (await server.client(Role.MEMBER)).patch(SETTINGS, {})).status == 403


class TestAddressesWithTokens:
    async def test_only_an_admin_sees_them(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            off = (await owner.get("/api/v1/monitor/links")).json()
            assert off == {"calendar": None, "rss": None, "atom": None, "ingest": None}
            await owner.patch(SETTINGS, {"ics_feed_enabled": True, "rss_feed_enabled": True, "ingest_enabled": True})
            on = (await owner.get("/api/v1/monitor/links")).json()
            for feed in ("calendar", "rss", "atom"):
                assert (await server.get(on[feed])).status == 200
            path = on["ingest"].replace("{provider}", "generic")
            assert (await server.post(path, {"event": "x", "message": "y"})).status == 202
            operator = await server.client(Role.OPERATOR)
            assert code(await operator.get("/api/v1/monitor/links")) == (403, "ERR_AUTH_FORBIDDEN")

    async def test_who_is_told_each_minute(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            path = "/api/v1/monitor/heartbeat-targets"
            secret = "https://hc.example/ping/5f0e-secret"
            shown = {"targets": ["https://hc.example/ping/****"]}
            assert (await owner.post(path, {"targets": [secret]})).json() == shown
            assert (await owner.get(path)).json() == shown
            assert (await owner.post(path, shown)).json() == shown
            assert (await rooms(server).book.load()).known.heartbeat_targets == (secret,)
            for wrong in (["ftp://x"], ["https://other.example/****"]):
                assert (await owner.post(path, {"targets": wrong})).status == 422
            assert (await owner.post(path, {"targets": []})).json() == {"targets": []}


async def ingest(client: Client, provider: str, token: str, body: Any, **query: str) -> Any:
    params = {"token": token, **query}
    return await client.post(f"/api/v1/monitor/ingest/{provider}", body, params=params)


class TestInboundEvents:
    async def test_what_others_push_is_history_and_rules_hear_of_it(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            shut = await ingest(here.server, "generic", "x", {})
            assert code(shut) == (404, "ERR_INGEST_DISABLED")
            await trust_inbox(here, ingest_enabled=True)
            token = (await rooms(here.server).book.load()).known.ingest_token
            rule = {"name": "Downloads", "body": {"match": {"types": ["inbound_event"]}, "title": "Told by a rule"}}
            assert (await here.owner.post("/api/v1/monitor/rules", rule)).status == 201
            assert code(await ingest(here.server, "generic", "wrong", {})) == (401, "ERR_INGEST_TOKEN_INVALID")
            assert code(await ingest(here.server, "fax", token, {})) == (404, "ERR_NOT_FOUND")
            assert (await ingest(here.server, "generic", token, {"event": ""})).status == 422
            assert (await ingest(here.server, "generic", token, [1])).status == 422
            raw = await here.server.ask("POST", f"/api/v1/monitor/ingest/generic?token={token}", data=b"{")
            assert raw.status == 422
            assert code(await ingest(here.server, "generic", token, {"event": "x", "message": "y"}, dvr_id="no")) == (404, "ERR_DVR_NOT_FOUND")  # fmt: skip
            plex = {
                "event": "media.play", "Account": {"title": "alice"}, "Player": {"title": "Living Room", "publicAddress": "10.0.0.9"},
                "Metadata": {"grandparentTitle": "Lost", "title": "Pilot", "type": "episode"},
            }  # fmt: skip
            form = aiohttp.FormData()
            form.add_field("payload", json.dumps(plex), content_type="application/json")
            form.add_field("thumb", b"\xff\xd8" * 1000, filename="thumb.jpg", content_type="image/jpeg")
            path = f"/api/v1/monitor/ingest/plex?token={token}"
            taken = await here.server.ask("POST", path, data=form)
            assert (taken.status, taken.json()["message"]) == (202, "media.play: Lost - Pilot on Living Room")
            pushes = {
                "sonarr": {"eventType": "Download", "series": {"title": "Lost"}},
                "uptime-kuma": {"heartbeat": {"status": 0}, "monitor": {"name": "NAS"}, "msg": "NAS is down"},
                "jellyfin": {"NotificationType": "PlaybackStart", "Name": "Pilot", "SeriesName": "Lost", "DeviceName": "TV", "NotificationUsername": "bob"},
            }  # fmt: skip
            for provider, body in pushes.items():
                assert (await ingest(here.server, provider, token, body, dvr_id=here.dvr_id)).status == 202
            lines = await until(lambda: inbound(here, 4))
            assert [(line["title"], line["message"]) for line in lines] == [
                ("Plex: media.play", "media.play: Lost - Pilot on Living Room"),
                ("Sonarr: Download", "Download: Lost"),
                ("Uptime Kuma: down", "NAS is down"),
                ("Jellyfin: PlaybackStart", "PlaybackStart: Lost - Pilot on TV"),
            ]
            assert [line["dvr_id"] for line in lines] == ["inbound_plex", *[here.dvr_id] * 3]
            titles = await until(lambda: told(here, 5))
            assert sorted(titles) == ["Told by a rule"] * 4 + ["Uptime Kuma: down"]
            [incident] = (await here.get("/api/v1/monitor/incidents"))["items"]
            assert (incident["title"], incident["severity"]) == ("Uptime Kuma: down", "warning")


async def inbound(here: Any, count: int) -> Any:
    lines = (await here.get("/api/activity-history", params={"type": "inbound_event", "sort": "asc"}))["items"]
    return lines if len(lines) == count else None


async def told(here: Any, count: int) -> Any:
    return [json.loads(asked.body)["title"] for asked in here.inbox.asked] if len(here.inbox.asked) >= count else None


class TestTheReference:
    async def test_it_lists_what_is_answered_here(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            document = (await owner.get("/api/v1/monitor/openapi.json")).json()
            assert document["openapi"].startswith("3.1")
            for path in ("/api/v1/dvrs", "/api/v1/auth/users", "/api/v1/backup/restore", "/api/v1/monitor/overview"):
                assert path in document["paths"]
            assert (await server.get("/api/v1/monitor/openapi.json")).status == 401

    async def test_a_rule_that_is_there_is_replayed(self, tmp_path: Path) -> None:
        async with world(tmp_path) as here:
            here.dvr.watch("206", "ESPN", "TV")
            await until(here.messages)
            rule = (await here.owner.post("/api/v1/monitor/rules", {"name": "All"})).json()
            path = f"/api/v1/monitor/rules/{rule['id']}/preview"
            found = (await here.owner.post(path)).json()
            assert [one["message"] for one in found["matches"]] == ["Watching ESPN on TV"]
            assert (await here.owner.post("/api/v1/monitor/rules/999/preview")).status == 404
