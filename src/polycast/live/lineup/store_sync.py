"""What an auto sync reads: its groups, their streams, the channels it has made before."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import or_, select

from polycast.core.storage import Unit
from polycast.live.lineup.store_links import station_of
from polycast.live.lineup.sync_plan import Present, SyncGroup, SyncStream, rules_of
from polycast.live.tables import accounts, channel_overrides, channel_streams, channels, group_accounts, streams

ALWAYS: Final = "always"


class SyncStore:
    """Reads for one account."""

    def groups(self, unit: Unit, account_id: int) -> list[SyncGroup]:
        """Groups with the flag, those with fixed numbers first, by their first number."""
        link = group_accounts.c
        statement = select(link.group_id, link.sync_start, link.sync_end, link.custom_properties).where(
            link.account_id == account_id, link.auto_channel_sync.is_(True), link.enabled.is_(True)
        )
        found = [
            SyncGroup(group_id=row.group_id, start=row.sync_start, end=row.sync_end, rules=rules_of(props))
            for row in unit.execute(statement)
            for props in [row.custom_properties if isinstance(row.custom_properties, dict) else {}]
        ]
        return sorted(found, key=lambda one: (one.start is None, one.start or 0, one.group_id))

    def streams(self, unit: Unit, account_id: int, group_id: int) -> list[SyncStream]:
        """Streams met in the last scan, in the provider's order."""
        table = streams.c
        statement = (
            select(
                table.id,
                table.name,
                table.tvg_id,
                table.logo_url,
                table.number,
                table.is_adult,
                table.attributes,
                table.updated_at,
            )
            .where(
                table.account_id == account_id,
                table.group_id == group_id,
                table.stale_at.is_(None),
                table.enabled.is_(True),
            )
            .order_by(table.position, table.id)
        )
        return [
            SyncStream(
                id=row.id,
                name=row.name,
                tvg_id=row.tvg_id,
                logo_url=row.logo_url,
                number=row.number,
                is_adult=row.is_adult,
                stationid=station_of(row.attributes),
                updated_at=row.updated_at,
            )
            for row in unit.execute(statement)
        ]

    def present(self, unit: Unit, account_id: int, group_id: int) -> list[Present]:
        """Channels that a sync of this group has made."""
        statement = (
            select(channels.c.id, channels.c.is_hidden, channels.c.number, channel_overrides.c.number.label("pinned"))
            .outerjoin(channel_overrides, channel_overrides.c.channel_id == channels.c.id)
            .where(channels.c.auto_account_id == account_id, channels.c.auto_group_id == group_id)
            .order_by(channels.c.id)
        )
        links: dict[int, list[int]] = {}
        linked = (
            select(channel_streams.c.channel_id, channel_streams.c.stream_id)
            .join(channels, channels.c.id == channel_streams.c.channel_id)
            .where(channels.c.auto_account_id == account_id, channels.c.auto_group_id == group_id)
            .order_by(channel_streams.c.channel_id, channel_streams.c.position)
        )
        for channel_id, stream_id in unit.execute(linked):
            links.setdefault(channel_id, []).append(stream_id)
        return [
            Present(
                id=row.id,
                stream_ids=links.get(row.id, ()),
                is_hidden=row.is_hidden,
                number=row.number,
                pinned=row.pinned,
            )
            for row in unit.execute(statement)
        ]

    def used(self, unit: Unit, account_id: int, *, but_group: int | None = None) -> set[int]:
        """Numbers that a sync of the account may not give away, those of overrides always among them.

        That is every channel's but the account's visible ones; with `but_group`, but those of this group.
        """
        own = (channels.c.auto_account_id == account_id) & channels.c.is_hidden.is_(False)
        if but_group is not None:
            own &= channels.c.auto_group_id == but_group
        others = select(channels.c.eff_number).where(
            channels.c.eff_number.is_not(None), or_(channels.c.auto_account_id.is_(None), ~own)
        )
        pinned = select(channel_overrides.c.number).where(channel_overrides.c.number.is_not(None))
        return set(unit.execute(others).scalars()) | set(unit.execute(pinned).scalars())

    def orphans(self, unit: Unit, account_id: int, synced: Sequence[int]) -> list[tuple[int, int | None, bool]]:
        """Visible channels of groups that are synced no more: (id, number, has an override)."""
        statement = (
            select(channels.c.id, channels.c.eff_number, channel_overrides.c.channel_id.label("over"))
            .outerjoin(channel_overrides, channel_overrides.c.channel_id == channels.c.id)
            .where(
                channels.c.auto_created.is_(True),
                channels.c.auto_account_id == account_id,
                channels.c.is_hidden.is_(False),
                or_(channels.c.auto_group_id.is_(None), channels.c.auto_group_id.not_in(synced)),
            )
        )
        return [(row.id, row.eff_number, row.over is not None) for row in unit.execute(statement)]

    def cleanup(self, unit: Unit, account_id: int) -> str:
        """What happens to orphans: always, preserve_customized, never."""
        found = unit.execute(select(accounts.c.orphan_cleanup).where(accounts.c.id == account_id)).scalar()
        return str(found or ALWAYS)

    def is_refreshing(self, unit: Unit, account_id: int) -> bool:
        found = unit.execute(select(accounts.c.status).where(accounts.c.id == account_id)).scalar()
        return found in ("fetching", "parsing")

    def made_by(self, unit: Unit, account_id: int) -> list[int]:
        """Every channel that syncs of the account have made, hidden ones too."""
        statement = select(channels.c.id).where(
            channels.c.auto_created.is_(True), channels.c.auto_account_id == account_id
        )
        return list(unit.execute(statement.order_by(channels.c.eff_number, channels.c.id)).scalars())

    def home(self, unit: Unit, channel_id: int) -> tuple[int, int] | None:
        """(account, group) whose sync made a channel."""
        row = unit.execute(
            select(channels.c.auto_account_id, channels.c.auto_group_id).where(channels.c.id == channel_id)
        ).one_or_none()
        if row is None or row.auto_account_id is None or row.auto_group_id is None:
            return None
        return row.auto_account_id, row.auto_group_id
