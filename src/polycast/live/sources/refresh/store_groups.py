"""Groups as refreshes meet them, and how an account uses them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update

from polycast.core.storage import Unit, fold
from polycast.live.tables import group_accounts, groups, streams

IN_LIMIT: Final = 400  # values of one IN list


class GroupStore:
    """Groups and their relations to accounts."""

    def ensure(
        self, unit: Unit, account_id: int, names: Iterable[str], *, enabled: Mapping[str, bool]
    ) -> dict[str, int]:
        """The ids of these groups; new ones, and new relations to the account, are made."""
        wanted = sorted(set(names))
        ids = self._group_ids(unit, wanted)
        missing = [name for name in wanted if name not in ids]
        if missing:
            unit.upsert(groups, [{"name": n, "name_key": fold(n)} for n in missing], key=["name"], update=[])
            ids |= self._group_ids(unit, missing)
        unit.upsert(
            group_accounts,
            [
                {
                    "account_id": account_id,
                    "group_id": ids[name],
                    "enabled": enabled.get(name, True),
                    "custom_properties": {},
                }
                for name in wanted
            ],
            key=["account_id", "group_id"],
            update=[],
        )
        return ids

    def set_categories(self, unit: Unit, account_id: int, keys: Mapping[int, str]) -> None:
        """Remember which of the provider's categories (value) each group (key) is."""
        query = select(group_accounts.c.id, group_accounts.c.group_id, group_accounts.c.category_id)
        for row in unit.execute(query.where(group_accounts.c.account_id == account_id)).all() if keys else ():
            wanted = keys.get(row.group_id, row.category_id)
            if wanted != row.category_id:
                unit.execute(update(group_accounts).where(group_accounts.c.id == row.id).values(category_id=wanted))

    def _group_ids(self, unit: Unit, names: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at in range(0, len(names), IN_LIMIT):
            query = select(groups.c.name, groups.c.id).where(groups.c.name.in_(names[at : at + IN_LIMIT]))
            found.update((row.name, row.id) for row in unit.execute(query))
        return found

    def stream_counts(self, unit: Unit, account_id: int) -> dict[int, int]:
        """Present streams of the account by group id."""
        per_group = select(streams.c.group_id, func.count()).where(streams.c.account_id == account_id)
        counts = {row[0]: row[1] for row in unit.execute(per_group.group_by(streams.c.group_id))}
        # Two counts instead of one: the first is answered by an index alone, the second has few rows.
        stale = per_group.where(streams.c.stale_at.is_not(None)).group_by(streams.c.group_id)
        for group_id, count in unit.execute(stale):
            counts[group_id] -= count
        return {group_id: count for group_id, count in counts.items() if group_id is not None}

    def settle(
        self,
        unit: Unit,
        account_id: int,
        *,
        met: set[int],
        counts: Mapping[int, int],
        at: datetime,
        last_seen: datetime,
    ) -> None:
        """Write the stream counts of the account's groups, and which of them this scan met."""
        query = select(
            group_accounts.c.id, group_accounts.c.group_id, group_accounts.c.stream_count, group_accounts.c.stale_at
        )
        for row in unit.execute(query.where(group_accounts.c.account_id == account_id)).all():
            count, is_met = counts.get(row.group_id, 0), row.group_id in met or counts.get(row.group_id, 0) > 0
            values: dict[str, object] = {}
            if count != row.stream_count:
                values["stream_count"] = count
            if is_met and row.stale_at is not None:
                values |= {"stale_at": None, "last_seen_at": None}
            elif not is_met and row.stale_at is None:
                values |= {"stale_at": at, "last_seen_at": last_seen}
            if values:
                unit.execute(update(group_accounts).where(group_accounts.c.id == row.id).values(values))

    def drop_stale(self, unit: Unit, account_id: int, *, before: datetime) -> int:
        """Forget relations to groups not met since `before` that hold no stream; the number forgotten."""
        outdated = delete(group_accounts).where(
            group_accounts.c.account_id == account_id,
            group_accounts.c.stale_at.is_not(None),
            group_accounts.c.last_seen_at <= before,
            group_accounts.c.stream_count == 0,
        )
        return unit.execute(outdated).rowcount
