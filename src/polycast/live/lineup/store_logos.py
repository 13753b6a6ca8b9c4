"""Rows of logos."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, delete, func, select, update

from polycast.core.storage import Unit, fold
from polycast.live.lineup.model import EVERYTHING, ChannelQuery, Logo, Viewer, Visibility
from polycast.live.lineup.store_filters import filtered
from polycast.live.tables import channels, logos

CHUNK: Final = 500  # ids in one IN (...)
SHOWN: Final = 5  # channels named with a logo
URL_LIMIT: Final = 4096
NAME_LIMIT: Final = 255


class LogoQuery(Struct, frozen=True, kw_only=True):
    """Filters of a list of logos; they combine with AND."""

    name: str = ""  # in the name
    used: bool | None = None
    ids: Sequence[int] | None = None


class LogoStore:
    """Pictures of channels. One row per address."""

    def page(
        self, unit: Unit, query: LogoQuery, viewer: Viewer = EVERYTHING, *, limit: int | None = None, offset: int = 0
    ) -> list[Logo]:
        """By name, with the channels that show them, as far as `viewer` may see those."""
        statement = _filtered(select(logos.c.id, logos.c.name, logos.c.url), query)
        rows = unit.execute(statement.order_by(logos.c.name_key, logos.c.id).limit(limit).offset(offset or None)).all()
        return self._with_channels(unit, rows, viewer)

    def count(self, unit: Unit, query: LogoQuery) -> int:
        return int(unit.execute(_filtered(select(func.count()).select_from(logos), query)).scalar_one())

    def get(self, unit: Unit, logo_id: int, viewer: Viewer = EVERYTHING) -> Logo | None:
        rows = unit.execute(select(logos.c.id, logos.c.name, logos.c.url).where(logos.c.id == logo_id)).all()
        found = self._with_channels(unit, rows, viewer)
        return found[0] if found else None

    def with_url(self, unit: Unit, url: str) -> int | None:
        found: int | None = unit.execute(select(logos.c.id).where(logos.c.url == url)).scalar_one_or_none()
        return found

    def ensure(self, unit: Unit, wanted: dict[str, str], at: datetime) -> dict[str, int]:
        """The logo of each address; `wanted` gives the name of one that has to be made."""
        urls = [url for url in wanted if url]
        found = self._by_urls(unit, urls)
        missing = [url for url in urls if url not in found]
        rows = [
            {"url": url, "name": wanted[url][:NAME_LIMIT], "name_key": fold(wanted[url][:NAME_LIMIT]), "created_at": at}
            for url in missing
        ]
        unit.upsert(logos, rows, key=["url"], update=[])
        return found | self._by_urls(unit, missing)

    def insert(self, unit: Unit, name: str, url: str, at: datetime) -> int:
        return unit.insert(logos, name=name, name_key=fold(name), url=url, created_at=at)

    def update(self, unit: Unit, logo_id: int, name: str, url: str) -> None:
        values = {"name": name, "name_key": fold(name), "url": url}
        unit.execute(update(logos).where(logos.c.id == logo_id).values(**values))

    def delete(self, unit: Unit, logo_ids: Sequence[int]) -> None:
        for start in range(0, len(logo_ids), CHUNK):
            unit.execute(delete(logos).where(logos.c.id.in_(logo_ids[start : start + CHUNK])))

    def unused(self, unit: Unit, limit: int) -> list[Logo]:
        """Logos that no channel shows, and none would show if its override went."""
        base = select(channels.c.logo_id).where(channels.c.logo_id.is_not(None))
        statement = _filtered(select(logos.c.id, logos.c.name, logos.c.url), LogoQuery(used=False))
        statement = statement.where(logos.c.id.not_in(base)).order_by(logos.c.id).limit(limit)
        return [
            Logo(id=row.id, name=row.name, url=row.url, channel_count=0, channel_names=())
            for row in unit.execute(statement)
        ]

    def urls(self, unit: Unit, logo_ids: Sequence[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for start in range(0, len(logo_ids), CHUNK):
            part = logo_ids[start : start + CHUNK]
            found.update(
                {row.id: row.url for row in unit.execute(select(logos.c.id, logos.c.url).where(logos.c.id.in_(part)))}
            )
        return found

    def _by_urls(self, unit: Unit, urls: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(urls), CHUNK):
            part = urls[start : start + CHUNK]
            rows = unit.execute(select(logos.c.url, logos.c.id).where(logos.c.url.in_(part)))
            found.update({row.url: row.id for row in rows})
        return found

    def _with_channels(self, unit: Unit, rows: Sequence[Any], viewer: Viewer) -> list[Logo]:
        seen = ChannelQuery(viewer=viewer, visibility=Visibility.ALL)
        ids = [row.id for row in rows]
        counts: dict[int, int] = {}
        names: dict[int, list[str]] = {}
        rank = (
            func.row_number()
            .over(partition_by=channels.c.eff_logo_id, order_by=[channels.c.eff_name_key, channels.c.id])
            .label("rank")
        )
        count = func.count().over(partition_by=channels.c.eff_logo_id).label("held")
        for start in range(0, len(ids), CHUNK):
            held = select(channels.c.eff_logo_id, channels.c.eff_name, rank, count)
            shown = filtered(held.where(channels.c.eff_logo_id.in_(ids[start : start + CHUNK])), seen).subquery()
            for row in unit.execute(select(shown).where(shown.c.rank <= SHOWN).order_by(shown.c.rank)):
                counts[row.eff_logo_id] = row.held
                names.setdefault(row.eff_logo_id, []).append(row.eff_name)
        return [
            Logo(
                id=row.id,
                name=row.name,
                url=row.url,
                channel_count=counts.get(row.id, 0),
                channel_names=tuple(names.get(row.id, ())),
            )
            for row in rows
        ]


def _filtered(statement: Select[Any], query: LogoQuery) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if query.name:
        conditions.append(logos.c.name_key.contains(fold(query.name), autoescape=True))
    if query.used is not None:
        shown = select(channels.c.id).where(channels.c.eff_logo_id == logos.c.id).exists()
        conditions.append(shown if query.used else ~shown)
    if query.ids is not None:
        conditions.append(logos.c.id.in_(query.ids))
    return statement.where(*conditions)
