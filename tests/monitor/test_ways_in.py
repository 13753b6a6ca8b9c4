"""Who may come in, in each mode. Source: specs/monitor.md 2.10, 3.1, 3.4."""

import re
from pathlib import Path
from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from tests.monitor.world import until
from tests.server import PASSWORD, Client, running

FRESH = {
    "persisted_mode": None,
    "configured_mode": "setup",
    "effective_mode": "setup",
    "setup_required": True,
    "runtime_auth_override_active": False,
    "api_key_fallback_active": False,
    "rbac_enabled": False,
    "session_auth_available": False,
    "session_setup_required": True,
    "needs_setup": True,
    "current_mode": "setup",
    "available_modes": ["rbac", "none"],
}
ADMIN = {"username": "warden", "password": "walnut-harbour-7"}


def code(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json()["detail"]["code"]


def cookie(answer: Any) -> str:
    return re.match(r"channelwatch_session=([0-9a-f]{64}); ", answer.headers["set-cookie"])[1]  # type: ignore[index]


async def keyed(server: Any) -> Any:
    status = (await server.get("/api/v1/security/status")).json()
    return status if status["api_key_configured"] else None


class TestAFreshInstall:
    async def test_set_up_makes_one_admin_and_closes(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            assert (await server.get("/api/v1/auth/setup-status")).json() == FRESH
            assert (await server.get("/api/v1/dvrs")).json() == []
            assert code(await server.post("/api/settings", {})) == (401, "ERR_AUTH_UNAUTHENTICATED")
            assert code(await server.post("/api/v1/auth/login", ADMIN)) == (501, "ERR_AUTH_RBAC_NOT_ENABLED")
            who = (await server.get("/api/v1/auth/whoami")).json()
            assert who == {"authenticated": False, "rbac_enabled": False, "username": None, "role": None}
            assert code(await server.post("/api/v1/auth/setup", {"mode": "rbac"})) == (422, "ERR_AUTH_CREDENTIALS_REQUIRED")  # fmt: skip
            assert code(await server.post("/api/v1/auth/setup", {"mode": "ldap"})) == (422, "ERR_AUTH_MODE_UNSUPPORTED")
            assert (await server.post("/api/v1/auth/setup", {"mode": "api_key"})).status == 501
            made = await server.post("/api/v1/auth/setup", ADMIN)
            assert made.status == 201
            assert made.json()["message"] == "Admin user created"
            assert "HttpOnly" in made.headers["set-cookie"]
            assert "SameSite=Strict" in made.headers["set-cookie"]
            assert "Max-Age=86400" in made.headers["set-cookie"]
            assert "Path=/" in made.headers["set-cookie"]
            assert code(await server.post("/api/v1/auth/setup", ADMIN)) == (409, "ERR_AUTH_ADMIN_EXISTS")
            status = (await server.get("/api/v1/security/status")).json()
        assert status == {
            "persisted_mode": "rbac",
            "configured_mode": "rbac",
            "effective_mode": "rbac",
            "setup_required": False,
            "runtime_auth_override_active": False,
            "api_key_fallback_active": False,
            "rbac_enabled": True,
            "session_auth_available": True,
            "session_setup_required": False,
            "security_mode": "RBAC_ONLY",
            "auth_disabled": False,
            "api_key_configured": False,
            "encrypted_dvr_api_keys_at_rest": True,
            "encryption_key_path": "<data>/monitor/encryption.key",
            "feeds": {"implemented": True, "ics_enabled": False, "rss_enabled": False, "atom_enabled": False},
        }

    async def test_somebody_who_wants_no_sign_in_gets_none(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            made = await server.post("/api/v1/auth/setup", {"mode": "none"})
            assert (made.status, made.json()) == (201, {"message": "Authentication disabled by setup choice"})
            assert (await server.get("/api/settings")).status == 200
            assert (await server.post("/api/settings", {"tz": "UTC"})).status == 200
            foreign = await server.post("/api/settings", {"tz": "UTC"}, headers={"Origin": "http://evil.invalid"})
            assert code(foreign) == (403, "ERR_AUTH_CROSS_SITE_REJECTED")
            status = (await server.get("/api/v1/security/status")).json()
            assert (status["security_mode"], status["auth_disabled"]) == ("NO_AUTH", True)
            assert (await server.get("/polycast/v1/jobs")).status == 401
            await server.client(Role.OWNER)  # the first user ends it
            assert code(await server.get("/api/settings")) == (401, "ERR_AUTH_UNAUTHENTICATED")

    async def test_authentication_may_be_switched_off_for_this_api_alone(self, tmp_path: Path) -> None:
        async with running(tmp_path, monitor__disable_auth="true") as server:
            await server.client(Role.OWNER)
            assert (await server.get("/api/v1/dvrs")).status == 200
            assert code(await server.post("/api/v1/auth/login", ADMIN)) == (501, "ERR_AUTH_RBAC_NOT_ENABLED")
            assert (await server.get("/polycast/v1/jobs")).status == 401

    async def test_a_shared_key_guards_an_install_without_users(self, tmp_path: Path) -> None:
        key = "a-shared-key-of-some-length"
        async with running(tmp_path, monitor__api_key=key) as server:
            status = await until(lambda: keyed(server))
            assert (status["security_mode"], status["configured_mode"]) == ("API_KEY_ONLY", "api_key")
            assert code(await server.get("/api/v1/dvrs")) == (401, "ERR_AUTH_INVALID_KEY")
            wrong = await server.get("/api/v1/dvrs", headers={"X-API-Key": "another-key-of-some-length"})
            assert code(wrong) == (401, "ERR_AUTH_INVALID_KEY")
            assert (await server.get("/api/v1/dvrs", headers={"X-API-Key": key})).status == 200
            assert (await server.get(f"/api/v1/dvrs?api_key={key}")).status == 401


class TestSigningIn:
    async def test_a_session_needs_its_csrf_token_and_ends_with_log_out(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            await server.client(Role.OWNER)
            wrong = await server.post("/api/v1/auth/login", {"username": "owner", "password": "not-this-one"})
            assert code(wrong) == (401, "ERR_AUTH_CREDENTIALS_INVALID")
            assert (await server.post("/api/v1/auth/login", {"username": "owner"})).json()["detail"][0]["loc"] == ["body", "password"]  # fmt: skip
            answer = await server.post("/api/v1/auth/login", {"username": "owner", "password": PASSWORD})
            body = answer.json()
            assert (body["username"], body["role"], len(body["csrf_token"])) == ("owner", "admin", 64)
            session = {"Cookie": f"channelwatch_session={cookie(answer)}"}
            with_token = session | {"X-CSRF-Token": body["csrf_token"]}
            who = (await server.get("/api/v1/auth/whoami", headers=session)).json()
            assert (who["authenticated"], who["username"], who["csrf_token"]) == (True, "owner", body["csrf_token"])
            origin = session | {"Origin": server.url}
            assert code(await server.post("/api/settings", {}, headers=origin)) == (403, "ERR_AUTH_CSRF_INVALID")
            bad = session | {"X-CSRF-Token": "0" * 64}
            assert code(await server.post("/api/settings", {}, headers=bad)) == (403, "ERR_AUTH_CSRF_INVALID")
            assert (await server.post("/api/settings", {}, headers=with_token)).status == 200
            assert (await server.post("/api/v1/auth/logout", headers=with_token)).json() == {"message": "Logged out"}
            assert code(await server.get("/api/v1/dvrs", headers=session)) == (401, "ERR_AUTH_UNAUTHENTICATED")
            assert (await server.post("/api/v1/auth/logout")).status == 200

    async def test_changing_the_password_ends_every_session(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            await server.client(Role.OWNER)
            answer = await server.post("/api/v1/auth/login", {"username": "owner", "password": PASSWORD})
            session = {"Cookie": f"channelwatch_session={cookie(answer)}", "X-CSRF-Token": answer.json()["csrf_token"]}
            change = "/api/v1/auth/change-credentials"
            assert code(await server.post(change, {"current_password": PASSWORD}, headers=session)) == (422, "ERR_AUTH_CREDENTIALS_REQUIRED")  # fmt: skip
            wrong = {"current_password": "no", "new_password": "quite-another-4"}
            assert code(await server.post(change, wrong, headers=session)) == (401, "ERR_AUTH_CREDENTIALS_INVALID")
            sent = {"current_password": PASSWORD, "new_password": "quite-another-4"}
            changed = await server.post(change, sent, headers=session)
            assert changed.json() == {"message": "Credentials updated", "username": "owner"}
            assert (await server.get("/api/v1/dvrs", headers=session)).status == 401


ADMIN_ONLY = (
    ("POST", "/api/regenerate-api-key"),
    ("POST", "/api/dvrs/dvr_00000000/soft-delete"),
    ("POST", "/api/dvrs/dvr_00000000/restore"),
    ("DELETE", "/api/dvrs/dvr_00000000"),
    ("DELETE", "/api/v1/dvrs/dvr_00000000"),
    ("POST", "/api/restart_core"),
    ("POST", "/api/restart_container"),
    ("GET", "/api/v1/update/status"),
    ("POST", "/api/v1/update/apply"),
    ("POST", "/api/v1/update/rollback"),
)
OPERATOR = (
    ("POST", "/api/v1/discovery/scan"),
    ("POST", "/api/settings"),
    ("POST", "/api/clear-activity-history"),
    ("POST", "/api/run_test/Test_Connectivity"),
    ("POST", "/api/v1/dvrs/test-connection"),
    ("POST", "/api/v1/notifications/destination-safety/preview"),
)


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "allows_operator", "allows_admin"),
        [(Role.MEMBER, False, False), (Role.OPERATOR, True, False)],
    )
    async def test_each_may_what_its_level_gives(
        self, tmp_path: Path, role: Role, allows_operator: bool, allows_admin: bool
    ) -> None:
        async with running(tmp_path) as server:
            await server.client(Role.OWNER)
            client = await server.client(role)
            assert (await client.get("/api/v1/dvrs")).status == 200
            for routes, allowed in ((ADMIN_ONLY, allows_admin), (OPERATOR[1:], allows_operator)):
                for method, path in routes:
                    answer = await client.ask(method, path, json={} if method == "POST" else None)
                    assert (answer.status != 403) is allowed, (method, path, answer.status)
            if not allows_operator:
                assert code(await client.post("/api/v1/discovery/scan")) == (403, "ERR_AUTH_FORBIDDEN")

    async def test_a_guest_has_no_business_here(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            await server.client(Role.OWNER)
            guest = await server.client(Role.GUEST)
            assert code(await guest.get("/api/v1/dvrs")) == (403, "ERR_AUTH_FORBIDDEN")
            login = await server.post("/api/v1/auth/login", {"username": "guest", "password": PASSWORD})
            assert code(login) == (403, "ERR_AUTH_FORBIDDEN")

    async def test_an_operator_cannot_change_who_comes_in(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            await server.client(Role.OWNER)
            operator = await server.client(Role.OPERATOR)
            assert code(await operator.post("/api/settings", {"auth_mode": "none"})) == (403, "ERR_AUTH_FORBIDDEN")

    async def test_the_shared_key_counts_as_admin_beside_users(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            key = (await owner.post("/api/regenerate-api-key")).json()["api_key"]
            assert len(key) == 43
            shared = Client(server.url, server.session, {"X-API-Key": key})
            assert (await shared.post("/api/restart_core")).status == 202
            status = (await server.get("/api/v1/security/status")).json()
            assert (status["security_mode"], status["api_key_fallback_active"]) == ("RBAC_WITH_API_KEY_FALLBACK", True)
            again = (await owner.post("/api/regenerate-api-key")).json()["api_key"]
            assert (await shared.get("/api/v1/dvrs")).status == 401
            assert again != key


class TestTooManyRequests:
    async def test_reads_and_writes_have_buckets_of_their_own(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            writes = [(await owner.post("/api/v1/monitor/templates/preview", {"template": "x"})).status for _ in range(31)]  # fmt: skip
            assert writes == [200] * 30 + [429]
            answer = await owner.post("/api/v1/monitor/templates/preview", {"template": "x"})
            assert code(answer) == (429, "ERR_RATE_LIMIT_EXCEEDED")
            assert int(answer.headers["retry-after"]) >= 1
            assert (await owner.get("/api/v1/dvrs")).status == 200
            assert all([(await server.get("/api/ping")).status == 200 for _ in range(130)])


async def test_a_slash_too_many_is_a_redirect(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        answer = await server.get("/api/v1/dvrs/")
        assert (answer.status, answer.headers["location"]) == (307, "/api/v1/dvrs")
