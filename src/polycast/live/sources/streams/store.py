"""Rows of streams, one page or one row at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Table, func, select, update

from polycast.core.secrets import Secrets
from polycast.core.storage import Unit, fold
from polycast.live.sources.addresses import masked
from polycast.live.sources.refresh.store import RefreshStore, Unindexed
from polycast.live.sources.streams.model import FilterOptions, Stream
from polycast.live.tables import accounts, group_accounts, groups, stream_hashes, stream_stats, streams

CHUNK: Final = 400  # values of one IN list


class StreamStore:
    """Streams by id, and those that people add."""

    def __init__(self, bulk: RefreshStore) -> None:
        self._bulk = bulk

    def by_ids(self, unit: Unit, ids: Sequence[int]) -> list[Stream]:
        """In the order of `ids`; what does not exist is left out."""
        found: dict[int, Stream] = {}
        for at in range(0, len(ids), CHUNK):
            for row in unit.execute(_SELECT.where(streams.c.id.in_(ids[at : at + CHUNK]))):
                found[row.id] = _stream(row)
        return [found[i] for i in ids if i in found]

    def by_hash(self, unit: Unit, digest: bytes, key: int) -> Stream | None:
        """The stream with this identity; the oldest, where several accounts have it."""
        ids = select(stream_hashes.c.stream_id).where(stream_hashes.c.hash_key == key)
        rows = unit.execute(_SELECT.where(streams.c.id.in_(ids), streams.c.hash == digest).order_by(streams.c.id))
        row = rows.first()
        return None if row is None else _stream(row)

    def custom_account(self, unit: Unit) -> int:
        """The locked account that custom streams belong to."""
        return int(unit.execute(select(accounts.c.id).where(accounts.c.locked.is_(True))).scalars().one())

    def insert_custom(self, unit: Unit, values: Mapping[str, Any], *, now: datetime) -> int:
        """Add a custom stream; its id. Its hash is set apart, because it may need the id."""
        account_id = values["account_id"]
        last = select(func.coalesce(func.max(streams.c.position), 0)).where(streams.c.account_id == account_id)
        position = int(unit.execute(last).scalar_one()) + 64
        values = {"is_custom": True, "content_key": 0, "hash": b"", "position": position, **values}
        return unit.insert(streams, **values, created_at=now, updated_at=now)

    def list_custom(self, unit: Unit, stream_id: int, digest: bytes) -> None:
        """Give a custom stream its hash and make it findable."""
        unit.execute(update(streams).where(streams.c.id == stream_id).values(hash=digest))
        row = unit.execute(select(streams).where(streams.c.id == stream_id)).one()
        self._bulk.list_streams(unit, [Unindexed(row.id, row.name, row.tvg_id, digest, row.account_id, row.group_id)])

    def unlist(self, unit: Unit, stream: Stream) -> None:
        """Take a stream out of the tables by name, tvg-id and hash, before what they say of it changes."""
        self._bulk.unlist(unit, stream.id)

    def update(self, unit: Unit, stream_id: int, values: Mapping[str, Any]) -> None:
        if values:
            unit.execute(update(streams).where(streams.c.id == stream_id).values(dict(values)))

    def remove(self, unit: Unit, ids: Sequence[int]) -> int:
        return self._bulk.remove(unit, ids)

    def default_group(self, unit: Unit, name: str) -> int:
        """The id of the group with this name; made when it is missing."""
        unit.upsert(groups, [{"name": name, "name_key": fold(name)}], key=["name"], update=[])
        return int(unit.execute(select(groups.c.id).where(groups.c.name == name)).scalar_one())

    def group_name(self, unit: Unit, group_id: int | None) -> str:
        if group_id is None:
            return ""
        return str(unit.execute(select(groups.c.name).where(groups.c.id == group_id)).scalar() or "")

    def group_id(self, unit: Unit, name: str) -> int | None:
        """By name, or by id as digits."""
        found = unit.execute(select(groups.c.id).where(groups.c.name == name)).scalar()
        if found is None and name.isdecimal() and len(name) < 19:
            found = unit.execute(select(groups.c.id).where(groups.c.id == int(name))).scalar()
        return found

    def has(self, unit: Unit, table: Table, row_id: int) -> bool:
        return unit.execute(select(table.c.id).where(table.c.id == row_id)).first() is not None

    def is_hash_taken(self, unit: Unit, account_id: int, key: int, but: int) -> bool:
        """Whether another stream of the account has this identity."""
        query = select(stream_hashes.c.stream_id).where(
            stream_hashes.c.hash_key == key,
            stream_hashes.c.account_id == account_id,
            stream_hashes.c.stream_id != but,
        )
        return unit.execute(query).first() is not None

    def plain_url(self, unit: Unit, stream_id: int, secrets: Secrets) -> str:
        """The address of a custom stream as it is asked for."""
        row = unit.execute(select(streams.c.url, streams.c.url_sealed).where(streams.c.id == stream_id)).one()
        return secrets.open(row.url_sealed, context=f"live.stream:{stream_id}:url") if row.url_sealed else str(row.url)

    def options(self, unit: Unit) -> FilterOptions:
        """Groups that hold streams of active accounts, and these accounts; by name."""
        active = accounts.c.is_active.is_(True), accounts.c.deleted_at.is_(None)
        named = (
            select(groups.c.name, groups.c.name_key)
            .join(group_accounts, group_accounts.c.group_id == groups.c.id)
            .join(accounts, accounts.c.id == group_accounts.c.account_id)
            .where(group_accounts.c.stream_count > 0, *active)
            .distinct()
            .order_by(groups.c.name_key)
        )
        held = select(accounts.c.id, accounts.c.name).where(*active).order_by(accounts.c.name_key)
        return FilterOptions(
            groups=[row.name for row in unit.execute(named)],
            accounts=[(row.id, row.name) for row in unit.execute(held)],
        )

    def names_in_group(self, unit: Unit, group_id: int, account_id: int | None, limit: int) -> list[str]:
        """Names of present streams, in provider order."""
        query = select(streams.c.name).where(streams.c.group_id == group_id, streams.c.stale_at.is_(None))
        held = select(accounts.c.id) if account_id is None else [account_id]
        query = query.where(streams.c.account_id.in_(held))
        return list(unit.execute(query.order_by(streams.c.account_id, streams.c.position).limit(limit)).scalars())

    def count_in_group(self, unit: Unit, group_id: int, account_id: int | None) -> int:
        query = select(func.coalesce(func.sum(group_accounts.c.stream_count), 0)).where(
            group_accounts.c.group_id == group_id
        )
        if account_id is not None:
            query = query.where(group_accounts.c.account_id == account_id)
        return int(unit.execute(query).scalar_one())


_SELECT: Final = (
    select(streams, accounts.c.scanned_at, stream_stats.c.stats, stream_stats.c.updated_at.label("stats_at"))
    .join(accounts, accounts.c.id == streams.c.account_id)
    .outerjoin(stream_stats, stream_stats.c.stream_id == streams.c.id)
)


def _stream(row: Row[Any]) -> Stream:
    return Stream(
        id=row.id,
        account_id=row.account_id,
        group_id=row.group_id,
        name=row.name,
        url=masked(row.url),
        tvg_id=row.tvg_id,
        logo_url=row.logo_url,
        provider_id=row.provider_id,
        number=row.number,
        is_adult=row.is_adult,
        is_catchup=row.is_catchup,
        catchup_days=row.catchup_days,
        is_custom=row.is_custom,
        enabled=row.enabled,
        is_stale=row.stale_at is not None,
        last_seen_at=row.last_seen_at or row.scanned_at or row.updated_at,
        local_file=row.local_file,
        stream_profile_id=row.stream_profile_id,
        attributes=row.attributes or {},
        hash=row.hash.hex(),
        stats=row.stats,
        stats_updated_at=row.stats_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
