from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.log import KnownSecrets
from polycast.core.secrets import MASK, Secrets, Unsealable, is_mask, masked, open_keys, unmask


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(open_keys(tmp_path))


class TestASealedSecret:
    def test_it_opens_to_what_it_was(self, secrets: Secrets) -> None:
        assert secrets.open(secrets.seal("pässword 🔑")) == "pässword 🔑"
        assert secrets.open(secrets.seal("")) == ""

    def test_whoever_opens_one_is_heard_of(self, tmp_path: Path) -> None:
        known = KnownSecrets()
        secrets = Secrets(open_keys(tmp_path), opened=known.add)
        sealed = secrets.seal("walnut-harbour-7 &")
        line = "GET /x?pw=walnut-harbour-7+%26 by walnut-harbour-7 &"
        assert known.hide(line) == line
        secrets.open(sealed)
        assert known.hide(line) == "GET /x?pw=*** by ***"

    def test_the_same_secret_never_looks_the_same(self, secrets: Secrets) -> None:
        assert secrets.seal("same") != secrets.seal("same")

    def test_the_plain_text_is_nowhere_in_it(self, secrets: Secrets) -> None:
        assert b"marker-5f2" not in secrets.seal("marker-5f2")

    def test_it_opens_only_in_its_own_place(self, secrets: Secrets) -> None:
        sealed = secrets.seal("token", context="live.account:1")
        with pytest.raises(Unsealable):
            secrets.open(sealed, context="live.account:2")

    @pytest.mark.parametrize("at", [0, 1, 4, 5, 16, 17, 20, -1])
    def test_a_changed_byte_is_noticed(self, secrets: Secrets, at: int) -> None:
        sealed = bytearray(secrets.seal("token"))
        sealed[at] ^= 1
        with pytest.raises(Unsealable):
            secrets.open(bytes(sealed))

    @pytest.mark.parametrize("size", [0, 1, 5, 16, 17, 20])
    def test_a_cut_one_is_noticed(self, secrets: Secrets, size: int) -> None:
        with pytest.raises(Unsealable):
            secrets.open(secrets.seal("token")[:size])

    def test_another_installation_cannot_open_it(self, secrets: Secrets, tmp_path: Path) -> None:
        with pytest.raises(Unsealable):
            Secrets(open_keys(tmp_path / "other")).open(secrets.seal("token"))


class TestRotation:
    def test_what_was_sealed_before_still_opens_and_is_known_as_old(self, tmp_path: Path) -> None:
        keys = open_keys(tmp_path)
        secrets = Secrets(keys)
        before = secrets.seal("token")
        keys.rotate()
        assert secrets.open(before) == "token"
        assert not secrets.is_current(before)
        assert secrets.is_current(secrets.seal("token"))

    def test_a_process_that_was_running_opens_what_another_sealed_after_it(self, tmp_path: Path) -> None:
        running = Secrets(open_keys(tmp_path))
        rotating = open_keys(tmp_path)
        rotating.rotate()
        assert running.open(Secrets(rotating).seal("token")) == "token"


class TestMasking:
    @given(st.text())
    def test_anything_but_a_mask_is_a_new_value(self, sent: str) -> None:
        assert unmask(sent, "stored") == ("stored" if is_mask(sent) else sent)

    @pytest.mark.parametrize("sent", [MASK, "****", "********"])
    def test_a_mask_sent_back_keeps_what_is_stored(self, sent: str) -> None:
        assert unmask(sent, "stored") == "stored"

    @pytest.mark.parametrize("sent", [None, "", "*", "**", "***x"])
    def test_what_only_resembles_a_mask_does_not(self, sent: str | None) -> None:
        assert unmask(sent, "stored") == sent

    def test_nothing_stored_shows_nothing(self) -> None:
        assert (masked("x"), masked(b"x"), masked(""), masked(None)) == (MASK, MASK, None, None)
