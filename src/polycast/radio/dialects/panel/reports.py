"""Statistics and royalty reports. Source: `specs/radio.md` 3.14, 5.12, 5.13."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Response, Route, get
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.policies import CORS, OWN, PUBLIC
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.panel.service import Panel
from polycast.radio.ports import Air
from polycast.radio.reports.royalties import generic, sound_exchange
from polycast.radio.reports.service import Hour, Range, Reports
from polycast.radio.reports.sheets import XLSX, Cell, comma_separated, tab_separated, workbook
from polycast.radio.reports.store import Plays, Total

CSV = "text/csv; charset=utf-8"
TEXT = "text/tab-separated-values; charset=utf-8"
TOP = 100  # rows of the best and the worst


class RangeQuery(Struct, frozen=True, kw_only=True):
    """A station, and days of its own zone, the last included."""

    server: int | None = None
    date1: str = ""
    date2: str = ""


class HoursQuery(RangeQuery, frozen=True, kw_only=True):
    excel: bool = False


class RoyaltyQuery(RangeQuery, frozen=True, kw_only=True):
    format: str = "soundexchange"


async def _asked(caller: Caller, reports: Reports, query: RangeQuery) -> tuple[int, Range]:
    if query.server is None:
        raise Invalid.one("server", "required")
    return query.server, await reports.range(caller, query.server, query.date1, query.date2)


def file(content: bytes, kind: str, name: str, **headers: str) -> Response:
    """A whole file to be kept."""
    sent = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(content, media_type=kind, headers=sent | {k.replace("_", "-"): v for k, v in headers.items()})


@get(f"{V2}/stats/summary/", policy=OWN, query=RangeQuery)
async def summary(caller: Caller, query: RangeQuery, reports: Reports, panel: Panel, air: Air) -> wire.Shown:
    """Everything in one line."""
    server, span = await _asked(caller, reports, query)
    total, peak = await reports.summary(caller, server, span)
    view = await panel.station(caller, server)
    now = sum(air.load(one.id).listeners for one in view.channels)
    mean = total.listened_ms / 1000 / total.sessions if total.sessions else 0
    return {
        "date1": f"{span.first}",
        "date2": f"{span.last}",
        "listeners": now,
        "listeners_peak": peak,
        "average_seconds": round(mean),
        **_total(total),
    }


def _total(one: Total) -> wire.Shown:
    return {
        "sessions": one.sessions,
        "unique": one.addresses,
        "listening_hours": round(one.listened_ms / 3_600_000, 2),
        "traffic": one.sent_bytes,
    }


def _grouped(word: str, column: str) -> Route:
    @get(f"{V2}/stats/{word}/", policy=OWN, query=RangeQuery)
    async def grouped(caller: Caller, query: RangeQuery, reports: Reports) -> list[wire.Shown]:
        """The longest heard first."""
        server, span = await _asked(caller, reports, query)
        return [{"name": one.name, **_total(one)} for one in await reports.by(caller, column, server, span)]

    return grouped


def _counted(word: str, *, hourly: bool) -> Route:
    @get(f"{V2}/stats/{word}/", policy=OWN, query=RangeQuery)
    async def counted(caller: Caller, query: RangeQuery, reports: Reports) -> list[Hour]:
        """Listeners at once, from samples of each minute."""
        server, span = await _asked(caller, reports, query)
        return await reports.counted(caller, server, span, hourly=hourly)

    return counted


@get(f"{V2}/stats/map/", policy=OWN)
async def world_map(caller: Caller, panel: Panel, air: Air, server: int) -> list[wire.Shown]:
    """Who listens now, by country."""
    await panel.own(caller, server)
    found = Counter(one.country for one in air.sessions(server))
    return [{"country": country, "listeners": number} for country, number in found.most_common()]


@get(f"{V2}/listening_hours/", policy=PUBLIC, query=HoursQuery)
async def listening_hours(caller: Caller, query: HoursQuery, reports: Reports) -> Any:
    """Hours of listening by day; nothing without dates."""
    if not query.date1 or not query.date2:
        return Answer({"total_time": 0, "dates": []}, headers=CORS)
    server, span = await _asked(caller, reports, query)
    found = await reports.listening(caller, server, span)
    total = round(sum(hours for _, hours in found), 2)
    if query.excel:
        rows: list[Sequence[Cell]] = [("Date", "Hours"), *[(f"{day}", hours) for day, hours in found], ("", total)]
        return file(workbook("Listening hours", rows), XLSX, "listening_hours.xlsx")
    dates = [{"date": f"{day}", "time": hours} for day, hours in found]
    return Answer({"total_time": total, "dates": dates}, headers=CORS)


def _track(one: Plays) -> wire.Shown:
    track = one.track
    return {
        "id": track.id,
        "meta": track.meta,
        "author": track.author,
        "title": track.title,
        "plays": one.plays,
        "listeners": one.listeners,
        "human_up": track.human_up,
        "human_down": track.human_down,
        "auto_up": track.auto_up,
        "auto_down": track.auto_down,
        "score": _score(one),
    }


def _score(one: Plays) -> int:
    track = one.track
    return track.human_up - track.human_down + track.auto_up - track.auto_down


def _sheet(rows: Sequence[Plays]) -> list[Sequence[Cell]]:
    head = ("Artist", "Title", "Plays", "Listeners", "Likes", "Dislikes", "Came", "Left", "Score")
    found: list[Sequence[Cell]] = [head]
    for one in rows:
        track, votes = one.track, (one.track.human_up, one.track.human_down, one.track.auto_up, one.track.auto_down)
        found.append((track.author, track.title or track.filename, one.plays, one.listeners, *votes, _score(one)))
    return found


async def _tracks(caller: Caller, reports: Reports, query: RangeQuery) -> list[Plays]:
    return await reports.tracks(caller, *await _asked(caller, reports, query))


def _ranked(rows: Sequence[Plays], *, best: bool) -> list[Plays]:
    played = [one for one in rows if one.plays or _score(one)]
    return sorted(played, key=lambda one: (-_score(one) if best else _score(one), -one.plays, one.track.id))[:TOP]


@get(f"{V2}/track_stats/", policy=PUBLIC, query=RangeQuery)
async def track_stats(caller: Caller, query: RangeQuery, reports: Reports) -> Answer[list[wire.Shown]]:
    """Plays, votes, and listeners that came and left while it was on; the most played first."""
    rows = sorted(await _tracks(caller, reports, query), key=lambda one: (-one.plays, one.track.id))
    return Answer([_track(one) for one in rows], headers=CORS)


def _top(word: str, *, best: bool) -> list[Route]:
    @get(f"{V2}/track_stats/{word}/", policy=PUBLIC, query=RangeQuery)
    async def top(caller: Caller, query: RangeQuery, reports: Reports) -> Answer[list[wire.Shown]]:
        """By votes, and by who came and left."""
        rows = _ranked(await _tracks(caller, reports, query), best=best)
        return Answer([_track(one) for one in rows], headers=CORS)

    @get(f"{V2}/track_stats/{word}_excel/", policy=PUBLIC, query=RangeQuery)
    async def as_workbook(caller: Caller, query: RangeQuery, reports: Reports) -> Response:
        """The same as a workbook."""
        rows = _ranked(await _tracks(caller, reports, query), best=best)
        return file(workbook(word, _sheet(rows)), XLSX, f"{word}.xlsx")

    return [top, as_workbook]


@get(f"{V2}/track_stats/csv/", policy=PUBLIC, query=RangeQuery)
async def as_csv(caller: Caller, query: RangeQuery, reports: Reports) -> Response:
    """All of them as a table."""
    return file(comma_separated(_sheet(await _tracks(caller, reports, query))), CSV, "track_stats.csv")


@get(f"{V2}/royalties/", policy=OWN, query=RoyaltyQuery)
async def royalties(caller: Caller, query: RoyaltyQuery, reports: Reports) -> Response:
    """A report of use: SoundExchange's text, or a table with everybody who has a part. Tuning hours are in a header."""
    if query.format not in ("soundexchange", "csv", "xlsx"):
        raise Invalid.one("format", "invalid_choice")
    server, span = await _asked(caller, reports, query)
    found = await reports.royalties(caller, server, span)
    hours, name = f"{found.tuning_hours}", f"royalties-{span.first}-{span.last}"
    if query.format == "soundexchange":
        content = tab_separated(sound_exchange(found.service, found.recordings))
        return file(content, TEXT, f"{name}.txt", aggregate_tuning_hours=hours)
    rows = generic(found.recordings)
    if query.format == "csv":
        return file(comma_separated(rows), CSV, f"{name}.csv", aggregate_tuning_hours=hours)
    return file(workbook("Royalties", rows), XLSX, f"{name}.xlsx", aggregate_tuning_hours=hours)


def routes() -> list[Route]:
    groups = [_grouped("countries", "country"), _grouped("players", "player")]
    counts = [_counted("hourly", hourly=True), _counted("daily", hourly=False)]
    tops = [*_top("best", best=True), *_top("worst", best=False)]
    return [summary, *groups, *counts, world_map, listening_hours, *tops, as_csv, track_stats, royalties]
