"""Users, sessions and keys by the watch's own routes. Source: specs/monitor.md 3.11."""

from pathlib import Path
from typing import Any

from polycast.core.identity.scopes import Role
from tests.server import PASSWORD, Client, running

USERS = "/api/v1/auth/users"
KEYS = "/api/v1/auth/api-keys"
SESSIONS = "/api/v1/auth/sessions"


def code(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json()["detail"]["code"]


class TestUsers:
    async def test_an_admin_makes_changes_and_removes_them(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            made = await owner.post(USERS, {"username": "grace", "password": "harbour-walnut-9", "role": "operator"})
            assert made.status == 201, made.text()
            body = made.json()
            assert {**body, "created_at": ""} == {
                "username": "grace", "role": "operator", "disabled": False, "created_at": "", "last_login_at": None,
            }  # fmt: skip
            listed = (await owner.get(USERS)).json()
            assert ([one["username"] for one in listed["items"]], listed["total"]) == (["owner", "grace"], 2)
            assert [one["role"] for one in listed["items"]] == ["admin", "operator"]
            login = {"username": "grace", "password": "harbour-walnut-9"}
            assert (await server.post("/api/v1/auth/login", login)).json()["role"] == "operator"
            changed = await owner.patch(f"{USERS}/grace", {"role": "viewer", "password": "another-walnut-10"})
            assert (changed.status, changed.json()["role"]) == (200, "viewer")
            assert code(await server.post("/api/v1/auth/login", login)) == (401, "ERR_AUTH_CREDENTIALS_INVALID")
            assert (await owner.patch(f"{USERS}/grace", {"disabled": True})).json()["disabled"] is True
            assert (await owner.delete(f"{USERS}/grace")).json() == {"message": "User 'grace' deleted"}
            assert code(await owner.delete(f"{USERS}/grace")) == (404, "ERR_NOT_FOUND")
            assert code(await owner.patch(f"{USERS}/grace", {"disabled": True})) == (404, "ERR_NOT_FOUND")

    async def test_what_is_wrong_changes_nothing(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            weak = await owner.post(USERS, {"username": "grace", "password": "short"})
            assert (weak.status, weak.json()["detail"][0]["loc"]) == (422, ["body", "password"])
            king = await owner.post(USERS, {"username": "grace", "password": "harbour-walnut-9", "role": "king"})
            assert (king.status, king.json()["detail"][0]["loc"]) == (422, ["body", "role"])
            twice = await owner.post(USERS, {"username": "OWNER", "password": "harbour-walnut-9"})
            assert twice.status == 422
            assert (await owner.get(USERS)).json()["total"] == 1
            assert (await owner.get(f"{USERS}?limit=0")).status == 422
            half = await owner.patch(f"{USERS}/owner", {"role": "viewer", "password": "short"})
            assert half.status == 422
            assert code(await owner.patch(f"{USERS}/owner", {"role": "viewer"})) == (
                409,
                "ERR_AUTH_CREDENTIALS_CONFLICT",
            )
            assert code(await owner.delete(f"{USERS}/owner")) == (409, "ERR_AUTH_CREDENTIALS_CONFLICT")
            for role, status in ((Role.OPERATOR, 403), (Role.MEMBER, 403)):
                other = await server.client(role)
                assert (await other.get(USERS)).status == status
                assert (await other.post(USERS, {"username": "x", "password": PASSWORD})).status == status
            admin = await server.client(Role.ADMIN)
            assert code(await admin.delete(f"{USERS}/owner")) == (403, "ERR_AUTH_FORBIDDEN")
            assert code(await admin.patch(f"{USERS}/owner", {"role": "viewer"})) == (403, "ERR_AUTH_FORBIDDEN")


class TestSessions:
    async def test_one_sees_and_ends_ones_own_and_an_admin_those_of_others(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner, member = await server.client(Role.OWNER), await server.client(Role.MEMBER)
            answer = await server.post("/api/v1/auth/login", {"username": "member", "password": PASSWORD})
            cookie = answer.headers["set-cookie"].partition(";")[0]
            signed_in = Client(server.url, server.session, {"Cookie": cookie})
            [one] = (await signed_in.get(SESSIONS)).json()["items"]
            assert (one["kind"], one["current"]) == ("channelwatch", True)
            assert [row["id"] for row in (await owner.get(f"{SESSIONS}?username=member")).json()["items"]] == [
                one["id"]
            ]
            assert code(await member.get(f"{SESSIONS}?username=owner")) == (404, "ERR_NOT_FOUND")
            assert code(await owner.get(f"{SESSIONS}?username=nobody")) == (404, "ERR_NOT_FOUND")
            guest = await server.client(Role.GUEST)
            assert code(await guest.get(SESSIONS)) == (403, "ERR_AUTH_FORBIDDEN")
            other = await server.client(Role.OPERATOR)
            assert code(await other.delete(f"{SESSIONS}/{one['id']}")) == (404, "ERR_NOT_FOUND")
            without = await signed_in.delete(f"{SESSIONS}/{one['id']}", headers={"Origin": server.url})
            assert code(without) == (403, "ERR_AUTH_CSRF_INVALID")
            token = {"X-CSRF-Token": answer.json()["csrf_token"]}
            ended = await signed_in.delete(f"{SESSIONS}/{one['id']}", headers=token)
            assert ended.json() == {"message": "Session ended"}
            assert code(await signed_in.get(SESSIONS)) == (401, "ERR_AUTH_UNAUTHENTICATED")
            assert code(await owner.delete(f"{SESSIONS}/{one['id']}")) == (404, "ERR_NOT_FOUND")


class TestApiKeys:
    async def test_a_named_key_has_its_role_for_the_watch_alone_until_it_is_revoked(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            made = await owner.post(KEYS, {"name": "Dashboard", "role": "viewer"})
            assert made.status == 201, made.text()
            key, row = made.json()["key"], made.json()["api_key"]
            assert (row["name"], row["role"], row["prefix"]) == ("Dashboard", "viewer", key[:8])
            holder = Client(server.url, server.session, {"X-API-Key": key})
            assert (await holder.get("/api/v1/dvrs")).json() == []
            assert code(await holder.post("/api/v1/discovery/scan")) == (403, "ERR_AUTH_FORBIDDEN")
            assert code(await holder.get(KEYS)) == (403, "ERR_AUTH_FORBIDDEN")
            assert (await holder.get("/api/channels/channels/")).status in (401, 403)
            listed = (await owner.get(KEYS)).json()["items"]
            assert [one["id"] for one in listed] == [row["id"]]
            assert key not in (await owner.get(KEYS)).text()
            assert (await owner.delete(f"{KEYS}/{row['id']}")).json() == {"message": "API key revoked"}
            assert code(await holder.get("/api/v1/dvrs")) == (401, "ERR_AUTH_INVALID_KEY")
            assert code(await owner.delete(f"{KEYS}/{row['id']}")) == (404, "ERR_NOT_FOUND")

    async def test_names_roles_and_ends_are_judged(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            wrong = (
                {"name": ""}, {"name": "x", "role": "king"}, {"name": "x", "expires_at": "2001-01-01T00:00:00Z"}, {},
            )  # fmt: skip
            for sent in wrong:
                assert (await owner.post(KEYS, sent)).status == 422, sent
            assert code(await owner.post(KEYS, {"name": "Default"})) == (409, "ERR_CONFLICT")
            ends = {"name": "Until later", "role": "operator", "expires_at": "2090-01-01T00:00:00Z"}
            assert (await owner.post(KEYS, ends)).json()["api_key"]["expires_at"] == "2090-01-01T00:00:00+00:00"
            assert code(await owner.post(KEYS, ends)) == (409, "ERR_CONFLICT")
            operator = await server.client(Role.OPERATOR)
            assert code(await operator.post(KEYS, {"name": "Mine"})) == (403, "ERR_AUTH_FORBIDDEN")
