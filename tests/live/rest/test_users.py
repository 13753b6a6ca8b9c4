"""Users as clients of the original see, make and change them."""

from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from tests.live.rest.world import World
from tests.server import PASSWORD

USERS = "/api/accounts/users/"
ME = f"{USERS}me/"
BEN = {"username": "ben", "password": PASSWORD, "user_level": 1, "stream_limit": 2}


async def made(world: World, **more: Any) -> dict[str, Any]:
    got = await (await world.signed_in()).post(USERS, json=BEN | more)
    assert got.status_code == 201, got.text
    found: dict[str, Any] = got.json()
    return found


class TestAnAdministrator:
    async def test_makes_a_user_who_can_sign_in(self, world: World) -> None:
        ben = await made(world, first_name="Ben", custom_properties={"epg_days": 7})
        assert ben["user_level"] == 1
        assert (ben["stream_limit"], ben["first_name"], ben["is_staff"]) == (2, "Ben", False)
        assert (ben["custom_properties"], ben["avatar_config"]) == ({"epg_days": 7}, {"style": "circle"})
        assert (ben["api_key"], ben["api_keys"], ben["channel_profiles"]) == (None, [], [])
        assert "password" not in ben
        sent = {"username": "ben", "password": PASSWORD}
        assert (await world.client().post("/api/accounts/token/", json=sent)).status_code == 200

    async def test_sees_a_bare_list_or_pages(self, world: World) -> None:
        await made(world)
        owner = await world.signed_in()
        bare = (await owner.get(USERS)).json()
        assert [user["username"] for user in bare] == ["owner", "ben"]
        page = (await owner.get(f"{USERS}?page=2&page_size=1")).json()
        assert (page["count"], page["next"]) == (2, None)
        assert page["previous"] == f"http://testserver{USERS}?page_size=1"
        assert [user["username"] for user in page["results"]] == ["ben"]
        got = await owner.get(f"{USERS}?page=3&page_size=1")
        assert (got.status_code, got.json()) == (404, {"detail": "Invalid page."})

    async def test_is_told_what_is_wrong_field_by_field(self, world: World) -> None:
        await made(world)
        owner = await world.signed_in()
        got = await owner.post(USERS, json=BEN)
        assert (got.status_code, got.json()) == (400, {"username": ["user with this username already exists."]})
        got = await owner.post(USERS, json={"username": "a b", "password": "x", "channel_profiles": [5]})
        assert (got.status_code, got.json()) == (400, {"channel_profiles": ['Invalid pk "5" - object does not exist.']})
        got = await owner.post(USERS, json={"username": "a b", "password": "x"})
        assert set(got.json()) == {"username", "password"}
        assert got.json()["password"] == ["Ensure this field has at least 8 characters."]
        got = await owner.post(USERS, json={"user_level": "high", "stream_limit": -1, "username": None})
        assert got.json() == {
            "username": ["This field may not be null."],
            "password": ["This field is required."],
            "user_level": ["A valid integer is required."],
            "stream_limit": ["Ensure this value is greater than or equal to 0."],
        }
        got = await owner.post(USERS, json=BEN | {"username": "eve", "user_level": 7})
        assert got.json() == {"user_level": ['"7" is not a valid choice.']}

    # A player puts the name into a path: /ben/secret/12.ts must not be taken for /api/...
    async def test_cannot_name_a_user_like_a_path(self, world: World) -> None:
        world.front.first_words()
        got = await (await world.signed_in()).post(USERS, json=BEN | {"username": "a/b"})
        assert (got.status_code, list(got.json())) == (400, ["username"])

    async def test_merges_properties_and_takes_single_ones_away(self, world: World) -> None:
        ben = await made(world, custom_properties={"epg_days": 7, "mine": "kept"})
        owner = await world.signed_in()
        got = await owner.patch(
            f"{USERS}{ben['id']}/", json={"custom_properties": {"epg_days": None, "navOrder": ["guide"]}}
        )
        assert got.json()["custom_properties"] == {"mine": "kept", "navOrder": ["guide"]}
        put = await owner.put(f"{USERS}{ben['id']}/", json={"username": "ben", "custom_properties": {"epg_days": 1}})
        assert put.json()["custom_properties"] == {"epg_days": 1}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"epg_days": 400},
            {"output_format": "avi"},
            {"allowed_networks": {"UI": "10.0.0.0/99"}},
            {"x": "y" * 200_000},
        ],
    )
    async def test_cannot_set_properties_that_mean_nothing(self, world: World, wrong: dict[str, Any]) -> None:
        got = await (await world.signed_in()).post(USERS, json=BEN | {"custom_properties": wrong})
        assert (got.status_code, list(got.json())) == (400, ["custom_properties"])

    async def test_gives_levels_that_are_roles(self, world: World) -> None:
        ben = await made(world)
        owner = await world.signed_in()
        for level, role in ((10, Role.ADMIN), (0, Role.GUEST), (1, Role.MEMBER)):
            got = await owner.patch(f"{USERS}{ben['id']}/", json={"user_level": level})
            assert (got.json()["user_level"], got.json()["is_superuser"]) == (level, level == 10)
            found = await world.core.identity.users.find("ben")
            assert found is not None
            assert found.role is role

    async def test_stays_an_owner_when_the_level_is_sent_back(self, world: World) -> None:
        owner = await world.signed_in()
        me = (await owner.get(ME)).json()
        assert (await owner.patch(f"{USERS}{me['id']}/", json={"user_level": 10})).status_code == 200
        found = await world.core.identity.users.find("owner")
        assert found is not None
        assert found.role is Role.OWNER
        got = await owner.delete(f"{USERS}{me['id']}/")
        assert (got.status_code, got.json()) == (409, {"detail": "The last owner cannot be taken away."})

    async def test_removes_a_user(self, world: World) -> None:
        ben = await made(world)
        owner = await world.signed_in()
        got = await owner.delete(f"{USERS}{ben['id']}/")
        assert (got.status_code, got.content) == (204, b"")
        assert (await owner.get(f"{USERS}{ben['id']}/")).json() == {"detail": "Not found."}

    async def test_who_is_an_operator_manages_no_users(self, world: World) -> None:
        operator = await world.signed_in(Role.OPERATOR)
        assert (await operator.get(ME)).json()["user_level"] == 10
        assert (await operator.get(USERS)).status_code == 403


class TestThePasswordOfPlayers:
    async def test_is_a_device_password(self, world: World) -> None:
        ben = await made(world, custom_properties={"xc_password": "tv.secret-9x"})
        assert ben["custom_properties"] == {"xc_password": "***"}
        caller = await world.core.identity.authenticate_device("ben", "tv.secret-9x", address="127.0.0.1")
        assert caller.username == "ben"

    async def test_stays_when_the_stars_come_back_and_goes_with_null(self, world: World) -> None:
        ben = await made(world, custom_properties={"xc_password": "tv.secret-9x"})
        owner = await world.signed_in()
        path = f"{USERS}{ben['id']}/"
        got = await owner.patch(path, json={"custom_properties": {"xc_password": "***", "epg_days": 3}})
        assert got.json()["custom_properties"] == {"xc_password": "***", "epg_days": 3}
        caller = await world.core.identity.authenticate_device("ben", "tv.secret-9x", address="127.0.0.1")
        assert caller.username == "ben"
        got = await owner.patch(path, json={"custom_properties": {"xc_password": None}})
        assert got.json()["custom_properties"] == {"epg_days": 3}
        assert await world.core.identity.devices.named(ben["id"], "xtream") is None

    @pytest.mark.parametrize("wrong", [PASSWORD, "short", "with/slash-and more", "x" * 129])
    async def test_must_be_another_one_that_fits_into_a_path(self, world: World, wrong: str) -> None:
        ben = await made(world)
        owner = await world.signed_in()
        got = await owner.patch(f"{USERS}{ben['id']}/", json={"custom_properties": {"xc_password": wrong}})
        assert (got.status_code, list(got.json())) == (400, ["custom_properties"])
        got = await owner.post(USERS, json=BEN | {"username": "cat", "custom_properties": {"xc_password": wrong}})
        assert (got.status_code, list(got.json())) == (400, ["custom_properties"])
        assert await world.core.identity.users.find("cat") is None


class TestSomebodyElse:
    async def test_changes_what_is_theirs(self, world: World) -> None:
        member = await world.signed_in(Role.MEMBER)
        sent = {"first_name": "Mia", "email": "mia@example.org", "custom_properties": {"hide_adult_content": True}}
        got = await member.patch(ME, json=sent)
        assert (got.status_code, got.json()["first_name"], got.json()["email"]) == (200, "Mia", "mia@example.org")
        assert got.json()["custom_properties"] == {"hide_adult_content": True}

    async def test_cannot_make_themselves_more(self, world: World) -> None:
        member = await world.signed_in(Role.MEMBER)
        sent = {"user_level": 10, "stream_limit": 0, "username": "root", "is_active": False}
        got = await member.patch(ME, json=sent | {"channel_profiles": []})
        assert (got.status_code, got.json()["user_level"], got.json()["username"]) == (200, 1, "member")
        forbidden = {"xc_password": "tv.secret-9x", "allowed_networks": {}, "catchup_enabled": True}
        got = await member.patch(ME, json={"custom_properties": forbidden | {"epg_days": 2}})
        assert (got.status_code, got.json()["custom_properties"]) == (200, {"epg_days": 2})

    async def test_changes_the_password_and_keeps_the_session(self, world: World) -> None:
        await made(world)
        sent = {"username": "ben", "password": PASSWORD}
        tokens = [(await world.client().post("/api/accounts/token/", json=sent)).json()["access"] for _ in range(2)]
        mine, other = ({"authorization": f"Bearer {token}"} for token in tokens)
        got = await world.client().patch(ME, json={"password": "a-new-harbour-8"}, headers=mine)
        assert got.status_code == 200
        assert (await world.client().get(ME, headers=mine)).status_code == 200
        assert (await world.client().get(ME, headers=other)).status_code == 401
        assert (await world.client().post("/api/accounts/token/", json=sent)).status_code == 401


class TestGroupsOfUsers:
    async def test_are_kept_for_clients_of_the_original(self, world: World) -> None:
        owner = await world.signed_in()
        permissions = (await owner.get("/api/accounts/permissions/")).json()
        assert permissions[0] == {"id": 1, "name": "Can add user", "codename": "add_user"}
        got = await owner.post("/api/accounts/groups/", json={"name": "Family", "permissions": [1, 2]})
        assert got.status_code == 201
        group = got.json()
        assert (await owner.get("/api/accounts/groups/")).json() == [group]
        got = await owner.patch(f"/api/accounts/groups/{group['id']}/", json={"permissions": [9999]})
        assert got.json() == {"permissions": ['Invalid pk "9999" - object does not exist.']}
        got = await owner.post("/api/accounts/groups/", json={"name": "Family"})
        assert got.json() == {"name": ["group with this name already exists."]}
        assert (await owner.delete(f"/api/accounts/groups/{group['id']}/")).status_code == 204
