"""`/api/m3u/`: accounts of providers, and that their logins never come back out."""

from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from polycast.live.sources.model import DeleteAccount
from tests.fakes.asgi import AsgiClient, Heard
from tests.fakes.runs import DirectRun
from tests.live.rest.world import World

ACCOUNTS = "/api/m3u/accounts/"
PLAYLIST = {"name": "Free TV", "server_url": "http://tv.example/get.php?username=anna&password=pea-soup-4"}
PANEL = {
    "name": "Panel",
    "account_type": "XC",
    "server_url": "http://panel.example:8080",
    "username": "xanna",
    "password": "pea-soup-4",
}


async def made(owner: AsgiClient, sent: dict[str, Any]) -> dict[str, Any]:
    got = await owner.post(ACCOUNTS, json=sent)
    assert got.status_code == 201, got.text
    found: dict[str, Any] = got.json()
    return found


class TestAnAccount:
    async def test_has_every_field_that_clients_know(self, world: World) -> None:
        owner = await world.signed_in()
        [custom] = (await owner.get(ACCOUNTS)).json()
        assert (custom["name"], custom["locked"]) == ("custom", True)
        account = await made(owner, PLAYLIST)
        assert (account["account_type"], account["status"], account["stale_stream_days"]) == ("STD", "idle", 7)
        assert (account["refresh_interval"], account["cron_expression"], account["priority"]) == (0, "", 0)
        assert (account["filters"], account["channel_groups"], account["all_expirations"]) == ([], [], [])
        assert account["custom_properties"]["auto_enable_new_groups_live"] is True
        assert account["custom_properties"]["orphan_channel_cleanup"] == "always"
        [profile] = account["profiles"]
        assert (profile["name"], profile["is_default"]) == ("Free TV Default", True)
        assert (profile["search_pattern"], profile["replace_pattern"]) == ("^(.*)$", "$1")
        assert profile["account"] == {
            "id": account["id"],
            "name": "Free TV",
            "account_type": "STD",
            "is_xtream_codes": False,
        }
        assert (await owner.get(f"{ACCOUNTS}{account['id']}/")).json() == account

    async def test_never_shows_a_login(self, world: World) -> None:
        owner = await world.signed_in()
        answers = [await owner.post(ACCOUNTS, json=sent) for sent in (PLAYLIST, PANEL)]
        answers += [await owner.get(ACCOUNTS), await owner.get("/api/m3u/server-groups/")]
        for answer in answers:
            assert "pea-soup" not in answer.text
            assert "anna" not in answer.text
        panel = answers[1].json()
        assert (panel["username"], "password" in panel) == ("***", False)
        assert answers[0].json()["server_url"].startswith("http://tv.example/get.php?username=***&password=***")

    async def test_keeps_its_login_when_the_stars_come_back(self, world: World) -> None:
        owner = await world.signed_in()
        panel = await made(owner, PANEL)
        sent = panel | {"password": "", "name": "Renamed", "max_streams": 3}
        got = await owner.put(f"{ACCOUNTS}{panel['id']}/", json=sent)
        assert (got.status_code, got.json()["name"], got.json()["username"]) == (200, "Renamed", "***")
        assert got.json()["max_streams"] == 3

    async def test_is_made_from_an_uploaded_file(self, world: World) -> None:
        owner = await world.signed_in()
        content = b'#EXTM3U\n#EXTINF:-1 group-title="News",One\nhttp://tv.example/1.ts\n'
        got = await owner.upload(ACCOUNTS, file=("my list.m3u", content, "audio/x-mpegurl"), fields={"name": "File"})
        assert got.status_code == 201, got.text
        path = world.core.data_dir / got.json()["file_path"]
        assert path.read_bytes() == content
        got = await owner.upload(ACCOUNTS, file=("x.exe", content, "text/plain"), fields={"name": "Bad"})
        assert (got.status_code, list(got.json())) == (400, ["file"])
        assert [one.name for one in path.parent.iterdir()] == [path.name]

    async def test_takes_its_uploaded_file_along_when_it_goes(self, world: World) -> None:
        owner = await world.signed_in()
        file = ("list.m3u", b"#EXTM3U\n#EXTINF:-1,One\nhttp://tv.example/1.ts\n", "audio/x-mpegurl")
        first = (await owner.upload(ACCOUNTS, file=file, fields={"name": "File"})).json()
        shared = await made(owner, {"name": "Same file", "file_path": first["file_path"]})
        path = world.core.data_dir / first["file_path"]
        for account in (first, shared):
            assert path.is_file()
            assert (await owner.delete(f"{ACCOUNTS}{account['id']}/")).status_code == 200
            await world.rooms.sources.accounts.remove_deleted(DeleteAccount(account["id"]), DirectRun())
        assert not path.exists()

    async def test_says_what_is_wrong(self, world: World) -> None:
        owner = await world.signed_in()
        await made(owner, PLAYLIST)
        assert (await owner.post(ACCOUNTS, json={})).json() == {"name": ["This field is required."]}
        got = await owner.post(ACCOUNTS, json=PLAYLIST | {"refresh_interval": -1, "server_group": 9, "user_agent": 99})
        assert (got.status_code, got.json()) == (
            400,
            {
                "name": ["m3u account with this name already exists."],
                "refresh_interval": ["Ensure this value is greater than or equal to 0."],
                "server_group": ['Invalid pk "9" - object does not exist.'],
                "user_agent": ['Invalid pk "99" - object does not exist.'],
            },
        )
        got = await owner.post(ACCOUNTS, json={"name": "P", "account_type": "XC"})
        assert set(got.json()) == {"server_url", "username", "password"}
        got = await owner.post(ACCOUNTS, json={"name": "C", "cron_expression": "every day"})
        assert got.json() == {"cron_expression": ["Enter five cron fields, like 0 3 * * *."]}

    async def test_that_is_locked_stays(self, world: World) -> None:
        owner = await world.signed_in()
        [custom] = (await owner.get(ACCOUNTS)).json()
        assert (await owner.delete(f"{ACCOUNTS}{custom['id']}/")).status_code == 400
        assert (await owner.patch(f"{ACCOUNTS}{custom['id']}/", json={"name": "mine"})).status_code == 400

    async def test_is_removed_and_tells_how_many_channels_went(self, world: World) -> None:
        owner = await world.signed_in()
        account = await made(owner, PLAYLIST)
        got = await owner.delete(f"{ACCOUNTS}{account['id']}/")
        assert (got.status_code, got.json()) == (200, {"deleted_channels": 0})
        assert (await owner.get(f"{ACCOUNTS}{account['id']}/")).status_code == 404

    async def test_is_refreshed_in_the_background(self, world: World) -> None:
        owner = await world.signed_in()
        account = await made(owner, PLAYLIST)
        got = await owner.post(f"/api/m3u/refresh/{account['id']}/")
        assert (got.status_code, got.json()["success"]) == (202, True)
        assert (await owner.post("/api/m3u/refresh/")).status_code == 202
        assert (await owner.post("/api/m3u/refresh/9999/")).status_code == 404
        [profile] = account["profiles"]
        got = await owner.post(f"/api/m3u/refresh-account-info/{profile['id']}/")
        assert got.status_code == 400
        assert (await owner.post("/api/m3u/refresh-account-info/9999/")).status_code == 404
        got = await owner.post(f"{ACCOUNTS}{account['id']}/refresh-vod/")
        assert (got.status_code, got.json()) == (
            400,
            {"error": "VOD refresh is only available for XtreamCodes accounts"},
        )
        panel = await made(owner, PANEL)
        assert (await owner.post(f"{ACCOUNTS}{panel['id']}/refresh-vod/")).status_code == 501
        count = await owner.get(f"{ACCOUNTS}{account['id']}/auto-created-channels-count/")
        assert count.json() == {"count": 0, "sample_names": []}

    async def test_is_seen_by_members_and_changed_by_administrators(self, world: World) -> None:
        member = await world.signed_in(Role.MEMBER)
        assert (await member.get(ACCOUNTS)).status_code == 200
        assert (await member.post(ACCOUNTS, json=PLAYLIST)).status_code == 403
        assert (await (await world.signed_in(Role.GUEST)).get(ACCOUNTS)).status_code == 403


class TestItsParts:
    async def test_profiles(self, world: World) -> None:
        owner = await world.signed_in()
        account = await made(owner, PANEL)
        root = f"{ACCOUNTS}{account['id']}/profiles/"
        sent = {"name": "Second", "search_pattern": "xanna/(.*)", "replace_pattern": "berta/$1", "max_streams": 2}
        got = await owner.post(root, json=sent)
        assert (got.status_code, got.json()["max_streams"], got.json()["current_viewers"]) == (201, 2, 0)
        profile = got.json()
        assert [one["name"] for one in (await owner.get(root)).json()] == ["Panel Default", "Second"]
        assert (await owner.get(f"{root}{profile['id']}/")).json() == profile
        default = account["profiles"][0]
        got = await owner.patch(f"{root}{default['id']}/", json={"max_streams": 9})
        assert (got.status_code, list(got.json())) == (400, ["max_streams"])
        assert (await owner.delete(f"{root}{default['id']}/")).status_code in (400, 409)
        assert (await owner.delete(f"{root}{profile['id']}/")).status_code == 204
        assert (await owner.post(root, json={"name": "X"})).json() == {
            "search_pattern": ["This field is required."],
            "replace_pattern": ["This field is required."],
        }

    # A rewriting of logins holds one; those who only look see stars.
    async def test_patterns_are_for_administrators(self, world: World) -> None:
        owner, member = await world.signed_in(), await world.signed_in(Role.MEMBER)
        account = await made(owner, PANEL)
        root = f"{ACCOUNTS}{account['id']}/profiles/"
        sent = {"name": "Second", "search_pattern": "u1/p1", "replace_pattern": "u2/p2"}
        profile = (await owner.post(root, json=sent)).json()
        assert "u2/p2" not in (await member.get(ACCOUNTS)).text
        seen = (await member.get(f"{root}{profile['id']}/")).json()
        assert (seen["search_pattern"], seen["replace_pattern"]) == ("***", "***")
        got = await owner.patch(f"{root}{profile['id']}/", json={"search_pattern": "***", "max_streams": 4})
        assert (got.json()["search_pattern"], got.json()["max_streams"]) == ("u1/p1", 4)

    async def test_filters(self, world: World) -> None:
        owner = await world.signed_in()
        account = await made(owner, PLAYLIST)
        root = f"{ACCOUNTS}{account['id']}/filters/"
        sent = {"filter_type": "group", "regex_pattern": "^XXX", "custom_properties": {"case_sensitive": False}}
        got = await owner.post(root, json=sent)
        assert (got.status_code, got.json()["order"], got.json()["exclude"]) == (201, 0, True)
        assert got.json()["custom_properties"] == {"case_sensitive": False}
        path = f"{root}{got.json()['id']}/"
        assert (await owner.patch(path, json={"exclude": False, "order": 4})).json()["order"] == 4
        got = await owner.patch(path, json={"regex_pattern": "(", "filter_type": "colour"})
        assert (got.status_code, set(got.json())) == (400, {"regex_pattern", "filter_type"})
        assert got.json()["filter_type"] == ['"colour" is not a valid choice.']
        assert [one["exclude"] for one in (await owner.get(f"{ACCOUNTS}{account['id']}/")).json()["filters"]] == [False]
        assert (await owner.delete(path)).status_code == 204
        assert (await owner.get(f"{ACCOUNTS}9999/filters/")).status_code == 404

    async def test_groups_of_servers(self, world: World) -> None:
        owner = await world.signed_in()
        root = "/api/m3u/server-groups/"
        group = (await owner.post(root, json={"name": "One panel"})).json()
        assert (await owner.get(root)).json() == [group]
        assert (await owner.get(f"{root}?page_size=1")).json()["results"] == [group]
        got = await owner.post(root, json={"name": "One panel"})
        assert got.json() == {"name": ["server group with this name already exists."]}
        account = await made(owner, PANEL | {"server_group": group["id"]})
        assert account["server_group"] == group["id"]
        assert (await owner.patch(f"{root}{group['id']}/", json={"name": "Two"})).json()["name"] == "Two"
        assert (await owner.delete(f"{root}{group['id']}/")).status_code == 204
        assert (await owner.get(f"{ACCOUNTS}{account['id']}/")).json()["server_group"] is None

    async def test_groups_of_channels(self, world: World) -> None:
        owner = await world.signed_in()
        account = await made(owner, PLAYLIST)
        path = f"{ACCOUNTS}{account['id']}/group-settings/"
        got = await owner.patch(path, json={"group_settings": [], "category_settings": [{"id": 1}]})
        assert (got.status_code, list(got.json())) == (200, ["message"])
        got = await owner.patch(path, json={"group_settings": [{"channel_group": 77, "enabled": True}]})
        assert (got.status_code, got.json()) == (
            400,
            {"group_settings": ['Invalid pk "77" - object does not exist.']},
        )


class TestBodies:
    """What every route does with bodies it cannot read."""

    async def ask(self, world: World, content: bytes, kind: str) -> Heard:
        owner = await world.signed_in()
        return await owner.post("/api/m3u/server-groups/", content=content, headers={"content-type": kind})

    async def test_broken_json(self, world: World) -> None:
        got = await self.ask(world, b'{"name": ', "application/json")
        assert got.status_code == 400
        assert got.json()["detail"].startswith("JSON parse error - ")

    @pytest.mark.parametrize("kind", ["text/xml", "application/x-tar"])
    async def test_another_type(self, world: World, kind: str) -> None:
        got = await self.ask(world, b"<a/>", kind)
        assert (got.status_code, got.json()) == (415, {"detail": f'Unsupported media type "{kind}" in request.'})

    async def test_a_list_where_an_object_belongs(self, world: World) -> None:
        got = await self.ask(world, b"[]", "application/json")
        told = ["Invalid data. Expected a dictionary, but got list."]
        assert (got.status_code, got.json()) == (400, {"non_field_errors": told})

    async def test_another_method(self, world: World) -> None:
        got = await (await world.signed_in()).put("/api/m3u/server-groups/", json={})
        assert (got.status_code, got.json()) == (405, {"detail": 'Method "PUT" not allowed.'})
        assert got.headers["allow"] == "GET, HEAD, POST"

    # A client without the slash is sent on when it reads, and served when it writes: a redirect would lose the body.
    async def test_a_missing_slash(self, world: World) -> None:
        owner = await world.signed_in()
        got = await owner.get("/api/m3u/server-groups?page=1")
        assert (got.status_code, got.headers["location"]) == (301, "/api/m3u/server-groups/?page=1")
        assert (await owner.post("/api/m3u/server-groups", json={"name": "A"})).status_code == 201
