"""Tokens, keys and the first administrator, in the very words that clients of the original match on."""

from polycast.core.identity.caller import SYSTEM
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.users.model import UserNew
from tests.live.rest.world import World
from tests.server import PASSWORD

NOBODY = {"detail": "Authentication credentials were not provided."}
ME = "/api/accounts/users/me/"
BAD_TOKEN = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}],
}


async def anna(world: World, role: Role = Role.ADMIN) -> dict[str, str]:
    await world.core.identity.users.create(SYSTEM, UserNew(username="anna", password=PASSWORD, role=role))
    return {"username": "anna", "password": PASSWORD}


class TestSomebodyWithAPassword:
    async def test_gets_tokens_that_work(self, world: World) -> None:
        client = world.client()
        got = await client.post("/api/accounts/token/", json=await anna(world))
        assert (got.status_code, set(got.json())) == (200, {"access", "refresh"})
        me = await client.get(ME, headers={"authorization": f"Bearer {got.json()['access']}"})
        assert (me.status_code, me.json()["username"], me.json()["user_level"]) == (200, "anna", 10)
        again = await client.post("/api/accounts/token/refresh/", json={"refresh": got.json()["refresh"]})
        assert (again.status_code, set(again.json())) == (200, {"access"})

    async def test_may_use_the_other_address_and_a_form(self, world: World) -> None:
        await anna(world)
        form = f"username=anna&password={PASSWORD}".encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        got = await world.client().post("/api/accounts/auth/login/", content=form, headers=headers)
        assert (got.status_code, set(got.json())) == (200, {"access", "refresh"})

    async def test_is_refused_with_the_wrong_one(self, world: World) -> None:
        sent = await anna(world) | {"password": "not-the-one-9"}
        got = await world.client().post("/api/accounts/token/", json=sent)
        assert (got.status_code, got.json()) == (401, {"detail": "No active account found with the given credentials"})
        assert got.headers["www-authenticate"] == 'Bearer realm="api"'
        seen = (await (await world.signed_in()).get("/api/core/system-events/?event_type=login_failed")).json()
        assert (seen["count"], seen["total"], seen["limit"]) == (1, 1, 100)
        assert seen["events"][0]["event_type_display"] == "Login Failed"
        assert seen["events"][0]["details"]["user"] == "anna"

    async def test_is_told_every_field_that_is_missing(self, world: World) -> None:
        got = await world.client().post("/api/accounts/token/", json={})
        required = ["This field is required."]
        assert (got.status_code, got.json()) == (400, {"username": required, "password": required})

    async def test_is_out_after_signing_out(self, world: World) -> None:
        client = world.client()
        got = await client.post("/api/accounts/token/", json=await anna(world))
        bearer = {"authorization": f"Bearer {got.json()['access']}"}
        out = await client.post("/api/accounts/auth/logout/", headers=bearer)
        assert (out.status_code, out.json()) == (200, {"message": "Logout successful"})
        assert (await client.get(ME, headers=bearer)).json() == BAD_TOKEN


class TestWrongCredentials:
    async def test_none(self, world: World) -> None:
        got = await world.client().get(ME)
        assert (got.status_code, got.json()) == (401, NOBODY)
        assert got.headers["www-authenticate"] == 'Bearer realm="api"'

    async def test_a_token_that_is_none(self, world: World) -> None:
        got = await world.client().get(ME, headers={"authorization": "Bearer e30.e30.e30"})
        assert (got.status_code, got.json()) == (401, BAD_TOKEN)

    async def test_a_key_that_is_none(self, world: World) -> None:
        for headers in ({"x-api-key": "nope"}, {"authorization": "ApiKey nope"}):
            got = await world.client().get(ME, headers=headers)
            assert (got.status_code, got.json()) == (401, {"detail": "Invalid API key"})

    async def test_a_refresh_token_that_is_none(self, world: World) -> None:
        got = await world.client().post("/api/accounts/token/refresh/", json={"refresh": "e30.e30.e30"})
        assert (got.status_code, got.json()) == (
            401,
            {"detail": "Token is invalid or expired", "code": "token_not_valid"},
        )

    async def test_too_few_rights(self, world: World) -> None:
        guest = await world.signed_in(Role.GUEST)
        got = await guest.get("/api/core/useragents/")
        denied = {"detail": "You do not have permission to perform this action."}
        assert (got.status_code, got.json()) == (403, denied)
        member = await world.signed_in(Role.MEMBER)
        assert (await member.get("/api/core/useragents/")).status_code == 200
        got = await member.post("/api/core/useragents/", json={})
        assert (got.status_code, got.json()) == (403, denied)

    async def test_a_network_that_is_not_on_the_list(self, world: World) -> None:
        owner = await world.signed_in()
        rows = (await owner.get("/api/core/settings/")).json()
        row = next(row for row in rows if row["key"] == "network_access")
        sent = {"value": {"UI": "10.9.0.0/16"}}
        assert (await owner.patch(f"/api/core/settings/{row['id']}/", json=sent)).status_code == 200
        await world.core.events.idle()
        got = await owner.get(ME)
        assert (got.status_code, got.json()) == (403, {"detail": "You do not have permission to perform this action."})
        got = await world.client().post("/api/accounts/token/", json={"username": "a", "password": "b"})
        assert (got.status_code, got.json()) == (403, {"error": "Forbidden"})
        assert (await world.client().get("/api/schema/")).status_code == 403
        assert (await world.client().get("/api/core/version/")).status_code == 200


class TestTheFirstAdministrator:
    async def test_is_made_from_this_machine(self, world: World) -> None:
        client = world.client({"host": "localhost:8000"})
        seen = (await client.get("/api/accounts/initialize-superuser/")).json()
        assert seen == {"superuser_exists": False, "client_ip": "127.0.0.1", "setup_allowed": True}
        sent = {"username": "anna", "password": PASSWORD, "email": "anna@example.org"}
        got = await client.post("/api/accounts/initialize-superuser/", json=sent)
        assert (got.status_code, got.json()) == (200, {"superuser_exists": True})
        assert (await client.get("/api/accounts/initialize-superuser/")).json() == {"superuser_exists": True}
        again = await client.post("/api/accounts/initialize-superuser/", json=sent | {"username": "eve"})
        assert (again.status_code, again.json()) == (200, {"superuser_exists": True})
        assert await world.core.identity.users.find("eve") is None

    async def test_is_refused_from_elsewhere_without_the_code(self, world: World) -> None:
        client = world.client(peer="192.0.2.7")
        sent = {"username": "anna", "password": PASSWORD}
        got = await client.post("/api/accounts/initialize-superuser/", json=sent)
        assert (got.status_code, got.json()["client_ip"], got.json()["setup_allowed"]) == (403, "192.0.2.7", False)
        assert "error" in got.json()
        code = world.core.identity.first_run.code
        got = await client.post("/api/accounts/initialize-superuser/", json=sent | {"setup_code": code})
        assert (got.status_code, got.json()) == (200, {"superuser_exists": True})

    async def test_needs_a_name_and_a_password(self, world: World) -> None:
        got = await world.client({"host": "localhost"}).post("/api/accounts/initialize-superuser/", json={})
        assert got.status_code == 400
        assert set(got.json()) == {"username", "password"}


class TestKeys:
    # A Kodi add-on asks each device's own; in the original the second made the first one useless.
    async def test_two_devices_have_one_each(self, world: World) -> None:
        owner = await world.signed_in()
        keys = []
        for device in ("Kodi/21", "Kodi/20"):
            got = await owner.post("/api/accounts/api-keys/generate/", json={}, headers={"user-agent": device})
            assert (got.status_code, got.json()["user"]["username"]) == (201, "owner")
            keys.append(got.json()["key"])
        for key in keys:
            assert (await world.client({"x-api-key": key}).get(ME)).status_code == 200
            assert (await world.client({"authorization": f"Bearer {key}"}).get(ME)).status_code == 200
        listed = (await owner.get("/api/accounts/api-keys/")).json()
        assert listed["key"] is None
        assert [key["name"][:7] for key in listed["keys"]] == ["test", "Kodi/21", "Kodi/20"]
        assert (await owner.post("/api/accounts/api-keys/revoke/", json={})).json() == {"success": True}
        for key in keys:
            assert (await world.client({"x-api-key": key}).get(ME)).status_code == 401
        assert (await owner.get(ME)).status_code == 200

    async def test_are_twenty_at_most_and_the_longest_unused_goes(self, world: World) -> None:
        owner = await world.signed_in()
        first = (await owner.post("/api/accounts/api-keys/generate/")).json()["key"]
        for _ in range(20):
            assert (await owner.post("/api/accounts/api-keys/generate/")).status_code == 201
        assert (await world.client({"x-api-key": first}).get(ME)).status_code == 401
        assert len((await owner.get("/api/accounts/api-keys/")).json()["keys"]) == 21

    async def test_of_others_are_for_administrators(self, world: World) -> None:
        owner, member = await world.signed_in(), await world.signed_in(Role.MEMBER)
        me = (await member.get(ME)).json()["id"]
        got = await owner.post("/api/accounts/api-keys/generate/", json={"user_id": me})
        assert (got.status_code, got.json()["user"]["id"]) == (201, me)
        assert (await owner.post("/api/accounts/api-keys/generate/", json={"user_id": 9999})).status_code == 404
        other = (await owner.get(ME)).json()["id"]
        got = await member.post("/api/accounts/api-keys/generate/", json={"user_id": other})
        assert got.status_code == 403

    async def test_of_few_rights_have_few(self, world: World) -> None:
        reader = await world.signed_in(scopes=frozenset({Scope.LIVE_READ}))
        assert (await reader.get("/api/core/useragents/")).status_code == 200
        assert (await reader.delete("/api/core/useragents/1/")).status_code == 403
