"""The audit log as this API's clients search it. The log itself is the core's."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec import Struct

from polycast.core.identity.audit.model import AuditEntry
from polycast.core.identity.audit.service import Audit
from polycast.core.identity.caller import Caller

PAGE: Final = 500
MOST_PAGES: Final = 40  # looked through for one answer; the next page goes on from there


class Wanted(Struct, frozen=True, kw_only=True):
    """Which entries. Times include their ends."""

    category: str | None = None
    user_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


class Trail(Struct, frozen=True, kw_only=True):
    """Entries, the youngest first; how many of each category were looked through; where to go on when there may be more."""

    entries: list[AuditEntry]
    counts: dict[str, int]
    next_before: int | None


class AuditTrail:
    """Pages of the log."""

    def __init__(self, *, audit: Audit, category: Callable[[str], str]) -> None:
        self._audit = audit
        self._category = category

    async def page(self, caller: Caller, wanted: Wanted, *, before: int | None, limit: int) -> Trail:
        """Raises: NotAllowed."""
        found: list[AuditEntry] = []
        counts: dict[str, int] = {}
        text = wanted.search.lower()
        for _ in range(MOST_PAGES):
            rows = await self._audit.list(caller, before=before, limit=PAGE, user_id=wanted.user_id)
            for one in rows:
                before = one.id
                if wanted.since is not None and one.at < wanted.since:
                    return Trail(entries=found, counts=counts, next_before=None)
                if wanted.until is not None and one.at > wanted.until:
                    continue
                if text not in f"{one.action} {one.target} {one.username}".lower():
                    continue
                kind = self._category(one.action)
                counts[kind] = counts.get(kind, 0) + 1
                if wanted.category is None or kind == wanted.category:
                    found.append(one)
                if len(found) >= limit:
                    return Trail(entries=found, counts=counts, next_before=before)
            if len(rows) < PAGE:
                return Trail(entries=found, counts=counts, next_before=None)
        return Trail(entries=found, counts=counts, next_before=before)
