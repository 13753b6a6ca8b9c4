"""Rows of stations, their channels and DJs: the panel's side."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from polycast.core.storage import Unit
from polycast.radio.accounts.model import Account
from polycast.radio.events import StationChanged
from polycast.radio.stations.model import Channel, Dj, Station
from polycast.radio.stations.store_rows import channel_of, dj_of, station_of
from polycast.radio.tables import channels, djs, playlists, restreams, stations


class StationStore:
    """The only place that writes `radio_stations`, `radio_channels` and `radio_djs`, but for what the engine notes."""

    def get(self, unit: Unit, station_id: int) -> Station | None:
        row = unit.execute(select(stations).where(stations.c.id == station_id)).first()
        return None if row is None else station_of(row)

    def by_slug(self, unit: Unit, slug: str) -> Station | None:
        row = unit.execute(select(stations).where(stations.c.slug == slug)).first()
        return None if row is None else station_of(row)

    def all(self, unit: Unit) -> list[Station]:
        return [station_of(row) for row in unit.execute(select(stations).order_by(stations.c.id))]

    def of_account(self, unit: Unit, account_id: int) -> list[Station]:
        """The oldest first."""
        query = select(stations).where(stations.c.account_id == account_id).order_by(stations.c.id)
        return [station_of(row) for row in unit.execute(query)]

    def insert(self, unit: Unit, **values: Any) -> int:
        return unit.insert(stations, **values)

    def update(self, unit: Unit, station_id: int, **values: Any) -> None:
        if values:
            unit.execute(update(stations).where(stations.c.id == station_id).values(**values))

    def delete(self, unit: Unit, station_id: int) -> None:
        unit.execute(delete(stations).where(stations.c.id == station_id))

    def sealed_password(self, unit: Unit, station_id: int) -> bytes | None:
        found: bytes | None = unit.execute(
            select(stations.c.password_sealed).where(stations.c.id == station_id)
        ).scalar()
        return found

    def channel(self, unit: Unit, channel_id: int) -> Channel | None:
        row = unit.execute(select(channels).where(channels.c.id == channel_id)).first()
        return None if row is None else channel_of(row)

    def channels(self, unit: Unit, station_ids: Sequence[int]) -> list[Channel]:
        """The oldest first."""
        query = select(channels).where(channels.c.station_id.in_(station_ids)).order_by(channels.c.id)
        return [channel_of(row) for row in unit.execute(query)]

    def channels_of_account(self, unit: Unit, account_id: int) -> list[Channel]:
        query = select(channels).join(stations, stations.c.id == channels.c.station_id)
        rows = unit.execute(query.where(stations.c.account_id == account_id).order_by(channels.c.id))
        return [channel_of(row) for row in rows]

    def insert_channel(self, unit: Unit, **values: Any) -> int:
        return unit.insert(channels, **values)

    def update_channel(self, unit: Unit, channel_id: int, **values: Any) -> None:
        if values:
            unit.execute(update(channels).where(channels.c.id == channel_id).values(**values))

    def delete_channel(self, unit: Unit, channel_id: int) -> None:
        unit.execute(delete(channels).where(channels.c.id == channel_id))

    def sealed_of_channels(
        self, unit: Unit, channel_ids: Sequence[int]
    ) -> dict[int, tuple[bytes | None, bytes | None]]:
        """Source and admin password of each."""
        query = select(channels.c.id, channels.c.password_sealed, channels.c.admin_password_sealed)
        rows = unit.execute(query.where(channels.c.id.in_(channel_ids)))
        return {row.id: (row.password_sealed, row.admin_password_sealed) for row in rows}

    def restreams(self, unit: Unit, channel_ids: Sequence[int]) -> list[dict[str, Any]]:
        """As stored, keys sealed."""
        rows = unit.execute(select(restreams).where(restreams.c.channel_id.in_(channel_ids)))
        return [dict(row._mapping) for row in rows]

    def put_restream(self, unit: Unit, channel_id: int, network: str, values: dict[str, Any]) -> None:
        row = {"channel_id": channel_id, "network": network} | values
        unit.upsert(restreams, [row], key=["channel_id", "network"], update=list(values))

    def dj(self, unit: Unit, dj_id: int) -> Dj | None:
        row = unit.execute(select(djs).where(djs.c.id == dj_id)).first()
        return None if row is None else dj_of(row)

    def djs(self, unit: Unit, station_ids: Sequence[int]) -> list[Dj]:
        """In the order of their priority."""
        query = (
            select(djs).where(djs.c.station_id.in_(station_ids)).order_by(djs.c.station_id, djs.c.priority, djs.c.id)
        )
        return [dj_of(row) for row in unit.execute(query)]

    def insert_dj(self, unit: Unit, **values: Any) -> int:
        return unit.insert(djs, **values)

    def update_dj(self, unit: Unit, dj_id: int, **values: Any) -> None:
        if values:
            unit.execute(update(djs).where(djs.c.id == dj_id).values(**values))

    def delete_dj(self, unit: Unit, dj_id: int) -> None:
        unit.execute(delete(djs).where(djs.c.id == dj_id))

    def sealed_of_djs(self, unit: Unit, dj_ids: Sequence[int]) -> dict[int, bytes | None]:
        rows = unit.execute(select(djs.c.id, djs.c.password_sealed).where(djs.c.id.in_(dj_ids)))
        return {row.id: row.password_sealed for row in rows}

    def ports_of(self, unit: Unit, account_id: int) -> Collection[int]:
        """First ports of the pairs that an account's channels and DJs have."""
        mine = select(stations.c.id).where(stations.c.account_id == account_id)
        found = set(unit.execute(select(channels.c.port).where(channels.c.station_id.in_(mine))).scalars())
        found |= set(unit.execute(select(channels.c.ssl_port).where(channels.c.station_id.in_(mine))).scalars())
        found |= set(unit.execute(select(djs.c.port).where(djs.c.station_id.in_(mine))).scalars())
        return found - {0}

    def slugs_like(self, unit: Unit, slug: str) -> set[str]:
        query = select(stations.c.slug).where(stations.c.slug.startswith(slug, autoescape=True))
        return set(unit.execute(query).scalars())

    def add_default_playlist(self, unit: Unit, station_id: int, name: str, at: Any) -> int:
        return unit.insert(playlists, station_id=station_id, name=name, is_default=True, is_random=True, created_at=at)

    def ration(self, unit: Unit, account: Account) -> None:
        """Pause the newest stations and channels beyond the account's limits, wake those within."""
        for number, station in enumerate(self.of_account(unit, account.id)):
            over = 0 < account.limits.limit_stations <= number
            if station.is_paused is not over:
                self.update(unit, station.id, is_paused=over)
                unit.publish(StationChanged(account_id=account.id, station_id=station.id))
        for number, channel in enumerate(self.channels_of_account(unit, account.id)):
            over = 0 < account.limits.limit_streams <= number
            if channel.is_paused is not over:
                self.update_channel(unit, channel.id, is_paused=over)
                unit.publish(StationChanged(account_id=account.id, station_id=channel.station_id))

    def counts(self, unit: Unit, account_id: int) -> tuple[int, int]:
        """Stations and channels of an account."""
        mine = select(stations.c.id).where(stations.c.account_id == account_id)
        number = unit.execute(select(func.count()).select_from(mine.subquery())).scalar_one()
        streams = select(func.count()).select_from(channels).where(channels.c.station_id.in_(mine))
        return int(number), int(unit.execute(streams).scalar_one())
