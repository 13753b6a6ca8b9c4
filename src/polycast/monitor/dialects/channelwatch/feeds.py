"""Feeds with a token of their own. Source: specs/monitor.md 4.9."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from polycast.core.clock import Clock
from polycast.core.http import Docs, Request, Response, Route, get
from polycast.core.http.routing import Handler
from polycast.core.secrets import Tokens
from polycast.monitor.alerts.texts import day_and_time
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import ASKED
from polycast.monitor.dialects.channelwatch.views import Views
from polycast.monitor.feeds.making import MOST, Entry, atom, calendar, rss
from polycast.monitor.history.service import History
from polycast.monitor.preferences.service import PreferencesBook

TAGS = Docs(tags=["Feeds"])
DAY: Final = timedelta(hours=24)
NO_STORE: Final = {"Cache-Control": "no-store"}


async def calendar_feed(
    views: Views,
    told: History,
    book: PreferencesBook,
    tokens: Tokens,
    clock: Clock,
    token: str = "",
    recordings_only: bool = False,
    dvr_id: str = "",
) -> Response:
    """Recordings to come and recent activity, as a calendar."""
    prefs = (await book.load()).known
    _check(tokens, prefs.ics_feed_enabled, prefs.ics_feed_token, token)
    now, zone = clock.now(), ZoneInfo(prefs.tz)
    several = [await views.seen(dvr_id)] if dvr_id else await views.all(enabled_only=True)
    entries = [
        Entry(
            dvr_id=seen.server.dvr_id, dvr_name=seen.server.shown_name, job_id=plan.job_id, title=plan.title,
            channel=plan.channel, scheduled=day_and_time(plan.starts_at, now, zone), starts_at=plan.starts_at,
            ends_at=plan.ends_at,
        )
        for seen in several
        for plan in seen.state.planned
        if plan.starts_at > now
    ]  # fmt: skip
    entries.sort(key=lambda entry: entry.starts_at)
    activities = [] if recordings_only else await told.recent(since=now - DAY, limit=MOST)
    shown = [one for one in activities if dvr_id in ("", one.dvr_id)]
    return Response(calendar(entries, shown, now), media_type="text/calendar; charset=utf-8", headers=NO_STORE)


async def rss_feed(
    request: Request, told: History, book: PreferencesBook, tokens: Tokens, clock: Clock, token: str = ""
) -> Response:
    """Recent activity as RSS 2.0."""
    prefs = (await book.load()).known
    _check(tokens, prefs.rss_feed_enabled, prefs.rss_feed_token, token)
    activities = await told.recent(since=None, limit=MOST)
    body = rss(activities, _self(request), clock.now())
    return Response(body, media_type="application/rss+xml", headers=NO_STORE)


async def atom_feed(
    request: Request, told: History, book: PreferencesBook, tokens: Tokens, clock: Clock, token: str = ""
) -> Response:
    """Recent activity as Atom."""
    prefs = (await book.load()).known
    _check(tokens, prefs.rss_feed_enabled, prefs.rss_feed_token, token)
    activities = await told.recent(since=None, limit=MOST)
    body = atom(activities, _self(request), clock.now())
    return Response(body, media_type="application/atom+xml", headers=NO_STORE)


def _check(tokens: Tokens, is_enabled: bool, wanted: str, token: str) -> None:
    if not is_enabled or not wanted:
        raise Refused("FEED_DISABLED", 404, "This feed is disabled")
    if not tokens.same(token, wanted):
        raise Refused("FEED_TOKEN_INVALID", 401, "Invalid feed token")


def _self(request: Request) -> str:
    """Our own address, without the token."""
    return f"{request.scope['state'].get('origin', '')}{request.scope['path']}"


def routes() -> list[Route]:
    """Each under its own address and its alias."""
    pairs: tuple[tuple[Handler, tuple[str, str]], ...] = (
        (calendar_feed, ("/api/v1/feeds/calendar.ics", "/api/v1/calendar.ics")),
        (rss_feed, ("/api/v1/feeds/activity.rss", "/api/v1/feed.rss")),
        (atom_feed, ("/api/v1/feeds/activity.atom", "/api/v1/feed.atom")),
    )
    return [get(path, policy=ASKED, docs=TAGS)(handler) for handler, paths in pairs for path in paths]
