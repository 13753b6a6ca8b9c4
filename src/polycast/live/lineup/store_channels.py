"""Rows of channels, their overrides and their streams."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, delete, func, select, type_coerce, update
from sqlalchemy.engine import Row

from polycast.core.storage import Unit, fold, instant_out
from polycast.live.lineup.model import ADMIN_LEVEL, FACTS, Channel, ChannelQuery, Facts, Override, SourceStream
from polycast.live.lineup.store_filters import filtered, ordered
from polycast.live.lineup.store_prepared import Prepared
from polycast.live.tables import accounts, channel_overrides, channel_streams, channels, streams

CHUNK: Final = 500  # ids in one IN (...)

_BASE: Final = [channels.c[name] for name in FACTS]
_EFFECTIVE: Final = [channels.c[f"eff_{name}"] for name in FACTS]
_OVERRIDE: Final = [channel_overrides.c[name].label(f"over_{name}") for name in FACTS]
_REST: Final = [channels.c[name] for name in ("id", "uuid", "user_level", "catchup_days", "auto_account_id")]
# As they are stored: what a column type does for each value costs more than all the rest of a page.
_STORED: Final = [
    type_coerce(channels.c[name], BigInteger).label(name)
    for name in ("is_adult", "is_radio", "is_catchup", "is_hidden", "auto_created", "created_at", "updated_at")
]
_COUNT: Final = len(FACTS)
_SELECT: Final = (
    select(
        *_BASE,
        *_EFFECTIVE,
        *_OVERRIDE,
        *_REST,
        *_STORED,
        accounts.c.name.label("account_name"),
        channel_overrides.c.channel_id.label("over_id"),
    )
    .select_from(channels)
    .outerjoin(channel_overrides, channel_overrides.c.channel_id == channels.c.id)
    .outerjoin(accounts, accounts.c.id == channels.c.auto_account_id)
)


class Gone(NamedTuple):
    """What is left to be told of a channel that was dropped."""

    id: int
    uuid: str
    name: str
    is_private: bool


class ChannelStore:
    """Channels by id, by filter and in bulk; `eff_*` columns follow every write here."""

    def __init__(self) -> None:
        self._prepared = Prepared()

    def page(self, unit: Unit, query: ChannelQuery, *, limit: int | None = None, offset: int = 0) -> list[Channel]:
        """The channels that `query` finds, in its order."""
        if limit is not None and _is_plain(query):
            build = partial(_page_of, query)
            key = query.order, query.visibility, query.enabled
            return self._made(unit, self._prepared.rows(unit, key, build, {"size": limit, "start": offset}))
        statement = ordered(filtered(_SELECT, query), query)
        return self._read(unit, statement.limit(limit).offset(offset or None))

    def has_unguided(self, unit: Unit) -> bool:
        """Whether any channel has no guide."""
        statement = select(channels.c.id).where(channels.c.eff_guide_channel_id.is_(None)).limit(1)
        return unit.execute(statement).first() is not None

    def count(self, unit: Unit, query: ChannelQuery) -> int:
        if _is_plain(query):
            key = "count", query.visibility, query.enabled
            return int(self._prepared.rows(unit, key, partial(_count_of, query), {})[0][0])
        return int(unit.execute(_count_of(query)).scalar_one())

    def ids(self, unit: Unit, query: ChannelQuery) -> list[int]:
        statement = ordered(filtered(select(channels.c.id), query), query)
        return list(unit.execute(statement).scalars())

    def get(self, unit: Unit, channel_id: int) -> Channel | None:
        found = self._read(unit, _SELECT.where(channels.c.id == channel_id))
        return found[0] if found else None

    def by_ids(self, unit: Unit, channel_ids: Sequence[int]) -> list[Channel]:
        """In the order asked for; unknown ids are left out."""
        found = {channel.id: channel for part in _parts(channel_ids) for channel in self._in(unit, channels.c.id, part)}
        return [found[channel_id] for channel_id in channel_ids if channel_id in found]

    def by_uuids(self, unit: Unit, uuids: Sequence[str]) -> list[Channel]:
        return [channel for part in _parts(uuids) for channel in self._in(unit, channels.c.uuid, part)]

    def insert(self, unit: Unit, facts: Facts, values: Mapping[str, Any]) -> int:
        """A channel without an override; its id."""
        return unit.insert(channels, **_facts_row(facts), **_effective_row(facts), **values)

    def update(
        self, unit: Unit, channel_id: int, values: Mapping[str, Any], *, base: Facts, override: Override | None
    ) -> None:
        """Write base, effective and other columns of one channel, and its override (None or empty: no row)."""
        if override is None or override.is_empty:
            unit.execute(delete(channel_overrides).where(channel_overrides.c.channel_id == channel_id))
        else:
            row = {"channel_id": channel_id} | {name: getattr(override, name) for name in FACTS}
            unit.upsert(channel_overrides, [row], key=["channel_id"], update=list(FACTS))
        row = {**_facts_row(base), **_effective_row(covered(base, override)), **values}
        unit.execute(update(channels).where(channels.c.id == channel_id).values(**row))

    def delete(self, unit: Unit, channel_ids: Sequence[int]) -> list[Gone]:
        """Each channel that is gone now."""
        gone: list[Gone] = []
        columns = channels.c.id, channels.c.uuid, channels.c.eff_name, channels.c.is_hidden, channels.c.user_level
        for part in _parts(channel_ids):
            rows = unit.execute(select(*columns).where(channels.c.id.in_(part)))
            gone.extend(
                Gone(row.id, row.uuid, row.eff_name, is_private=row.is_hidden or row.user_level >= ADMIN_LEVEL)
                for row in rows
            )
            unit.execute(delete(channels).where(channels.c.id.in_(part)))
        return gone

    def set_streams(self, unit: Unit, channel_id: int, stream_ids: Sequence[int]) -> None:
        """The channel's streams, in the order of failover."""
        unit.execute(delete(channel_streams).where(channel_streams.c.channel_id == channel_id))
        rows = [(channel_id, stream_id, at) for at, stream_id in enumerate(dict.fromkeys(stream_ids))]
        unit.insert_rows(channel_streams, ["channel_id", "stream_id", "position"], rows)

    def set_numbers(self, unit: Unit, numbers: Mapping[int, int | None], at: datetime) -> None:
        """Base numbers of many channels that have no number override."""
        rows = [{"row_id": channel_id, "new": number, "at": at} for channel_id, number in numbers.items()]
        _update_each(unit, rows, number="new", eff_number="new")

    def pin_numbers(self, unit: Unit, numbers: Mapping[int, int | None], at: datetime) -> None:
        """Numbers of many channels' overrides; None takes one away. Overrides that are empty then go."""
        rows = [{"channel_id": channel_id, "number": number} for channel_id, number in numbers.items()]
        unit.upsert(channel_overrides, rows, key=["channel_id"], update=["number"])
        effective = func.coalesce(
            select(channel_overrides.c.number).where(channel_overrides.c.channel_id == channels.c.id).scalar_subquery(),
            channels.c.number,
        )
        empty = [channel_overrides.c[name].is_(None) for name in FACTS]
        for part in _parts(list(numbers)):
            unit.execute(update(channels).where(channels.c.id.in_(part)).values(eff_number=effective, updated_at=at))
            unit.execute(delete(channel_overrides).where(channel_overrides.c.channel_id.in_(part), *empty))

    def numbers(self, unit: Unit) -> set[int]:
        """Every effective number in use, hidden channels' too."""
        rows = unit.execute(select(channels.c.eff_number).where(channels.c.eff_number.is_not(None)))
        return set(rows.scalars())

    def numbered(self, unit: Unit) -> list[tuple[int, int | None]]:
        """(id, effective number) of every channel, by number; those without one last."""
        number = channels.c.eff_number
        rows = unit.execute(select(channels.c.id, number).order_by(number.asc().nulls_last(), channels.c.id))
        return [(row.id, row.eff_number) for row in rows]

    def in_range(self, unit: Unit, start: int, end: int, *, limit: int) -> list[Channel]:
        """By effective number, both ends included."""
        wanted = _SELECT.where(channels.c.eff_number.between(start, end))
        return self._read(unit, wanted.order_by(channels.c.eff_number, channels.c.id).limit(limit))

    def _in(self, unit: Unit, column: Any, values: Sequence[Any]) -> list[Channel]:
        return self._read(unit, _SELECT.where(column.in_(values)))

    def _read(self, unit: Unit, statement: Select[Any]) -> list[Channel]:
        return self._made(unit, unit.execute(statement).all())

    def _made(self, unit: Unit, rows: Sequence[Row[Any]]) -> list[Channel]:
        linked = self._streams(unit, [row.id for row in rows])
        first = {row.id: linked[row.id][0] for row in rows if row.auto_created and row.id in linked}
        sources = self._sources(unit, sorted(set(first.values()))) if first else {}
        return [_channel(row, linked.get(row.id, ()), sources.get(first.get(row.id, 0))) for row in rows]

    def _sources(self, unit: Unit, stream_ids: Sequence[int]) -> dict[int, SourceStream]:
        found: dict[int, SourceStream] = {}
        for part in _parts(stream_ids):
            values = {f"id_{at}": one for at, one in enumerate(part)}
            rows = self._prepared.rows(unit, ("sources", len(part)), partial(_sources_of, len(part)), values)
            found.update({row[0]: SourceStream(**row._mapping) for row in rows})
        return found

    def _streams(self, unit: Unit, channel_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = {}
        for part in _parts(channel_ids):
            values = {f"id_{at}": one for at, one in enumerate(part)}
            for channel_id, stream_id in self._prepared.rows(
                unit, ("links", len(part)), partial(_links_of, len(part)), values
            ):
                found.setdefault(channel_id, []).append(stream_id)
        return {channel_id: tuple(stream_ids) for channel_id, stream_ids in found.items()}


def _is_plain(query: ChannelQuery) -> bool:
    """Whether nothing but order and visibility is asked for: what clients poll."""
    return query == ChannelQuery(order=query.order, visibility=query.visibility, enabled=query.enabled)


def _page_of(query: ChannelQuery) -> Select[Any]:
    statement = ordered(filtered(_SELECT, query), query)
    return statement.limit(bindparam("size", type_=BigInteger)).offset(bindparam("start", type_=BigInteger))


def _count_of(query: ChannelQuery) -> Select[Any]:
    return filtered(select(func.count()).select_from(channels), query)


def _links_of(count: int) -> Select[Any]:
    link = channel_streams.c
    statement = select(link.channel_id, link.stream_id).where(link.channel_id.in_(_ids(count)))
    return statement.order_by(link.channel_id, link.position)


def _sources_of(count: int) -> Select[Any]:
    account_name = accounts.c.name.label("account_name")
    chosen = select(streams.c.id, streams.c.name, streams.c.account_id, account_name)
    return chosen.join(accounts, accounts.c.id == streams.c.account_id).where(streams.c.id.in_(_ids(count)))


def _ids(count: int) -> list[Any]:
    return [bindparam(f"id_{at}", type_=BigInteger) for at in range(count)]


def covered(base: Facts, override: Override | None) -> Facts:
    """What counts: the override's fields where it has them, else the base's."""
    if override is None:
        return base
    chosen = {name: getattr(override, name) for name in FACTS}
    return Facts(**{name: getattr(base, name) if chosen[name] is None else chosen[name] for name in FACTS})


def _channel(row: Row[Any], stream_ids: tuple[int, ...], source: SourceStream | None) -> Channel:
    values = tuple(row)
    base = Facts(*values[:_COUNT])
    is_overridden = values[-1] is not None
    channel_id, uuid, user_level, catchup_days, account_id = values[3 * _COUNT : 3 * _COUNT + 5]
    adult, radio, catchup, hidden, auto, created, updated, account = values[3 * _COUNT + 5 : -1]
    return Channel(
        id=channel_id,
        uuid=uuid,
        base=base,
        override=Override(*values[2 * _COUNT : 3 * _COUNT]) if is_overridden else None,
        effective=Facts(*values[_COUNT : 2 * _COUNT]),
        user_level=user_level,
        is_adult=adult == 1,
        is_radio=radio == 1,
        is_catchup=catchup == 1,
        catchup_days=catchup_days,
        is_hidden=hidden == 1,
        auto_created=auto == 1,
        auto_account_id=account_id,
        auto_account_name=account,
        created_at=instant_out(created),
        updated_at=instant_out(updated),
        stream_ids=stream_ids,
        source=source,
    )


def _facts_row(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in FACTS}


def _effective_row(facts: Facts) -> dict[str, Any]:
    row = {f"eff_{name}": getattr(facts, name) for name in FACTS}
    return row | {"eff_name_key": fold(facts.name)}


def _update_each(unit: Unit, rows: Sequence[Mapping[str, Any]], **columns: str) -> None:
    """One statement, run for each row; `columns` maps a column to the name of its value."""
    if not rows:
        return
    from_row = {column: _bound(channels.c[column].type, name) for column, name in columns.items()}
    statement = update(channels).where(channels.c.id == _bound(channels.c.id.type, "row_id"))
    unit.execute(statement.values(**from_row, updated_at=_bound(channels.c.updated_at.type, "at")), list(rows))


def _bound(kind: Any, name: str) -> Any:
    return bindparam(name, type_=kind)


def _parts(values: Sequence[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(values), CHUNK):
        yield list(values[start : start + CHUNK])
