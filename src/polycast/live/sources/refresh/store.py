"""What a refresh reads and writes. Bulk methods are made for batches of some hundred rows in one short unit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, cast

from sqlalchemy import Text, bindparam, delete, func, select, tuple_, update

from polycast.core.storage import Unit, fold, instant_in
from polycast.live.sources.refresh.identity import hash_key
from polycast.live.sources.refresh.scan import POSITION_BITS, Candidate, Moved
from polycast.live.tables import (
    accounts,
    stream_hashes,
    stream_names,
    stream_tvgs,
    streams,
)

IN_LIMIT: Final = 400  # values of one IN list
PROVIDER_COLUMNS: Final = (
    "account_id",
    "group_id",
    "name",
    "url",
    "tvg_id",
    "logo_url",
    "provider_id",
    "number",
    "position",
    "is_adult",
    "is_catchup",
    "catchup_days",
    "attributes",
    "hash",
    "content_key",
    "created_at",
    "updated_at",
)
FROM_CANDIDATE: Final = Candidate._fields.index("name")
NAME_COLUMNS: Final = ("name_key", "stream_id", "account_id", "group_id")
TVG_COLUMNS: Final = ("tvg_key", "stream_id")
HASH_COLUMNS: Final = ("hash_key", "account_id", "stream_id")


class Present(NamedTuple):
    """A present stream, as a scan needs it."""

    content_key: int
    packed: int  # id << POSITION_BITS | position
    group_id: int
    id: int


class Existing(NamedTuple):
    """A stored stream that has a candidate's identity."""

    id: int
    content_key: int
    is_stale: bool
    name: str
    tvg_id: str
    group_id: int | None


class Unindexed(NamedTuple):
    """A stream that may be missing from the tables by name, tvg-id and hash."""

    id: int
    name: str
    tvg_id: str
    hash: bytes
    account_id: int
    group_id: int | None


class RefreshStore:
    """Streams of one account, in bulk."""

    def present(self, unit: Unit, account_id: int, after: tuple[int, int], limit: int) -> list[Present]:
        """Up to `limit` present streams behind `after` (group id, stream id), in that order."""
        packed = streams.c.id * (1 << POSITION_BITS) + streams.c.position
        query = (
            select(streams.c.content_key, packed, streams.c.group_id, streams.c.id)
            .where(streams.c.account_id == account_id, streams.c.stale_at.is_(None))
            .where(tuple_(streams.c.group_id, streams.c.id) > after)
            .order_by(streams.c.group_id, streams.c.id)
            .limit(limit)
        )
        return [Present._make(row) for row in unit.execute(query)]

    def ids_of(self, unit: Unit, account_id: int, limit: int) -> list[int]:
        """Some streams of the account, present or not."""
        query = select(streams.c.id).where(streams.c.account_id == account_id).limit(limit)
        return list(unit.execute(query).scalars())

    def existing(self, unit: Unit, account_id: int, keys: Sequence[int]) -> dict[int, Existing]:
        """The account's streams with these identities, by identity."""
        found: dict[int, Existing] = {}
        for at in range(0, len(keys), IN_LIMIT):
            query = (
                select(
                    stream_hashes.c.hash_key,
                    streams.c.id,
                    streams.c.content_key,
                    streams.c.stale_at.is_not(None),
                    streams.c.name,
                    streams.c.tvg_id,
                    streams.c.group_id,
                )
                .join(streams, streams.c.id == stream_hashes.c.stream_id)
                .where(stream_hashes.c.account_id == account_id)
                .where(stream_hashes.c.hash_key.in_(keys[at : at + IN_LIMIT]))
            )
            for row in unit.execute(query):
                found[row[0]] = Existing(row[1], row[2], bool(row[3]), row[4], row[5], row[6])
        return found

    def insert(
        self,
        unit: Unit,
        account_id: int,
        candidates: Iterable[Candidate],
        group_ids: Mapping[str, int],
        now: datetime,
    ) -> int:
        """Add streams; they are listed once `index` has run for them. The number added."""
        at = instant_in(now)
        rows = [(account_id, group_ids[c[0]], *c[FROM_CANDIDATE:], at, at) for c in candidates]
        return unit.insert_rows(streams, PROVIDER_COLUMNS, rows) if rows else 0

    def update(
        self,
        unit: Unit,
        account_id: int,
        changed: Sequence[tuple[Existing, Candidate]],
        group_ids: Mapping[str, int],
        now: datetime,
    ) -> None:
        """Write what the provider says now; what people set (enabled, profile) stays."""
        if not changed:
            return
        unit.execute(
            # Typed as text: the candidate's attributes are JSON already.
            update(streams)
            .where(streams.c.id == bindparam("row_id"))
            .values(attributes=bindparam("json", type_=Text())),
            [
                {
                    "row_id": old.id,
                    "group_id": group_ids[new.group],
                    "name": new.name,
                    "url": new.url,
                    "tvg_id": new.tvg_id,
                    "logo_url": new.logo_url,
                    "provider_id": new.provider_id,
                    "number": new.number,
                    "position": new.position,
                    "is_adult": bool(new.is_adult),
                    "is_catchup": bool(new.is_catchup),
                    "catchup_days": new.catchup_days,
                    "hash": new.hash,
                    "content_key": new.content_key,
                    "stale_at": None,
                    "last_seen_at": None,
                    "updated_at": now,
                    "json": new.attributes,
                }
                for old, new in changed
            ],
        )
        self._relist(unit, account_id, changed, group_ids)

    def _relist(
        self,
        unit: Unit,
        account_id: int,
        changed: Sequence[tuple[Existing, Candidate]],
        group_ids: Mapping[str, int],
    ) -> None:
        """Keep the tables by name and tvg-id right; each row costs pages of its own, so only what differs is written."""
        renamed = [(o, n) for o, n in changed if o.name != n.name or o.group_id != group_ids[n.group]]
        self._unlist_names(unit, [(old.id, old.name) for old, _ in renamed])
        self._list_names(unit, [(n.name, o.id, account_id, group_ids[n.group]) for o, n in renamed])
        retagged = [(old, new) for old, new in changed if old.tvg_id != new.tvg_id]
        self._unlist_tvgs(unit, [(old.id, old.tvg_id) for old, _ in retagged])
        self._list_tvgs(unit, [(new.tvg_id, old.id) for old, new in retagged])

    def move(self, unit: Unit, moved: Sequence[Moved]) -> None:
        """Write new positions."""
        if moved:
            unit.execute(
                update(streams).where(streams.c.id == bindparam("row_id")).values(position=bindparam("place")),
                [{"row_id": m.stream_id, "place": m.position} for m in moved],
            )

    def mark_missing(self, unit: Unit, ids: Sequence[int], *, at: datetime, last_seen: datetime) -> None:
        """Streams that the last complete scan did not meet."""
        unit.execute(
            update(streams)
            .where(streams.c.id == bindparam("row_id"))
            .values(stale_at=bindparam("at"), last_seen_at=bindparam("seen")),
            [{"row_id": i, "at": at, "seen": last_seen} for i in ids],
        )

    def outdated(self, unit: Unit, account_id: int, *, before: datetime, limit: int) -> list[int]:
        """Ids of stale streams last seen before `before`."""
        query = (
            select(streams.c.id)
            .where(streams.c.account_id == account_id, streams.c.stale_at.is_not(None))
            .where(streams.c.last_seen_at <= before)
            .limit(limit)
        )
        return list(unit.execute(query).scalars())

    def remove(self, unit: Unit, ids: Sequence[int]) -> int:
        """Delete streams everywhere; links of channels to them go too. The number deleted."""
        gone = 0
        for at in range(0, len(ids), IN_LIMIT):
            some = ids[at : at + IN_LIMIT]
            query = select(streams.c.id, streams.c.name, streams.c.tvg_id, streams.c.hash, streams.c.account_id)
            rows = unit.execute(query.where(streams.c.id.in_(some))).all()
            self._unlist_names(unit, [(row.id, row.name) for row in rows])
            self._unlist_tvgs(unit, [(row.id, row.tvg_id) for row in rows])
            self._unlist_hashes(unit, [(row.id, row.hash, row.account_id) for row in rows])
            gone += unit.execute(delete(streams).where(streams.c.id.in_(some))).rowcount
        return gone

    def unlist(self, unit: Unit, stream_id: int) -> None:
        """Take one stream out of the tables by name, tvg-id and hash."""
        query = select(streams.c.name, streams.c.tvg_id, streams.c.hash, streams.c.account_id)
        row = unit.execute(query.where(streams.c.id == stream_id)).first()
        if row is None:
            return
        self._unlist_names(unit, [(stream_id, row.name)])
        self._unlist_tvgs(unit, [(stream_id, row.tvg_id)])
        self._unlist_hashes(unit, [(stream_id, row.hash, row.account_id)])

    def _unlist_hashes(self, unit: Unit, rows: Sequence[tuple[int, bytes, int]]) -> None:
        hashes = stream_hashes.c
        if rows:
            unit.execute(
                delete(stream_hashes).where(
                    hashes.hash_key == bindparam("k"),
                    hashes.account_id == bindparam("a"),
                    hashes.stream_id == bindparam("s"),
                ),
                [{"k": hash_key(digest), "a": account_id, "s": i} for i, digest, account_id in rows],
            )

    def _unlist_names(self, unit: Unit, rows: Sequence[tuple[int, str]]) -> None:
        if rows:
            names = stream_names.c
            unit.execute(
                delete(stream_names).where(names.name_key == bindparam("k"), names.stream_id == bindparam("s")),
                [{"k": fold(name), "s": stream_id} for stream_id, name in rows],
            )

    def _unlist_tvgs(self, unit: Unit, rows: Sequence[tuple[int, str]]) -> None:
        if rows:
            tvgs = stream_tvgs.c
            unit.execute(
                delete(stream_tvgs).where(tvgs.tvg_key == bindparam("k"), tvgs.stream_id == bindparam("s")),
                [{"k": fold(tvg_id), "s": stream_id} for stream_id, tvg_id in rows],
            )

    def _list_names(self, unit: Unit, rows: Sequence[tuple[str, int, int, int | None]]) -> None:
        unit.upsert(
            stream_names,
            [dict(zip(NAME_COLUMNS, (fold(name), *rest), strict=True)) for name, *rest in rows],
            key=["name_key", "stream_id"],
            update=["group_id"],
        )

    def _list_tvgs(self, unit: Unit, rows: Sequence[tuple[str, int]]) -> None:
        unit.upsert(
            stream_tvgs,
            [{"tvg_key": fold(tvg_id), "stream_id": stream_id} for tvg_id, stream_id in rows],
            key=["tvg_key", "stream_id"],
            update=[],
        )

    def span_after(self, unit: Unit, account_id: int, *, after: int) -> tuple[int, int, int]:
        """How many streams the account has above `after`, their lowest and highest id; zeros for none."""
        query = select(func.count(), func.min(streams.c.id), func.max(streams.c.id))
        count, low, high = unit.execute(query.where(streams.c.account_id == account_id, streams.c.id > after)).one()
        return int(count), low or 0, high or 0

    def ids_after(self, unit: Unit, account_id: int, *, after: int, limit: int) -> list[int]:
        """Ids of the account's streams above `after`, ascending."""
        query = select(streams.c.id).where(streams.c.account_id == account_id, streams.c.id > after)
        return list(unit.execute(query.order_by(streams.c.id).limit(limit)).scalars())

    def unindexed(self, unit: Unit, account_id: int, *, after: int, limit: int) -> list[Unindexed]:
        """Streams of the account with a key above `after`, oldest first."""
        query = (
            select(
                streams.c.id, streams.c.name, streams.c.tvg_id, streams.c.hash, streams.c.account_id, streams.c.group_id
            )
            .where(streams.c.account_id == account_id, streams.c.id > after)
            .order_by(streams.c.id)
            .limit(limit)
        )
        return cast("list[Unindexed]", unit.execute(query).all())  # rows have the names; half a million of them

    def fill_names(self, unit: Unit, rows: Sequence[tuple[object, ...]]) -> None:
        """Add new streams by name, fast; best in the order of the key. Values as in `NAME_COLUMNS`."""
        unit.insert_rows(stream_names, NAME_COLUMNS, rows)

    def fill_tvgs(self, unit: Unit, rows: Sequence[tuple[object, ...]]) -> None:
        """The same by tvg-id."""
        unit.insert_rows(stream_tvgs, TVG_COLUMNS, rows)

    def fill_hashes(self, unit: Unit, rows: Sequence[tuple[object, ...]]) -> None:
        """The same by identity."""
        unit.insert_rows(stream_hashes, HASH_COLUMNS, rows)

    def list_streams(self, unit: Unit, rows: Sequence[Unindexed]) -> None:
        """Put a few streams into the tables by name, tvg-id and hash; those that are there stay."""
        self._list_names(unit, [(r.name, r.id, r.account_id, r.group_id) for r in rows])
        self._list_tvgs(unit, [(r.tvg_id, r.id) for r in rows])
        unit.upsert(
            stream_hashes,
            [{"hash_key": hash_key(r.hash), "account_id": r.account_id, "stream_id": r.id} for r in rows],
            key=["hash_key", "account_id"],
            update=[],
        )

    def set_indexed(self, unit: Unit, account_id: int, up_to: int) -> None:
        unit.execute(update(accounts).where(accounts.c.id == account_id).values(indexed_id=up_to))
