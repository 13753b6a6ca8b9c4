"""`/polycast/v1/live/sources`: playlists and guides in one list, as our own pages read it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role
from polycast.core.storage import Unit
from polycast.live.guide.model import GuideFailed, GuideRefreshed
from polycast.live.sources.accounts.forms import AccountForm, FilterForm
from polycast.live.sources.model import SourceFailed, SourceRefreshed
from polycast.live.sources.streams.model import StreamQuery
from polycast.live.tables import slots
from tests.fakes.asgi import AsgiClient
from tests.fakes.http_upstream import ok, status, upstream
from tests.fakes.xtream_panel import XtreamPanel
from tests.live.polycast.world import World, publish
from tests.live.sources.world import SAMPLES

SOURCES = "/polycast/v1/live/sources"
CANARY = "pass-canary"
TWO_GROUPS = """#EXTM3U
#EXTINF:-1 tvg-id="news" group-title="News",News One
http://streams.example.net/news.ts
#EXTINF:-1 tvg-id="news2" group-title="News",News Two
http://streams.example.net/news2.ts
#EXTINF:-1 tvg-id="sport" group-title="Sport",Sport One
http://streams.example.net/sport.ts
"""


async def got(client: AsgiClient, path: str, status: int = 200) -> Any:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


async def filled(world: World) -> int:
    """A refreshed playlist of three streams, one of which plays; its id."""
    account_id = await world.playlist(TWO_GROUPS, refresh_hours=24, max_streams=2)
    await world.refresh(account_id)
    stream = (await world.sources.streams.page(SYSTEM, StreamQuery(descending=False), limit=1)).items[0]
    await world.channel("News", 1000, stream_ids=[stream.id])
    profile = (await world.sources.accounts.get(SYSTEM, account_id)).profiles[0]

    def take(unit: Unit) -> None:
        row = {
            "account_id": account_id,
            "account_profile_id": profile.id,
            "holder": "channel:x",
            "node": "n",
            "taken_at": world.clock.now(),
            "lease_until": world.clock.now() + timedelta(seconds=30),
        }
        unit.execute(insert(slots).values(**row))

    await world.db.write(take)
    return account_id


class TestTheListOfSources:
    async def test_has_playlists_and_guides_with_how_much_is_used(self, world: World, admin: AsgiClient) -> None:
        account_id = await filled(world)
        await world.guide()
        guide_id = (await world.guides.all(SYSTEM))[0].id
        items = (await got(admin, SOURCES))["items"]
        by_ref = {item["ref"]: item for item in items}
        playlist = by_ref[f"m3u:{account_id}"]
        job = playlist.pop("job")
        assert (job["name"], job["state"]) == ("live.refresh_account", "waiting")
        assert playlist.pop("message").startswith("3 ")
        assert playlist == {
            "ref": f"m3u:{account_id}",
            "kind": "playlist",
            "id": account_id,
            "name": "List",
            "address": "m3us/List.m3u",
            "is_active": True,
            "locked": False,
            "status": "success",
            "updated_at": "2026-11-21T12:00:00Z",
            "next_at": "2026-11-22T12:00:00Z",
            "streams": 3,
            "channels": 1,
            "groups": 2,
            "groups_enabled": 2,
            "programmes": 0,
            "max_streams": 2,
            "used_streams": 1,
            "expires_at": None,
            "refresh_hours": 24,
        }
        guide = by_ref[f"epg:{guide_id}"]
        assert (guide["kind"], guide["status"], guide["channels"]) == ("guide", "success", 1)
        assert guide["job"]["name"] == "live.refresh_guide"
        assert [item["locked"] for item in items if item["kind"] == "playlist" and item["id"] != account_id] == [True]

    async def test_shows_no_credential(self, world: World, admin: AsgiClient) -> None:
        url = f"http://panel.example.net/get.php?username=u&password={CANARY}"
        await world.sources.accounts.create(SYSTEM, AccountForm(name="X", url=url))
        answer = await admin.get(SOURCES)
        assert CANARY not in answer.text
        assert "password=***" in answer.text

    async def test_is_for_those_who_may_read(self, world: World) -> None:
        assert (await world.client(None).get(SOURCES)).status_code == 401
        refused = await world.client(Role.GUEST).get(SOURCES)
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
        assert refused.json()["type"] == "polycast:not_allowed/scope"


class TestSomebodyTriesASource:
    async def test_a_playlist_is_counted(self, admin: AsgiClient) -> None:
        async with upstream() as server:
            server.on("/list.m3u", ok(TWO_GROUPS.encode()))
            found = await admin.post(f"{SOURCES}/test", json={"kind": "playlist", "url": server.url("/list.m3u")})
        assert found.json() == {
            "ok": True,
            "text": "A playlist with 3 streams.",
            "streams": 3,
            "groups": 2,
            "channels": None,
            "programmes": None,
            "max_streams": None,
            "expires_at": None,
        }

    async def test_a_panel_tells_of_its_login(self, admin: AsgiClient) -> None:
        async with upstream() as server:
            server.on("/player_api.php", XtreamPanel())
            body = {"kind": "xtream", "url": server.url(), "username": "user-canary", "password": CANARY}
            found = (await admin.post(f"{SOURCES}/test", json=body)).json()
            wrong = (await admin.post(f"{SOURCES}/test", json={**body, "password": "no"})).json()
        assert (found["ok"], found["groups"], found["max_streams"]) == (True, 2, 2)
        assert found["expires_at"] == "2027-01-01T00:00:00Z"
        assert wrong["ok"] is False
        assert wrong["text"]

    async def test_a_guide_is_counted(self, admin: AsgiClient) -> None:
        async with upstream() as server:
            server.on("/guide.xml", ok((SAMPLES / "small.xml").read_bytes()))
            found = await admin.post(f"{SOURCES}/test", json={"kind": "guide", "url": server.url("/guide.xml")})
        assert (found.json()["channels"], found.json()["programmes"]) == (3, 7)

    async def test_a_tuner_tells_of_its_line_up(self, admin: AsgiClient) -> None:
        async with upstream() as server:
            server.on("/discover.json", ok(json.dumps({"FriendlyName": "Attic", "TunerCount": 4}).encode()))
            server.on("/lineup.json", ok(json.dumps([{"GuideNumber": "1", "GuideName": "One"}]).encode()))
            found = (await admin.post(f"{SOURCES}/test", json={"kind": "hdhr", "url": server.url()})).json()
        assert (found["text"], found["streams"], found["max_streams"]) == ("Attic offers 1 channels.", 1, 4)

    @pytest.mark.parametrize(
        ("answer", "word"),
        [
            (ok(b"<!doctype html><html>", "text/html"), "web page"),
            (ok(b""), "empty"),
            (status(403), "403"),
        ],
    )
    async def test_what_is_no_playlist_is_told_in_words(self, admin: AsgiClient, answer: Any, word: str) -> None:
        async with upstream() as server:
            server.on("/x", answer)
            found = await admin.post(f"{SOURCES}/test", json={"kind": "playlist", "url": server.url("/x")})
        assert found.status_code == 200
        assert found.json()["ok"] is False
        assert word in found.json()["text"]

    async def test_a_large_playlist_is_judged_by_its_beginning(self, admin: AsgiClient) -> None:
        entry = b"#EXTINF:-1,One\nhttp://streams.example.net/1.ts\n"
        async with upstream() as server:
            server.on("/big.m3u", ok(b"#EXTM3U\n" + entry * 200_000))
            found = await admin.post(f"{SOURCES}/test", json={"kind": "playlist", "url": server.url("/big.m3u")})
        assert (found.json()["ok"], found.json()["streams"]) == (True, None)

    async def test_what_is_missing_is_told_field_by_field(self, admin: AsgiClient) -> None:
        refused = await admin.post(f"{SOURCES}/test", json={"kind": "xtream", "url": "http://h.example/***"})
        assert refused.status_code == 400
        assert [(p["path"], p["code"]) for p in refused.json()["problems"]] == [
            ("url", "masked"),
            ("username", "required"),
            ("password", "required"),
        ]

    async def test_members_may_not(self, world: World) -> None:
        refused = await world.client(Role.MEMBER).post(f"{SOURCES}/test", json={"kind": "playlist", "url": "http://x"})
        assert refused.status_code == 403


class TestTheHistoryOfASource:
    async def test_lists_its_refreshes_the_youngest_first(self, each_world: World) -> None:
        world = each_world
        account_id = await world.playlist(TWO_GROUPS)
        await world.refresh(account_id)
        odd = f'"account_id":{account_id},'
        await publish(
            world.db,
            [
                SourceFailed(account_id=account_id, account_name="List", reason="silent", message="No answer."),
                SourceFailed(account_id=account_id + 1, account_name=odd, reason="silent", message="Another's."),
            ],
        )
        page = await got(world.client(), f"{SOURCES}/m3u:{account_id}/history?limit=1")
        assert [(run["ok"], run["text"]) for run in page["items"]] == [(False, "No answer.")]
        page = await got(world.client(), f"{SOURCES}/m3u:{account_id}/history?cursor={page['next']}")
        assert page["next"] is None
        [run] = page["items"]
        assert (run["ok"], run["added"], run["changed"], run["removed"]) == (True, 3, 0, 0)

    async def test_knows_when_a_refresh_began(self, world: World, admin: AsgiClient) -> None:
        account_id = await world.playlist(TWO_GROUPS)
        done = SourceRefreshed(account_id=account_id, account_name="List", entries=3, elapsed_seconds=90, message="x")
        await publish(world.db, [done])
        [run] = (await got(admin, f"{SOURCES}/m3u:{account_id}/history"))["items"]
        began, ended = (datetime.fromisoformat(run[name]) for name in ("started_at", "ended_at"))
        assert ended == datetime(2026, 11, 21, 12, tzinfo=UTC)
        assert ended - began == timedelta(seconds=90)

    async def test_is_there_for_guides(self, world: World, admin: AsgiClient) -> None:
        await world.guide()
        guide_id = (await world.guides.all(SYSTEM))[0].id
        await publish(
            world.db,
            [
                GuideRefreshed(source_id=guide_id, source_name="Guide", channels=3, programmes=7, changed=2),
                GuideFailed(source_id=guide_id, source_name="Guide", reason="silent", message="No answer."),
            ],
        )
        page = await got(admin, f"{SOURCES}/epg:{guide_id}/history")
        assert [(run["ok"], run["changed"]) for run in page["items"]][:2] == [(False, 0), (True, 2)]

    @pytest.mark.parametrize("ref", ["m3u:999", "epg:999", "m3u", "m3u:x", "other:1"])
    async def test_is_not_there_for_unknown_sources(self, admin: AsgiClient, ref: str) -> None:
        assert (await got(admin, f"{SOURCES}/{ref}/history", 404))["code"] == "not_found"

    async def test_refuses_a_strange_cursor(self, world: World, admin: AsgiClient) -> None:
        account_id = await world.playlist(TWO_GROUPS)
        refused = await got(admin, f"{SOURCES}/m3u:{account_id}/history?cursor=abc", 400)
        assert refused["problems"][0]["path"] == "cursor"


class TestTheGroupsOfAPlaylist:
    async def test_are_found_by_name(self, world: World, admin: AsgiClient) -> None:
        account_id = await filled(world)
        page = await got(admin, f"{SOURCES}/m3u:{account_id}/groups?search=SPO")
        assert page["total"] == 1
        [group] = page["items"]
        assert group.pop("group_id") > 0
        assert group == {
            "name": "Sport",
            "streams": 1,
            "enabled": True,
            "auto_sync": False,
            "start": None,
            "end": None,
            "is_stale": False,
        }
        assert (await got(admin, f"{SOURCES}/m3u:{account_id}/groups?offset=1&limit=5"))["total"] == 2

    async def test_are_chosen_many_at_once(self, world: World, admin: AsgiClient) -> None:
        path = f"{SOURCES}/m3u:{await filled(world)}/groups"
        found = {group["name"]: group["group_id"] for group in (await got(admin, path))["items"]}
        body = {"group_ids": [found["News"]], "enabled": False, "auto_sync": True}
        assert (await admin.patch(path, json=body)).json() == {"count": 1}
        states = {g["name"]: (g["enabled"], g["auto_sync"]) for g in (await got(admin, path))["items"]}
        assert states == {"News": (False, True), "Sport": (True, False)}
        assert (await admin.patch(path, json={"all": True, "search": "new", "enabled": True})).json() == {"count": 1}
        assert (await admin.patch(path, json={"all": True, "search": "none", "enabled": True})).json() == {"count": 0}

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"enabled": True}, "group_ids"),
            ({"all": True}, "enabled"),
            ({"group_ids": [99], "enabled": True}, "group_ids"),
        ],
    )
    async def test_a_wrong_choice_is_refused(
        self, world: World, admin: AsgiClient, body: dict[str, Any], path: str
    ) -> None:
        refused = await admin.patch(f"{SOURCES}/m3u:{await filled(world)}/groups", json=body)
        assert refused.status_code == 400
        assert refused.json()["problems"][0]["path"] == path

    async def test_members_may_look_but_not_choose(self, world: World) -> None:
        path, member = f"{SOURCES}/m3u:{await filled(world)}/groups", world.client(Role.MEMBER)
        assert (await got(member, path))["total"] == 2
        assert (await member.patch(path, json={"all": True, "enabled": False})).status_code == 403

    async def test_guides_have_none(self, world: World, admin: AsgiClient) -> None:
        await world.guide()
        guide_id = (await world.guides.all(SYSTEM))[0].id
        await got(admin, f"{SOURCES}/epg:{guide_id}/groups", 404)


def rule(pattern: str, kind: str = "name", *, exclude: bool = True, case_sensitive: bool = False) -> dict[str, Any]:
    return {"filter_type": kind, "regex_pattern": pattern, "exclude": exclude, "case_sensitive": case_sensitive}


class TestAPreviewOfFilters:
    async def test_the_first_that_matches_decides(self, each_world: World) -> None:
        path = f"{SOURCES}/m3u:{await filled(each_world)}/filters/preview"
        filters = [rule("^news one$", exclude=False), rule("^News$", "group", case_sensitive=True)]
        found = (await each_world.client().post(path, json={"filters": filters})).json()
        assert (found["kept"], found["dropped"], found["problems"]) == (2, 1, [])
        assert sorted((s["name"], s["group"], s["kept"], s["by"]) for s in found["samples"]) == [
            ("News One", "News", True, 0),
            ("News Two", "News", False, 1),
            ("Sport One", "Sport", True, None),
        ]

    async def test_says_the_same_as_the_next_refresh(self, world: World, admin: AsgiClient) -> None:
        account_id = await filled(world)
        wanted = rule("two|sport")
        found = (await admin.post(f"{SOURCES}/m3u:{account_id}/filters/preview", json={"filters": [wanted]})).json()
        await world.sources.filters.create(SYSTEM, account_id, FilterForm(**wanted))
        await world.refresh(account_id)
        present = await world.sources.streams.page(SYSTEM, StreamQuery(hide_stale=True), limit=10)
        assert len(present.items) == found["kept"] == 1

    async def test_a_wrong_pattern_is_told_and_left_out(self, world: World, admin: AsgiClient) -> None:
        path = f"{SOURCES}/m3u:{await filled(world)}/filters/preview"
        filters = [rule("("), rule(""), rule("sport")]
        found = (await admin.post(path, json={"filters": filters})).json()
        assert [problem["path"] for problem in found["problems"]] == [
            "filters.0.regex_pattern",
            "filters.1.regex_pattern",
        ]
        assert (found["kept"], found["dropped"]) == (2, 1)

    async def test_of_unknown_kinds_is_refused(self, world: World, admin: AsgiClient) -> None:
        path = f"{SOURCES}/m3u:{await filled(world)}/filters/preview"
        refused = await admin.post(path, json={"filters": [rule("x", "colour")]})
        assert refused.status_code == 400
        assert refused.json()["problems"][0]["path"] == "filters.0.filter_type"

    async def test_a_slow_pattern_ends_it(self, world: World, admin: AsgiClient) -> None:
        account_id = await world.playlist(f"#EXTM3U\n#EXTINF:-1,{'a' * 200}!\nhttp://streams.example.net/a.ts\n")
        await world.refresh(account_id)
        path = f"{SOURCES}/m3u:{account_id}/filters/preview"
        found = (await admin.post(path, json={"filters": [rule("^(a|aa)+$")]})).json()
        assert [problem["code"] for problem in found["problems"]] == ["regex_too_slow"]
