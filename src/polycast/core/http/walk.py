"""Reading values field by field, so that every fault of an input is told at once.

msgspec stops at the first fault; this walks a decoded value beside the description of its type, collects a `Problem`
for each fault and returns the value with the small repairs that its source allows. Only what the walk lets through
is then converted by msgspec, which has the last word.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from msgspec import inspect as shape

from polycast.core.errors import Problem

MAX_PROBLEMS: Final = 100
MAX_TOLD: Final = 200  # characters of a path or value that are repeated: an answer is not to be larger than its request
INT_MIN: Final = -(2**63)  # what both engines can store
INT_MAX: Final = 2**63 - 1
_TEXT_RULE: Final = "polycast_text"
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}(?:\.0{1,6})?")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_TRUE: Final = frozenset({"true", "1", "t", "yes", "y", "on"})
_FALSE: Final = frozenset({"false", "0", "f", "no", "n", "off"})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_KEEPING_LINES: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def line(max_length: int = 255, *, blank: bool = False) -> Meta:
    """For `Annotated[str, line(255)]`: one line of text; the reader makes it NFC, trims it, drops control characters."""
    return Meta(min_length=0 if blank else 1, max_length=max_length, extra={_TEXT_RULE: "line"})


def prose(max_length: int = 65_536, *, blank: bool = True) -> Meta:
    """Like `line`, and keeps line breaks and tabs."""
    return Meta(min_length=0 if blank else 1, max_length=max_length, extra={_TEXT_RULE: "prose"})


class Source(Struct, frozen=True):
    """How strictly a source spells its values."""

    text_numbers: bool = False  # "5" is a number, "true" a boolean: forms, queries, and dialects that say so
    empty_is_null: bool = False  # "" is null for what is not text: forms and queries
    lists: bool = False  # every value came as a list of texts; a plain field takes the last


JSON: Final = Source()
LENIENT_JSON: Final = Source(text_numbers=True)
FORM: Final = Source(text_numbers=True, empty_is_null=True, lists=True)


class Walk:
    """One reading of one value."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.problems: list[Problem] = []

    def read(self, kind: shape.Type, value: object, path: str = "") -> object:
        """`value` as `kind` takes it; what is wrong is in `problems` afterwards."""
        if len(self.problems) >= MAX_PROBLEMS:
            return value
        if isinstance(kind, shape.Metadata):
            rule = (kind.extra or {}).get(_TEXT_RULE)
            return self.read(kind.type, _tidied(value, rule) if isinstance(value, str) and rule else value, path)
        if value is None and not isinstance(kind, shape.AnyType | shape.NoneType | shape.UnionType):
            return self._wrong(path, "null", None)
        reader = _READERS.get(type(kind))
        return value if reader is None else reader(self, kind, value, path)

    def _wrong(self, path: str, code: str, given: object, text: str = "", /, **params: str | int | float) -> object:
        self.problems.append(Problem(path[:MAX_TOLD], code, params, text[:MAX_TOLD]))
        return given

    def struct(self, kind: Any, value: object, path: str) -> object:
        if not isinstance(value, dict):
            return self._wrong(path, "not_an_object", value, "Must be an object.", type=_type_name(value))
        kept: dict[str, object] = {}
        if kind.tag_field is not None:
            kept[kind.tag_field] = kind.tag
        for field in kind.fields:
            name = field.encode_name
            if name not in value:
                if field.required:
                    self._wrong(_join(path, name), "required", None, "This field is required.")
                continue
            kept[name] = self.read(field.type, self._picked(field.type, value[name]), _join(path, name))
        return kept

    def _picked(self, kind: shape.Type, value: object) -> object:
        """What a form's list of texts means for one field: a list stays one, else the last text counts."""
        if not self._source.lists or not isinstance(value, list) or _takes_list(kind):
            return value
        return value[-1] if value else None

    def mapping(self, kind: Any, value: object, path: str) -> object:
        if not isinstance(value, dict):
            return self._wrong(path, "not_an_object", value, "Must be an object.", type=_type_name(value))
        return {
            str(self.read(kind.key_type, key, path)): self.read(kind.value_type, item, _join(path, str(key)))
            for key, item in value.items()
        }

    def sequence(self, kind: Any, value: object, path: str) -> object:
        if not isinstance(value, list):
            return self._wrong(path, "not_a_list", value, "Must be a list.", type=_type_name(value))
        low, high = kind.min_length, kind.max_length
        if high is not None and len(value) > high:
            return self._wrong(path, "max_items", value, f"At most {high} entries.", limit=high)
        if low is not None and len(value) < low:
            return self._wrong(path, "min_items", value, f"At least {low} entries.", limit=low)
        return [self.read(kind.item_type, item, _join(path, str(index))) for index, item in enumerate(value)]

    def text(self, kind: Any, value: object, path: str) -> object:
        if not isinstance(value, str):
            if self._source.text_numbers and isinstance(value, int | float) and not isinstance(value, bool):
                return self.text(kind, str(value), path)
            return self._wrong(path, "not_a_string", value, "Must be text.")
        if _UNSTORABLE.search(value):
            return self._wrong(path, "null_characters", value, "Characters that no text may hold.")
        if kind.min_length and not value.strip():
            return self._wrong(path, "blank", value, "This field may not be blank.")
        if kind.max_length is not None and len(value) > kind.max_length:
            told = f"No more than {kind.max_length} characters."
            return self._wrong(path, "max_length", value, told, limit=kind.max_length)
        if kind.min_length is not None and len(value) < kind.min_length:
            told = f"At least {kind.min_length} characters."
            return self._wrong(path, "min_length", value, told, limit=kind.min_length)
        if kind.pattern is not None and not re.search(kind.pattern, value):
            return self._wrong(path, "pattern", value, "Not of the expected form.")
        return value

    def integer(self, kind: Any, value: object, path: str) -> object:
        number = value
        if isinstance(value, str) and self._source.text_numbers and _INTEGER.fullmatch(value.strip()):
            number = int(value.strip().partition(".")[0])
        elif isinstance(value, float) and value.is_integer():
            number = int(value)
        if isinstance(number, bool) or not isinstance(number, int):
            return self._wrong(path, "not_an_integer", value, "A valid integer is required.")
        if not INT_MIN <= number <= INT_MAX:
            code, limit = ("max_value", INT_MAX) if number > 0 else ("min_value", INT_MIN)
            return self._wrong(path, code, value, "Out of range.", limit=limit)
        return self._bounded(kind, number, path)

    def number(self, kind: Any, value: object, path: str) -> object:
        number = value
        if isinstance(value, str) and self._source.text_numbers and _NUMBER.fullmatch(value.strip()):
            number = float(value)
        if isinstance(number, bool) or not isinstance(number, int | float) or not _is_finite(number):
            return self._wrong(path, "not_a_number", value, "A valid number is required.")
        return self._bounded(kind, number, path)

    def decimal(self, kind: Any, value: object, path: str) -> object:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and _NUMBER.fullmatch(str(value)):
            number = Decimal(str(value))
            if abs(number) <= INT_MAX:  # an exponent must not become a million digits later on
                return self._bounded(kind, number, path)
            return self._wrong(path, "max_value" if number > 0 else "min_value", value, "Out of range.", limit=INT_MAX)
        return self._wrong(path, "not_a_number", value, "A valid number is required.")

    def _bounded(self, kind: Any, number: Any, path: str) -> object:
        low = kind.ge if getattr(kind, "ge", None) is not None else getattr(kind, "gt", None)
        high = kind.le if getattr(kind, "le", None) is not None else getattr(kind, "lt", None)
        if low is not None and (number < low or (number == low and kind.ge is None)):
            return self._wrong(path, "min_value", number, f"At least {low}.", limit=low)
        if high is not None and (number > high or (number == high and kind.le is None)):
            return self._wrong(path, "max_value", number, f"At most {high}.", limit=high)
        return number

    def boolean(self, kind: Any, value: object, path: str) -> object:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower() if isinstance(value, str | int) and self._source.text_numbers else ""
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        return self._wrong(path, "not_a_boolean", value, "Must be a valid boolean.")

    def choice(self, kind: Any, value: object, path: str) -> object:
        words = kind.values if isinstance(kind, shape.LiteralType) else tuple(member.value for member in kind.cls)
        if isinstance(value, str | int) and not isinstance(value, bool):
            if value in words:
                return value
            if self._source.text_numbers and (alike := [word for word in words if str(word) == str(value)]):
                return alike[0]
        told = str(value)[:MAX_TOLD] if isinstance(value, str | int | float) else _type_name(value)
        return self._wrong(path, "not_a_choice", value, f'"{told}" is not a valid choice.', value=told)

    def nothing(self, kind: Any, value: object, path: str) -> object:
        return value if value is None else self._wrong(path, "not_null", value, "Must be null.")

    def union(self, kind: Any, value: object, path: str) -> object:
        options = [option for option in kind.types if not isinstance(option, shape.NoneType)]
        nullable = len(options) < len(kind.types)
        if value is None:
            return None if nullable else self._wrong(path, "null", None, "This field may not be null.")
        if nullable and value == "" and self._source.empty_is_null and not any(map(_takes_text, options)):
            return None
        if len(options) > 1 and (tagged := _tagged(options, value)) is not None:
            options = [tagged]
        first: list[Problem] | None = None
        for option in options:
            attempt = Walk(self._source)
            picked = attempt.read(option, self._picked(option, value), path)
            if not attempt.problems:
                return picked
            if first is None or _fits(option, value):
                first = attempt.problems
        self.problems.extend(first or ())
        return value

    def own(self, kind: Any, value: object, path: str) -> object:
        """A class of ours, an `Upload`: only its reader makes one."""
        if isinstance(value, kind.cls):
            return value
        return self._wrong(path, "not_a_file", value, "Must be a file.")

    def converted(self, kind: Any, value: object, path: str) -> object:
        """Types whose text form msgspec knows: times, UUIDs, bytes."""
        wanted, code = _SPELLED[type(kind)]
        if isinstance(value, wanted):  # an upload, or a default that is already converted
            return value
        try:
            found = msgspec.convert(value, wanted, strict=True)
            if isinstance(found, datetime) and found.tzinfo is not None:
                found.astimezone(UTC)  # the year 1 east of Greenwich has no UTC
            return found
        except (msgspec.ValidationError, OverflowError, ValueError):
            return self._wrong(path, code, value, "Not in the expected format.")


def _tidied(value: str, rule: str) -> str:
    if rule == "prose":
        return _CONTROL_KEEPING_LINES.sub("", unicodedata.normalize("NFC", value)).strip()
    return _CONTROL.sub("", unicodedata.normalize("NFC", value)).strip()


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer too large for a float
        return False


def _type_name(value: object) -> str:
    """How Django REST framework names a type to its clients: "dict", "list", "str"."""
    return type(value).__name__


def _bare(kind: shape.Type) -> shape.Type:
    return kind.type if isinstance(kind, shape.Metadata) else kind


def _takes_list(kind: shape.Type) -> bool:
    bare = _bare(kind)
    if isinstance(bare, shape.UnionType):
        return any(map(_takes_list, bare.types))
    return isinstance(bare, shape.CollectionType | shape.AnyType)


def _takes_text(kind: shape.Type) -> bool:
    return isinstance(_bare(kind), shape.StrType | shape.AnyType)


def _fits(kind: shape.Type, value: object) -> bool:
    bare = _bare(kind)
    if isinstance(value, dict):
        return isinstance(bare, shape.StructType | shape.DictType)
    return isinstance(bare, shape.CollectionType) if isinstance(value, list) else False


def _tagged(options: list[shape.Type], value: object) -> shape.Type | None:
    """The struct of a tagged union that `value` names."""
    if not isinstance(value, Mapping):
        return None
    for option in map(_bare, options):
        if isinstance(option, shape.StructType) and option.tag_field and value.get(option.tag_field) == option.tag:
            return option
    return None


_SPELLED: Final[Mapping[type, tuple[Any, str]]] = {
    shape.DateTimeType: (datetime, "not_a_datetime"),
    shape.DateType: (date, "not_a_date"),
    shape.TimeType: (time, "not_a_time"),
    shape.TimeDeltaType: (timedelta, "not_a_duration"),
    shape.UUIDType: (UUID, "not_a_uuid"),
    shape.BytesType: (bytes, "not_base64"),
}

_READERS: Final[Mapping[type, Any]] = {
    shape.StructType: Walk.struct,
    shape.DictType: Walk.mapping,
    shape.ListType: Walk.sequence,
    shape.SetType: Walk.sequence,
    shape.FrozenSetType: Walk.sequence,
    shape.VarTupleType: Walk.sequence,
    shape.StrType: Walk.text,
    shape.IntType: Walk.integer,
    shape.FloatType: Walk.number,
    shape.DecimalType: Walk.decimal,
    shape.BoolType: Walk.boolean,
    shape.LiteralType: Walk.choice,
    shape.EnumType: Walk.choice,
    shape.NoneType: Walk.nothing,
    shape.CustomType: Walk.own,
    shape.UnionType: Walk.union,
    **dict.fromkeys(_SPELLED, Walk.converted),
}
