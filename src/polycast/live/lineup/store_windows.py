"""Reads of what stands beside the channels of a page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select

from polycast.core.storage import Unit
from polycast.live.lineup.model import Channel, ChannelRow, GuideName
from polycast.live.tables import accounts, channel_streams, groups, guide_channels, guide_sources, logos, streams

CHUNK: Final = 500  # ids in one IN (...)


class WindowStore:
    """What belongs to a page of channels, a query for each sort of thing."""

    def around(self, unit: Unit, found: Sequence[Channel]) -> list[ChannelRow]:
        """`found`, in their order."""
        named = self._by_id(unit, select(groups.c.id, groups.c.name), groups.c.id, "group_id", found)
        pictures = self._by_id(unit, select(logos.c.id, logos.c.url), logos.c.id, "logo_id", found)
        guided = (
            select(guide_channels.c.id, guide_channels.c.name, guide_sources.c.name.label("source"))
            .select_from(guide_channels)
            .join(guide_sources, guide_sources.c.id == guide_channels.c.source_id)
        )
        guides = self._by_id(unit, guided, guide_channels.c.id, "guide_channel_id", found)
        usable = self._usable(unit, [one.id for one in found])
        return [
            ChannelRow(
                channel=one,
                group=row.name if (row := named.get(one.effective.group_id)) else None,
                logo_source=row.url if (row := pictures.get(one.effective.logo_id)) else None,
                guide=GuideName(id=row.id, name=row.name or row.source, source=row.source)
                if (row := guides.get(one.effective.guide_channel_id))
                else None,
                problem=_problem(one, usable.get(one.id, 0)),
            )
            for one in found
        ]

    def _by_id(
        self, unit: Unit, statement: Any, column: Any, name: str, found: Sequence[Channel]
    ) -> Mapping[int | None, Any]:
        ids = sorted({getattr(one.effective, name) or 0 for one in found})
        rows: dict[int | None, Any] = {}
        for start in range(0, len(ids), CHUNK):
            part = statement.where(column.in_(ids[start : start + CHUNK]))
            rows.update({row.id: row for row in unit.execute(part)})
        return rows

    def _usable(self, unit: Unit, channel_ids: Sequence[int]) -> dict[int, int]:
        """How many of each channel's streams may be tried."""
        found: dict[int, int] = {}
        for start in range(0, len(channel_ids), CHUNK):
            statement = (
                select(channel_streams.c.channel_id, func.count().label("good"))
                .join(streams, streams.c.id == channel_streams.c.stream_id)
                .join(accounts, accounts.c.id == streams.c.account_id)
                .where(
                    channel_streams.c.channel_id.in_(channel_ids[start : start + CHUNK]),
                    streams.c.stale_at.is_(None),
                    streams.c.enabled.is_(True),
                    accounts.c.is_active.is_(True),
                )
                .group_by(channel_streams.c.channel_id)
            )
            found.update({row.channel_id: row.good for row in unit.execute(statement)})
        return found


def _problem(channel: Channel, usable: int) -> str | None:
    if not channel.stream_ids:
        return "It has no stream."
    return None if usable else "None of its streams is there: they are gone from the source or switched off."
