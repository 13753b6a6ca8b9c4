"""Rows of groups and of channel profiles with their members."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, select, update

from polycast.core.storage import Unit, fold
from polycast.live.lineup.model import ChannelGroup, ChannelProfile, GroupAccount
from polycast.live.tables import (
    channel_profile_members,
    channel_profiles,
    channels,
    group_accounts,
    groups,
    streams,
    user_channel_profiles,
)

_member = channel_profile_members.c
CHUNK: Final = 500  # ids in one IN (...)
_LINK_NAMES: Final = tuple(name for name in GroupAccount.__struct_fields__ if name != "is_stale")
_LINK: Final = [group_accounts.c[name] for name in (*_LINK_NAMES, "stale_at")]


class GroupStore:
    """Groups, which channels and streams share."""

    def all(self, unit: Unit) -> list[ChannelGroup]:
        """By name, with what is in them."""
        held = self._counts(unit, channels.c.eff_group_id)
        used = self._accounts(unit, select(*_LINK))
        rows = unit.execute(select(groups.c.id, groups.c.name).order_by(groups.c.name_key, groups.c.id))
        return [
            ChannelGroup(
                id=row.id, name=row.name, channel_count=held.get(row.id, 0), accounts=tuple(used.get(row.id, ()))
            )
            for row in rows
        ]

    def get(self, unit: Unit, group_id: int) -> ChannelGroup | None:
        name = unit.execute(select(groups.c.name).where(groups.c.id == group_id)).scalar_one_or_none()
        if name is None:
            return None
        held = unit.execute(select(func.count()).where(channels.c.eff_group_id == group_id)).scalar_one()
        used = self._accounts(unit, select(*_LINK).where(group_accounts.c.group_id == group_id))
        return ChannelGroup(id=group_id, name=name, channel_count=held, accounts=tuple(used.get(group_id, ())))

    def named(self, unit: Unit, name: str) -> int | None:
        found: int | None = unit.execute(select(groups.c.id).where(groups.c.name == name)).scalar_one_or_none()
        return found

    def ensure(self, unit: Unit, name: str) -> int:
        """The group called `name`, made when there is none."""
        known = self.named(unit, name)
        return self.insert(unit, name) if known is None else known

    def insert(self, unit: Unit, name: str) -> int:
        return unit.insert(groups, name=name, name_key=fold(name))

    def rename(self, unit: Unit, group_id: int, name: str) -> None:
        unit.execute(update(groups).where(groups.c.id == group_id).values(name=name, name_key=fold(name)))

    def delete(self, unit: Unit, group_ids: Sequence[int]) -> None:
        unit.execute(delete(groups).where(groups.c.id.in_(group_ids)))

    def unused(self, unit: Unit) -> list[ChannelGroup]:
        """Groups without channels, accounts and streams."""
        statement = (
            select(groups.c.id, groups.c.name)
            .where(
                groups.c.id.not_in(select(channels.c.eff_group_id).where(channels.c.eff_group_id.is_not(None))),
                groups.c.id.not_in(select(channels.c.group_id).where(channels.c.group_id.is_not(None))),
                groups.c.id.not_in(select(group_accounts.c.group_id)),
                groups.c.id.not_in(select(streams.c.group_id).where(streams.c.group_id.is_not(None))),
            )
            .order_by(groups.c.name_key)
        )
        return [ChannelGroup(id=row.id, name=row.name) for row in unit.execute(statement)]

    def names(self, unit: Unit) -> dict[int, str]:
        return {row.id: row.name for row in unit.execute(select(groups.c.id, groups.c.name))}

    def _accounts(self, unit: Unit, statement: Select[Any]) -> dict[int, list[GroupAccount]]:
        found: dict[int, list[GroupAccount]] = {}
        for row in unit.execute(statement.order_by(group_accounts.c.account_id)):
            values = {name: getattr(row, name) for name in _LINK_NAMES}
            found.setdefault(row.group_id, []).append(GroupAccount(**values, is_stale=row.stale_at is not None))
        return found

    def _counts(self, unit: Unit, column: Any) -> dict[int, int]:
        rows = unit.execute(select(column, func.count()).where(column.is_not(None)).group_by(column))
        return {row[0]: row[1] for row in rows}


class ProfileStore:
    """Channel profiles. A channel without a row, or with one switched off, is not in the profile."""

    def all(self, unit: Unit, ids: frozenset[int] | None = None) -> list[ChannelProfile]:
        """By id, those in `ids` or all."""
        table = channel_profiles.c
        statement = select(table.id, table.name).order_by(table.id)
        if ids is not None:
            statement = statement.where(table.id.in_(sorted(ids)))
        found = unit.execute(statement).all()
        members = self._members(unit, [row.id for row in found])
        return [ChannelProfile(id=row.id, name=row.name, channel_ids=tuple(members.get(row.id, ()))) for row in found]

    def get(self, unit: Unit, profile_id: int) -> ChannelProfile | None:
        found = self.all(unit, frozenset({profile_id}))
        return found[0] if found else None

    def unknown_channels(self, unit: Unit, channel_ids: Sequence[int]) -> list[int]:
        known: set[int] = set()
        for start in range(0, len(channel_ids), CHUNK):
            part = channel_ids[start : start + CHUNK]
            known.update(unit.execute(select(channels.c.id).where(channels.c.id.in_(part))).scalars())
        return [one for one in channel_ids if one not in known]

    def ids(self, unit: Unit) -> list[int]:
        return list(unit.execute(select(channel_profiles.c.id).order_by(channel_profiles.c.id)).scalars())

    def named(self, unit: Unit, name: str) -> int | None:
        statement = select(channel_profiles.c.id).where(channel_profiles.c.name == name)
        found: int | None = unit.execute(statement).scalar_one_or_none()
        return found

    def insert(self, unit: Unit, name: str, *, like: int | None = None) -> int:
        """A new profile with every channel in it, or with those that are in profile `like`."""
        profile_id = unit.insert(channel_profiles, name=name)
        source = select(channels.c.id) if like is None else self._enabled(like)
        rows = [(profile_id, channel_id, 1) for channel_id in unit.execute(source).scalars()]
        unit.insert_rows(channel_profile_members, ["profile_id", "channel_id", "enabled"], rows)
        return profile_id

    def rename(self, unit: Unit, profile_id: int, name: str) -> None:
        unit.execute(update(channel_profiles).where(channel_profiles.c.id == profile_id).values(name=name))

    def delete(self, unit: Unit, profile_id: int) -> None:
        unit.execute(delete(user_channel_profiles).where(user_channel_profiles.c.profile_id == profile_id))
        unit.execute(delete(channel_profiles).where(channel_profiles.c.id == profile_id))

    def join(self, unit: Unit, channel_ids: Sequence[int], profile_ids: Sequence[int]) -> None:
        """Switch new channels on in these profiles."""
        rows = [(profile_id, channel_id, 1) for profile_id in profile_ids for channel_id in channel_ids]
        unit.insert_rows(channel_profile_members, ["profile_id", "channel_id", "enabled"], rows)

    def switch(self, unit: Unit, profile_id: int, channels_on: Mapping[int, bool]) -> tuple[int, int]:
        """Switch channels on and off in a profile; how many rows changed and how many are new."""
        ids = sorted(channels_on)
        known: set[int] = set()
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            of_profile = select(_member.channel_id).where(_member.profile_id == profile_id)
            known.update(unit.execute(of_profile.where(_member.channel_id.in_(part))).scalars())
        rows = [{"profile_id": profile_id, "channel_id": one, "enabled": channels_on[one]} for one in ids]
        unit.upsert(channel_profile_members, rows, key=["profile_id", "channel_id"], update=["enabled"])
        return len(known), len(ids) - len(known)

    def set_members(self, unit: Unit, profile_id: int, channel_ids: Sequence[int]) -> None:
        """Exactly these channels are switched on."""
        unit.execute(delete(channel_profile_members).where(_member.profile_id == profile_id))
        if channel_ids:
            rows = [
                {"profile_id": profile_id, "channel_id": one, "enabled": True} for one in dict.fromkeys(channel_ids)
            ]
            unit.execute(insert(channel_profile_members), rows)

    def _enabled(self, profile_id: int) -> Any:
        return select(_member.channel_id).where(_member.profile_id == profile_id, _member.enabled.is_(True))

    def _members(self, unit: Unit, profile_ids: Sequence[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        statement = (
            select(_member.profile_id, _member.channel_id)
            .where(_member.profile_id.in_(profile_ids), _member.enabled.is_(True))
            .order_by(_member.profile_id, _member.channel_id)
        )
        for profile_id, channel_id in unit.execute(statement):
            found.setdefault(profile_id, []).append(channel_id)
        return found
