"""Bodies and queries as typed structs: what passes, and every fault of what does not."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.errors import Invalid
from polycast.core.http import BadBody, Reader, line, prose
from polycast.core.http.walk import INT_MAX


class Kind(StrEnum):
    FILM = "film"


class Level(IntEnum):
    HIGH = 10


class Inner(Struct, kw_only=True):
    id: int
    label: str = ""


class Thing(Struct, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=5)] | UnsetType = UNSET
    title: Annotated[str, line(10)] | UnsetType = UNSET
    text: Annotated[str, prose(50)] | None = None
    logo: int | UnsetType | None = UNSET
    size: Annotated[int, Meta(ge=1, le=10)] = 1
    above: Annotated[float, Meta(gt=0)] = 1.0
    price: Decimal = Decimal(0)
    ratio: float = 0.0
    on: bool = False
    kind: Kind = Kind.FILM
    level: Level = Level.HIGH
    mode: Literal["a", "b"] | None = None
    at: datetime | None = None
    ref: UUID | None = None
    inner: Inner | None = None
    many: Annotated[list[Inner], Meta(max_length=3)] = []
    tags: list[str] = []
    unique: set[int] = set()
    by_name: dict[str, int] = {}
    either: int | list[int] | None = None
    free: Any = None


STRICT = Reader(Thing)
LENIENT = Reader(Thing, lenient_text=True)


def told(reader: Reader, value: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as wrong:
        reader.json(msgspec.json.encode(value))
    return [(problem.path, problem.code) for problem in wrong.value.problems]


class TestAGoodBody:
    def test_is_typed(self) -> None:
        thing = STRICT.json(
            b'{"name":"a","at":"2026-11-21T10:00:00Z","price":"2.50","inner":{"id":3},"many":[{"id":1}],'
            b'"unique":[1,1,2],"level":10,"mode":"b","ref":"3f2f4d2e-6f1c-4b7a-9a55-0d3c8a1f5b10","unknown":1}'
        )
        assert (thing.name, thing.at, thing.price) == ("a", datetime(2026, 11, 21, 10, tzinfo=UTC), Decimal("2.50"))
        assert (thing.inner, thing.many, thing.unique) == (Inner(id=3), [Inner(id=1)], {1, 2})
        assert (thing.level, thing.mode, thing.ref.version) == (Level.HIGH, "b", 4)

    def test_tells_absent_from_null(self) -> None:
        assert STRICT.json(b"{}").logo is UNSET
        assert STRICT.json(b'{"logo":null}').logo is None

    def test_has_its_marked_text_tidied(self) -> None:
        thing = STRICT.json('{"title":"  e\u0301\\u0007 x ","text":" a\\nb\\u0000 "}'.encode())
        assert (thing.title, thing.text) == ("é x", "a\nb")

    def test_may_have_whole_numbers_written_as_decimals(self) -> None:
        assert STRICT.json(b'{"logo":5.0}').logo == 5

    def test_may_be_recursive_no_deeper_than_the_limit(self) -> None:
        assert STRICT.json(b'{"free":' + b"[" * 63 + b"]" * 63 + b"}").free is not None
        with pytest.raises(BadBody, match="64 levels"):
            STRICT.json(b'{"free":' + b"[" * 64 + b"]" * 64 + b"}")

    def test_may_have_brackets_in_its_text(self) -> None:
        assert STRICT.json(msgspec.json.encode({"free": '"[' * 500})).free == '"[' * 500


class TestABadBody:
    @pytest.mark.parametrize(
        ("value", "problems"),
        [
            ({"name": ""}, [("name", "blank")]),
            ({"name": "  "}, [("name", "blank")]),
            ({"title": " \u0007"}, [("title", "blank")]),
            ({"name": "abcdef"}, [("name", "max_length")]),
            ({"name": None}, [("name", "null")]),
            ({"name": 5}, [("name", "not_a_string")]),
            ({"name": "a\0"}, [("name", "null_characters")]),
            ({"logo": "5"}, [("logo", "not_an_integer")]),
            ({"logo": 5.5}, [("logo", "not_an_integer")]),
            ({"logo": True}, [("logo", "not_an_integer")]),
            ({"logo": 2**63}, [("logo", "max_value")]),
            ({"logo": -(2**63) - 1}, [("logo", "min_value")]),
            ({"size": 0}, [("size", "min_value")]),
            ({"size": 11}, [("size", "max_value")]),
            ({"above": 0}, [("above", "min_value")]),
            ({"ratio": "x"}, [("ratio", "not_a_number")]),
            ({"price": "x"}, [("price", "not_a_number")]),
            ({"on": "yes"}, [("on", "not_a_boolean")]),
            ({"on": 1}, [("on", "not_a_boolean")]),
            ({"kind": "song"}, [("kind", "not_a_choice")]),
            ({"level": 5}, [("level", "not_a_choice")]),
            ({"mode": "c"}, [("mode", "not_a_choice")]),
            ({"at": "yesterday"}, [("at", "not_a_datetime")]),
            ({"at": "0001-01-01T00:00:00+05:00"}, [("at", "not_a_datetime")]),
            ({"price": "1e999"}, [("price", "max_value")]),
            ({"price": "-1e30"}, [("price", "min_value")]),
            ({"price": "1e999999"}, [("price", "not_a_number")]),
            ({"ref": "x"}, [("ref", "not_a_uuid")]),
            ({"inner": {}}, [("inner.id", "required")]),
            ({"inner": [1]}, [("inner", "not_an_object")]),
            ({"many": {}}, [("many", "not_a_list")]),
            ({"many": [{"id": 1}, {"id": "x"}, {}]}, [("many.1.id", "not_an_integer"), ("many.2.id", "required")]),
            ({"many": [{"id": 1}] * 4}, [("many", "max_items")]),
            ({"by_name": {"a": "x"}}, [("by_name.a", "not_an_integer")]),
            ({"either": [1, "x"]}, [("either.1", "not_an_integer")]),
            ({"either": "x"}, [("either", "not_an_integer")]),
            ([], [("", "not_an_object")]),
            (None, [("", "null")]),
            (
                {"name": "", "logo": "x", "size": 99},
                [("name", "blank"), ("logo", "not_an_integer"), ("size", "max_value")],
            ),
        ],
    )
    def test_has_all_its_problems_told(self, value: object, problems: list[tuple[str, str]]) -> None:
        assert told(STRICT, value) == problems

    def test_names_limits_and_values(self) -> None:
        with pytest.raises(Invalid) as wrong:
            STRICT.json(b'{"name":"abcdef","kind":"song"}')
        assert [dict(problem.params) for problem in wrong.value.problems] == [{"limit": 5}, {"value": "song"}]

    def test_is_not_repeated_at_length(self) -> None:
        long = "x" * 10_000
        with pytest.raises(Invalid) as wrong:
            STRICT.json(msgspec.json.encode({"kind": long, "by_name": {long: "y"}}))
        assert len(str(wrong.value)) < 1000

    def test_stops_telling_at_some_point(self) -> None:
        assert len(told(Reader(list[int]), ["x"] * 5000)) == 100

    @pytest.mark.parametrize(
        "text",
        [b"{", b"{'a':1}", b'{"a":1,}', b"NaN", b'{"ratio":Infinity}', b"\xff\xfe", b'{"free":"\\ud800"}', b"{}x"],
    )
    def test_that_is_no_json_is_refused_as_such(self, text: bytes) -> None:
        with pytest.raises(BadBody):
            STRICT.json(text)

    def test_with_a_number_beyond_all_bounds_is_refused(self) -> None:
        with pytest.raises((Invalid, BadBody)):
            STRICT.json(b'{"free":1e999}')

    def test_of_a_list_names_the_entry(self) -> None:
        assert told(Reader(list[Inner]), [{"id": 1}, {"id": None}]) == [("1.id", "null")]


class TestNumbersGivenAsText:
    def test_pass_where_the_dialect_says_so(self) -> None:
        thing = LENIENT.json(b'{"logo":"5","ratio":"2.1","on":"true","size":" 3 ","name":7,"level":"10","price":"1"}')
        assert (thing.logo, thing.ratio, thing.on, thing.size, thing.name) == (5, 2.1, True, 3, "7")
        assert (thing.level, thing.price) == (Level.HIGH, Decimal(1))

    @pytest.mark.parametrize("text", ["", "x", "1_000", "٣", "1e5", "0x1", "--1", "99999999999999999999"])
    def test_must_be_numbers(self, text: str) -> None:
        assert told(LENIENT, {"size": text})[0][0] == "size"

    @pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "", "1,5", "٣"])
    def test_must_be_finite(self, text: str) -> None:
        assert told(LENIENT, {"ratio": text}) == [("ratio", "not_a_number")]


class TestAForm:
    def test_has_its_texts_read_as_what_they_should_be(self) -> None:
        thing = STRICT.query(b"name=a&size=3&on=on&tags=x&tags=y&unique=1&logo=&kind=film&mode=&either=4&text=")
        assert (thing.name, thing.size, thing.on, thing.tags, thing.unique) == ("a", 3, True, ["x", "y"], {1})
        assert (thing.logo, thing.mode, thing.either, thing.text) == (None, None, 4, "")

    def test_takes_the_last_of_a_field_given_twice(self) -> None:
        assert STRICT.query(b"size=3&size=4").size == 4

    def test_tells_all_problems(self) -> None:
        with pytest.raises(Invalid) as wrong:
            STRICT.query(b"size=x&kind=y&at=z")
        assert {problem.path for problem in wrong.value.problems} == {"size", "kind", "at"}

    @pytest.mark.parametrize("query", [b"a=%ff", b"&".join([b"a=1"] * 1001)])
    def test_that_cannot_be_read_is_refused(self, query: bytes) -> None:
        with pytest.raises(BadBody):
            STRICT.query(query)


ANY_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
FIELDS = some.dictionaries(some.sampled_from(Thing.__struct_fields__), ANY_JSON, max_size=6)


class TestWhateverComes:
    @given(FIELDS | ANY_JSON)
    def test_it_is_read_or_refused(self, value: object) -> None:
        text = msgspec.json.encode(value)
        for reader in (STRICT, LENIENT):
            try:
                thing = reader.json(text)
            except (Invalid, BadBody):
                continue
            assert isinstance(thing, Thing)
            assert thing.logo in (UNSET, None) or abs(thing.logo) <= INT_MAX + 1

    @given(some.binary(max_size=200))
    def test_bytes_are_read_or_refused(self, text: bytes) -> None:
        try:
            STRICT.json(text)
        except (Invalid, BadBody):
            return

    # The fast path and the walk must agree on what is good.
    @given(FIELDS)
    def test_the_fast_path_takes_nothing_that_the_walk_refuses(self, value: dict[str, Any]) -> None:
        class Plain(Struct):
            size: Annotated[int, Meta(ge=1, le=10)] = 1
            logo: int | None = None
            ratio: float = 0.0
            tags: list[str] = []
            either: int | list[int] | None = None
            kind: Kind = Kind.FILM

        fast, slow = Reader(Plain), Reader(Plain)
        slow._is_plain = False
        text = msgspec.json.encode(value)

        def result(reader: Reader) -> Any:
            try:
                return reader.json(text)
            except Invalid as wrong:
                return {problem.path for problem in wrong.problems}

        assert result(fast) == result(slow)
