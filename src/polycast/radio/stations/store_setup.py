"""What the engine is configured by, read in few queries."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Row, select

from polycast.core.storage import Unit
from polycast.radio.accounts.changes import LIFTED
from polycast.radio.accounts.store_rows import account_of, selected
from polycast.radio.stations.model import Channel, Dj, Owner, Restream, Secrets, Station, StationSetup
from polycast.radio.stations.store_rows import channel_of, dj_of, station_of
from polycast.radio.tables import accounts, channels, djs, restreams, stations


class Opener(Protocol):
    """Opens what was sealed for a place."""

    def open(self, sealed: bytes, *, context: str = "") -> str: ...


class SetupStore:
    """Reads whole setups. Sealed passwords are opened here, so that nobody else handles their stored form."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def all(self, unit: Unit) -> list[StationSetup]:
        """Of every station there is, silenced ones too."""
        ids = unit.execute(select(stations.c.id).order_by(stations.c.id)).scalars().all()
        return self.many(unit, ids)

    def of_account(self, unit: Unit, account_id: int) -> list[StationSetup]:
        query = select(stations.c.id).where(stations.c.account_id == account_id).order_by(stations.c.id)
        return self.many(unit, unit.execute(query).scalars().all())

    def many(self, unit: Unit, station_ids: Sequence[int]) -> list[StationSetup]:
        """Those of `station_ids` that are there, in this order."""
        rows = unit.execute(select(stations).where(stations.c.id.in_(station_ids))).all()
        by_id = {row.id: row for row in rows}
        owners = self._owners(unit, sorted({row.account_id for row in rows}))
        mounts = _grouped(unit.execute(select(channels).where(channels.c.station_id.in_(station_ids))).all())
        people = _grouped(unit.execute(select(djs).where(djs.c.station_id.in_(station_ids))).all())
        outputs = self._restreams(unit, [row.id for group in mounts.values() for row in group])
        found = []
        for station_id in station_ids:
            row = by_id.get(station_id)
            if row is not None and row.account_id in owners:
                own, there = mounts.get(station_id, []), people.get(station_id, [])
                found.append(self._setup(owners[row.account_id], row, own, there, outputs))
        return found

    def _setup(
        self, owner: Owner, row: Row[Any], mounts: list[Row[Any]], people: list[Row[Any]], outputs: list[Restream]
    ) -> StationSetup:
        own: list[Channel] = [channel_of(one) for one in mounts]
        there: list[Dj] = [dj_of(one) for one in people]
        ids = {channel.id for channel in own}
        station: Station = station_of(row)
        secrets = Secrets(
            station=self._open(row.password_sealed, "radio.station"),
            channels={
                one.id: self._open(one.password_sealed, "radio.channel") for one in mounts if one.password_sealed
            },
            admins={one.id: self._open(one.admin_password_sealed, "radio.channel") for one in mounts},
            djs={one.id: self._open(one.password_sealed, "radio.dj") for one in people if one.password_sealed},
        )
        mine = [one for one in outputs if one.channel_id in ids]
        return StationSetup(owner=owner, station=station, channels=own, djs=there, restreams=mine, secrets=secrets)

    def _owners(self, unit: Unit, account_ids: Sequence[int]) -> dict[int, Owner]:
        found = {}
        for row in unit.execute(selected().where(accounts.c.id.in_(account_ids))):
            one = account_of(row)
            found[one.id] = Owner(
                id=one.id,
                username=one.username,
                status=one.status,
                server_type=one.server_type,
                limits=one.limits,
                features=one.features,
                ports=one.ports,
                timezone=one.timezone,
                traffic_bytes=one.traffic_bytes,
                traffic_month=one.traffic_month,
                traffic_lifted=one.traffic_told >= LIFTED,
            )
        return found

    def _restreams(self, unit: Unit, channel_ids: Sequence[int]) -> list[Restream]:
        query = select(restreams).where(restreams.c.channel_id.in_(channel_ids))
        return [
            Restream(
                channel_id=row.channel_id,
                network=row.network,
                url=row.url,
                key=self._open(row.key_sealed, "radio.restream"),
                enabled=row.enabled,
                image=row.image,
                image_resolution=row.image_resolution,
            )
            for row in unit.execute(query)
        ]

    def _open(self, sealed: bytes | None, context: str) -> str:
        return "" if sealed is None else self._opener.open(sealed, context=context)


def _grouped(rows: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        found.setdefault(row.station_id, []).append(row)
    return found
