"""Proposals of the matching in the database, and the channels that it looks at."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, and_, delete, func, or_, select

from polycast.core.storage import Unit
from polycast.live.guide.match.finder import Asked, Candidate
from polycast.live.tables import channels, guide_channels, guide_sources, guide_suggestions

CHUNK = 500
SCALE = 10  # stored scores are tenths of a percent


class Proposal(Struct, frozen=True, kw_only=True):
    """What was found for one channel; `candidates` best first."""

    id: int
    channel_id: int
    number: int | None  # thousandths
    name: str
    current_id: int | None
    current_name: str
    current_source: str
    is_certain: bool
    candidates: list[Candidate]


class SuggestionStore:
    """Rows of `live_guide_suggestions`."""

    def channels(self, unit: Unit, ids: Collection[int] | None, *, again: bool) -> list[Asked]:
        """Channels to look at: these, or all; those that have a guide only with `again`."""
        c = channels.c
        asked = select(c.id, c.eff_name, c.eff_tvg_id, c.eff_tvc_guide_stationid).order_by(c.id)
        if not again:
            asked = asked.where(c.eff_guide_channel_id.is_(None))
        found: list[Asked] = []
        for statement in [asked] if ids is None else [asked.where(c.id.in_(some)) for some in _chunks(sorted(ids))]:
            found += [
                Asked(id=row.id, name=row.eff_name, tvg_id=row.eff_tvg_id, station_id=row.eff_tvc_guide_stationid)
                for row in unit.execute(statement)
            ]
        return found

    def put(self, unit: Unit, found: Sequence[tuple[int, bool, Sequence[Candidate]]], *, at: datetime) -> None:
        """Write what was found for channels, in the place of what was found before."""
        known = {row[0] for row in unit.execute(select(channels.c.id).where(channels.c.id.in_([f[0] for f in found])))}
        rows = [
            {
                "channel_id": channel_id,
                "score": int(candidates[0].score * SCALE) if candidates else -1,
                "is_certain": is_certain,
                "candidates": list(candidates),
                "made_at": at,
            }
            for channel_id, is_certain, candidates in found
            if channel_id in known
        ]
        unit.upsert(
            guide_suggestions, rows, key=["channel_id"], update=["score", "is_certain", "candidates", "made_at"]
        )

    def page(
        self, unit: Unit, *, below: float | None, after: tuple[int, int] | None, limit: int
    ) -> list[tuple[int, Proposal]]:
        """Open proposals by falling score, each with its score as stored."""
        c = guide_suggestions.c
        asked = _asked().where(_is_open()).order_by(c.score.desc(), c.id.desc()).limit(limit)
        if below is not None:
            asked = asked.where(c.score < int(below * 100 * SCALE))
        if after is not None:
            asked = asked.where(or_(c.score < after[0], and_(c.score == after[0], c.id < after[1])))
        return [(row.score, _proposal(row)) for row in unit.execute(asked)]

    def counts(self, unit: Unit) -> tuple[int, int]:
        """Open proposals, and how many of them are certain."""
        c = guide_suggestions.c
        joined = guide_suggestions.join(channels, channels.c.id == c.channel_id)
        asked = select(func.count(), func.count().filter(c.is_certain.is_(True))).select_from(joined)
        row = unit.execute(asked.where(_is_open())).one()
        return int(row[0]), int(row[1])

    def certain(self, unit: Unit, ids: Collection[int] | None = None) -> list[Proposal]:
        """Open proposals that may be taken without a look."""
        asked = _asked().where(_is_open(), guide_suggestions.c.is_certain.is_(True))
        found = [_proposal(row) for row in unit.execute(asked)]
        return found if ids is None else [each for each in found if each.channel_id in ids]

    def drop(self, unit: Unit, channel_ids: Sequence[int]) -> None:
        """Channels whose guide is settled."""
        for some in _chunks(channel_ids):
            unit.execute(delete(guide_suggestions).where(guide_suggestions.c.channel_id.in_(some)))

    def guides(self, unit: Unit, channel_ids: Collection[int]) -> dict[int, int | None]:
        """The guide channels of those channels that exist."""
        found: dict[int, int | None] = {}
        for some in _chunks(sorted(channel_ids)):
            asked = select(channels.c.id, channels.c.eff_guide_channel_id)
            for row in unit.execute(asked.where(channels.c.id.in_(some))):
                found[row[0]] = row[1]
        return found


def _is_open() -> Any:
    c = guide_suggestions.c
    return c.score >= 0


def _asked() -> Any:
    c = guide_suggestions.c
    return (
        select(
            c.id,
            c.channel_id,
            c.score,
            c.is_certain,
            c.candidates,
            channels.c.eff_number,
            channels.c.eff_name,
            channels.c.eff_guide_channel_id,
            guide_channels.c.name.label("current_name"),
            guide_sources.c.name.label("current_source"),
        )
        .join(channels, channels.c.id == c.channel_id)
        .outerjoin(guide_channels, guide_channels.c.id == channels.c.eff_guide_channel_id)
        .outerjoin(guide_sources, guide_sources.c.id == guide_channels.c.source_id)
    )


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        channel_id=row.channel_id,
        number=row.eff_number,
        name=row.eff_name,
        current_id=row.eff_guide_channel_id,
        current_name=row.current_name or "",
        current_source=row.current_source or "",
        is_certain=row.is_certain,
        candidates=msgspec.convert(row.candidates, list[Candidate]),
    )


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
