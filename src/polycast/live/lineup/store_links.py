"""What channels point at, and what their streams say of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Table, and_, case, func, select, update

from polycast.core.storage import Unit, fold
from polycast.live.tables import (
    accounts,
    channel_overrides,
    channel_streams,
    channels,
    groups,
    guide_channels,
    guide_sources,
    logos,
    stream_profiles,
    streams,
)

CHUNK: Final = 500  # ids in one IN (...)
TARGETS: Final[Mapping[str, Table]] = {
    "group_id": groups,
    "logo_id": logos,
    "guide_channel_id": guide_channels,
    "stream_profile_id": stream_profiles,
}


class StreamFacts(Struct, frozen=True, kw_only=True):
    """What a channel takes over from its first stream."""

    id: int
    name: str
    tvg_id: str
    logo_url: str
    number: int | None  # thousandths
    group_id: int | None
    is_adult: bool
    stationid: str  # tvc-guide-stationid
    stream_profile_id: int | None


class GuideFacts(Struct, frozen=True, kw_only=True):
    """A guide channel, as a channel may take it over."""

    id: int
    name: str
    tvg_id: str
    icon_url: str


class LinkStore:
    """Rows of other tables that channels refer to."""

    def exists(self, unit: Unit, table: Table, row_id: int) -> bool:
        return unit.execute(select(table.c.id).where(table.c.id == row_id)).first() is not None

    def unknown(self, unit: Unit, table: Table, ids: Sequence[int]) -> list[int]:
        """Those of `ids` that no row of `table` has, in their order."""
        known: set[int] = set()
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            known.update(unit.execute(select(table.c.id).where(table.c.id.in_(part))).scalars())
        return [one for one in ids if one not in known]

    def streams(self, unit: Unit, stream_ids: Sequence[int]) -> dict[int, StreamFacts]:
        found: dict[int, StreamFacts] = {}
        names = ("id", "name", "tvg_id", "logo_url", "number", "group_id", "is_adult", "stream_profile_id")
        columns = [streams.c[name] for name in names]
        for start in range(0, len(stream_ids), CHUNK):
            part = stream_ids[start : start + CHUNK]
            for row in unit.execute(select(*columns, streams.c.attributes).where(streams.c.id.in_(part))):
                values = {name: getattr(row, name) for name in names}
                found[row.id] = StreamFacts(**values, stationid=station_of(row.attributes))
        return found

    def guides(self, unit: Unit, guide_ids: Sequence[int]) -> dict[int, GuideFacts]:
        found: dict[int, GuideFacts] = {}
        table = guide_channels.c
        for start in range(0, len(guide_ids), CHUNK):
            part = guide_ids[start : start + CHUNK]
            statement = select(table.id, table.name, table.tvg_id, table.icon_url).where(table.id.in_(part))
            found.update({row.id: GuideFacts(**row._mapping) for row in unit.execute(statement)})
        return found

    def guides_by_tvg(self, unit: Unit, tvg_ids: Sequence[str], *, source_id: int | None = None) -> dict[str, int]:
        """Guide channel by folded tvg-id: of this source, or of the active source that comes first."""
        found: dict[str, int] = {}
        keys = sorted({fold(tvg_id) for tvg_id in tvg_ids if tvg_id})
        for start in range(0, len(keys), CHUNK):
            statement = (
                select(guide_channels.c.tvg_key, guide_channels.c.id)
                .join(guide_sources, guide_sources.c.id == guide_channels.c.source_id)
                .where(guide_channels.c.tvg_key.in_(keys[start : start + CHUNK]))
                .order_by(guide_sources.c.priority.desc(), guide_sources.c.id, guide_channels.c.id)
            )
            if source_id is None:
                statement = statement.where(guide_sources.c.is_active.is_(True))
            else:
                statement = statement.where(guide_sources.c.id == source_id)
            for row in unit.execute(statement):
                found.setdefault(row.tvg_key, row.id)
        return found

    def only_guide_of(self, unit: Unit, source_id: int) -> int | None:
        """The first guide channel of a dummy source; None for a source of any other kind."""
        statement = (
            select(guide_channels.c.id)
            .join(guide_sources, guide_sources.c.id == guide_channels.c.source_id)
            .where(guide_sources.c.id == source_id, guide_sources.c.source_type == "dummy")
            .order_by(guide_channels.c.id)
            .limit(1)
        )
        found: int | None = unit.execute(statement).scalar_one_or_none()
        return found

    def guided(self, unit: Unit, source_id: int) -> list[int]:
        """Channels whose guide comes from this source."""
        statement = (
            select(channels.c.id)
            .join(guide_channels, guide_channels.c.id == channels.c.eff_guide_channel_id)
            .where(guide_channels.c.source_id == source_id)
        )
        return list(unit.execute(statement.order_by(channels.c.id)).scalars())

    def linked_streams(self, unit: Unit, channel_id: int) -> list[int]:
        """In the order of failover."""
        link = channel_streams.c
        statement = select(link.stream_id).where(link.channel_id == channel_id).order_by(link.position)
        return list(unit.execute(statement).scalars())

    def roll_up(self, unit: Unit, channel_ids: Sequence[int]) -> None:
        """Catch-up of these channels: any stream of an active account that has it; the most days of them."""
        days = (
            select(func.max(case((streams.c.is_catchup.is_(True), streams.c.catchup_days), else_=None)))
            .select_from(channel_streams)
            .join(streams, streams.c.id == channel_streams.c.stream_id)
            .join(accounts, accounts.c.id == streams.c.account_id)
            .where(
                channel_streams.c.channel_id == channels.c.id,
                accounts.c.is_active.is_(True),
                streams.c.enabled.is_(True),
                streams.c.stale_at.is_(None),
            )
            .correlate(channels)
            .scalar_subquery()
        )
        for start in range(0, len(channel_ids), CHUNK):
            part = channel_ids[start : start + CHUNK]
            now = unit.execute(
                select(channels.c.id, channels.c.is_catchup, channels.c.catchup_days, days.label("days")).where(
                    channels.c.id.in_(part)
                )
            ).all()
            for row in now:
                wanted = (row.days is not None, row.days or 0)
                if wanted != (row.is_catchup, row.catchup_days):
                    values = {"is_catchup": wanted[0], "catchup_days": wanted[1]}
                    unit.execute(update(channels).where(channels.c.id == row.id).values(**values))

    def with_streams_of(self, unit: Unit, account_id: int) -> list[int]:
        """Channels that have a stream of this account."""
        statement = (
            select(channel_streams.c.channel_id)
            .join(streams, streams.c.id == channel_streams.c.stream_id)
            .where(streams.c.account_id == account_id)
            .distinct()
        )
        return list(unit.execute(statement).scalars())

    def recover(self, unit: Unit, name: str) -> None:
        """After rows that `name` ("logo_id" ...) points at are gone: what an override covered counts again."""
        base, effective, over = channels.c[name], channels.c[f"eff_{name}"], channel_overrides.c
        covered = select(over.channel_id).where(over.channel_id == channels.c.id, over[name].is_not(None))
        bare = and_(effective.is_(None), base.is_not(None), ~covered.exists())
        unit.execute(update(channels).where(bare).values({effective: base}))

    def group_names(self, unit: Unit, group_ids: Sequence[int]) -> dict[int, str]:
        rows = unit.execute(select(groups.c.id, groups.c.name).where(groups.c.id.in_(group_ids)))
        return {row.id: row.name for row in rows}


def station_of(attributes: Any) -> str:
    """The Gracenote station of a playlist entry, as the channel keeps it."""
    found = attributes.get("tvc-guide-stationid") if isinstance(attributes, dict) else None
    return str(found)[:255] if found else ""
