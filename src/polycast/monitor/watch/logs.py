"""A DVR's own log, followed: new lines that a rule of the settings means are news. Source: specs/monitor.md 4.1.8, 5.13."""

import re
from collections.abc import Sequence
from typing import Final

import regex
from msgspec import Struct

from polycast.monitor.alerts.model import Happening
from polycast.monitor.preferences.model import LogRule

LINES: Final = 500
MOST_TOLD: Final = 20  # of one look; a log that floods is told once more in sum
MATCH_TIMEOUT_S: Final = 0.05
_LINE: Final = re.compile(r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)?) \[(\w{1,12})\] (.*)", re.DOTALL)


class LogLine(Struct, frozen=True, kw_only=True):
    """One entry: its lines joined, its time as the server writes it (its own zone, which nobody tells)."""

    at: str
    category: str
    text: str


class LogTail:
    """Remembers the last line that was seen. What was there before the first look is no news."""

    def __init__(self) -> None:
        self._last: LogLine | None = None
        self._has_looked = False

    def fresh(self, text: str) -> list[LogLine]:
        """The entries after the last one seen; all of them when that one has scrolled away."""
        lines = parsed(text)
        first, self._has_looked = not self._has_looked, True
        before, self._last = self._last, lines[-1] if lines else self._last
        if first or not lines:
            return []
        for index in range(len(lines) - 1, -1, -1):
            if lines[index] == before:
                return lines[index + 1 :]
        return lines


def parsed(text: str) -> list[LogLine]:
    """Entries, oldest first; what has no head belongs to the one before."""
    found: list[LogLine] = []
    for line in text.splitlines():
        head = _LINE.fullmatch(line)
        if head is not None:
            found.append(LogLine(at=head[1], category=head[2], text=head[3][:2000]))
        elif found and line.strip():
            last = found[-1]
            found[-1] = LogLine(at=last.at, category=last.category, text=f"{last.text}\n{line}"[:2000])
    return found


def news(lines: Sequence[LogLine], rules: Sequence[LogRule]) -> list[Happening]:
    """What the rules make of new lines; the first rule that means a line has it."""
    found: list[Happening] = []
    for line in lines:
        rule = next((one for one in rules if one.enabled and _means(one, line)), None)
        if rule is not None:
            found.append(
                Happening(
                    title=rule.name, text=f"[{line.category}] {line.text}", event_type="log_event", severity=rule.severity,
                    icon="cpu", extra={"category": line.category, "at": line.at, "rule": rule.name},
                )
            )  # fmt: skip
    if len(found) <= MOST_TOLD:
        return found
    more = Happening(title="Log", text=f"{len(found) - MOST_TOLD} more lines match", event_type="log_event", icon="cpu")
    return [*found[:MOST_TOLD], more]


def _means(rule: LogRule, line: LogLine) -> bool:
    if rule.category and rule.category.upper() != line.category.upper():
        return False
    if not line.text.startswith(rule.starts_with):
        return False
    if not rule.pattern:
        return True
    try:
        return regex.search(rule.pattern, line.text, flags=regex.IGNORECASE, timeout=MATCH_TIMEOUT_S) is not None
    except (regex.error, TimeoutError):
        return False
