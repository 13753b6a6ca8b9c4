"""Rows for giving streams new identities."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, tuple_, update

from polycast.core.storage import Unit
from polycast.live.sources.refresh.identity import hash_key
from polycast.live.tables import accounts, channel_streams, groups, stream_hashes, streams

HASH_COLUMNS: Final = ("hash_key", "account_id", "stream_id")


class RehashStore:
    """Identities of one account's streams, in bulk."""

    def page(self, unit: Unit, account_id: int, after: tuple[int, int], limit: int) -> Sequence[Row[Any]]:
        """Streams behind `after` (group id, stream id) with all that an identity is made of."""
        query = (
            select(
                streams.c.id,
                streams.c.group_id,
                streams.c.name,
                streams.c.url,
                streams.c.url_sealed,
                streams.c.tvg_id,
                streams.c.provider_id,
                streams.c.hash,
                groups.c.name.label("group_name"),
            )
            .outerjoin(groups, groups.c.id == streams.c.group_id)
            .where(streams.c.account_id == account_id)
            .where(tuple_(streams.c.group_id, streams.c.id) > after)
            .order_by(streams.c.group_id, streams.c.id)
            .limit(limit)
        )
        return unit.execute(query).all()

    def set_hashes(self, unit: Unit, account_id: int, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
        """Write new hashes; `rows` are id, old hash, new hash. The old keys go; `list_hashes` puts the new ones in."""
        unit.execute(
            update(streams).where(streams.c.id == bindparam("row_id")).values(hash=bindparam("new")),
            [{"row_id": row_id, "new": new} for row_id, _, new in rows],
        )
        unit.execute(
            delete(stream_hashes).where(
                stream_hashes.c.hash_key == bindparam("k"),
                stream_hashes.c.account_id == account_id,
                stream_hashes.c.stream_id == bindparam("s"),
            ),
            [{"k": hash_key(old), "s": row_id} for row_id, old, _ in rows],
        )

    def list_hashes(self, unit: Unit, rows: Sequence[tuple[int, int, int]]) -> None:
        """Make streams findable by identity; `rows` as in the table, best in its order."""
        unit.upsert(
            stream_hashes,
            [dict(zip(HASH_COLUMNS, row, strict=True)) for row in rows],
            key=["hash_key", "account_id"],
            update=["stream_id"],
        )

    def move_links(self, unit: Unit, survivors: Mapping[int, int]) -> None:
        """Let channels use the survivor (value) of each doubled stream (key), at its place."""
        links = channel_streams.c
        query = select(links.channel_id, links.stream_id, links.position).where(links.stream_id.in_(list(survivors)))
        for row in unit.execute(query.order_by(links.channel_id, links.position)).all():
            values = {"channel_id": row.channel_id, "stream_id": survivors[row.stream_id], "position": row.position}
            present = select(links.channel_id).where(
                links.channel_id == row.channel_id, links.stream_id == survivors[row.stream_id]
            )
            if unit.execute(present).first() is None:
                unit.execute(insert(channel_streams).values(values))

    def all_accounts(self, unit: Unit) -> Sequence[int]:
        return unit.execute(select(accounts.c.id).where(accounts.c.deleted_at.is_(None))).scalars().all()
