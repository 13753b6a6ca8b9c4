"""What filters would do to the streams an account has, before anybody saves them."""

import asyncio
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from polycast.core.errors import Invalid, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database
from polycast.live.regexes import Budget, Pattern, TooSlow, compile_pattern
from polycast.live.sources.accounts.checks import FILTER_LIMIT
from polycast.live.sources.store_overview import Entry, OverviewStore

SAMPLES: Final = 50  # of those kept and of those dropped
MOST_RULES: Final = 100
FilterKind = Literal["group", "name", "url"]


class Rule(Struct, frozen=True, kw_only=True):
    """A filter as it would be saved; the first that matches decides, none keeps."""

    filter_type: FilterKind
    regex_pattern: str
    exclude: bool
    case_sensitive: bool


class Sample(Struct, frozen=True, kw_only=True):
    """One stream and what becomes of it."""

    name: str
    group: str
    kept: bool
    by: int | None  # the rule that decides, from 0; None: no rule


class Preview(Struct, kw_only=True):
    """How many streams would be kept. Rules with a problem take no part."""

    kept: int
    dropped: int
    samples: list[Sample]
    problems: list[Problem]


class _Compiled(NamedTuple):
    place: int
    kind: FilterKind
    pattern: Pattern
    exclude: bool


class FilterPreviews:
    """Tries filters out. What was dropped by today's filters is not stored, so it is in no preview."""

    def __init__(self, *, db: Database, store: OverviewStore) -> None:
        self._db = db
        self._store = store

    async def of(self, caller: Caller, account_id: int, rules: Sequence[Rule]) -> Preview:
        """Raises: NotAllowed; Invalid for too many rules."""
        caller.require(Scope.LIVE_WRITE)
        if len(rules) > MOST_RULES:
            raise Invalid.one("filters", "max_length", f"At most {MOST_RULES} filters.", max=MOST_RULES)
        compiled, problems = _compiled(rules)
        entries = await self._db.read(self._store.entries, account_id)
        return await asyncio.to_thread(_tried, entries, compiled, problems)


def _compiled(rules: Sequence[Rule]) -> tuple[list[_Compiled], list[Problem]]:
    compiled: list[_Compiled] = []
    problems: list[Problem] = []
    for index, rule in enumerate(rules):
        path = f"filters.{index}.regex_pattern"
        if not rule.regex_pattern:
            problems.append(Problem(path, "blank", text="Enter a pattern."))
            continue
        try:
            flags = "" if rule.case_sensitive else "i"
            pattern = compile_pattern(rule.regex_pattern, flags=flags, path=path, limit=FILTER_LIMIT)
        except Invalid as error:
            problems += error.problems
        else:
            compiled.append(_Compiled(index, rule.filter_type, pattern, rule.exclude))
    return compiled, problems


def _tried(entries: Sequence[Entry], rules: Sequence[_Compiled], problems: list[Problem]) -> Preview:
    """Ends early, with what was found until then, when a rule takes too long."""
    preview = Preview(kept=0, dropped=0, samples=[], problems=problems)
    budget = Budget()
    for entry in entries:
        try:
            decided = next((rule for rule in rules if _matches(rule, entry, budget)), None)
        except TooSlow as error:
            preview.problems.append(Problem("filters", error.code, text=error.message))
            break
        kept = decided is None or not decided.exclude
        if kept:
            preview.kept += 1
        else:
            preview.dropped += 1
        if (preview.kept if kept else preview.dropped) <= SAMPLES:
            by = None if decided is None else decided.place
            preview.samples.append(Sample(name=entry.name, group=entry.group, kept=kept, by=by))
    return preview


def _matches(rule: _Compiled, entry: Entry, budget: Budget) -> bool:
    subject = {"group": entry.group, "name": entry.name, "url": entry.url}[rule.kind]
    return rule.pattern.matches(subject, budget)
