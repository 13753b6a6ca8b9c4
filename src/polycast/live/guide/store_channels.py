"""Guide channels in the database."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, or_, select, update

from polycast.core.storage import Unit, fold
from polycast.live.guide.model import GuideChannel
from polycast.live.guide.reading import Listed
from polycast.live.tables import channels, guide_channels, guide_sources

COLUMNS = ("source_id", "tvg_id", "tvg_key", "name", "name_key", "icon_url")
PAGE = 20_000
_PUBLIC = (
    guide_channels.c.id,
    guide_channels.c.source_id,
    guide_channels.c.tvg_id,
    guide_channels.c.name,
    guide_channels.c.icon_url,
)


class Known(GuideChannel, frozen=True, kw_only=True):
    """A guide channel as a refresh knows it."""

    programmes_key: int | None


class GuideChannelStore:
    """Rows of `live_guide_channels`."""

    def page_of(self, unit: Unit, source_id: int, after: str | None, limit: int = PAGE) -> list[Known]:
        """Guide channels of a source, by tvg id above `after`."""
        c = guide_channels.c
        asked = select(*_PUBLIC, c.programmes_key).where(c.source_id == source_id).order_by(c.tvg_id).limit(limit)
        if after is not None:
            asked = asked.where(c.tvg_id > after)
        return [Known(**row._asdict()) for row in unit.execute(asked)]

    def add(self, unit: Unit, source_id: int, listed: Sequence[Listed]) -> None:
        unit.insert_rows(
            guide_channels,
            COLUMNS,
            [(source_id, e.tvg_id, _key(e.tvg_id), e.name, _key(e.name), e.icon_url) for e in listed],
        )

    def rename(self, unit: Unit, changed: Sequence[tuple[int, Listed]]) -> None:
        """Bring name and icon of guide channels, by id, to what is listed."""
        if not changed:
            return
        statement = (
            update(guide_channels)
            .where(guide_channels.c.id == bindparam("of"))
            .values(name=bindparam("to"), name_key=bindparam("to_key"), icon_url=bindparam("icon"))
        )
        unit.execute(
            statement, [{"of": i, "to": e.name, "to_key": _key(e.name), "icon": e.icon_url} for i, e in changed]
        )

    def remove(self, unit: Unit, ids: Sequence[int]) -> None:
        """Remove guide channels, but not those that a channel is mapped to by now."""
        for some in _chunks(ids, 500):
            unit.execute(delete(guide_channels).where(guide_channels.c.id.in_(some), ~_is_mapped()))

    def mapped(self, unit: Unit, source_id: int, also: Collection[int] = ()) -> dict[str, Known]:
        """Guide channels of a source that a channel of the line-up is mapped to, by itself or by its override.

        A few others, `also`, count as mapped.
        """
        c = guide_channels.c
        counts = or_(_is_mapped(), c.id.in_(also)) if also else _is_mapped()
        asked = select(*_PUBLIC, c.programmes_key).where(c.source_id == source_id, counts)
        return {row.tvg_id: Known(**row._asdict()) for row in unit.execute(asked)}

    def mapped_sources(self, unit: Unit, ids: Collection[int]) -> list[int]:
        """Sources of those of `ids` that have no programmes stored."""
        found: set[int] = set()
        c = guide_channels.c
        for some in _chunks(sorted(ids), 500):
            asked = select(c.source_id).where(c.id.in_(some), c.programmes_key.is_(None)).distinct()
            found.update(unit.execute(asked).scalars())
        return sorted(found)

    def waiting_sources(self, unit: Unit) -> list[int]:
        """Active sources of files with a mapped guide channel that has no programmes stored."""
        c, s = guide_channels.c, guide_sources.c
        used = select(channels.c.eff_guide_channel_id).where(channels.c.eff_guide_channel_id.is_not(None))
        asked = (
            select(c.source_id)
            .join(guide_sources, s.id == c.source_id)
            .where(c.id.in_(used), c.programmes_key.is_(None), s.source_type == "xmltv", s.status == "success")
            .distinct()
        )
        return list(unit.execute(asked).scalars())

    def stored(self, unit: Unit, source_id: int, limit: int) -> "list[int]":
        """Guide channels of a source that hold programmes."""
        c = guide_channels.c
        asked = select(c.id).where(c.source_id == source_id, c.programmes_key.is_not(None)).limit(limit)
        return [row[0] for row in unit.execute(asked)]

    def left_over(self, unit: Unit, source_id: int, limit: int) -> list[int]:
        """Guide channels that hold programmes although nobody is mapped to them."""
        c = guide_channels.c
        asked = select(c.id).where(c.source_id == source_id, c.programmes_key.is_not(None), ~_is_mapped()).limit(limit)
        return list(unit.execute(asked).scalars())

    def set_programmes(self, unit: Unit, guide_channel_id: int, *, fingerprint: int | None, count: int) -> None:
        unit.execute(
            update(guide_channels)
            .where(guide_channels.c.id == guide_channel_id)
            .values(programmes_key=fingerprint, programme_count=count)
        )

    def counts(self, unit: Unit, source_id: int) -> tuple[int, int]:
        """How many guide channels a source has, and how many programmes are stored."""
        c = guide_channels.c
        row = unit.execute(
            select(func.count(), func.coalesce(func.sum(c.programme_count), 0)).where(c.source_id == source_id)
        ).one()
        return int(row[0]), int(row[1])

    def loaded(self, unit: Unit, ids: Collection[int]) -> set[int]:
        """Those of `ids` whose programmes are stored."""
        found: set[int] = set()
        for some in _chunks(sorted(ids), 500):
            c = guide_channels.c
            asked = select(c.id).where(c.id.in_(some), c.programmes_key.is_not(None))
            found.update(unit.execute(asked).scalars())
        return found

    def programme_counts(self, unit: Unit) -> "Sequence[tuple[int, int]]":
        """Guide channels that have programmes, and how many, by id."""
        c = guide_channels.c
        asked = select(c.id, c.programme_count).where(c.programme_count > 0).order_by(c.id)
        return [(row[0], row[1]) for row in unit.execute(asked)]

    def get(self, unit: Unit, ids: Collection[int]) -> dict[int, GuideChannel]:
        found: dict[int, GuideChannel] = {}
        for some in _chunks(sorted(ids), 500):
            for row in unit.execute(select(*_PUBLIC).where(guide_channels.c.id.in_(some))):
                found[row.id] = GuideChannel(**row._asdict())
        return found

    def list(
        self, unit: Unit, *, search: str = "", source_id: int | None = None, offset: int = 0, limit: int | None = None
    ) -> "Sequence[GuideChannel]":
        """By name."""
        c = guide_channels.c
        asked = select(*_PUBLIC).where(*_conditions(search, source_id)).order_by(c.name_key, c.id).offset(offset)
        if limit is not None:
            asked = asked.limit(limit)
        return [GuideChannel(**row._asdict()) for row in unit.execute(asked)]

    def count(self, unit: Unit, *, search: str = "", source_id: int | None = None) -> int:
        asked = select(func.count()).select_from(guide_channels).where(*_conditions(search, source_id))
        return int(unit.execute(asked).scalar_one())

    def of_active(self, unit: Unit, after: int, limit: int) -> "Sequence[Row[Any]]":
        """Guide channels of active sources by id above `after`: id, tvg_id, name, priority, source name."""
        c, s = guide_channels.c, guide_sources.c
        asked = (
            select(c.id, c.tvg_id, c.name, c.icon_url, s.priority, s.name.label("source"))
            .join(guide_sources, s.id == c.source_id)
            .where(s.is_active.is_(True), s.source_type != "dummy", c.id > after)
            .order_by(c.id)
            .limit(limit)
        )
        return unit.execute(asked).all()


def _is_mapped() -> ColumnElement[bool]:
    of = guide_channels.c.id
    by_base = select(channels.c.id).where(channels.c.guide_channel_id == of).exists()
    by_effect = select(channels.c.id).where(channels.c.eff_guide_channel_id == of).exists()
    return or_(by_base, by_effect)


def _conditions(search: str, source_id: int | None) -> "Sequence[ColumnElement[bool]]":
    c = guide_channels.c
    found: list[ColumnElement[bool]] = [
        or_(c.name_key.contains(word, autoescape=True), c.tvg_key.contains(word, autoescape=True))
        for word in fold(search).split()
    ]
    if source_id is not None:
        found.append(c.source_id == source_id)
    return found


def _key(text: str) -> str:
    return text.lower() if text.isascii() else fold(text)


def _chunks(items: Iterable[int], size: int) -> Iterable[Sequence[int]]:
    whole = items if isinstance(items, list) else list(items)
    return (whole[at : at + size] for at in range(0, len(whole), size))
