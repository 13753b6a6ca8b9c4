"""Rules read and judged: every field, operator and value, with all that is wrong told at once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from polycast.core.errors import Invalid, Problem
from polycast.library.collections.model import DEEPEST, FIELDS, MOST_RULES, NUMBERS

GROUPS = ("all", "any", "none")


def check_rules(rules: Sequence[Any], *, path: str = "rules") -> None:
    """Raises: Invalid, with a problem for each thing that is wrong."""
    problems: list[Problem] = []
    count = _walk(rules, path, problems, depth=0)
    if count > MOST_RULES:
        problems.append(Problem(path, "max_items", {"max": MOST_RULES}, f"At most {MOST_RULES} rules"))
    if problems:
        raise Invalid(problems)


def _walk(rules: Sequence[Any], path: str, problems: list[Problem], *, depth: int) -> int:
    count = 0
    for place, rule in enumerate(rules):
        where = f"{path}.{place}"
        count += 1
        if not isinstance(rule, dict):
            problems.append(Problem(where, "not_an_object", {}, "Expected a rule"))
        elif "rules" in rule:
            if rule.get("match", "all") not in GROUPS:
                problems.append(Problem(f"{where}.match", "not_a_choice", {}, "One of all, any, none"))
            if not isinstance(rule["rules"], list) or depth >= DEEPEST:
                problems.append(Problem(f"{where}.rules", "not_a_list", {}, "Expected rules, not nested too deeply"))
            else:
                count += _walk(rule["rules"], f"{where}.rules", problems, depth=depth + 1)
        else:
            _check(rule, where, problems)
    return count


def _check(rule: dict[str, Any], where: str, problems: list[Problem]) -> None:
    field, operator = rule.get("field"), rule.get("operator")
    if not isinstance(field, str) or field not in FIELDS:
        problems.append(Problem(f"{where}.field", "not_a_choice", {}, "Unknown field"))
        return
    if operator not in FIELDS[field]:
        problems.append(Problem(f"{where}.operator", "not_a_choice", {}, "Unknown operator for this field"))
        return
    if not _fits(field, str(operator), rule.get("value")):
        problems.append(Problem(f"{where}.value", "invalid", {}, "The value does not fit the operator"))


def _fits(field: str, operator: str, value: Any) -> bool:
    if field in ("watched", "inProgress", "inWatchlist"):
        return isinstance(value, bool)
    if field == "person":
        many = value if isinstance(value, list) else [value]
        return bool(many) and all(
            isinstance(one, str) or (isinstance(one, dict) and isinstance(one.get("personId") or one.get("name"), str))
            for one in many
        )
    if operator == "between":
        return isinstance(value, list) and len(value) == 2 and all(_number(one) for one in value)
    if operator in ("any_of", "in", "has_any", "has_all", "has_none"):
        many = value if isinstance(value, list) else []
        kind = (int, float) if field in NUMBERS else str
        return 0 < len(many) <= 200 and all(isinstance(one, kind) and not isinstance(one, bool) for one in many)
    if operator in ("in_last", "not_in_last"):
        return _number(value) and 0 < value <= 100_000
    if field in ("addedAt", "releaseDate"):
        return isinstance(value, str) and day_of(value) is not None
    if field in NUMBERS:
        return _number(value)
    return isinstance(value, str) and 0 < len(value) <= 500


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53


def day_of(text: str) -> date | None:
    """A date, or the day of a time."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
