from datetime import timedelta

import pytest

from polycast.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from polycast.core.identity.caller import NOBODY, SYSTEM, Caller
from polycast.core.identity.devices.model import DeviceNew
from polycast.core.identity.devices.service import MOST_CHOSEN
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.keys.service import MOST
from polycast.core.identity.passwords import PasswordRule
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.users.model import UserPatch
from polycast.core.secrets import TokenForm
from tests.core.identity.house import HERE, PASSWORD, House


async def ada(house: House, role: Role = Role.MEMBER) -> Caller:
    await house.user("ada", role)
    return (await house.signed_in("ada"))[1]


class TestAnApiKey:
    async def test_it_is_shown_once_and_listed_by_its_beginning(self, both: House) -> None:
        caller = await ada(both)
        made = await both.identity.keys.create(caller, ApiKeyNew(name=" Sonarr "))
        [listed] = await both.identity.keys.list(caller)
        assert (listed.name, listed.prefix, listed.used_at) == ("Sonarr", made.key[:8], None)
        assert made.key not in repr(made)
        with pytest.raises(NotFound):
            await both.identity.keys.show(caller, listed.id)

    async def test_its_use_is_noted_at_most_once_a_minute(self, both: House) -> None:
        caller = await ada(both)
        made = await both.identity.keys.create(caller, ApiKeyNew(name="script"))
        noted = []
        for _ in range(3):
            await both.identity.authenticate_token(made.key, address=HERE)
            await both.identity.touches.flush()
            noted.append((await both.identity.keys.list(caller))[0].used_at)
            both.clock.move(timedelta(seconds=40))
        assert [one - noted[0] for one in noted] == [timedelta(), timedelta(), timedelta(seconds=80)]

    async def test_it_may_at_most_what_its_owner_may(self, both: House) -> None:
        caller = await ada(both)
        keys = both.identity.keys
        with pytest.raises(Invalid) as refused:
            await keys.create(caller, ApiKeyNew(name="x", scopes=frozenset({Scope.CORE_ADMIN})))
        assert refused.value.problems[0].code == "not_yours"
        made = await keys.create(caller, ApiKeyNew(name="x", scopes=frozenset({Scope.LIVE_READ})))
        assert (await both.identity.authenticate_token(made.key, address=HERE)).scopes == {Scope.LIVE_READ}

    async def test_a_limited_key_makes_no_unlimited_one(self, both: House) -> None:
        caller = await ada(both)
        made = await both.identity.keys.create(caller, ApiKeyNew(name="x", scopes=frozenset({Scope.LIVE_READ})))
        limited = await both.identity.authenticate_token(made.key, address=HERE)
        child = await both.identity.keys.create(limited, ApiKeyNew(name="y"))
        assert (await both.identity.authenticate_token(child.key, address=HERE)).scopes == {Scope.LIVE_READ}

    async def test_a_smaller_role_makes_it_smaller(self, both: House) -> None:
        caller = await ada(both, Role.ADMIN)
        made = await both.identity.keys.create(caller, ApiKeyNew(name="x"))
        await both.user("boss", Role.OWNER)
        found = await both.identity.users.find("ada")
        assert found is not None
        await both.identity.authenticate_token(made.key, address=HERE)
        await both.db.write(both.identity.users.update_in, found.id, UserPatch(role=Role.GUEST), by=SYSTEM)
        assert not (await both.identity.authenticate_token(made.key, address=HERE)).has(Scope.LIVE_READ)

    async def test_one_that_an_api_shows_again_is_kept_sealed(self, both: House) -> None:
        caller = await ada(both)
        made = await both.identity.keys.create(
            caller, ApiKeyNew(name="acquire", form=TokenForm.HEX, made_by="acquire", is_shown_again=True)
        )
        assert (len(made.key), made.row.can_show) == (64, True)
        assert await both.identity.keys.show(caller, made.row.id) == made.key

    async def test_the_servers_own_belongs_to_nobody_and_has_a_role(self, both: House) -> None:
        caller = await ada(both)
        keys = both.identity.keys
        with pytest.raises(NotAllowed):
            await keys.create(caller, ApiKeyNew(name="default", role=Role.ADMIN))
        made = await keys.create(SYSTEM, ApiKeyNew(name="default", role=Role.ADMIN, key="given-by-the-host-1"))
        by_key = await both.identity.authenticate_token("given-by-the-host-1", address=HERE)
        assert (by_key.user_id, by_key.role, by_key.is_anonymous) == (None, Role.ADMIN, False)
        assert (made.row.prefix, len(await keys.of_server(SYSTEM))) == ("", 1)
        await keys.revoke(SYSTEM, made.row.id)
        assert both.published(CredentialEnded)[-1].ends(by_key)
        with pytest.raises(NotSignedIn):
            await both.identity.authenticate_token("given-by-the-host-1", address=HERE)

    async def test_what_is_wrong_is_told(self, both: House) -> None:
        caller = await ada(both)
        keys = both.identity.keys
        for new, code in [(ApiKeyNew(name=" \n"), "blank"), (ApiKeyNew(name="x", key="too short"), "min_length")]:
            with pytest.raises(Invalid) as refused:
                await keys.create(caller, new)
            assert refused.value.problems[0].code == code
        await keys.create(caller, ApiKeyNew(name="x", key="given-by-the-host-1"))
        with pytest.raises(Conflict) as twice:
            await keys.create(caller, ApiKeyNew(name="y", key="given-by-the-host-1"))
        assert twice.value.reason == "exists"

    async def test_there_is_an_end_to_their_number(self, home: House) -> None:
        caller = await ada(home)
        for number in range(MOST):
            await home.identity.keys.create(caller, ApiKeyNew(name=str(number)))
        with pytest.raises(Conflict):
            await home.identity.keys.create(caller, ApiKeyNew(name="one more"))

    async def test_another_users_is_not_found(self, both: House) -> None:
        caller = await ada(both)
        await both.user("eve")
        _, eve = await both.signed_in("eve")
        made = await both.identity.keys.create(caller, ApiKeyNew(name="x"))
        keys = both.identity.keys
        for attempt in (keys.revoke(eve, made.row.id), keys.show(eve, made.row.id), keys.rename(eve, made.row.id, "y")):
            with pytest.raises(NotFound):
                await attempt
        for attempt in (keys.list(eve, user_id=caller.user_id), keys.of_server(eve)):
            with pytest.raises(NotAllowed):
                await attempt
        with pytest.raises(NotSignedIn):
            await keys.list(NOBODY)
        assert (await keys.rename(caller, made.row.id, "y")).name == "y"


class TestAWayAroundOnesRights:
    async def test_an_administrator_gets_no_credential_of_an_owner(self, both: House) -> None:
        owner = await both.user("owner", Role.OWNER)
        admin = await ada(both, Role.ADMIN)
        for attempt in (
            both.identity.keys.create(admin, ApiKeyNew(name="x"), user_id=owner.id),
            both.identity.devices.put(admin, DeviceNew(name="x", scopes=frozenset(Scope)), user_id=owner.id),
        ):
            with pytest.raises(NotAllowed):
                await attempt

    async def test_a_limited_key_makes_no_wider_device_password_and_changes_no_address(self, both: House) -> None:
        caller = await ada(both)
        new = ApiKeyNew(name="x", scopes=frozenset({Scope.LIVE_PLAY, Scope.LIVE_READ}))
        made = await both.identity.keys.create(caller, new)
        limited = await both.identity.authenticate_token(made.key, address=HERE)
        for asked in (None, frozenset(Scope)):
            device = await both.identity.devices.put(limited, DeviceNew(name="tv", scopes=asked))
            opens = await both.identity.authenticate_device("ada", device.password, address=HERE)
            assert opens.scopes <= limited.scopes
        with pytest.raises(NotAllowed):
            await both.identity.users.update(limited, caller.user_id or 0, UserPatch(email="eve@example.org"))

    async def test_the_servers_own_key_has_no_account_to_change(self, home: House) -> None:
        await home.identity.keys.create(SYSTEM, ApiKeyNew(name="default", role=Role.ADMIN, key="given-by-the-host-1"))
        by_key = await home.identity.authenticate_token("given-by-the-host-1", address=HERE)
        for attempt in (
            home.identity.keys.create(by_key, ApiKeyNew(name="x")),
            home.identity.devices.put(by_key, DeviceNew(name="x")),
            home.identity.sessions.list(by_key),
        ):
            with pytest.raises(NotFound):
                await attempt


class TestADevicePassword:
    async def test_a_new_one_of_the_same_name_takes_the_place_of_the_old(self, both: House) -> None:
        caller = await ada(both)
        devices = both.identity.devices
        old = await devices.put(caller, DeviceNew(name="xtream", password="a chosen one 42"))
        await both.identity.authenticate_device("ada", old.password, address=HERE)
        new = await devices.put(caller, DeviceNew(name="xtream", password="another chosen 43"))
        assert [(row.name, row.is_chosen) for row in await devices.list(caller)] == [("xtream", True)]
        assert (await both.identity.authenticate_device("ADA", new.password, address=HERE)).username == "ada"
        with pytest.raises(NotSignedIn):
            await both.identity.authenticate_device("ada", old.password, address=HERE)

    async def test_a_chosen_one_costs_a_slow_hash_once(self, home: House) -> None:
        caller = await ada(home)
        await home.identity.devices.put(caller, DeviceNew(name="tv", password="a chosen one 42"))
        before = home.identity.hasher.count.verified
        for _ in range(5):
            await home.identity.authenticate_device("ada", "a chosen one 42", address=HERE)
            home.clock.move(timedelta(seconds=6))
        assert home.identity.hasher.count.verified - before == 1

    async def test_it_is_never_the_login_password_nor_a_bad_one(self, both: House) -> None:
        caller = await ada(both)
        for password, code in [
            (PASSWORD, "same_as_login"),
            ("short", "password_too_short"),
            ("password1", "password_common"),
        ]:
            with pytest.raises(Invalid) as refused:
                await both.identity.devices.put(caller, DeviceNew(name="tv", password=password))
            assert refused.value.problems[0].code == code
        await both.identity.devices.prepare(
            caller.user_id or 0, DeviceNew(name="tv", password="password1"), rule=PasswordRule(uncommon=False)
        )

    async def test_it_plays_and_does_nothing_else(self, both: House) -> None:
        caller = await ada(both, Role.ADMIN)
        made = await both.identity.devices.put(caller, DeviceNew(name="tv"))
        by_device = await both.identity.authenticate_device("ada", made.password, address=HERE)
        assert {scope.value for scope in by_device.scopes} == {
            "live:play", "library:play", "radio:play", "acquire:read",
        }  # fmt: skip
        with pytest.raises(NotAllowed):
            await both.identity.devices.list(by_device)
        with pytest.raises(NotAllowed):
            await both.identity.keys.create(by_device, ApiKeyNew(name="x"))

    async def test_it_may_be_given_other_rights_but_none_that_its_owner_lacks(self, both: House) -> None:
        caller = await ada(both)
        own = frozenset({Scope.LIVE_READ, Scope.CORE_ADMIN})
        made = await both.identity.devices.put(caller, DeviceNew(name="script", scopes=own))
        by_device = await both.identity.authenticate_device("ada", made.password, address=HERE)
        assert by_device.scopes == {Scope.LIVE_READ}

    @pytest.mark.parametrize(
        ("address", "opens"),
        [("192.0.2.10", True), ("::ffff:192.0.2.99", True), ("198.51.100.1", False), ("unix", False)],
    )
    async def test_it_works_from_its_networks_only(self, home: House, address: str, opens: bool) -> None:
        caller = await ada(home)
        made = await home.identity.devices.put(caller, DeviceNew(name="tv", networks=("192.0.2.0/24", "2001:db8::/32")))
        if opens:
            assert (await home.identity.authenticate_device("ada", made.password, address=address)).username == "ada"
        else:
            with pytest.raises(NotAllowed) as refused:
                await home.identity.authenticate_device("ada", made.password, address=address)
            assert refused.value.reason == "network"

    async def test_what_is_no_network_or_no_name_is_told(self, home: House) -> None:
        caller = await ada(home)
        for new, path in [
            (DeviceNew(name="tv", networks=("192.0.2.0/24", "home")), "networks.1"),
            (DeviceNew(name=" "), "name"),
        ]:
            with pytest.raises(Invalid) as refused:
                await home.identity.devices.put(caller, new)
            assert refused.value.problems[0].path == path

    async def test_there_is_an_end_to_the_number_of_chosen_ones(self, both: House) -> None:
        caller = await ada(both)
        for number in range(MOST_CHOSEN):
            await both.identity.devices.put(caller, DeviceNew(name=f"tv{number}", password=f"a chosen one {number}"))
        with pytest.raises(Conflict):
            await both.identity.devices.put(caller, DeviceNew(name="one more", password="a chosen one more"))
        await both.identity.devices.put(caller, DeviceNew(name="a random one"))

    async def test_another_users_is_not_found(self, both: House) -> None:
        caller = await ada(both)
        await both.user("eve")
        _, eve = await both.signed_in("eve")
        made = await both.identity.devices.put(caller, DeviceNew(name="tv"))
        with pytest.raises(NotFound):
            await both.identity.devices.revoke(eve, made.row.id)
        with pytest.raises(NotAllowed):
            await both.identity.devices.put(eve, DeviceNew(name="tv"), user_id=caller.user_id)
