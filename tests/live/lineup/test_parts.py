"""Groups, profiles, logos and streams over REST."""

from typing import Any

import pytest
from sqlalchemy import insert

from polycast.core.storage import Unit
from polycast.live.lineup.model import Viewer
from polycast.live.tables import accounts, group_accounts
from tests.fakes.asgi import AsgiClient
from tests.fakes.http_upstream import ok, upstream
from tests.live.lineup.world import World

GROUPS = "/api/channels/groups/"
PROFILES = "/api/channels/profiles/"
LOGOS = "/api/channels/logos/"
STREAMS = "/api/channels/streams/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def brought(world: World, group_id: int) -> Any:
    """An account brings the group."""

    def add(unit: Unit) -> None:
        unit.execute(
            insert(group_accounts).values(
                account_id=unit.execute(accounts.select()).first().id,  # type: ignore[union-attr]
                group_id=group_id,
                category_id="12",
                sync_start=100_000,
                custom_properties={"group_override": 3},
            )
        )

    return world.db.write(add)


class TestGroups:
    async def test_they_are_a_bare_array_by_name(self, world: World, member: AsgiClient) -> None:
        sports, news = await world.group("sports"), await world.group("News")
        await world.channel(group_id=sports)
        await brought(world, news)
        rows = (await member.get(GROUPS)).json()
        first = next(row for row in rows if row["id"] == news)
        assert [row["name"] for row in rows if row["id"] in {sports, news}] == ["News", "sports"]
        assert next(row["channel_count"] for row in rows if row["id"] == sports) == 1
        assert first["m3u_account_count"] == 1
        assert first["m3u_accounts"] == [
            {
                "m3u_accounts": 1,
                "channel_group": news,
                "enabled": True,
                "auto_channel_sync": False,
                "auto_sync_channel_start": 100.0,
                "auto_sync_channel_end": None,
                "custom_properties": {"group_override": 3, "xc_id": "12"},
                "is_stale": False,
                "last_seen": None,
                "stream_count": 0,
            }
        ]
        assert "results" in (await member.get(f"{GROUPS}?page=1")).json()

    async def test_a_name_is_taken_once(self, admin: AsgiClient) -> None:
        made = await admin.post(GROUPS, json={"name": "Films"})
        again = await admin.post(GROUPS, json={"name": "Films"})
        assert (made.status_code, made.json()["name"]) == (201, "Films")
        assert (again.status_code, again.json()) == (
            400,
            {"name": ["channel group with this name already exists."]},
        )

    async def test_one_that_is_used_stays(self, world: World, admin: AsgiClient) -> None:
        held, bound = await world.group("Held"), await world.group("Bound")
        await world.channel(group_id=held)
        await brought(world, bound)
        for answer in (
            await admin.delete(f"{GROUPS}{held}/"),
            await admin.delete(f"{GROUPS}{bound}/"),
            await admin.patch(f"{GROUPS}{bound}/", json={"name": "Other"}),
        ):
            assert (answer.status_code, list(answer.json())) == (400, ["error"])

    async def test_a_clean_up_drops_what_nothing_uses(self, world: World, admin: AsgiClient) -> None:
        await world.channel(group_id=await world.group("Held"))
        await world.group("Idle")
        answer = (await admin.post(f"{GROUPS}cleanup/")).json()
        assert "Idle" in answer["deleted_groups"]
        assert "Held" not in answer["deleted_groups"]
        assert answer["deleted_count"] == len(answer["deleted_groups"])


class TestProfiles:
    async def test_a_new_one_has_every_channel(self, world: World, admin: AsgiClient) -> None:
        first, second = await world.channel("One"), await world.channel("Two")
        made = await admin.post(PROFILES, json={"name": "Kids"})
        assert (made.status_code, made.json()["channels"]) == (201, [first, second])
        again = await admin.post(PROFILES, json={"name": "Kids"})
        assert again.json() == {"name": ["channel profile with this name already exists."]}

    async def test_channels_are_switched(self, world: World, admin: AsgiClient) -> None:
        first, second = await world.channel("One"), await world.channel("Two")
        profile = (await admin.post(PROFILES, json={"name": "Kids"})).json()["id"]
        one = await admin.patch(f"{PROFILES}{profile}/channels/{first}/", json={"enabled": False})
        assert one.json() == {"channel": first, "enabled": False}
        assert (await admin.get(f"{PROFILES}{profile}/")).json()["channels"] == [second]
        sent = {"channels": [{"channel_id": first, "enabled": True}, {"channel_id": 99, "enabled": True}]}
        refused = await admin.patch(f"{PROFILES}{profile}/channels/bulk-update/", json=sent)
        assert (refused.status_code, refused.json()["invalid_channels"]) == (400, [99])
        done = await admin.patch(
            f"{PROFILES}{profile}/channels/bulk-update/", json={"channels": [{"channel_id": first, "enabled": True}]}
        )
        assert done.json() == {"status": "success", "updated": 1, "created": 0, "invalid_channels": []}
        assert (await admin.patch(f"{PROFILES}77/channels/{first}/", json={"enabled": True})).status_code == 404
        copied = await admin.post(f"{PROFILES}{profile}/duplicate/", json={"name": "Copy"})
        assert (copied.status_code, copied.json()["channels"]) == (201, [first, second])

    async def test_users_see_only_their_own(self, world: World, admin: AsgiClient, member: AsgiClient) -> None:
        kids = (await admin.post(PROFILES, json={"name": "Kids"})).json()["id"]
        other = (await admin.post(PROFILES, json={"name": "Other"})).json()["id"]
        world.people.viewers[2] = Viewer(level=1, profile_ids=frozenset({kids}))
        assert [row["id"] for row in (await member.get(PROFILES)).json()] == [kids]
        assert (await member.get(f"{PROFILES}{other}/")).status_code == 404


class TestLogos:
    async def test_they_tell_who_shows_them(self, world: World, admin: AsgiClient) -> None:
        made = (await admin.post(LOGOS, json={"name": "BBC", "url": "https://logos.example.net/bbc.png"})).json()
        for number in range(7):
            await world.channel(f"Channel {number}", logo_id=made["id"])
        page = (await admin.get(LOGOS)).json()
        assert list(page) == ["count", "next", "previous", "results"]
        [logo] = page["results"]
        assert logo["cache_url"].startswith(f"http://testserver/api/channels/logos/{made['id']}/cache/?v=")
        assert (logo["channel_count"], logo["is_used"]) == (7, True)
        assert logo["channel_names"][-2:] == ["Channel: Channel 4", "...and 2 more"]
        assert (await admin.get(f"{LOGOS}?used=false")).json()["count"] == 0
        assert len((await admin.get(f"{LOGOS}?no_pagination=true&ids={made['id']}&ids=99")).json()) == 1

    async def test_an_address_is_checked(self, admin: AsgiClient) -> None:
        for url in ("file:///etc/passwd", "/data/logos/../secret", "javascript:alert(1)"):
            answer = await admin.post(LOGOS, json={"name": "A", "url": url})
            assert (answer.status_code, answer.json()) == (400, {"url": ["Enter a valid URL."]}), url
        await admin.post(LOGOS, json={"name": "A", "url": "https://a.example/a.png"})
        again = await admin.post(LOGOS, json={"name": "B", "url": "https://a.example/a.png"})
        assert again.json() == {"url": ["logo with this url already exists."]}

    async def test_a_file_is_uploaded_and_served_to_anybody(self, world: World, admin: AsgiClient) -> None:
        made = await admin.upload(f"{LOGOS}upload/", file=("../BBC One.png", PNG, "image/png"), fields={"name": "BBC"})
        assert (made.status_code, made.json()["name"], made.json()["url"]) == (201, "BBC", "/data/logos/_BBC One.png")
        seen = await world.client(None).get(f"{LOGOS}{made.json()['id']}/cache/")
        assert (seen.status_code, seen.content) == (200, PNG)
        assert "max-age=14400" in seen.headers["cache-control"]
        assert "last-modified" in seen.headers
        gone = await admin.delete(f"{LOGOS}{made.json()['id']}/?delete_file=true")
        assert gone.status_code == 204
        assert list((world.data / "logos").iterdir()) == []

    async def test_what_is_no_picture_is_refused(self, admin: AsgiClient) -> None:
        for content in (b"<html>", b"<svg onload='x()'><script>1</script></svg>"):
            answer = await admin.upload(f"{LOGOS}upload/", file=("a.png", content, "image/png"))
            assert (answer.status_code, list(answer.json())) == (400, ["file"])

    # A playlist names the address: what answers on this machine alone is not shown to others.
    async def test_a_picture_of_this_very_machine_is_not_fetched(self, world: World, admin: AsgiClient) -> None:
        async with upstream() as server:
            server.on("/bbc.png", ok(PNG))
            made = (await admin.post(LOGOS, json={"name": "BBC", "url": server.url("/bbc.png")})).json()
            seen = await world.client(None).get(f"{LOGOS}{made['id']}/cache/")
        assert (seen.status_code, server.connections) == (404, 0)

    async def test_a_clean_up_spares_what_is_shown(self, world: World, admin: AsgiClient) -> None:
        shown, idle = [
            (await admin.post(LOGOS, json={"name": name, "url": f"https://a.example/{name}.png"})).json()["id"]
            for name in ("shown", "idle")
        ]
        await world.channel(logo_id=shown)
        answer = (await admin.post(f"{LOGOS}cleanup/", json={})).json()
        assert (answer["deleted_count"], answer["deleted_logos"]) == (1, ["idle"])
        assert (await admin.get(f"{LOGOS}{idle}/")).status_code == 404


class TestStreams:
    async def test_ones_own_are_custom(self, world: World, admin: AsgiClient) -> None:
        made = await admin.post(STREAMS, json={"name": "Cam", "url": "rtsp://cam.lan/1"})
        assert made.status_code == 201
        found = made.json()
        assert (found["is_custom"], found["enabled"], found["url"]) == (True, True, "rtsp://cam.lan/1")
        assert len(found["stream_hash"]) == 64
        off = (await admin.patch(f"{STREAMS}{found['id']}/", json={"enabled": False})).json()
        assert (off["enabled"], off["name"]) == (False, "Cam")
        assert (await admin.get(f"{STREAMS}?enabled=true")).json()["count"] == 0
        assert (await admin.get(f"{STREAMS}?enabled=false")).json()["count"] == 1

    async def test_lists_narrow(self, world: World, admin: AsgiClient) -> None:
        first, second = await world.stream("Sky Sports"), await world.stream("BBC")
        channel = await world.channel(stream_ids=[second])
        for query, names in (
            ("search=sports", ["Sky Sports"]),
            (f"assigned={channel}", ["BBC"]),
            ("unassigned=1", ["Sky Sports"]),
            ("ordering=name", ["BBC", "Sky Sports"]),
            ("", ["Sky Sports", "BBC"]),
            ("m3u_account=99", []),
        ):
            page = (await admin.get(f"{STREAMS}?{query}")).json()
            assert [row["name"] for row in page["results"]] == names, query
        assert [row["id"] for row in (await admin.get(f"{STREAMS}?ids={second},{first}")).json()] == [second, first]
        assert (await admin.get(f"{STREAMS}ids/")).json() == [first, second]
        assert [row["id"] for row in (await admin.post(f"{STREAMS}by-ids/", json={"ids": [first]})).json()] == [first]
        gone = await admin.request("DELETE", f"{STREAMS}bulk-delete/", json={"stream_ids": [first, second]})
        assert gone.status_code == 204
        assert (await admin.get(f"{STREAMS}{first}/")).status_code == 404

    @pytest.mark.parametrize("path", [GROUPS, PROFILES, LOGOS, STREAMS])
    async def test_only_administrators_write(self, world: World, member: AsgiClient, path: str) -> None:
        assert (await member.post(path, json={"name": "A", "url": "http://a.example/"})).status_code == 403
        assert (await world.client(None).get(path)).status_code == 401
        assert (await member.get(f"{path}99/")).status_code == 404
