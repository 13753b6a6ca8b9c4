"""Lists in pages, and answers a client already has."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from polycast.core.errors import Invalid
from polycast.core.http import (
    Cursor,
    InvalidPage,
    LimitOffset,
    PageNumber,
    address,
    etag_of,
    http_date,
    is_known,
    not_modified,
    validators,
)

PAGES = PageNumber(default=2, cap=10)


def asked(query: str, **headers: str) -> dict[str, Any]:
    return {
        "method": "GET",
        "path": "/api/channels/",
        "raw_path": b"/api/channels/",
        "query_string": query.encode(),
        "state": {"origin": "http://host:8000"},
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }


class TestPagesByNumber:
    def test_lead_to_their_neighbours_with_all_other_parameters(self) -> None:
        scope = asked("search=a%26b&page=2&tag=1&tag=2")
        page = PAGES.page(scope, PAGES.read(scope), ["c", "d"], count=5)
        assert page.next == "http://host:8000/api/channels/?search=a%26b&tag=1&tag=2&page=3"
        assert page.previous == "http://host:8000/api/channels/?search=a%26b&tag=1&tag=2"
        assert (page.count, page.results) == (5, ["c", "d"])

    def test_end_on_both_sides(self) -> None:
        first, last = asked(""), asked("page=3")
        assert PAGES.page(first, PAGES.read(first), ["a", "b"], count=5).previous is None
        assert PAGES.page(last, PAGES.read(last), ["e"], count=5).next is None

    def test_may_be_one_empty_page(self) -> None:
        page = PAGES.page(asked(""), PAGES.read(asked("")), [], count=0)
        assert (page.count, page.next, page.previous, page.results) == (0, None, None, [])

    @pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.5", "9" * 30, "٣"])
    def test_that_are_none_do_not_exist(self, page: str) -> None:
        with pytest.raises(InvalidPage, match=r"^Invalid page\.$"):
            PAGES.read(asked(f"page={page}"))

    def test_beyond_the_end_do_not_exist(self) -> None:
        with pytest.raises(InvalidPage):
            PAGES.page(asked("page=4"), PAGES.read(asked("page=4")), [], count=5)

    @pytest.mark.parametrize(("size", "limit"), [("5", 5), ("11", 10), ("0", 2), ("x", 2), ("-3", 2), ("", 2)])
    def test_are_never_larger_than_the_cap(self, size: str, limit: int) -> None:
        assert PAGES.read(asked(f"page_size={size}")).limit == limit

    def test_are_asked_for_by_either_parameter(self) -> None:
        assert [PAGES.is_asked(asked(query)) for query in ("", "search=page", "page=1", "page_size=5")] == [
            False,
            False,
            True,
            True,
        ]


class TestPagesByOffset:
    def test_are_read_within_their_range(self) -> None:
        window = LimitOffset()
        cut = window.read(asked("limit=5&offset=10"))
        assert (cut.limit, cut.offset) == (5, 10)
        assert window.page(cut, ["a"], total=11).total == 11
        assert window.read(asked("")).limit == 20

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("limit=0", "min_value"),
            ("limit=101", "max_value"),
            ("offset=-1", "not_an_integer"),
            ("limit=x", "not_an_integer"),
        ],
    )
    def test_out_of_range_are_refused(self, query: str, code: str) -> None:
        with pytest.raises(Invalid) as wrong:
            LimitOffset().read(asked(query))
        assert wrong.value.problems[0].code == code


class TestPagesByCursor:
    def test_go_on_where_they_ended(self) -> None:
        cursor = Cursor(default=2)
        after, limit = cursor.read(asked(""), tuple[str, int])
        assert (after, limit) == (None, 3)
        cut = cursor.page([("a", 1), ("b", 2), ("c", 3)], asked_for=limit, key=lambda row: row)
        assert cut.items == [("a", 1), ("b", 2)]
        assert cursor.read(asked(f"after={cut.next}"), tuple[str, int]) == (("b", 2), 3)
        assert cursor.page([("c", 3)], asked_for=3, key=lambda row: row).next is None

    @pytest.mark.parametrize("after", ["zz", "5b5d", "a" * 600, "7b"])
    def test_refuse_what_they_have_not_given_out(self, after: str) -> None:
        with pytest.raises(Invalid):
            Cursor().read(asked(f"after={after}"), tuple[str, int])


def test_an_address_may_lose_a_parameter() -> None:
    assert address(asked("a=1&b=2"), a=None) == "http://host:8000/api/channels/?b=2"
    assert address(asked("a=1"), a=None) == "http://host:8000/api/channels/"


AT = datetime(2026, 11, 21, 10, 0, 0, 500, tzinfo=UTC)


class TestAnAnswerThatTheClientHas:
    @pytest.mark.parametrize(
        "tags", [lambda tag: tag, lambda tag: f"W/{tag}", lambda tag: f'"x", {tag}', lambda tag: "*"]
    )
    def test_is_known_by_its_tag(self, tags: Callable[[str], str]) -> None:
        tag = etag_of("channel", 5, b"bytes")
        assert is_known(asked("", if_none_match=tags(tag)), etag=tag)

    def test_is_known_by_its_date(self) -> None:
        assert is_known(asked("", if_modified_since=http_date(AT)), modified_at=AT)
        assert not is_known(asked("", if_modified_since=http_date(AT)), modified_at=AT + timedelta(seconds=1))
        assert not is_known(asked("", if_modified_since="yesterday"), modified_at=AT)

    def test_is_not_known_by_its_date_when_the_tag_is_another(self) -> None:
        scope = asked("", if_none_match='"old"', if_modified_since=http_date(AT))
        assert not is_known(scope, etag='"new"', modified_at=AT)

    def test_is_not_sent_again(self) -> None:
        answer = not_modified(asked("", if_none_match='"a"'), etag='"a"', modified_at=AT)
        assert answer is not None
        assert (answer.status_code, answer.headers["etag"]) == (304, '"a"')
        assert answer.headers["last-modified"] == "Sat, 21 Nov 2026 10:00:00 GMT"
        assert not_modified(asked("", if_none_match='"b"'), etag='"a"') is None

    def test_has_a_tag_that_tells_parts_apart(self) -> None:
        assert etag_of("ab", "c") != etag_of("a", "bc")
        assert validators(etag='"a"') == {"cache-control": "no-cache", "etag": '"a"'}
