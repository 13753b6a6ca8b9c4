"""The filters and orders that lists of channels offer, as SQL."""

from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, literal_column, or_, select

from polycast.core.storage import fold
from polycast.live.lineup.model import ChannelQuery, Viewer, Visibility
from polycast.live.tables import (
    channel_overrides,
    channel_profile_members,
    channel_streams,
    channels,
    groups,
    guide_channels,
    guide_sources,
    streams,
)

S = TypeVar("S", bound=Select[Any])
UNNUMBERED: Final = 2**62  # sorts behind every number; the indices of `live_channels` have it
NO_GUIDE: Final = "null"
_NUMBER: Final[ColumnElement[Any]] = literal_column(f"coalesce(live_channels.eff_number, {UNNUMBERED})")
_LINK: Final = channel_streams.c
_MEMBER: Final = channel_profile_members.c


def filtered(statement: S, query: ChannelQuery) -> S:
    """`statement` over `live_channels`, held to what `query` asks for."""
    conditions = [*_visible(query), *_viewed(query.viewer), *_texts(query), *_places(query), *_oddities(query)]
    if query.group_id is not None:
        conditions.append(channels.c.eff_group_id == query.group_id)
    if query.ids is not None:
        conditions.append(channels.c.id.in_(query.ids))
    return statement.where(*conditions)


def ordered(statement: S, query: ChannelQuery) -> S:
    """`statement` in the order of `query`; ids decide between equals, so that pages never overlap."""
    name, turned = query.order.lstrip("-"), query.order.startswith("-")
    column: ColumnElement[Any]
    if name == "group":
        column = select(groups.c.name_key).where(groups.c.id == channels.c.eff_group_id).scalar_subquery()
    elif name == "guide":
        guide = guide_channels.c
        column = select(guide.name_key).where(guide.id == channels.c.eff_guide_channel_id).scalar_subquery()
    else:
        column = {"number": _NUMBER, "name": channels.c.eff_name_key}[name]
    parts = [column.desc() if turned else column.asc(), channels.c.id.desc() if turned else channels.c.id.asc()]
    return statement.order_by(*parts)


def _visible(query: ChannelQuery) -> list[ColumnElement[bool]]:
    if query.enabled is not None:
        return [channels.c.is_hidden.is_(not query.enabled)]
    if query.visibility is Visibility.ALL:
        return []
    return [channels.c.is_hidden.is_(query.visibility is Visibility.HIDDEN)]


def _viewed(viewer: Viewer) -> list[ColumnElement[bool]]:
    if viewer.sees_all:
        return []
    conditions: list[ColumnElement[bool]] = []
    if viewer.level < 10:
        conditions.append(channels.c.user_level <= viewer.level)
    if viewer.hides_adult:
        conditions.append(channels.c.is_adult.is_(False))
    if viewer.profile_ids:
        conditions.append(_member(_MEMBER.profile_id.in_(sorted(viewer.profile_ids)), _MEMBER.enabled.is_(True)))
    return conditions


def _member(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(_MEMBER.channel_id).where(_MEMBER.channel_id == channels.c.id, *conditions))


def _texts(query: ChannelQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.search:
        asked = fold(query.search)
        in_group = select(groups.c.id).where(groups.c.name_key.contains(asked, autoescape=True))
        in_name = channels.c.eff_name_key.contains(asked, autoescape=True)
        conditions.append(or_(in_name, channels.c.eff_group_id.in_(in_group)))
    if query.name:
        conditions.append(channels.c.eff_name_key.contains(fold(query.name), autoescape=True))
    return conditions


def _places(query: ChannelQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.groups:
        ids = [int(word) for word in query.groups if word.isdecimal() and len(word) < 19]
        named = select(groups.c.id).where(or_(groups.c.name.in_(query.groups), groups.c.id.in_(ids)))
        conditions.append(channels.c.eff_group_id.in_(named))
    if query.guide_sources:
        of_source = (
            select(guide_channels.c.id)
            .join(guide_sources, guide_sources.c.id == guide_channels.c.source_id)
            .where(guide_sources.c.name.in_(query.guide_sources))
        )
        choices: list[ColumnElement[bool]] = [channels.c.eff_guide_channel_id.in_(of_source)]
        if NO_GUIDE in query.guide_sources:
            choices.append(channels.c.eff_guide_channel_id.is_(None))
        conditions.append(or_(*choices))
    if query.profile_id is not None:
        switched = [] if query.show_disabled else [_MEMBER.enabled.is_(True)]
        conditions.append(_member(_MEMBER.profile_id == query.profile_id, *switched))
    return conditions


def _oddities(query: ChannelQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    linked = select(_LINK.channel_id).where(_LINK.channel_id == channels.c.id)
    if query.only_streamless:
        conditions.append(~exists(linked))
    if query.only_stale:
        fresh = linked.join(streams, and_(streams.c.id == _LINK.stream_id, streams.c.stale_at.is_(None)))
        conditions += [exists(linked), ~exists(fresh)]
    if query.only_overridden:
        covered = select(channel_overrides.c.channel_id).where(channel_overrides.c.channel_id == channels.c.id)
        conditions.append(exists(covered.correlate(channels)))
    if query.only_catchup:
        conditions.append(channels.c.is_catchup.is_(True))
    if query.only_without_guide:
        conditions.append(channels.c.eff_guide_channel_id.is_(None))
    return conditions
