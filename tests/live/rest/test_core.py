"""`/api/core/`: agents, profiles, settings, what the server says of itself."""

import pytest

from polycast.core.events.model import Audience
from polycast.core.identity.scopes import Role
from polycast.core.notify import Level
from polycast.core.storage import Unit
from polycast.live.outputs.events import OutputBlocked
from polycast.live.sources.model import SourceRefreshed
from tests.live.rest.world import World

CORE = "/api/core/"


class TestUserAgents:
    async def test_there_are_three_at_first(self, world: World) -> None:
        got = (await (await world.signed_in(Role.MEMBER)).get(f"{CORE}useragents/")).json()
        assert [agent["name"] for agent in got] == ["TiviMate", "VLC", "Chrome"]
        fields = {"id", "name", "user_agent", "description", "is_active", "created_at", "updated_at"}
        assert set(got[0]) == fields
        assert got[0]["created_at"].endswith("Z")

    async def test_are_added_changed_and_removed(self, world: World) -> None:
        owner = await world.signed_in()
        sent = {"name": "Mine", "user_agent": "Mine/1", "unknown": "ignored"}
        got = await owner.post(f"{CORE}useragents/", json=sent)
        assert (got.status_code, got.json()["is_active"]) == (201, True)
        path = f"{CORE}useragents/{got.json()['id']}/"
        assert (await owner.patch(path, json={"is_active": "false"})).json()["is_active"] is False
        got = await owner.put(path, json={"name": "Other"})
        assert (got.status_code, got.json()) == (400, {"user_agent": ["This field is required."]})
        assert (await owner.put(path, json={"name": "Other", "user_agent": "Other/1"})).json()["name"] == "Other"
        got = await owner.post(f"{CORE}useragents/", json={"name": "Other", "user_agent": ""})
        assert got.json() == {"user_agent": ["This field may not be blank."]}
        got = await owner.post(f"{CORE}useragents/", json={"name": "Other", "user_agent": "x"})
        assert got.json() == {"name": ["user agent with this name already exists."]}
        assert (await owner.delete(path)).status_code == 204
        assert (await owner.get(path)).status_code == 404


class TestStreamProfiles:
    async def test_what_is_built_in_keeps_all_but_its_agent(self, world: World) -> None:
        owner = await world.signed_in()
        rows = (await owner.get(f"{CORE}streamprofiles/")).json()
        proxy = next(row for row in rows if row["name"] == "Proxy")
        assert set(proxy) == {"id", "name", "command", "parameters", "is_active", "user_agent", "locked"}
        path = f"{CORE}streamprofiles/{proxy['id']}/"
        assert (await owner.patch(path, json={"user_agent": 1})).json()["user_agent"] == 1
        got = await owner.patch(path, json={"name": "Mine"})
        assert (got.status_code, list(got.json())) == (400, ["detail"])
        assert (await owner.delete(path)).status_code == 400

    async def test_ffmpeg_may_not_be_told_to_read_files(self, world: World) -> None:
        owner = await world.signed_in()
        sent = {"name": "Bad", "command": "ffmpeg", "parameters": "-i /etc/passwd -f mpegts pipe:1"}
        got = await owner.post(f"{CORE}streamprofiles/", json=sent)
        assert (got.status_code, list(got.json())) == (400, ["parameters"])
        sent["parameters"] = "-user_agent {userAgent} -i {streamUrl} -c copy -f mpegts pipe:1"
        assert (await owner.post(f"{CORE}streamprofiles/", json=sent)).status_code == 201

    async def test_an_agent_that_is_not_there_is_named(self, world: World) -> None:
        got = await (await world.signed_in()).post(f"{CORE}streamprofiles/", json={"name": "A", "user_agent": 99})
        assert got.json() == {"user_agent": ['Invalid pk "99" - object does not exist.']}

    # Rows of an imported set-up survive, though nothing but ffmpeg is ever run.
    async def test_other_commands_are_kept(self, world: World) -> None:
        sent = {"name": "S", "command": "streamlink", "parameters": "{streamUrl} best --stdout"}
        got = await (await world.signed_in()).post(f"{CORE}streamprofiles/", json=sent)
        assert (got.status_code, got.json()["command"]) == (201, "streamlink")


class TestOutputProfiles:
    async def test_are_added_when_they_may_be_run(self, world: World) -> None:
        owner = await world.signed_in()
        assert (await owner.get(f"{CORE}outputprofiles/")).json() == []
        sent = {"name": "Small", "command": "ffmpeg", "parameters": "-i pipe:0 -c:v libx264 -b:v 1M -f mpegts pipe:1"}
        got = await owner.post(f"{CORE}outputprofiles/", json=sent)
        assert (got.status_code, got.json()["locked"]) == (201, False)
        got = await owner.patch(f"{CORE}outputprofiles/{got.json()['id']}/", json={"command": "sh"})
        assert (got.status_code, list(got.json())) == (400, ["command"])


class TestTuners:
    async def test_are_registered_by_hand(self, world: World) -> None:
        owner = await world.signed_in()
        got = await owner.post("/api/hdhr/devices/", json={"device_id": "1018A0F0"})
        assert (got.status_code, got.json()["tuner_count"]) == (201, 3)
        assert (await owner.get("/api/hdhr/devices/")).json() == [got.json()]
        again = await owner.post("/api/hdhr/devices/", json={"device_id": "1018A0F0", "tuner_count": 0})
        assert again.json() == {"tuner_count": ["Ensure this value is greater than or equal to 1."]}
        again = await owner.post("/api/hdhr/devices/", json={"device_id": "1018A0F0"})
        assert again.json() == {"device_id": ["HDHR device with this device_id already exists."]}


class TestSettings:
    async def test_each_group_is_a_row_with_its_defaults(self, world: World) -> None:
        owner = await world.signed_in()
        rows = {row["key"]: row for row in (await owner.get(f"{CORE}settings/")).json()}
        assert rows["proxy_settings"]["value"]["buffering_timeout"] == 15
        assert rows["stream_settings"]["value"]["m3u_hash_key"] == "url"
        assert set(rows["stream_settings"]) == {"id", "key", "name", "value"}
        one = await owner.get(f"{CORE}settings/{rows['proxy_settings']['id']}/")
        assert one.json() == rows["proxy_settings"]

    async def test_a_value_that_does_not_fit_is_refused(self, world: World) -> None:
        owner = await world.signed_in()
        row = next(r for r in (await owner.get(f"{CORE}settings/")).json() if r["key"] == "proxy_settings")
        path = f"{CORE}settings/{row['id']}/"
        got = await owner.patch(path, json={"value": {"buffering_timeout": 301}})
        assert (got.status_code, list(got.json())) == (400, ["value"])
        got = await owner.patch(path, json={"value": {"buffering_timeout": 20}})
        assert (got.json()["value"]["buffering_timeout"], got.json()["value"]["max_retries"]) == (20, 3)
        got = await owner.patch(path, json={"value": {"buffering_timeout": None}})
        assert got.json()["value"]["buffering_timeout"] == 15

    async def test_lists_of_networks_are_checked(self, world: World) -> None:
        owner = await world.signed_in()
        row = next(r for r in (await owner.get(f"{CORE}settings/")).json() if r["key"] == "network_access")
        got = await owner.patch(f"{CORE}settings/{row['id']}/", json={"value": {"UI": "10.0.0.0/8,nonsense"}})
        assert (got.status_code, got.json()) == (400, {"message": "Invalid CIDRs", "value": {"UI": ["nonsense"]}})
        sent = {"key": "network_access", "value": {"UI": "10.0.0.0/8", "STREAMS": "127.0.0.0/8"}}
        got = await owner.post(f"{CORE}settings/check/", json=sent)
        assert got.json() == {"UI": ["10.0.0.0/8"], "client_ip": "127.0.0.1"}
        got = await owner.post(f"{CORE}settings/check/", json=sent | {"value": {"UI": "x"}})
        assert got.json() == {"error": True, "message": "Invalid CIDR(s)", "data": ["x"]}

    async def test_operators_look_and_do_not_touch(self, world: World) -> None:
        operator = await world.signed_in(Role.OPERATOR)
        [row, *_] = (await operator.get(f"{CORE}settings/")).json()
        assert (await operator.patch(f"{CORE}settings/{row['id']}/", json={"value": {}})).status_code == 403

    async def test_new_identities_are_given_when_their_parts_change(self, world: World) -> None:
        owner = await world.signed_in()
        row = next(r for r in (await owner.get(f"{CORE}settings/")).json() if r["key"] == "stream_settings")
        await owner.patch(f"{CORE}settings/{row['id']}/", json={"value": {"m3u_hash_key": "name,url"}})
        await world.core.events.idle()
        assert [job.name for job in await world.core.queue.list()] == ["live.rehash_streams"]

    async def test_the_time_zone_is_that_of_the_whole_server(self, world: World) -> None:
        owner = await world.signed_in()
        row = next(r for r in (await owner.get(f"{CORE}settings/")).json() if r["key"] == "system_settings")
        path = f"{CORE}settings/{row['id']}/"
        got = await owner.patch(path, json={"value": {"time_zone": "Europe/Berlin"}})
        assert (got.status_code, got.json()["value"]["time_zone"]) == (200, "Europe/Berlin")
        assert world.core.settings.core.time_zone == "Europe/Berlin"
        got = await owner.patch(path, json={"value": {"time_zone": "Mars/Olympus"}})
        assert (got.status_code, list(got.json())) == (400, ["value"])

    async def test_one_switch_puts_every_list_into_pages(self, world: World) -> None:
        owner = await world.signed_in()
        row = next(r for r in (await owner.get(f"{CORE}settings/")).json() if r["key"] == "system_settings")
        await owner.patch(f"{CORE}settings/{row['id']}/", json={"value": {"api_paginate_all": True}})
        assert (await owner.get(f"{CORE}useragents/")).json()["count"] == 3


class TestTheServer:
    async def test_tells_anybody_its_version(self, world: World) -> None:
        got = (await world.client().get(f"{CORE}version/")).json()
        assert (got["version"], got["timestamp"]) == ("0.32.0", None)
        assert got["polycast_version"]

    async def test_knows_the_time_zones(self, world: World) -> None:
        got = (await (await world.signed_in()).get(f"{CORE}timezones/")).json()
        assert "Europe/Berlin" in got["grouped"]["Europe"]
        assert got["count"] == len(got["timezones"])

    async def test_asks_nobody_where_it_is(self, world: World) -> None:
        got = (await (await world.signed_in()).get(f"{CORE}settings/env/")).json()
        assert (got["authenticated"], got["ip_lookup_enabled"], got["redis_tls"]) == (True, False, {"enabled": False})

    async def test_has_news_until_they_are_put_away(self, world: World) -> None:
        def add(unit: Unit) -> int:
            return world.core.notify.add(
                unit,
                "Ends soon",
                audience=Audience(),
                level=Level.WARNING,
                key="xc-exp-warning-3",
            )

        await world.core.db.write(add)
        member = await world.signed_in(Role.MEMBER)
        got = (await member.get(f"{CORE}notifications/")).json()
        assert (got["count"], got["unread_count"]) == (1, 1)
        [news] = got["notifications"]
        assert (news["notification_key"], news["priority"], news["title"]) == ("xc-exp-warning-3", "high", "Ends soon")
        assert (await member.get(f"{CORE}notifications/count/")).json() == {"unread_count": 1}
        got = await member.post(f"{CORE}notifications/{news['id']}/dismiss/", json={})
        assert got.json()["notification_key"] == "xc-exp-warning-3"
        assert (await member.get(f"{CORE}notifications/count/")).json() == {"unread_count": 0}
        owner = await world.signed_in()
        got = await owner.post(f"{CORE}notifications/dismiss-all/")
        assert got.json() == {"success": True, "dismissed_count": 1}

    async def test_remembers_refreshes_and_refusals(self, world: World) -> None:
        for event in (
            SourceRefreshed(account_id=1, account_name="TV", entries=9, streams_created=4),
            SourceRefreshed(account_id=1, account_name="TV", entries=9, groups_only=True),
            OutputBlocked(kind="m3u", address="192.0.2.7"),
        ):
            await world.core.db.write(Unit.publish, event)
        await world.core.events.idle()
        got = (await (await world.signed_in()).get(f"{CORE}system-events/")).json()["events"]
        assert [event["event_type"] for event in got] == ["m3u_blocked", "m3u_refresh"]
        assert got[1]["details"]["streams_created"] == 4
        assert (got[1]["channel_id"], got[1]["event_type_display"]) == (None, "M3U Refreshed")

    @pytest.mark.parametrize("limit", [5, 5000])
    async def test_bounds_the_list_of_events(self, world: World, limit: int) -> None:
        got = (await (await world.signed_in()).get(f"{CORE}system-events/?limit={limit}&offset=2")).json()
        assert got == {"events": [], "count": 0, "total": 0, "offset": 2, "limit": min(limit, 1000)}
