"""Rows behind the relay: what can be played, who owns a running channel, and what playing taught us."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, or_, select

from polycast.core.storage import Unit
from polycast.live.preferences.model import OutputProfile
from polycast.live.relay.model import Target
from polycast.live.tables import (
    accounts,
    channel_streams,
    channels,
    output_profiles,
    relays,
    stream_profiles,
    stream_stats,
    streams,
    user_agents,
)

HEALTHY: Final = 1000
HALF_LIFE: Final = timedelta(minutes=30)  # in which half of what a failure took is forgiven


class RelayStore:
    """Reads of the line-up, and the rows `live_relays` and `live_stream_stats`."""

    def channel(self, unit: Unit, uuid: str) -> Target | None:
        found = unit.execute(select(channels).where(channels.c.uuid == uuid)).one_or_none()
        return None if found is None else _target(found)

    def channel_of(self, unit: Unit, channel_id: int) -> Target | None:
        found = unit.execute(select(channels).where(channels.c.id == channel_id)).one_or_none()
        return None if found is None else _target(found)

    def stream(self, unit: Unit, digest: bytes) -> Target | None:
        query = select(streams.c.id, streams.c.name, streams.c.hash).where(streams.c.hash == digest).limit(1)
        found = unit.execute(query).first()
        return None if found is None else Target(ref=digest.hex(), channel_id=None, stream_id=found.id, name=found.name)

    def streams_of(self, unit: Unit, channel_id: int) -> list[tuple[int, str]]:
        """(id, name) in the order of failover."""
        query = (
            select(streams.c.id, streams.c.name)
            .join(channel_streams, channel_streams.c.stream_id == streams.c.id)
            .where(channel_streams.c.channel_id == channel_id)
            .order_by(channel_streams.c.position, streams.c.id)
        )
        return [(row.id, row.name) for row in unit.execute(query)]

    def profile(self, unit: Unit, profile_id: int | None) -> Row[Any] | None:
        """A stream profile that is switched on, with its user agent's text as `agent`."""
        query = select(stream_profiles, user_agents.c.user_agent.label("agent")).outerjoin(
            user_agents, user_agents.c.id == stream_profiles.c.user_agent_id
        )
        return unit.execute(
            query.where(stream_profiles.c.id == profile_id, stream_profiles.c.is_active.is_(True))
        ).one_or_none()

    def output_profile(self, unit: Unit, profile_id: int) -> OutputProfile | None:
        """One that is switched on."""
        query = select(output_profiles).where(output_profiles.c.id == profile_id, output_profiles.c.is_active.is_(True))
        row = unit.execute(query).one_or_none()
        if row is None:
            return None
        return OutputProfile(**{name: getattr(row, name) for name in OutputProfile.__struct_fields__})

    def user_agent(self, unit: Unit, agent_id: int | None) -> str | None:
        return unit.execute(select(user_agents.c.user_agent).where(user_agents.c.id == agent_id)).scalar()

    def health(self, unit: Unit, stream_ids: Sequence[int], now: datetime) -> dict[int, int]:
        """0 dead to 1000 well, as far as time has healed it; streams without a row are well."""
        query = select(stream_stats.c.stream_id, stream_stats.c.health, stream_stats.c.failed_at).where(
            stream_stats.c.stream_id.in_(stream_ids)
        )
        return {row.stream_id: healed(row.health, row.failed_at, now) for row in unit.execute(query)}

    def set_health(self, unit: Unit, stream_id: int, *, failed: bool, now: datetime) -> None:
        """Halve it after a failure; close half of the gap after a good half minute."""
        present = self.health(unit, [stream_id], now).get(stream_id, HEALTHY)
        value = present // 2 if failed else present + (HEALTHY - present + 1) // 2
        row = {"stream_id": stream_id, "health": value, "failed_at": now}
        if self._exists(unit, stream_id):
            unit.upsert(stream_stats, [row], key=["stream_id"], update=["health", "failed_at"])

    def set_stats(self, unit: Unit, stream_id: int, stats: Mapping[str, Any], now: datetime) -> None:
        row = {"stream_id": stream_id, "stats": dict(stats), "updated_at": now}
        if self._exists(unit, stream_id):
            unit.upsert(stream_stats, [row], key=["stream_id"], update=["stats", "updated_at"])

    def _exists(self, unit: Unit, stream_id: int) -> bool:
        return unit.execute(select(streams.c.id).where(streams.c.id == stream_id)).first() is not None

    def own(self, unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write owner rows; channels that are gone meanwhile are left out."""
        ids = [row["channel_id"] for row in rows]
        alive = set(unit.execute(select(channels.c.id).where(channels.c.id.in_(ids))).scalars())
        names = ["node", "address", "state", "stream_id", "account_profile_id", "started_at", "lease_until"]
        unit.upsert(relays, [row for row in rows if row["channel_id"] in alive], key=["channel_id"], update=names)

    def owner(self, unit: Unit, channel_id: int, now: datetime) -> Row[Any] | None:
        """`node` and `address` of the node that reads the channel; None when nobody does."""
        query = select(relays.c.node, relays.c.address)
        return unit.execute(query.where(relays.c.channel_id == channel_id, relays.c.lease_until > now)).first()

    def claim(self, unit: Unit, channel_id: int, *, node: str, address: str, now: datetime, until: datetime) -> None:
        """Write that `node` reads the channel; one that is gone meanwhile is left out."""
        row = {"channel_id": channel_id, "node": node, "address": address, "state": "initializing"}
        self.own(unit, [row | {"stream_id": None, "account_profile_id": None, "started_at": now, "lease_until": until}])

    def disown(self, unit: Unit, channel_id: int, node: str) -> None:
        unit.execute(delete(relays).where(relays.c.channel_id == channel_id, relays.c.node == node))

    def clear(self, unit: Unit, node: str, now: datetime) -> None:
        """Forget what a former life of `node` owned, and what nobody renewed."""
        unit.execute(delete(relays).where(or_(relays.c.node == node, relays.c.lease_until < now)))

    def account_names(self, unit: Unit) -> dict[int, str]:
        return {row.id: row.name for row in unit.execute(select(accounts.c.id, accounts.c.name))}


def healed(value: int, at: datetime | None, now: datetime) -> int:
    """What is left of a failure's harm after a while."""
    if at is None:
        return value
    halves = max(0.0, (now - at) / HALF_LIFE)
    return int(HEALTHY - (HEALTHY - value) * 0.5 ** float(min(halves, 60.0)) + 0.5)


def _target(row: Row[Any]) -> Target:
    return Target(
        ref=row.uuid,
        channel_id=row.id,
        stream_id=None,
        name=row.eff_name,
        number=row.eff_number,
        logo_id=row.eff_logo_id,
        stream_profile_id=row.eff_stream_profile_id,
        options=row.relay_options or {},
    )
