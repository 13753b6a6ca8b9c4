"""A television is let in by a code that somebody types elsewhere (RFC 8628)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from polycast.core.identity.scopes import Role
from tests.server import PASSWORD, Client, Server, running

CODE = "/api/auth/device/code"
TOKEN = "/api/auth/device/token"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path, library__jellyfin_enabled="false") as found:
        yield found


async def _begin(server: Server) -> dict[str, Any]:
    got = await server.post(CODE, {"client_id": "Living room"})
    assert got.status == 200, got.text()
    found: dict[str, Any] = got.json()
    return found


async def _signed_in(server: Server) -> Client:
    """A member with a session: a key lets nobody in."""
    await server.client(Role.MEMBER)
    got = await server.post("/api/auth/sign-in/email", {"email": "member", "password": PASSWORD})
    return Client(server.url, server.session, {"Authorization": f"Bearer {got.json()['token']}"})


class TestATelevision:
    async def test_is_let_in_once_and_as_who_has_approved(self, server: Server) -> None:
        begun = await _begin(server)
        assert (begun["expires_in"], begun["interval"]) == (600, 5)
        assert begun["verification_uri_complete"].endswith(f"/app/device?user_code={begun['user_code']}")
        asked = {"device_code": begun["device_code"], "grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
        waiting = await server.post(TOKEN, asked)
        assert (waiting.status, waiting.json()["error"]) == (400, "authorization_pending")
        hasty = await server.post(TOKEN, asked)
        assert (hasty.status, hasty.json()["error"]) == (400, "slow_down")
        member = await _signed_in(server)
        typed = begun["user_code"].lower().replace("-", "")
        assert (await member.get(f"/api/auth/device?user_code={typed}")).json()["client"] == "Living room"
        assert (await member.post("/api/auth/device/approve", {"userCode": typed})).json() == {"success": True}
        let_in = await server.post(TOKEN, asked)
        assert (let_in.status, let_in.json()["token_type"]) == (200, "Bearer")
        bearer = {"Authorization": f"Bearer {let_in.json()['access_token']}"}
        assert (await server.get("/v1/users/me", headers=bearer)).json()["role"] == "member"
        again = await server.post(TOKEN, asked)
        assert (again.status, again.json()["error"]) == (400, "expired_token")

    async def test_is_turned_away(self, server: Server) -> None:
        begun = await _begin(server)
        member = await _signed_in(server)
        assert (await member.post("/api/auth/device/deny", {"userCode": begun["user_code"]})).status == 200
        told = await server.post(TOKEN, {"device_code": begun["device_code"]})
        assert (told.status, told.json()["error"]) == (400, "access_denied")

    # A key with few rights must not make a session with all of its owner's.
    async def test_a_key_lets_nobody_in(self, server: Server) -> None:
        begun = await _begin(server)
        key = await server.client(Role.MEMBER)
        assert (await key.post("/api/auth/device/approve", {"userCode": begun["user_code"]})).status == 403

    async def test_a_guessed_code_opens_nothing(self, server: Server) -> None:
        member = await _signed_in(server)
        assert (await member.post("/api/auth/device/approve", {"userCode": "AAAA-AAAA"})).status == 404
        assert (await server.post("/api/auth/device/approve", {"userCode": "AAAA-AAAA"})).status == 401
        assert (await server.post(TOKEN, {"device_code": "guess"})).json()["error"] == "expired_token"
