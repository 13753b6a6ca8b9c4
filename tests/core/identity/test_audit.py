import pytest

from polycast.core.errors import NotAllowed, NotSignedIn
from polycast.core.identity.audit.model import AuditEntry
from polycast.core.identity.caller import SYSTEM, Caller, needs
from polycast.core.identity.devices.model import DeviceNew
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.users.model import UserPatch
from tests.core.identity.house import HERE, PASSWORD, House, scope


async def log(house: House) -> list[AuditEntry]:
    return (await house.identity.audit.list(SYSTEM))[::-1]


class TestTheAuditLog:
    async def test_it_tells_who_did_what_from_where_and_how_it_ended(self, both: House) -> None:
        ada = await both.user("ada", Role.ADMIN)
        with pytest.raises(NotSignedIn):
            await both.identity.sign_in("ada", "wrong", kind="ui", address=HERE, request_id="r1")
        with pytest.raises(NotSignedIn):
            await both.identity.sign_in("no\nbody", "wrong", kind="ui", address=HERE)
        _, by = await both.signed_in("ada")
        key = await both.identity.keys.create(by, ApiKeyNew(name="script"))
        await both.identity.keys.revoke(by, key.row.id)
        device = await both.identity.devices.put(by, DeviceNew(name="tv"))
        await both.identity.users.update(by, ada.id, UserPatch(email="ada@example.org"))
        await both.identity.sign_ins.change_password(by, PASSWORD, "an entirely new one")
        await both.identity.sessions.end(by, by.credential_id or 0)
        entries = await log(both)
        assert [(e.username, e.address, e.action, e.target, e.result) for e in entries] == [
            ("system", "", "user.create", f"user:{ada.id}", "ok"),
            ("ada", HERE, "sign_in", "", "bad_login"),
            ("no\\u000abody", HERE, "sign_in", "", "bad_login"),
            ("ada", HERE, "sign_in", "", "ok"),
            ("ada", HERE, "api_key.create", f"api_key:{key.row.id}", "ok"),
            ("ada", HERE, "api_key.revoke", f"api_key:{key.row.id}", "ok"),
            ("ada", HERE, "device.create", f"device:{device.row.id}", "ok"),
            ("ada", HERE, "user.update", f"user:{ada.id}", "ok"),
            ("ada", HERE, "user.password", f"user:{ada.id}", "ok"),
            ("ada", HERE, "session.end", f"session:{by.credential_id}", "ok"),
        ]
        assert entries[1].request_id == "r1"
        assert {entry.at for entry in entries} == {both.clock.now()}
        told = repr(entries)
        assert not any(secret in told for secret in (PASSWORD, key.key, device.password, "entirely new"))

    async def test_it_comes_in_pages_by_user_and_by_action(self, both: House) -> None:
        ada = await both.user("ada")
        for _ in range(3):
            await both.signed_in("ada")
        audit = both.identity.audit
        first = await audit.list(SYSTEM, limit=2)
        rest = await audit.list(SYSTEM, limit=2, before=first[-1].id)
        assert [entry.action for entry in (*first, *rest)] == ["sign_in"] * 3 + ["user.create"]
        assert len(await audit.list(SYSTEM, user_id=ada.id)) == 3
        assert len(await audit.list(SYSTEM, action="user.create")) == 1

    async def test_only_administrators_read_it(self, home: House) -> None:
        await home.user("ada")
        with pytest.raises(NotAllowed):
            await home.identity.audit.list((await home.signed_in("ada"))[1])


class TestSomebodyIsRefused:
    async def test_it_is_noted_once_a_minute_without_credentials_in_the_path(self, home: House) -> None:
        await home.user("ada")
        token, _ = await home.signed_in("ada")
        for path in ("/live/ada/secret-7/1.ts", "/live/ada/secret-7/2.ts"):
            with pytest.raises(NotAllowed):
                await home.identity.authenticate(
                    scope(path, authorization=f"Bearer {token}", state={"request_id": "r9"}), needs(Scope.CORE_ADMIN)
                )
        denied = [entry for entry in await log(home) if entry.action == "denied"]
        assert [(e.username, e.target, e.result, e.request_id) for e in denied] == [("ada", "/live", "scope", "r9")]

    async def test_a_text_without_end_is_cut(self, home: House) -> None:
        await home.identity.audit.write(Caller(username="x" * 5000), "test")
        assert len((await log(home))[0].username) == 300
