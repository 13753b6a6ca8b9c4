import asyncio

import pytest

from polycast.core.errors import Busy
from polycast.core.identity.common import WORDS, is_common
from polycast.core.identity.passwords import AT_ONCE, STRICT, WAITING, Hasher, PasswordRule


class TestCommonPasswords:
    @pytest.mark.parametrize(
        "password",
        [
            "password", "Password1", "P@ssw0rd2024!", "12345678", "1234567890", "87654321", "11111111", "00000000",
            "123123123", "12341234", "abcabcabc", "qwertyuiop", "qwertzuiop", "1q2w3e4r", "1qaz2wsx", "!QAZ2wsx",
            "zaq12wsx", "1234qwer", "asdf1234", "qwer1234", "iloveyou1", "letmein1", "trustno1", "sunshine99",
            "Summer2026", "Dragon123!", "football1", "passwordpassword", "admin123", "welcome1", "jellyfin2026",
            "19840512", "31121999", "aaaaaaaa", "abababab", "123football", "!monkey!1",
        ],
    )  # fmt: skip
    def test_those_that_are_tried_first_are_refused(self, password: str) -> None:
        assert is_common(password)

    @pytest.mark.parametrize(
        "password",
        [
            "correcthorse", "purplesofa", "tGv8!kLmq", "83749261", "my dog eats socks", "Xk29-lamp", "dragon839274",
            "пароль-свой", "sunshine over helsinki", "fluffy-tortoise",
        ],
    )  # fmt: skip
    def test_others_are_not_whatever_they_are_made_of(self, password: str) -> None:
        assert not is_common(password)

    def test_words_and_their_usual_endings_are_more_than_three_thousand(self) -> None:
        endings = ("1", "12", "123", "2024", "!")
        assert sum(is_common(word + end) for word in WORDS for end in endings if len(word + end) >= 8) > 3000


class TestANewPassword:
    @pytest.mark.parametrize(
        ("password", "code"),
        [
            ("short 7", "password_too_short"),
            ("", "password_too_short"),
            ("x" * 129, "password_too_long"),
            ("adalovelace", "password_own_name"),
            ("AdaLovelace!", "password_own_name"),
            ("1815adalovelace1852", "password_own_name"),
            ("ecalevolada", "password_own_name"),
            ("ada@example.org", "password_own_name"),
            ("password1", "password_common"),
        ],
    )
    def test_one_problem_says_what_is_wrong(self, password: str, code: str) -> None:
        [problem] = STRICT.problems(password, names=("AdaLovelace", "ada@example.org", None, ""))
        assert (problem.path, problem.code) == ("password", code)

    @pytest.mark.parametrize(
        "password", ["pure lowercase", "12 34 99 71", "ünïcödé 8", "x" * 64 + "yz" * 32, "   x  y z"]
    )
    def test_there_are_no_rules_of_composition(self, password: str) -> None:
        assert STRICT.problems(password, names=("ada",)) == []

    def test_an_api_that_shows_short_ones_in_its_reference_may_take_them(self) -> None:
        assert PasswordRule(min_length=6, uncommon=False).problems("secret", names=("secret",)) == []


class TestSlowHashes:
    async def test_they_have_the_strength_that_is_asked_for(self) -> None:
        hasher = Hasher()
        stored = await hasher.hash("a password")
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert await hasher.verify(stored, "a password")
        assert not await hasher.verify(stored, "another")
        assert not await hasher.verify(None, "a password")
        assert not await hasher.verify("rubbish", "a password")
        assert not await hasher.verify(stored, "x" * 5000)
        assert not hasher.is_outdated(stored)
        assert hasher.is_outdated("$argon2id$v=19$m=65536,t=3,p=4$MTIzNDU2Nzg$MTIzNDU2NzgxMjM0NTY3OA")
        hasher.close()

    async def test_a_right_one_is_remembered_with_the_hash_it_was_right_for(self) -> None:
        hasher = Hasher()
        stored, newer = await hasher.hash("a password"), await hasher.hash("a new password")
        for _ in range(3):
            assert await hasher.verify_often(stored, "a password")
        assert hasher.count.verified == 1
        assert not await hasher.verify_often(newer, "a password")
        assert hasher.count.verified == 2
        hasher.close()

    async def test_no_more_than_two_are_past_the_gate(self) -> None:
        hasher = Hasher()
        inside, most = 0, 0
        go = asyncio.Event()

        async def work() -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await go.wait()
            inside -= 1

        async with asyncio.TaskGroup() as tasks:
            for _ in range(WAITING):
                tasks.create_task(hasher.gate(work))
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await hasher.gate(work)
            go.set()
        assert most == AT_ONCE
