"""Channels of the line-up as the guide needs them: who they are and which guide channel is theirs."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, or_, select

from polycast.core.storage import Unit, fold
from polycast.live.lineup.model import Viewer
from polycast.live.tables import (
    channel_profile_members,
    channel_streams,
    channels,
    groups,
    guide_channels,
    guide_sources,
    logos,
    streams,
)

CHUNK = 500


class Guided(Struct, frozen=True, kw_only=True):
    """A channel and its guide; effective values."""

    id: int
    uuid: str
    name: str
    number: int | None  # thousandths
    guide_channel_id: int | None
    source_type: str | None  # of the guide
    source_id: int | None
    tvg_id: str  # of the guide channel; the channel's own without a guide
    group: str
    own_tvg_id: str
    logo_id: int | None
    logo_source: str  # the logo's own address


class Wanted(Struct, frozen=True, kw_only=True):
    """Which channels and guides a search is about; empty means any."""

    channel: str = ""  # in the name
    channel_id: int | None = None
    group: str = ""  # in the name
    stream: str = ""  # in the name of one of the channel's streams
    tvg_id: str = ""
    source: str = ""  # name or id of the guide source

    @property
    def is_by_channel(self) -> bool:
        return bool(self.channel or self.channel_id is not None or self.group or self.stream)


class Rows(Struct, frozen=True, kw_only=True):
    """Which rows of the line-up; empty means any."""

    search: str = ""  # each word in the channel's name
    group_id: int | None = None
    profile_id: int | None = None


class GuidedStore:
    """Reads `live_channels` with their guides. Hidden channels are in no answer but `by_uuids`; nobody sees more than they may."""

    def all(self, unit: Unit, viewer: Viewer, *, ids: Iterable[int] | None = None) -> list[Guided]:
        """By number."""
        asked = _asked(viewer).where(channels.c.is_hidden.is_(False))
        if ids is None:
            return _found(unit, asked)
        found: list[Guided] = []
        wanted = sorted(ids)
        for at in range(0, len(wanted), CHUNK):
            found += _found(unit, asked.where(channels.c.id.in_(wanted[at : at + CHUNK])))
        return found

    def rows(
        self, unit: Unit, viewer: Viewer, rows: Rows, *, offset: int = 0, limit: int | None = None
    ) -> list[Guided]:
        """Visible channels by number, the same order each time."""
        asked = _asked(viewer).where(channels.c.is_hidden.is_(False), *_rows(rows)).offset(offset)
        return _found(unit, asked if limit is None else asked.limit(limit))

    def count(self, unit: Unit, viewer: Viewer, rows: Rows) -> int:
        """How many `rows` there are in all."""
        conditions = [channels.c.is_hidden.is_(False), *_visible(viewer), *_rows(rows)]
        return int(unit.execute(select(func.count()).select_from(channels).where(*conditions)).scalar_one())

    def by_uuids(self, unit: Unit, viewer: Viewer, uuids: Sequence[str]) -> list[Guided]:
        found: list[Guided] = []
        for at in range(0, len(uuids), CHUNK):
            found += _found(unit, _asked(viewer).where(channels.c.uuid.in_(uuids[at : at + CHUNK])))
        return found

    def of_guides(self, unit: Unit, viewer: Viewer, guide_channel_ids: Iterable[int]) -> list[Guided]:
        """Visible channels that have one of these guide channels."""
        found: list[Guided] = []
        wanted = sorted(guide_channel_ids)
        for at in range(0, len(wanted), CHUNK):
            some = channels.c.eff_guide_channel_id.in_(wanted[at : at + CHUNK])
            found += _found(unit, _asked(viewer).where(some, channels.c.is_hidden.is_(False)))
        return found

    def stream_names(self, unit: Unit, channel_ids: Sequence[int]) -> dict[int, list[str]]:
        """Names of the streams of channels, in order."""
        found: dict[int, list[str]] = {}
        for at in range(0, len(channel_ids), CHUNK):
            asked = (
                select(channel_streams.c.channel_id, streams.c.name)
                .join(streams, streams.c.id == channel_streams.c.stream_id)
                .where(channel_streams.c.channel_id.in_(channel_ids[at : at + CHUNK]))
                .order_by(channel_streams.c.channel_id, channel_streams.c.position)
            )
            for channel_id, name in unit.execute(asked):
                found.setdefault(channel_id, []).append(name)
        return found

    def owners(self, unit: Unit, wanted: Wanted) -> set[int] | None:
        """The guide channels that `wanted` leaves; None for all of them."""
        c, g = channels.c, guide_channels.c
        found: set[int] | None = None
        if wanted.is_by_channel:
            asked = select(c.eff_guide_channel_id).where(c.eff_guide_channel_id.is_not(None), *_conditions(wanted))
            found = set(unit.execute(asked).scalars())
        if wanted.tvg_id:
            by_tvg = set(unit.execute(select(g.id).where(g.tvg_key == fold(wanted.tvg_id))).scalars())
            found = by_tvg if found is None else found & by_tvg
        if wanted.source:
            is_it = guide_sources.c.name_key == fold(wanted.source)
            if wanted.source.isdecimal():
                is_it = or_(is_it, guide_sources.c.id == int(wanted.source[:18]))
            joined = select(g.id).join(guide_sources, guide_sources.c.id == g.source_id).where(is_it)
            by_source = set(unit.execute(joined.where(g.programme_count > 0)).scalars())
            found = by_source if found is None else found & by_source
        return found

    def streams(self, unit: Unit, channel_ids: Sequence[int]) -> dict[int, list[tuple[int, str, str, int | None, str]]]:
        """Streams of channels in order: id, name, tvg id, account and group name."""
        found: dict[int, list[tuple[int, str, str, int | None, str]]] = {}
        for at in range(0, len(channel_ids), CHUNK):
            s = streams.c
            asked = (
                select(channel_streams.c.channel_id, s.id, s.name, s.tvg_id, s.account_id, groups.c.name.label("group"))
                .join(streams, s.id == channel_streams.c.stream_id)
                .outerjoin(groups, groups.c.id == s.group_id)
                .where(channel_streams.c.channel_id.in_(channel_ids[at : at + CHUNK]))
                .order_by(channel_streams.c.channel_id, channel_streams.c.position)
            )
            for row in unit.execute(asked):
                found.setdefault(row.channel_id, []).append(
                    (row.id, row.name, row.tvg_id, row.account_id, row.group or "")
                )
        return found


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    c = channels.c
    found: list[ColumnElement[bool]] = []
    if wanted.channel:
        found.append(c.eff_name_key.contains(fold(wanted.channel), autoescape=True))
    if wanted.channel_id is not None:
        found.append(c.id == wanted.channel_id)
    if wanted.group:
        of = select(groups.c.id).where(groups.c.name_key.contains(fold(wanted.group), autoescape=True))
        found.append(c.eff_group_id.in_(of))
    if wanted.stream:
        of = (
            select(channel_streams.c.channel_id)
            .join(streams, streams.c.id == channel_streams.c.stream_id)
            .where(func.lower(streams.c.name).contains(wanted.stream.lower(), autoescape=True))
        )
        found.append(c.id.in_(of))
    return found


def _asked(viewer: Viewer) -> Select[Any]:
    c, g, s = channels.c, guide_channels.c, guide_sources.c
    return (
        select(
            c.id,
            c.uuid,
            c.eff_name.label("name"),
            c.eff_number.label("number"),
            c.eff_guide_channel_id.label("guide_channel_id"),
            s.source_type,
            s.id.label("source_id"),
            g.tvg_id.label("guide_tvg_id"),
            c.eff_tvg_id.label("own_tvg_id"),
            groups.c.name.label("group"),
            c.eff_logo_id.label("logo_id"),
            logos.c.url.label("logo_source"),
        )
        .outerjoin(logos, logos.c.id == c.eff_logo_id)
        .outerjoin(guide_channels, g.id == c.eff_guide_channel_id)
        .outerjoin(guide_sources, s.id == g.source_id)
        .outerjoin(groups, groups.c.id == c.eff_group_id)
        .where(*_visible(viewer))
        .order_by(c.eff_number, c.id)
    )


def _rows(rows: Rows) -> list[ColumnElement[bool]]:
    c, members = channels.c, channel_profile_members.c
    found: list[ColumnElement[bool]] = [
        c.eff_name_key.contains(word, autoescape=True) for word in fold(rows.search).split()[:10]
    ]
    if rows.group_id is not None:
        found.append(c.eff_group_id == rows.group_id)
    if rows.profile_id is not None:
        of = select(members.channel_id).where(
            members.channel_id == c.id, members.profile_id == rows.profile_id, members.enabled.is_(True)
        )
        found.append(of.exists())
    return found


def _visible(viewer: Viewer) -> list[ColumnElement[bool]]:
    """Source: `specs/live.md` 2.1, visibility."""
    c, members = channels.c, channel_profile_members.c
    found: list[ColumnElement[bool]] = []
    if viewer.level < 10:
        found.append(c.user_level <= viewer.level)
    if viewer.hides_adult:
        found.append(c.is_adult.is_(False))
    if viewer.profile_ids:
        found.append(
            select(members.channel_id)
            .where(members.channel_id == c.id, members.profile_id.in_(viewer.profile_ids), members.enabled.is_(True))
            .exists()
        )
    return found


def _found(unit: Unit, asked: Select[Any]) -> list[Guided]:
    return [
        Guided(
            id=row.id,
            uuid=row.uuid,
            name=row.name,
            number=row.number,
            guide_channel_id=row.guide_channel_id,
            source_type=row.source_type,
            source_id=row.source_id,
            tvg_id=row.guide_tvg_id or row.own_tvg_id,
            group=row.group or "",
            own_tvg_id=row.own_tvg_id,
            logo_id=row.logo_id,
            logo_source=row.logo_source or "",
        )
        for row in unit.execute(asked)
    ]
