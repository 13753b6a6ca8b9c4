"""Expressions, addresses and identities."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.errors import Invalid
from polycast.live.regexes import Budget, Replacement, TooSlow, compile_pattern
from polycast.live.sources.addresses import Hider, Login, fill, find_login, masked
from polycast.live.sources.refresh.identity import hash_keys, hasher


class TestReplacements:
    @pytest.mark.parametrize(
        ("find", "replace", "text", "result"),
        [
            (r"(\w+) (\w+)", "$2 $1", "one two", "two one"),
            (r"(?<first>\w+) \w+", "$<first>!", "one two", "one!"),
            (r"(\w+) \w+", r"\1?", "one two", "one?"),
            (r"(?P<a>\w+) \w+", r"\g<a>?", "one two", "one?"),
            (r"(\w+) \w+", r"\g<1>2", "one two", "one2"),
            ("two", "[$&]", "one two", "one [two]"),
            ("two", "$$1", "one two", "one $1"),
            ("(t)wo", "$1$2$10", "two", "t$2t0"),
            ("^(.*)$", "$1", "same", "same"),
        ],
    )
    def test_know_the_tokens_of_both_worlds(self, find: str, replace: str, text: str, result: str) -> None:
        assert compile_pattern(find).replace(Replacement(replace), text) == result

    @given(st.text(max_size=30), st.text(max_size=30))
    def test_no_replacement_text_fails(self, text: str, subject: str) -> None:
        compile_pattern("(.)(?<n>.)?").replace(Replacement(text), subject)


class TestExpressions:
    def test_that_never_end_are_stopped(self) -> None:
        with pytest.raises(TooSlow):
            compile_pattern("^(a|aa|a*)+$").matches("a" * 60 + "!")

    def test_share_the_time_of_their_batch(self) -> None:
        budget = Budget(0.0)
        with pytest.raises(TooSlow):
            compile_pattern("a").matches("a", budget)

    @pytest.mark.parametrize(("text", "flags"), [("(", ""), ("a", "x"), ("a" * 1001, ""), ("(?<n>a)(?<1>b)", "")])
    def test_that_are_wrong_are_refused(self, text: str, flags: str) -> None:
        with pytest.raises(Invalid):
            compile_pattern(text, flags=flags)


ADDRESSES = [
    "http://h:80/live/bob/pw/7.ts",
    "http://h/movie/bob/pw/7.mkv?x=1",
    "http://h/get.php?username=bob&password=pw&type=m3u_plus",
    "http://bob:pw@h/x/1.ts",
    "http://h/timeshift/bob/pw/60/2026-01-01:10-00/7.ts",
]


class TestLoginsInAddresses:
    @pytest.mark.parametrize("url", ADDRESSES)
    def test_are_found_hidden_and_put_back(self, url: str) -> None:
        login = find_login(url)
        assert login == Login("bob", "pw")
        hidden = Hider(login).hide(url)
        assert "bob" not in hidden
        assert "pw" not in hidden
        assert fill(hidden, login) == url
        assert masked(hidden) == masked(url)
        assert "bob" not in masked(url)

    @pytest.mark.parametrize(
        "url",
        ["http://h/live/news/hd/index.m3u8", "https://h/a/b/c.ts", "udp://239.0.0.1:1234", "http://h/x?quality=1"],
    )
    def test_are_not_seen_where_there_are_none(self, url: str) -> None:
        assert find_login(url) is None
        assert masked(url) == url

    def test_count_as_one_without_regard_to_the_case_of_the_user(self) -> None:
        assert Login("Bob", "x").fingerprint() == Login("bob", "x").fingerprint()
        assert Login("bob", "X").fingerprint() != Login("bob", "x").fingerprint()


class TestIdentities:
    @given(
        st.text(),
        st.text(),
        st.text(),
        st.text(),
        st.sets(st.sampled_from(["name", "url", "tvg_id", "m3u_id", "group"])),
    )
    def test_are_hashes_of_sorted_json(self, name: str, url: str, tvg: str, group: str, keys: set[str]) -> None:
        parts = {"name": name, "url": url, "tvg_id": tvg, "m3u_id": 7, "group": group}
        chosen = {key: parts[key] for key in keys or {"url"}}
        expected = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).digest()
        made = hasher(hash_keys(",".join(keys)), account_id=7, is_xtream=False)
        assert made(name, url, tvg, group) == expected

    def test_of_panels_always_name_the_account(self) -> None:
        one, two = (hasher(("url",), account_id=i, is_xtream=True)("n", "5", "", "") for i in (1, 2))
        assert one != two

    def test_of_unknown_parts_are_refused(self) -> None:
        with pytest.raises(Invalid):
            hash_keys("url,colour")
