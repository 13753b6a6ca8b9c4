"""Finding streams among half a million, in any order offered, without sorting or reading them all.

Two ways. *Walk*: go along the table that is kept in the wanted order, test each key, stop when the page is full.
*Gather*: where a condition leaves few streams, fetch those and sort them here. The smaller estimate decides.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, FromClause, Select, func, literal_column, or_, select, true

from polycast.core.storage import Unit, fold
from polycast.live.sources.streams.model import Order, StreamQuery
from polycast.live.tables import (
    accounts,
    channel_streams,
    group_accounts,
    groups,
    stream_names,
    stream_tvgs,
    streams,
)

GATHER_LIMIT: Final = 4_000  # streams that are sorted here rather than walked past

# Numbers written out: with a bound one, SQLite cannot see that the partial index of the same condition serves.
IS_DISABLED: Final = literal_column("live_streams.enabled") == literal_column("0")
HAS_ARCHIVE: Final = literal_column("live_streams.is_catchup") == literal_column("1")


class _Scope(Struct, frozen=True):
    """What the conditions on accounts and groups come to."""

    account_ids: tuple[int, ...] | None  # None: all
    group_ids: tuple[int, ...] | None
    estimate: int | None  # streams in them; None: not narrowed


class StreamFinder:
    """Ids of the streams that a query means."""

    def __init__(self, *, gather_limit: int = GATHER_LIMIT) -> None:
        self._limit = gather_limit

    def page(self, unit: Unit, query: StreamQuery, *, offset: int, limit: int) -> list[int]:
        """Up to `limit` ids behind the first `offset`, in order."""
        scope = self._scope(unit, query)
        gathered = self._gathered(unit, query, scope)
        if gathered is not None:
            return gathered[offset : offset + limit]
        if query.order in {Order.GROUP, Order.ACCOUNT}:
            return self._steps(unit, query, scope, offset, limit)
        walk = self._walk(query, scope).offset(offset).limit(limit)
        return list(unit.execute(walk).scalars())

    def count(self, unit: Unit, query: StreamQuery) -> int:
        """How many streams match."""
        scope = self._scope(unit, query)
        gathered = self._gathered(unit, query, scope)
        if gathered is not None:
            return len(gathered)
        by_name = stream_names
        counted = select(func.count()).select_from(by_name).where(*self._conditions(query, scope, by_name))
        return int(unit.execute(counted).scalar_one())

    def _walk(self, query: StreamQuery, scope: _Scope) -> Select[tuple[int]]:
        table: FromClause = stream_names if query.order is Order.NAME else stream_tvgs
        first = table.c.name_key if query.order is Order.NAME else table.c.tvg_key
        keys = [first, table.c.stream_id]
        ordered = [key.desc() for key in keys] if query.descending else keys
        return select(table.c.stream_id).where(*self._conditions(query, scope, table)).order_by(*ordered)

    def _steps(self, unit: Unit, query: StreamQuery, scope: _Scope, offset: int, limit: int) -> list[int]:
        """By group or account: their matches are counted along an index, and only those the page needs are read."""
        conditions = self._conditions(query, scope, streams)
        place = (streams.c.account_id, streams.c.group_id)
        counted = select(*place, func.count()).where(*conditions).group_by(*place)
        counts = {(row[0], row[1]): row[2] for row in unit.execute(counted)}
        # Account and group are given here; a second condition on them would only mislead the planner.
        others = self._conditions(query, _Scope(None, None, None), streams)
        found: list[int] = []
        for account_id, group_id in self._in_order(unit, query, list(counts)):
            here = counts[account_id, group_id]
            if offset >= here:
                offset -= here
                continue
            ids = select(streams.c.id).where(streams.c.account_id == account_id, *others)
            ids = ids.where(streams.c.group_id.is_(None) if group_id is None else streams.c.group_id == group_id)
            ids = ids.order_by(streams.c.id.desc() if query.descending else streams.c.id)
            found += unit.execute(ids.offset(offset).limit(limit - len(found))).scalars()
            offset = 0
            if len(found) >= limit:
                break
        return found

    def _in_order(
        self, unit: Unit, query: StreamQuery, places: Sequence[tuple[int, int | None]]
    ) -> Sequence[tuple[int, int | None]]:
        """Accounts and groups as a list by the name of one of them has them."""
        table = groups if query.order is Order.GROUP else accounts
        names: dict[int | None, str] = {
            row.id: row.name_key for row in unit.execute(select(table.c.id, table.c.name_key))
        }

        def by_group(place: tuple[int, int | None]) -> tuple[str, int, int]:
            return names.get(place[1], ""), place[1] or 0, place[0]

        def by_account(place: tuple[int, int | None]) -> tuple[str, int, int]:
            return names.get(place[0], ""), place[0], place[1] or 0

        return sorted(places, key=by_group if query.order is Order.GROUP else by_account, reverse=query.descending)

    def _gathered(self, unit: Unit, query: StreamQuery, scope: _Scope) -> list[int] | None:
        """All matching ids in order, when there are few; None when walking is the better way."""
        few = self._few(unit, query, scope)
        if few is None:
            return None
        chosen = (
            select(streams.c.id, streams.c.name, streams.c.tvg_id, groups.c.name_key, accounts.c.name_key)
            .join(accounts, accounts.c.id == streams.c.account_id)
            .outerjoin(groups, groups.c.id == streams.c.group_id)
            .where(few, *self._conditions(query, scope, streams))
        )
        rows = unit.execute(chosen).all()
        columns = {Order.NAME: 1, Order.TVG_ID: 2, Order.GROUP: 3, Order.ACCOUNT: 4}
        at = columns[query.order]
        keyed = [(fold(row[at] or "") if at < 3 else row[at] or "", row[0]) for row in rows]
        return [stream_id for _, stream_id in sorted(keyed, reverse=query.descending)]

    def _few(self, unit: Unit, query: StreamQuery, scope: _Scope) -> ColumnElement[bool] | None:
        """A condition on `streams` that an index answers with few rows; None when there is none."""
        if query.assigned is not None and self._limit >= 0:
            linked = select(channel_streams.c.stream_id).where(channel_streams.c.channel_id == query.assigned)
            return streams.c.id.in_(linked)
        if query.tvg_id and self._at_most(unit, _by_tvg(query.tvg_id)):
            return streams.c.id.in_(_by_tvg(query.tvg_id))
        if query.enabled is False and self._at_most(unit, _disabled()):
            return streams.c.id.in_(_disabled())
        if query.is_catchup and self._at_most(unit, _with_archive()):
            return streams.c.id.in_(_with_archive())
        if scope.estimate is not None and scope.estimate <= self._limit:
            return true()
        return None

    def _at_most(self, unit: Unit, chosen: Select[tuple[int]]) -> bool:
        """Whether few enough rows are chosen to gather them; looks no further than that."""
        some = chosen.limit(max(0, self._limit) + 1).subquery()
        return int(unit.execute(select(func.count()).select_from(some)).scalar_one()) <= self._limit

    def _scope(self, unit: Unit, query: StreamQuery) -> _Scope:
        """Accounts and groups by their names and states. Streams of inactive accounts are hidden."""
        chosen = select(accounts.c.id, accounts.c.is_active).where(accounts.c.deleted_at.is_(None))
        if query.account_name:
            chosen = chosen.where(accounts.c.name_key.like(like(query.account_name), escape="\\"))
        known = unit.execute(chosen).all()
        wanted_state = True if query.account_is_active is None else query.account_is_active
        account_ids = tuple(
            row.id
            for row in known
            if row.is_active == wanted_state and (not query.account_ids or row.id in query.account_ids)
        )
        group_ids = self._group_ids(unit, query)
        everything = unit.execute(select(func.count()).select_from(accounts)).scalar_one()
        is_all = len(account_ids) == everything
        estimate = None
        if group_ids is not None or not is_all:
            held = select(func.coalesce(func.sum(group_accounts.c.stream_count), 0)).where(
                group_accounts.c.account_id.in_(account_ids),
                true() if group_ids is None else group_accounts.c.group_id.in_(group_ids),
            )
            estimate = int(unit.execute(held).scalar_one())
        return _Scope(None if is_all else account_ids, group_ids, estimate)

    def _group_ids(self, unit: Unit, query: StreamQuery) -> tuple[int, ...] | None:
        if not query.groups and not query.group_name:
            return None
        chosen = select(groups.c.id)
        if query.groups:
            ids = [int(name) for name in query.groups if name.isdecimal() and len(name) < 19]
            chosen = chosen.where(or_(groups.c.name.in_(query.groups), groups.c.id.in_(ids)))
        if query.group_name:
            chosen = chosen.where(groups.c.name_key.like(like(query.group_name), escape="\\"))
        return tuple(unit.execute(chosen).scalars())

    def _conditions(self, query: StreamQuery, scope: _Scope, table: FromClause) -> Sequence[ColumnElement[bool]]:
        """All of the query on the rows of `table`: streams, or one of the tables in key order."""
        stream_id: ColumnElement[int] = streams.c.id if table is streams else table.c.stream_id
        found = [*self._places(scope, table, stream_id), *self._texts(query, table, stream_id)]
        if query.tvg_id:
            found.append(stream_id.in_(_by_tvg(query.tvg_id)))
        if query.assigned is not None:
            linked = select(channel_streams.c.stream_id).where(channel_streams.c.channel_id == query.assigned)
            found.append(stream_id.in_(linked))
        if query.unassigned:
            found.append(~select(1).where(channel_streams.c.stream_id == stream_id).correlate(table).exists())
        if query.hide_stale:
            found.append(stream_id.not_in(select(streams.c.id).where(streams.c.stale_at.is_not(None))))
        if query.is_catchup:
            found.append(stream_id.in_(_with_archive()))
        if query.enabled is not None:
            found.append(stream_id.not_in(_disabled()) if query.enabled else stream_id.in_(_disabled()))
        if query.is_custom is not None:
            custom = select(accounts.c.id).where(accounts.c.locked.is_(True))
            of_custom = self._account_of(table, stream_id).in_(custom)
            found.append(of_custom if query.is_custom else ~of_custom)
        return found

    def _places(self, scope: _Scope, table: FromClause, stream_id: ColumnElement[int]) -> Sequence[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if scope.account_ids is not None:
            found.append(self._account_of(table, stream_id).in_(scope.account_ids))
        if scope.group_ids is not None:
            if table is stream_tvgs:
                held = select(streams.c.id).where(streams.c.group_id.in_(scope.group_ids))
                found.append(stream_id.in_(held))
            else:
                found.append(table.c.group_id.in_(scope.group_ids))
        return found

    def _account_of(self, table: FromClause, stream_id: ColumnElement[int]) -> ColumnElement[int]:
        if table is stream_tvgs:
            return select(streams.c.account_id).where(streams.c.id == stream_id).correlate(table).scalar_subquery()
        return table.c.account_id

    def _texts(
        self, query: StreamQuery, table: FromClause, stream_id: ColumnElement[int]
    ) -> Sequence[ColumnElement[bool]]:
        """Words in names: looked for in the narrow table by name, whose rows are a tenth of a stream's."""
        found: list[ColumnElement[bool]] = []
        for text, with_group in ((query.name, False), (query.search, True)):
            if not text:
                continue
            named: ColumnElement[bool] = stream_names.c.name_key.like(like(text), escape="\\")
            if with_group:
                in_group = select(groups.c.id).where(groups.c.name_key.like(like(text), escape="\\"))
                named = or_(named, stream_names.c.group_id.in_(in_group))
            found.append(
                named if table is stream_names else stream_id.in_(select(stream_names.c.stream_id).where(named))
            )
        return found


def like(text: str) -> str:
    """A LIKE pattern for `text` anywhere in a folded column; its own wildcards are taken literally (escape `\\`)."""
    plain = fold(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def _by_tvg(tvg_id: str) -> Select[tuple[int]]:
    return select(stream_tvgs.c.stream_id).where(stream_tvgs.c.tvg_key == fold(tvg_id))


def _disabled() -> Select[tuple[int]]:
    return select(streams.c.id).where(IS_DISABLED)


def _with_archive() -> Select[tuple[int]]:
    return select(streams.c.id).where(HAS_ARCHIVE)
