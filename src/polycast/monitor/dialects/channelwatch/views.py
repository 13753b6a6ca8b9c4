"""From what the watchers know to what the routes tell. Nothing here asks a DVR. Source: specs/monitor.md 3.2."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.monitor.alerts.severity import Severity, severity_of
from polycast.monitor.alerts.texts import day_and_time
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.history.service import History
from polycast.monitor.preferences.model import Preferences
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.providers.own.servers import OWN
from polycast.monitor.servers.model import Provider, Server
from polycast.monitor.servers.service import Servers
from polycast.monitor.servers.versions import Range, judge
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.state import Health, Monitoring, ServerState, Watching, health_of

FIXED: Final = Preferences()  # the limits of the health route, whatever is set
NOTHING: Final = ServerState()
UNKNOWN: Final = "Unknown"


class Seen(Struct, frozen=True, kw_only=True):
    """A server and how it is."""

    server: Server
    state: ServerState
    health: Health
    prefs: Preferences
    now: datetime


class Views:
    """Reads for the routes."""

    def __init__(
        self,
        *,
        servers: Servers,
        board: Board,
        book: PreferencesBook,
        history: History,
        clock: Clock,
        tested: Callable[[], Range],
        lists_all: Callable[[], bool],
    ) -> None:
        self._servers = servers
        self._board = board
        self._book = book
        self._history = history
        self._clock = clock
        self._tested = tested
        self._lists_all = lists_all

    @property
    def tested(self) -> Range:
        return self._tested()

    async def servers(self, *, all_kinds: bool = False) -> list[Server]:
        """Those that the routes show: other kinds only where they are asked for."""
        shows_all = all_kinds or self._lists_all()
        return [one for one in await self._servers.active() if shows_all or one.provider is Provider.CHANNELS]

    async def listed(self) -> list[wire.Dvr]:
        return [
            wire.Dvr(id=one.dvr_id, name=one.shown_name, host=one.host, port=one.port, enabled=one.enabled)
            for one in await self.servers()
        ]

    async def seen(self, dvr_id: str) -> Seen:
        """Raises: NotFound, also for an archived one."""
        return await self._seen(await self._servers.get(dvr_id))

    async def all(self, *, enabled_only: bool = False, all_kinds: bool = False) -> list[Seen]:
        """Every server that is shown."""
        servers = await self.servers(all_kinds=all_kinds)
        found = [await self._seen(one) for one in servers if one.enabled or not enabled_only]
        if all_kinds:  # our own modules, once anything has happened there
            own = [await self._seen(one) for one in OWN]
            found += [one for one in own if one.state.events or one.state.details]
        return found

    async def _seen(self, server: Server) -> Seen:
        await self._book.load()
        prefs, now = self._book.for_server(server.overrides), self._clock.now()
        state = await self._board.of(server.dvr_id)
        health = health_of(server, state, now=now, stale_s=prefs.monitor_stale_seconds)
        return Seen(server=server, state=state or NOTHING, health=health, prefs=prefs, now=now)

    def status(self, seen: Seen) -> wire.DvrStatus:
        server, state, health = seen.server, seen.state, seen.health
        judged = judge(state.version, self._tested())
        return wire.DvrStatus(
            id=server.dvr_id,
            name=server.shown_name,
            host=server.host,
            port=server.port,
            connected=state.connected,
            version=state.version or None,
            version_compatible=judged.is_compatible,
            version_warning=judged.warning,
            disk_usage_percent=percent(state),
            disk_total_gb=wire.gib(state.disk_total),
            disk_free_gb=wire.gib(state.disk_free),
            library_shows=state.shows,
            library_movies=state.movies,
            library_episodes=state.episodes,
            monitoring_status=health.status.value,
            monitoring_ready=health.ready,
            monitoring_reason=_reason(health),
            freshness_status=health.freshness,
            last_freshness_at=wire.stamp(state.freshness_at),
            last_event_at=wire.stamp(state.event_at),
            freshness_age_seconds=health.age_s,
            stale_threshold_seconds=seen.prefs.monitor_stale_seconds,
            active_streams=state.activity_count,
        )

    def system_info(self, seen: Seen) -> wire.SystemInfo:
        server, state = seen.server, seen.state
        judged = judge(state.version, self._tested())
        return wire.SystemInfo(
            dvr_id=server.dvr_id,
            dvr_name=server.shown_name,
            host=server.host,
            port=server.port,
            connected=state.connected,
            version=state.version or None,
            version_compatible=judged.is_compatible,
            version_warning=judged.warning,
            disk_usage_percent=percent(state),
            disk_usage_gb=wire.gib(state.disk_used),
            disk_total_gb=wire.gib(state.disk_total),
            disk_free_gb=wire.gib(state.disk_free),
            disk_severity=severity_of(state.disk_total, state.disk_free, seen.prefs),
            library_shows=state.shows,
            library_movies=state.movies,
            library_episodes=state.episodes,
        )

    async def health(self, seen: Seen) -> wire.DvrHealth:
        server, state, health = seen.server, seen.state, seen.health
        judged = judge(state.version, self._tested())
        has_disk = state.disk_total is not None and state.disk_free is not None
        return wire.DvrHealth(
            dvr_id=server.dvr_id,
            dvr_name=server.shown_name,
            host=server.host,
            port=server.port,
            connected=state.connected,
            version=state.version or None,
            version_compatible=judged.is_compatible,
            version_warning=judged.warning,
            disk_status=severity_of(state.disk_total, state.disk_free, FIXED).value if has_disk else "unknown",
            disk_free_gb=wire.gib(state.disk_free),
            disk_total_gb=wire.gib(state.disk_total),
            last_checked=wire.stamp(state.checked_at or seen.now) or "",
            last_event_at=wire.stamp(state.event_at),
            last_freshness_at=wire.stamp(state.freshness_at),
            last_freshness_source=state.freshness_source,
            freshness_age_seconds=health.age_s,
            freshness_status=health.freshness,
            monitoring_status=health.status.value,
            monitoring_ready=health.ready,
            monitoring_reason=_reason(health),
            session_state_size=state.session_count,
            recent_alert_rate=await self._history.rate(server.dvr_id),
        )

    def streams(self, seen: Seen) -> wire.Streams:
        totals = self.totals([seen])
        return wire.Streams(
            dvr_id=seen.server.dvr_id,
            dvr_name=seen.server.shown_name,
            total=totals.total,
            watching=totals.watching,
            recording=totals.recording,
            subtitle=totals.subtitle,
            image=totals.image,
        )

    def totals(self, several: Sequence[Seen]) -> wire.StreamTotals:
        """Of several servers together; one that does not answer shows nothing."""
        there = [seen for seen in several if seen.state.connected]
        watching = [
            wire.StreamWatching(
                device=one.device or UNKNOWN, channel=one.channel or UNKNOWN, image=_image(one, seen.prefs)
            )
            for seen in there
            for one in seen.state.watching
        ]
        recording = [
            wire.StreamRecording(title=one.title or UNKNOWN, until=one.until)
            for seen in there
            for one in seen.state.recording
        ]
        return wire.StreamTotals(
            total=len(watching) + len(recording),
            watching=watching,
            recording=recording,
            subtitle=_subtitle(watching, recording),
            image=watching[0].image if watching else "",
        )

    def upcoming(self, several: Sequence[Seen], *, limit: int) -> list[wire.UpcomingRecording]:
        """By start; a server that does not answer has none."""
        zone = ZoneInfo(self._book.now.tz)
        found = [
            (plan.starts_at, seen, plan)
            for seen in several
            if seen.state.connected
            for plan in seen.state.planned
            if plan.starts_at > seen.now
        ]
        found.sort(key=lambda one: (one[0], one[2].job_id))
        listed = []
        for _, seen, plan in found[:limit]:
            wants_none = seen.prefs.recording_card_image == "none"
            image = "" if wants_none else plan.image or plan.logo
            listed.append(
                wire.UpcomingRecording(
                    id=plan.job_id,
                    title=plan.title,
                    start_time=int(plan.starts_at.timestamp()),
                    end_time=int(plan.ends_at.timestamp()),
                    channel=plan.channel,
                    scheduled_time=day_and_time(plan.starts_at, seen.now, zone),
                    image=image,
                    artwork_fallback_exhausted=not image and not wants_none,
                    dvr_id=seen.server.dvr_id,
                    dvr_name=seen.server.shown_name,
                )
            )
        return listed

    async def is_ready(self) -> bool:
        """Whether there is a server and all of them are watched well."""
        several = await self.all(enabled_only=True, all_kinds=True)
        return bool(several) and all(seen.health.ready for seen in several)

    def severity(self, seen: Seen) -> Severity:
        return severity_of(seen.state.disk_total, seen.state.disk_free, seen.prefs)


def percent(state: ServerState) -> int | None:
    """How full the disk is."""
    if not state.disk_total or state.disk_used is None:
        return None
    return round(state.disk_used / state.disk_total * 100)


def _reason(health: Health) -> str | None:
    return None if health.status is Monitoring.HEALTHY else health.reason


def _image(one: Watching, prefs: Preferences) -> str:
    if prefs.stream_card_image == "none":
        return ""
    if prefs.stream_card_image == "channel":
        return one.channel_image
    return one.program_image or one.channel_image


def _subtitle(watching: Sequence[wire.StreamWatching], recording: Sequence[wire.StreamRecording]) -> str:
    if watching and recording:
        return f"{len(watching)} watching, {len(recording)} recording"
    if watching:
        first = f"{watching[0].device} watching {watching[0].channel}"
        return first if len(watching) == 1 else f"{first} +{len(watching) - 1} more"
    if len(recording) == 1:
        return f"Recording {recording[0].title} until {recording[0].until}"
    return f"{len(recording)} recordings active" if recording else "No active streams"
