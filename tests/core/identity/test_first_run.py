import asyncio
import logging

import pytest

from polycast.core.errors import Conflict, Invalid, NotAllowed, TooMany
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.scopes import Role
from polycast.core.identity.users.model import UserNew
from tests.core.identity.house import HERE, PASSWORD, House

OWNER = UserNew(username="owner", password=PASSWORD, role=Role.GUEST)
AT_THE_MACHINE = Caller(address="127.0.0.1", is_direct=True)
ELSEWHERE = Caller(address=HERE)


class TestNoUserYet:
    async def test_whoever_sits_at_the_machine_becomes_the_owner(self, both: House) -> None:
        first_run = both.identity.first_run
        assert await first_run.is_open()
        made = await first_run.make_owner(AT_THE_MACHINE, OWNER)
        assert made.role is Role.OWNER
        assert not await first_run.is_open()

    async def test_from_elsewhere_the_code_of_the_log_is_needed(
        self, home: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        first_run = home.identity.first_run
        with caplog.at_level(logging.WARNING):
            await first_run.announce()
        assert first_run.code in caplog.text
        for code in ("", "ABCD-EFGH-JKLM"):
            with pytest.raises(NotAllowed) as refused:
                await first_run.make_owner(ELSEWHERE, OWNER, code=code)
            assert refused.value.reason == "code"
        made = await first_run.make_owner(ELSEWHERE, OWNER, code=first_run.code.lower().replace("-", " "))
        assert made.role is Role.OWNER

    async def test_codes_cannot_be_tried_one_after_another(self, home: House) -> None:
        for _ in range(10):
            with pytest.raises(NotAllowed):
                await home.identity.first_run.make_owner(ELSEWHERE, OWNER, code="wrong")
        with pytest.raises(TooMany):
            await home.identity.first_run.make_owner(ELSEWHERE, OWNER, code=home.identity.first_run.code)

    async def test_of_many_who_ask_at_the_same_time_one_succeeds(self, both: House) -> None:
        asks = [
            both.identity.first_run.make_owner(AT_THE_MACHINE, UserNew(username=f"owner{number}", password=PASSWORD))
            for number in range(8)
        ]
        done = await asyncio.gather(*asks, return_exceptions=True)
        assert sum(not isinstance(one, BaseException) for one in done) == 1
        assert all(isinstance(one, Conflict) for one in done if isinstance(one, BaseException))
        assert await both.identity.users.count(SYSTEM) == 1

    async def test_the_hosts_configuration_may_name_the_owner(self, home: House) -> None:
        made = await home.identity.first_run.from_settings(username="boss", password=PASSWORD, email="boss@example.org")
        assert made is not None
        assert (made.role, made.email) == (Role.OWNER, "boss@example.org")

    async def test_a_bad_password_in_the_configuration_is_told(self, home: House) -> None:
        with pytest.raises(Invalid):
            await home.identity.first_run.from_settings(username="boss", password="password1", email=None)

    async def test_a_configuration_without_one_makes_none(self, home: House) -> None:
        assert await home.identity.first_run.from_settings(username=None, password=None, email=None) is None
        assert await home.identity.first_run.is_open()


class TestThereIsAUser:
    async def test_the_code_and_the_machine_open_nothing_any_more(
        self, home: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        first_run = home.identity.first_run
        await first_run.make_owner(AT_THE_MACHINE, OWNER)
        for caller, code in ((AT_THE_MACHINE, ""), (ELSEWHERE, first_run.code)):
            with pytest.raises(Conflict) as refused:
                await first_run.make_owner(caller, UserNew(username="second", password=PASSWORD), code=code)
            assert refused.value.reason == "exists"
        assert await first_run.from_settings(username="boss", password=PASSWORD, email=None) is None
        await first_run.announce()
        assert first_run.code not in caplog.text
