"""Trying expressions on the names of a group before a sync uses them."""

import asyncio
from typing import Final

from polycast.core.errors import Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit
from polycast.live.regexes import Budget, Pattern, Replacement, TooSlow, compile_pattern
from polycast.live.sources.streams.model import Preview, PreviewAsk
from polycast.live.sources.streams.store import StreamStore

SCAN_LIMIT: Final = 5_000
PATTERN_LIMIT: Final = 512
SHOWN: Final = range(1, 51)


class Previews:
    """Shows what renaming and filtering expressions would do."""

    def __init__(self, *, db: Database, store: StreamStore) -> None:
        self._db = db
        self._store = store

    async def show(self, caller: Caller, ask: PreviewAsk) -> Preview:
        """Raises: NotAllowed; NotFound, for an unknown group. A bad or slow expression is told in the answer."""
        caller.require(Scope.LIVE_WRITE)
        names, total = await self._db.read(self._names, ask)
        # Off the loop, and not in a reader's thread: slow expressions may take their two seconds.
        return await asyncio.to_thread(_tried, ask, names, total)

    def _names(self, unit: Unit, ask: PreviewAsk) -> tuple[list[str], int]:
        group_id = self._store.group_id(unit, ask.group)
        if group_id is None:
            raise NotFound("The group")
        names = self._store.names_in_group(unit, group_id, ask.account_id, SCAN_LIMIT)
        return names, max(len(names), self._store.count_in_group(unit, group_id, ask.account_id))


def _tried(ask: PreviewAsk, names: list[str], total: int) -> Preview:
    shown = min(max(ask.limit, SHOWN.start), SHOWN.stop - 1)
    renamed, find_error = _renamed(ask.find, ask.replace, names)
    matching, match_error = _matching(ask.match, names)
    excluded, exclude_error = _matching(ask.exclude, names)
    return Preview(
        total_in_group=total,
        total_scanned=len(names),
        scan_limit_hit=total > len(names),
        find_matches=renamed[:shown],
        find_match_count=len(renamed),
        filter_matches=[(name, True) for name in matching[:shown]],
        filter_match_count=len(matching),
        exclude_matches=excluded[:shown],
        exclude_match_count=len(excluded),
        find_error=find_error,
        match_error=match_error,
        exclude_error=exclude_error,
    )


def _compiled(text: str, flags: str = "") -> tuple[Pattern | None, str | None]:
    if not text:
        return None, None
    try:
        return compile_pattern(text, flags=flags, limit=PATTERN_LIMIT), None
    except Invalid as error:
        return None, error.problems[0].text or f"At most {PATTERN_LIMIT} characters."


def _renamed(find: str, replace: str, names: list[str]) -> tuple[list[tuple[str, str]], str | None]:
    pattern, error = _compiled(find)
    if pattern is None:
        return [], error
    text, budget = Replacement(replace), Budget()
    found: list[tuple[str, str]] = []
    try:
        for name in names:
            if pattern.matches(name, budget):
                found.append((name, pattern.replace(text, name, budget)))  # noqa: PERF401 - what was found stays when one is too slow
    except TooSlow as slow:
        return found, slow.message
    return found, None


def _matching(expression: str, names: list[str]) -> tuple[list[str], str | None]:
    pattern, error = _compiled(expression, "i")
    if pattern is None:
        return [], error
    budget = Budget()
    found: list[str] = []
    try:
        for name in names:
            if pattern.matches(name, budget):
                found.append(name)  # noqa: PERF401 - what was found stays when one is too slow
    except TooSlow as slow:
        return found, slow.message
    return found, None
