import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polycast.core.secrets import BadSignature, TokenForm, Tokens, open_keys
from tests.fakes.clock import FakeClock

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tokens(tmp_path: Path, clock: FakeClock) -> Tokens:
    return Tokens(open_keys(tmp_path), clock)


class TestANewSecret:
    @pytest.mark.parametrize(
        ("form", "shape"),
        [
            (TokenForm.URLSAFE, r"[A-Za-z0-9_-]{43}"),
            (TokenForm.HEX, r"[0-9a-f]{64}"),
            (TokenForm.LETTERS, r"[A-Za-z0-9]{32}"),
            (TokenForm.DOTTED, r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}"),
        ],
    )
    def test_it_has_the_shape_its_clients_expect_and_is_new(self, tokens: Tokens, form: TokenForm, shape: str) -> None:
        made = {tokens.new(form) for _ in range(50)}
        assert len(made) == 50
        assert all(re.fullmatch(shape, token) for token in made)

    def test_only_its_hash_is_stored(self, tokens: Tokens) -> None:
        assert tokens.hash("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    def test_a_code_for_people_is_the_same_in_every_process(self, tokens: Tokens, tmp_path: Path) -> None:
        code = tokens.code("first_run")
        assert re.fullmatch(r"[A-HJKMNP-Z2-9]{4}(-[A-HJKMNP-Z2-9]{4}){2}", code)
        assert Tokens(open_keys(tmp_path), FakeClock()).code("first_run") == code
        assert tokens.code("other") != code


class TestASignedText:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.text(max_size=200))
    def test_it_reads_back_and_needs_no_escaping(self, tokens: Tokens, data: str) -> None:
        signed = tokens.sign(data, purpose="stream", life=HOUR)
        assert re.fullmatch(r"[A-Za-z0-9_-]+", signed)
        assert tokens.verify(signed, purpose="stream") == data

    def test_it_ends_a_minute_after_its_time(self, tokens: Tokens, clock: FakeClock) -> None:
        signed = tokens.sign("x", purpose="stream", life=HOUR)
        clock.move(HOUR + timedelta(seconds=59))
        assert tokens.verify(signed, purpose="stream") == "x"
        clock.move(timedelta(seconds=1))
        with pytest.raises(BadSignature):
            tokens.verify(signed, purpose="stream")

    def test_it_is_good_for_its_purpose_only(self, tokens: Tokens) -> None:
        with pytest.raises(BadSignature):
            tokens.verify(tokens.sign("x", purpose="stream", life=HOUR), purpose="reset")

    @pytest.mark.parametrize(
        "forge",
        [
            lambda text: "",
            lambda text: "x",
            lambda text: text[:-1],
            lambda text: text + "=",
            lambda text: text + "A",
            lambda text: "_" + text[1:],
            lambda text: text[:-1] + ("B" if text[-1] != "B" else "C"),
            lambda text: text.swapcase(),
            lambda text: text + "\n",
            lambda text: "ü" + text,
        ],
    )
    def test_a_changed_one_is_refused(self, tokens: Tokens, forge: Callable[[str], str]) -> None:
        with pytest.raises(BadSignature):
            tokens.verify(forge(tokens.sign("user 7", purpose="stream", life=HOUR)), purpose="stream")

    def test_another_installation_refuses_it(self, tokens: Tokens, tmp_path: Path) -> None:
        other = Tokens(open_keys(tmp_path / "other"), FakeClock())
        with pytest.raises(BadSignature):
            other.verify(tokens.sign("x", purpose="stream", life=HOUR), purpose="stream")


class TestComparison:
    def test_by_value_whatever_the_type(self, tokens: Tokens) -> None:
        assert tokens.same("abc", b"abc")
        assert not tokens.same("abc", "abd")
        assert not tokens.same("", "a")
