from typing import Any

import pytest
from msgspec import UNSET

from polycast.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from polycast.core.identity.caller import NOBODY, SYSTEM, Caller
from polycast.core.identity.events import CredentialEnded, UserAdded, UserChanged, UserRemoved
from polycast.core.identity.scopes import Role
from polycast.core.identity.users.model import User, UserNew, UserPatch
from polycast.core.identity.users.store import UserStore
from tests.core.identity.house import HERE, PASSWORD, House


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in refused.value.problems]


async def caller(house: House, user: User) -> Caller:
    return (await house.signed_in(user.username))[1]


class TestAnAdministratorMakesAUser:
    async def test_all_forms_of_the_id_are_made_with_it(self, both: House) -> None:
        made = await both.user("Ada", email="Ada@Example.ORG", name="  Ada\u0007 L.  ")
        users = both.identity.users
        assert (made.username, made.email, made.name, made.role) == ("Ada", "ada@example.org", "Ada L.", Role.MEMBER)
        assert len(made.nanoid) == 21
        assert await users.by_nanoid(made.nanoid) == await users.by_uuid(made.uuid) == made
        assert both.published(UserAdded) == [UserAdded(user_id=made.id, username="Ada", role="member")]

    @pytest.mark.parametrize("name", ["ada", "ADA", "Ada@Example.org", " ada@example.org ", "ada@polycast.invalid"])
    async def test_either_name_finds_them_without_regard_to_case(self, both: House, name: str) -> None:
        made = await both.user("Ada", email="ada@example.org")
        assert await both.identity.users.find(name) == made

    @pytest.mark.parametrize(
        ("new", "wrong"),
        [
            ({"username": "ADA"}, [("username", "unique")]),
            ({"username": "bob", "email": "ada@example.org"}, [("email", "unique")]),
            ({"username": "ADA", "email": "ADA@example.org"}, [("username", "unique"), ("email", "unique")]),
            # A sign-in takes either in its one field, so neither may be another's other.
            ({"username": "ada@example.org"}, [("username", "unique")]),
            ({"username": "bob", "email": "grace@example.org"}, [("email", "unique")]),
            ({"username": "live"}, [("username", "reserved")]),
            ({"username": "API"}, [("username", "reserved")]),
            ({"username": "bob@polycast.invalid"}, [("username", "reserved")]),
            ({"username": ""}, [("username", "blank")]),
            ({"username": ".."}, [("username", "invalid")]),
            ({"username": "a b"}, [("username", "invalid")]),
            ({"username": "a/b"}, [("username", "invalid")]),
            ({"username": "ädä"}, [("username", "invalid")]),
            ({"username": "a\n"}, [("username", "invalid")]),
            ({"username": "a" * 151}, [("username", "max_length")]),
            ({"username": "bob", "email": "bob"}, [("email", "invalid_email")]),
            ({"username": "bob", "email": "bob@localhost"}, [("email", "invalid_email")]),
            ({}, [("username", "required")]),
            (
                {"username": "a b", "email": "x", "password": "short"},
                [("username", "invalid"), ("email", "invalid_email"), ("password", "password_too_short")],
            ),
        ],
    )
    async def test_everything_wrong_is_told_at_once(
        self, both: House, new: dict[str, Any], wrong: list[tuple[str, str]]
    ) -> None:
        await both.user("ada", email="ada@example.org")
        await both.user("grace@example.org")
        with pytest.raises(Invalid) as refused:
            await both.identity.users.create(SYSTEM, UserNew(**new))
        assert codes(refused) == wrong

    async def test_an_address_alone_makes_a_free_name(self, both: House) -> None:
        names = [
            (await both.identity.users.create(SYSTEM, UserNew(email=f"live+{host}@{host}.org"))).username
            for host in ("x", "y")
        ]
        more = [(await both.identity.users.create(SYSTEM, UserNew(email=f"live@{host}.org"))).username for host in "ab"]
        assert names == ["livex", "livey"]
        assert more == ["live2", "live3"]

    async def test_the_password_is_stored_as_a_hash_only(self, both: House) -> None:
        made = await both.user("ada")
        stored = await both.db.read(UserStore().password_hash, made.id)
        assert stored is not None
        assert stored.startswith("$argon2id$")


class TestRights:
    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.MEMBER, Role.GUEST, Role.RESELLER, Role.BROADCASTER])
    async def test_others_than_administrators_see_and_change_nobody_else(self, home: House, role: Role) -> None:
        bob, eve = await home.user("bob"), await home.user("eve", role)
        by, users = await caller(home, eve), home.identity.users
        for attempt in (
            users.create(by, UserNew(username="x")),
            users.update(by, bob.id, UserPatch(name="x")),
            users.update(by, eve.id, UserPatch(role=Role.ADMIN)),
            users.update(by, eve.id, UserPatch(tenant_id=7)),
            users.set_password(by, bob.id, PASSWORD),
            users.delete(by, bob.id),
            users.list(by),
            users.count(by),
        ):
            with pytest.raises(NotAllowed):
                await attempt
        with pytest.raises(NotFound):
            await users.get(by, bob.id)
        assert (await users.update(by, eve.id, UserPatch(name="Eve"))).name == "Eve"

    async def test_nobody_may_do_nothing(self, home: House) -> None:
        bob = await home.user("bob")
        for attempt in (
            home.identity.users.get(NOBODY, bob.id),
            home.identity.users.list(NOBODY),
            home.identity.users.delete(NOBODY, bob.id),
        ):
            with pytest.raises(NotSignedIn):
                await attempt

    async def test_an_administrator_cannot_touch_an_owner_or_become_one(self, home: House) -> None:
        owner, admin = await home.user("owner", Role.OWNER), await home.user("admin", Role.ADMIN)
        by, users = await caller(home, admin), home.identity.users
        for attempt in (
            users.create(by, UserNew(username="x", role=Role.OWNER)),
            users.update(by, admin.id, UserPatch(role=Role.OWNER)),
            users.update(by, owner.id, UserPatch(name="x")),
            users.set_password(by, owner.id, "another good one 1"),
            users.delete(by, owner.id),
        ):
            with pytest.raises(NotAllowed):
                await attempt


class TestTheLastOwner:
    @pytest.mark.parametrize("patch", [UserPatch(role=Role.ADMIN), UserPatch(is_active=False)])
    async def test_cannot_step_down_or_be_switched_off(self, both: House, patch: UserPatch) -> None:
        owner = await both.user("owner", Role.OWNER)
        switched_off = await both.user("other", Role.OWNER)
        await both.identity.users.update(SYSTEM, switched_off.id, UserPatch(is_active=False))
        with pytest.raises(Conflict) as refused:
            await both.identity.users.update(SYSTEM, owner.id, patch)
        assert refused.value.reason == "last_owner"
        assert await both.identity.users.find("owner") == owner

    async def test_cannot_be_removed_until_there_is_another(self, both: House) -> None:
        owner = await both.user("owner", Role.OWNER)
        with pytest.raises(Conflict):
            await both.identity.users.delete(SYSTEM, owner.id)
        await both.user("other", Role.OWNER)
        await both.identity.users.delete(SYSTEM, owner.id)
        assert await both.identity.users.find("owner") is None


class TestAUserChanges:
    async def test_names_follow_the_same_rules_and_may_stay_ones_own(self, both: House) -> None:
        ada = await both.user("ada", email="ada@example.org")
        await both.user("bob", email="bob@example.org")
        users = both.identity.users
        for patch, wrong in [
            (UserPatch(username="BOB"), [("username", "unique")]),
            (UserPatch(email="bob@example.org"), [("email", "unique")]),
            (UserPatch(username="live"), [("username", "reserved")]),
        ]:
            with pytest.raises(Invalid) as refused:
                await users.update(SYSTEM, ada.id, patch)
            assert codes(refused) == wrong
        assert (await users.update(SYSTEM, ada.id, UserPatch(username="ADA"))).username == "ADA"
        assert (await users.update(SYSTEM, ada.id, UserPatch(username="ada@example.org"))).username == "ada@example.org"
        assert (await users.update(SYSTEM, ada.id, UserPatch(email=None))).email is None
        # What is shown where there is no address comes back as none.
        assert (await users.update(SYSTEM, ada.id, UserPatch(email="x@polycast.invalid"))).email is None

    async def test_a_new_role_ends_sessions_and_all_that_is_open(self, both: House) -> None:
        ada = await both.user("ada")
        token, before = await both.signed_in("ada")
        await both.identity.users.update(SYSTEM, ada.id, UserPatch(role=Role.OPERATOR))
        with pytest.raises(NotSignedIn):
            await both.identity.authenticate_token(token, address=HERE)
        ended = both.published(CredentialEnded)
        assert [event.reason for event in ended] == ["role", "role"]
        assert all(event.ends(before) for event in ended)
        assert both.published(UserChanged)[-1].role == "operator"

    async def test_what_changes_nothing_ends_nothing(self, both: House) -> None:
        ada = await both.user("ada")
        await both.signed_in("ada")
        await both.identity.users.update(SYSTEM, ada.id, UserPatch(role=Role.MEMBER, name=UNSET))
        assert both.published(CredentialEnded) == []

    async def test_a_removed_one_leaves_nothing_behind(self, both: House) -> None:
        ada = await both.user("ada")
        await both.signed_in("ada")
        await both.identity.users.delete(SYSTEM, ada.id)
        assert both.published(UserRemoved) == [UserRemoved(user_id=ada.id, username="ada")]
        assert await both.user("ada") != ada
        assert (await both.identity.users.find("ada")).id > ada.id  # an id is never used again


class TestALongList:
    async def test_it_comes_in_pages_and_can_be_searched(self, both: House) -> None:
        for number in range(5):
            await both.identity.users.create(SYSTEM, UserNew(username=f"user{number}", tenant_id=number % 2))
        users = both.identity.users
        page = await users.list(SYSTEM, limit=2, offset=2)
        assert [user.username for user in page] == ["user2", "user3"]
        assert [user.username for user in await users.list(SYSTEM, tenant_id=1)] == ["user1", "user3"]
        assert [user.username for user in await users.list(SYSTEM, search="ER4")] == ["user4"]
        assert await users.list(SYSTEM, search="%") == []
        assert (await users.count(SYSTEM), await users.count(SYSTEM, tenant_id=0)) == (5, 3)
