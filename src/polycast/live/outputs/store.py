"""Rows for outputs: the channels somebody may see, and names of profiles."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, func, select

from polycast.core.storage import Unit
from polycast.live.lineup.model import ChannelQuery
from polycast.live.lineup.store_filters import filtered
from polycast.live.outputs.model import Entry, StreamFacts, View
from polycast.live.tables import (
    account_profiles,
    accounts,
    channel_profiles,
    channel_streams,
    channels,
    groups,
    logos,
    output_profiles,
    stream_stats,
    streams,
)

_ENTRY: Final = (
    select(
        channels.c.id,
        channels.c.uuid,
        channels.c.eff_name.label("name"),
        channels.c.eff_number.label("number"),
        channels.c.eff_group_id.label("group_id"),
        groups.c.name.label("group_name"),
        channels.c.eff_logo_id.label("logo_id"),
        logos.c.url.label("logo_url"),
        channels.c.eff_tvg_id.label("tvg_id"),
        channels.c.eff_tvc_guide_stationid.label("station_id"),
        channels.c.eff_guide_channel_id.label("guide_channel_id"),
        channels.c.is_adult,
        channels.c.is_radio,
        channels.c.is_catchup,
        channels.c.catchup_days,
        channels.c.created_at,
    )
    .select_from(channels)
    .outerjoin(groups, groups.c.id == channels.c.eff_group_id)
    .outerjoin(logos, logos.c.id == channels.c.eff_logo_id)
)
CHUNK: Final = 500  # ids in one IN (...)
_NAMES: Final = Entry.__struct_fields__[:-2]


class OutputStore:
    """Reading only."""

    def entries(self, unit: Unit, view: View, *, after: int, limit: int) -> list[Entry]:
        """Channels of a view by id, above `after`."""
        query = ChannelQuery(viewer=view.viewer, profile_id=view.profile_id)
        statement = filtered(_ENTRY, query).where(channels.c.id > after).order_by(channels.c.id).limit(limit)
        return [_entry(row) for row in unit.execute(statement)]

    def profile_id(self, unit: Unit, name: str) -> int | None:
        """The channel profile of that name."""
        table = channel_profiles.c
        found: int | None = unit.execute(select(table.id).where(table.name == name)).scalar_one_or_none()
        return found

    def is_output_profile(self, unit: Unit, profile_id: int) -> bool:
        """Whether there is an output profile with this id that is switched on."""
        table = output_profiles.c
        found = unit.execute(select(table.id).where(table.id == profile_id, table.is_active.is_(True)))
        return found.first() is not None

    def limits(self, unit: Unit) -> tuple[list[int], int]:
        """How many streams each login allows at once (0: no limit), and how many streams people added by hand."""
        of = account_profiles.c
        logins = (
            select(of.max_streams)
            .join(accounts, accounts.c.id == of.account_id)
            .where(accounts.c.is_active.is_(True), accounts.c.locked.is_(False), of.is_active.is_(True))
        )
        by_hand = (
            select(func.count(streams.c.id))
            .select_from(streams)
            .join(accounts, accounts.c.id == streams.c.account_id)
            .where(accounts.c.locked.is_(True), streams.c.enabled.is_(True))
        )
        return list(unit.execute(logins).scalars()), int(unit.execute(by_hand).scalar_one())

    def facts(self, unit: Unit, channel_ids: Sequence[int]) -> dict[int, StreamFacts]:
        """By channel: what playing its first stream has taught us."""
        link, stats = channel_streams.c, stream_stats.c
        found: dict[int, StreamFacts] = {}
        for start in range(0, len(channel_ids), CHUNK):
            some = channel_ids[start : start + CHUNK]
            statement = (
                select(link.channel_id, stats.stats)
                .join(stream_stats, stats.stream_id == link.stream_id)
                .where(link.channel_id.in_(some), link.position == 0, stats.stats.is_not(None))
            )
            found.update((row.channel_id, StreamFacts.of(row.stats)) for row in unit.execute(statement) if row.stats)
        return found

    def direct_urls(self, unit: Unit, channel_ids: Sequence[int]) -> dict[int, str]:
        """By channel: the address of its first stream, where that was added by hand and holds no credential."""
        link = channel_streams.c
        found: dict[int, str] = {}
        for start in range(0, len(channel_ids), CHUNK):
            statement = (
                select(link.channel_id, streams.c.url)
                .join(streams, streams.c.id == link.stream_id)
                .join(accounts, accounts.c.id == streams.c.account_id)
                .where(
                    link.channel_id.in_(channel_ids[start : start + CHUNK]),
                    link.position == 0,
                    accounts.c.locked.is_(True),
                    streams.c.url_sealed.is_(None),
                )
            )
            found.update((row.channel_id, row.url) for row in unit.execute(statement) if row.url)
        return found


def _entry(row: Row[Any]) -> Entry:
    values = tuple(row)
    days = row.catchup_days if row.is_catchup else 0
    return Entry(**dict(zip(_NAMES, values, strict=False)), catchup_days=days, created_at=row.created_at)
