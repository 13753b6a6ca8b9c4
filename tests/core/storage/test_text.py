import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.storage import clean, fold, sort_key


class TestTextAtTheEdge:
    @pytest.mark.parametrize(
        ("given_text", "kept"),
        [
            ("  Das Erste  ", "Das Erste"),
            ("Cafe\u0301", "Café"),
            ("a\x00b\x1bc\u2028d", "abcd"),
            ("one\ntwo\ttabs", "onetwotabs"),
            ("evil\u202egnp.exe", "evilgnp.exe"),
            ("half \ud800 pair", "half  pair"),
            ("👨\u200d👩\u200d👧 family", "👨\u200d👩\u200d👧 family"),
        ],
    )
    def test_is_cleaned(self, given_text: str, kept: str) -> None:
        assert clean(given_text, 100) == kept

    def test_keeps_lines_where_they_are_wanted(self) -> None:
        assert clean("one\r\ntwo\rthree\tx", 100, lines=True) == "one\ntwo\nthree\tx"

    @given(st.text(), st.integers(0, 20))
    def test_is_bounded_normal_and_stays_as_it_is(self, text: str, most: int) -> None:
        once = clean(text, most)
        assert len(once) <= most
        assert unicodedata.is_normalized("NFC", once)
        assert clean(once, most) == once
        once.encode()


class TestComparingWithoutCase:
    @pytest.mark.parametrize(("one", "other"), [("STRASSE", "straße"), ("Café", "CAFE\u0301"), ("ΣΑΣ", "σας")])
    def test_finds_the_same(self, one: str, other: str) -> None:
        assert fold(one) == fold(other)

    def test_keeps_accents_apart(self) -> None:
        assert fold("Café") != fold("Cafe")


class TestSorting:
    def test_is_what_people_expect(self) -> None:
        names = ["Channel 10", "channel 9", "Éclair", "eclipse", "Zoo", "3sat", "ARD", "24 h", "Channel 9 HD", "007"]
        assert sorted(names, key=sort_key) == [
            "3sat",
            "007",
            "24 h",
            "ARD",
            "channel 9",
            "Channel 9 HD",
            "Channel 10",
            "Éclair",
            "eclipse",
            "Zoo",
        ]

    @given(st.integers(0, 10**40), st.integers(0, 10**40))
    def test_puts_numbers_by_value(self, one: int, other: int) -> None:
        assert (sort_key(f"a{one}b") < sort_key(f"a{other}b")) == (one < other)
