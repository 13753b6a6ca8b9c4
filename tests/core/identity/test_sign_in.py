import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from polycast.core.errors import Invalid, NotAllowed, NotSignedIn, TooMany
from polycast.core.identity.caller import SYSTEM, Credential, Policy
from polycast.core.identity.devices.model import DeviceNew
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.tables import users
from polycast.core.identity.throttle.model import PIN, network
from polycast.core.identity.users.model import UserNew, UserPatch
from polycast.core.identity.users.store import UserStore
from polycast.core.storage import Unit
from tests.core.identity.house import HERE, PASSWORD, House, basic, house, scope
from tests.engines import SQLITE

THERE = "198.51.100.20"
MINUTE = timedelta(minutes=1)


async def try_in(house: House, name: str, password: str = "wrong", *, address: str = HERE) -> None:
    with pytest.raises(NotSignedIn) as refused:
        await house.identity.sign_in(name, password, kind="ui", address=address)
    assert refused.value.reason == "bad_login"


async def waits(house: House, name: str, password: str = PASSWORD, *, address: str = HERE) -> int:
    """Seconds that a sign-in is told to wait."""
    with pytest.raises(TooMany) as refused:
        await house.identity.sign_in(name, password, kind="ui", address=address)
    return refused.value.retry_after


class TestTheRightPassword:
    async def test_it_opens_a_session_and_is_noted(self, both: House) -> None:
        ada = await both.user("ada", email="ada@example.org")
        done = await both.identity.sign_in("ADA@example.org", PASSWORD, kind="ui", address=HERE, device="Firefox\n")
        assert (done.user.id, done.session.device, done.session.address) == (ada.id, "Firefox", HERE)
        assert done.session.fresh_at == both.clock.now()
        assert (await both.identity.users.get(SYSTEM, ada.id)).last_sign_in_at == both.clock.now()
        assert PASSWORD not in repr(done)
        assert done.token not in repr(done)

    async def test_an_account_that_is_switched_off_stays_outside(self, home: House) -> None:
        ada = await home.user("ada")
        await home.identity.users.update(SYSTEM, ada.id, UserPatch(is_active=False))
        with pytest.raises(NotSignedIn) as refused:
            await home.identity.sign_in("ada", PASSWORD, kind="ui", address=HERE)
        assert refused.value.reason == "inactive"

    async def test_a_hash_of_older_parameters_is_made_anew(self, home: House) -> None:
        ada = await home.user("ada")
        weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        await home.db.write(put_hash, ada.id, weak)
        await home.signed_in("ada")
        stored = await home.db.read(UserStore().password_hash, ada.id)
        assert stored is not None
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        await home.signed_in("ada")


def put_hash(unit: Unit, user_id: int, hashed: str) -> None:
    unit.execute(update(users).where(users.c.id == user_id).values(password_hash=hashed))


class TestTheSameCost:
    """Whether somebody has an account must not be told by the time an answer takes: by the number of slow hashes."""

    async def test_of_a_sign_in_with_a_wrong_password_and_with_a_wrong_name(self, home: House) -> None:
        await home.user("ada")
        await home.identity.users.create(SYSTEM, UserNew(username="nopassword"))
        costs = []
        for name in ("ada", "nobody", "nopassword", ""):
            before = home.identity.hasher.count.verified
            await try_in(home, name)
            costs.append(home.identity.hasher.count.verified - before)
        assert costs == [1, 1, 1, 1]

    async def test_of_a_device_and_of_basic(self, home: House) -> None:
        await home.user("ada")
        await home.user("bob")
        _, bob = await home.signed_in("bob")
        await home.identity.devices.put(bob, DeviceNew(name="tv", password="a chosen one 42"))
        await home.identity.devices.put(bob, DeviceNew(name="radio"))
        device, by_basic = [], []
        policy = Policy(kinds=frozenset({Credential.DEVICE}))
        for number, name in enumerate(("ada", "bob", "nobody")):
            before = home.identity.hasher.count.verified
            with pytest.raises(NotSignedIn):
                await home.identity.authenticate_device(name, "wrong", address=f"10.0.0.{number}")
            device.append(home.identity.hasher.count.verified - before)
            request = scope(authorization=basic(name, "wrong"), address=f"10.0.1.{number}")
            with pytest.raises(NotSignedIn):
                await home.identity.authenticate(request, policy)
            by_basic.append(home.identity.hasher.count.verified - before - device[-1])
        assert (device, by_basic) == ([1, 1, 1], [2, 2, 2])


class TestTooManyFailures:
    async def test_a_network_waits_out_its_minute_whatever_names_it_tries(self, both: House) -> None:
        await both.user("ada")
        for number in range(10):
            await try_in(both, f"name{number}")
        both.clock.move(timedelta(seconds=20))
        assert await waits(both, "ada") == 40
        await both.identity.sign_in("ada", PASSWORD, kind="ui", address=THERE)
        both.clock.move(timedelta(seconds=40))
        await both.identity.sign_in("ada", PASSWORD, kind="ui", address=HERE)

    async def test_an_account_is_locked_longer_each_time_from_wherever(self, both: House) -> None:
        await both.user("ada")
        for number in range(5):
            await try_in(both, "ada", address=f"10.0.0.{number}")
        assert await waits(both, "ada") == 30
        locks = []
        for number in range(6):
            both.clock.move(timedelta(minutes=16))
            await try_in(both, "ada", address=f"10.0.1.{number}")
            locks.append(await waits(both, "ada"))
        assert locks == [60, 120, 240, 480, 900, 900]

    async def test_a_name_that_nobody_has_is_locked_like_any_other(self, home: House) -> None:
        for number in range(5):
            await try_in(home, "nobody", address=f"10.0.0.{number}")
        assert await waits(home, "nobody") == 30

    async def test_the_right_password_ends_the_streak(self, home: House) -> None:
        await home.user("ada")
        for round_ in range(3):
            for number in range(4):
                await try_in(home, "ada", address=f"10.0.{round_}.{number}")
            await home.identity.sign_in("ada", PASSWORD, kind="ui", address=HERE)

    async def test_who_is_in_already_is_not_locked_out_by_others(self, home: House) -> None:
        await home.user("ada")
        _, ada = await home.signed_in("ada")
        for number in range(5):
            await try_in(home, "ada", address=f"10.0.0.{number}")
        await home.identity.sign_ins.confirm(ada, PASSWORD)
        await home.identity.sign_in("ada", PASSWORD, kind="ui", address=HERE, known=ada)

    async def test_many_at_once_get_no_further_than_one_after_another(self, home: House) -> None:
        await home.user("ada")
        asks = [home.identity.sign_in(f"name{n}", "wrong", kind="ui", address=HERE) for n in range(60)]
        done = await asyncio.gather(*asks, return_exceptions=True)
        compared = sum(isinstance(one, NotSignedIn) for one in done)
        assert 10 <= compared <= 11
        assert sum(isinstance(one, TooMany) for one in done) == 60 - compared
        assert home.identity.hasher.count.verified == compared

    async def test_a_restart_forgives_nothing(self, tmp_path) -> None:
        async with house(SQLITE, tmp_path) as first:
            await first.user("ada")
            for number in range(5):
                await try_in(first, "ada", address=f"10.0.0.{number}")
        async with house(SQLITE, tmp_path) as second:
            assert await waits(second, "ada") == 30

    async def test_faces_share_the_counter(self, home: House) -> None:
        await home.user("ada")
        for _ in range(5):
            await try_in(home, "nobody1")
            with pytest.raises(NotSignedIn):
                await home.identity.authenticate_device("nobody2", "wrong", address=HERE)
            home.clock.move(timedelta(seconds=1))
        assert await waits(home, "ada") > 0

    async def test_a_random_device_password_and_a_key_pass_meanwhile(self, home: House) -> None:
        # A player with a stale password in the same flat must not stop the others.
        await home.user("ada")
        _, ada = await home.signed_in("ada")
        device = await home.identity.devices.put(ada, DeviceNew(name="tv"))
        key = await home.identity.keys.create(ada, ApiKeyNew(name="script"))
        for number in range(10):
            await try_in(home, f"name{number}")
        assert (await home.identity.authenticate_device("ada", device.password, address=HERE)).username == "ada"
        assert (await home.identity.authenticate_token(key.key, address=HERE)).username == "ada"

    @pytest.mark.parametrize(
        ("address", "bucket"),
        [
            ("192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("unix", "unix"),
        ],
    )
    def test_an_address_counts_with_its_network(self, address: str, bucket: str) -> None:
        assert network(address) == bucket

    async def test_what_has_a_limit_of_its_own_counts_every_try(self, both: House) -> None:
        for _ in range(5):
            await both.identity.throttle.hit("pin", HERE, PIN)
        with pytest.raises(TooMany) as refused:
            await both.identity.throttle.hit("pin", HERE, PIN)
        assert refused.value.retry_after == 900
        await both.identity.throttle.hit("pin", THERE, PIN)
        both.clock.move(timedelta(minutes=15))
        await both.identity.throttle.hit("pin", HERE, PIN)


class TestANewPasswordOfOnesOwn:
    async def test_the_old_one_is_asked_for_and_other_sessions_end(self, both: House) -> None:
        await both.user("ada")
        other, _ = await both.signed_in("ada")
        mine, ada = await both.signed_in("ada")
        with pytest.raises(NotSignedIn):
            await both.identity.sign_ins.change_password(ada, "wrong", "an entirely new one")
        await both.identity.sign_ins.change_password(ada, PASSWORD, "an entirely new one")
        assert (await both.identity.authenticate_token(mine, address=HERE)).username == "ada"
        with pytest.raises(NotSignedIn):
            await both.identity.authenticate_token(other, address=HERE)
        await try_in(both, "ada", PASSWORD)
        await both.identity.sign_in("ada", "an entirely new one", kind="ui", address=HERE)

    async def test_this_session_ends_too_where_the_api_says_so(self, home: House) -> None:
        await home.user("ada")
        mine, ada = await home.signed_in("ada")
        await home.identity.sign_ins.change_password(ada, PASSWORD, "an entirely new one", keep_session=False)
        with pytest.raises(NotSignedIn):
            await home.identity.authenticate_token(mine, address=HERE)

    async def test_it_cannot_be_a_device_password(self, home: House) -> None:
        await home.user("ada")
        _, ada = await home.signed_in("ada")
        await home.identity.devices.put(ada, DeviceNew(name="xtream", password="a chosen one 42"))
        with pytest.raises(Invalid) as refused:
            await home.identity.sign_ins.change_password(ada, PASSWORD, "a chosen one 42")
        assert refused.value.problems[0].code == "same_as_device"

    async def test_one_given_by_an_administrator_ends_every_session(self, home: House) -> None:
        ada = await home.user("ada")
        token, _ = await home.signed_in("ada")
        await home.identity.users.set_password(SYSTEM, ada.id, "an entirely new one")
        with pytest.raises(NotSignedIn):
            await home.identity.authenticate_token(token, address=HERE)


class TestADangerousRoute:
    async def test_it_wants_the_password_of_the_last_ten_minutes(self, home: House) -> None:
        await home.user("ada")
        token, ada = await home.signed_in("ada")
        request = scope(authorization=f"Bearer {token}")
        await home.identity.authenticate(request, Policy(fresh=True))
        home.clock.move(timedelta(minutes=10, seconds=1))
        with pytest.raises(NotAllowed) as refused:
            await home.identity.authenticate(request, Policy(fresh=True))
        assert refused.value.reason == "fresh"
        await home.identity.sign_ins.confirm(ada, PASSWORD)
        await home.identity.authenticate(request, Policy(fresh=True))

    async def test_a_key_is_never_fresh(self, home: House) -> None:
        await home.user("ada")
        _, ada = await home.signed_in("ada")
        key = await home.identity.keys.create(ada, ApiKeyNew(name="script"))
        with pytest.raises(NotAllowed):
            await home.identity.authenticate(scope(x_api_key=key.key), Policy(fresh=True))
