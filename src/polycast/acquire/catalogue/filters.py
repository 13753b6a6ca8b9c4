"""Custom folders: which entries they show."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import regex

from polycast.acquire.catalogue.folder import Folder
from polycast.acquire.config.model import Filters
from polycast.acquire.config.units import size, span

PATIENCE: Final = 0.1  # seconds of one match

Test = Callable[[Folder, Sequence[str]], bool]


def needs_names(filters: Filters) -> bool:
    """Whether files' names have to be known."""
    return bool(filters.files_regex or filters.not_files_regex)


def compiled(filters: Filters, now: datetime) -> Test:
    """One question for all filters. Text is compared without case; the two patterns given together are either-or."""
    texts = _texts(filters)
    bounds = _bounds(filters, now)
    by_name, by_file = _pattern(filters.regex), _pattern(filters.files_regex)
    no_name, no_file = _pattern(filters.not_regex), _pattern(filters.not_files_regex)

    def test(folder: Folder, names: Sequence[str]) -> bool:
        lower = folder.name.casefold()
        if not all(check(lower) for check in texts) or not all(check(folder) for check in bounds):
            return False
        if no_name is not None and _found(no_name, folder.name):
            return False
        if no_file is not None and any(_found(no_file, name) for name in names):
            return False
        wanted = []
        if by_name is not None:
            wanted.append(_found(by_name, folder.name))
        if by_file is not None:
            wanted.append(any(_found(by_file, name) for name in names))
        return not wanted or any(wanted)

    return test


def _pattern(text: str) -> "regex.Pattern[str] | None":
    return regex.compile(text, regex.IGNORECASE) if text else None


def _found(pattern: "regex.Pattern[str]", text: str) -> bool:
    try:
        return pattern.search(text, timeout=PATIENCE) is not None
    except TimeoutError:
        return False


def _texts(filters: Filters) -> list[Callable[[str], bool]]:
    found: list[Callable[[str], bool]] = []

    def add(text: str, check: Callable[[str, str], bool], *, negated: bool) -> None:
        if text:
            wanted = text.casefold()
            found.append(lambda name: check(name, wanted) is not negated)

    for negated, contains, starts, ends, same in (
        (False, filters.include, filters.starts_with, filters.ends_with, filters.exact_match),
        (True, filters.exclude, filters.not_starts_with, filters.not_ends_with, filters.not_exact_match),
    ):
        add(contains, lambda name, text: text in name, negated=negated)
        add(starts, lambda name, text: name.startswith(text), negated=negated)
        add(ends, lambda name, text: name.endswith(text), negated=negated)
        add(same, lambda name, text: name == text, negated=negated)
    return found


def _bounds(filters: Filters, now: datetime) -> list[Callable[[Folder], bool]]:
    found: list[Callable[[Folder], bool]] = []
    if (least := size(filters.size_gt, path="size_gt")) is not None:
        found.append(lambda folder: folder.size_bytes > least)
    if (most := size(filters.size_lt, path="size_lt")) is not None:
        found.append(lambda folder: folder.size_bytes < most)
    if (fewest := filters.file_count_gt) is not None:
        found.append(lambda folder: folder.file_count > fewest)
    if (largest := filters.file_count_lt) is not None:
        found.append(lambda folder: folder.file_count < largest)
    if (age := span(filters.last_added, path="last_added")) is not None:
        found.append(lambda folder: now - folder.added_at <= age)
    return found
