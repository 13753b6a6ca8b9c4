"""From facts to what is told: a line of history each, and an alert where the settings want one.

Source: specs/monitor.md 5.3 to 5.7. Pure but for its memory of what was told when.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from polycast.monitor.alerts import texts, values
from polycast.monitor.alerts.context import Context
from polycast.monitor.alerts.cooldowns import Cooldowns
from polycast.monitor.alerts.model import Alert, AlertKind, Happening, Told
from polycast.monitor.alerts.severity import HYSTERESIS, RANK, DiskMemory, Severity, is_news, severity_of
from polycast.monitor.alerts.templates import BadTemplate, render
from polycast.monitor.history.model import DEDUPE, ICONS, Activity
from polycast.monitor.recordings.model import RecordingFact
from polycast.monitor.sessions.model import Session, SessionKind

RECORDING_COOLDOWN: Final = timedelta(seconds=60)
BAD_OUTCOMES: Final = frozenset({"failed", "missed", "interrupted"})
# Which switch lets a recording's word through.
SWITCHES: Final[Mapping[str, str]] = {
    "scheduled": "scheduled",
    "started": "started",
    "completed": "completed",
    "stopped": "completed",
    "cancelled": "cancelled",
    "failed": "failed",
    "skipped": "skipped",
    "missed": "missed",
    "interrupted": "interrupted",
}
HOOKS: Final[Mapping[str, str]] = {"stopped": "completed"}  # the event of webhooks where it is not the same word


class Engine:
    """Decides. `new_id` makes the ids of history's lines."""

    def __init__(self, *, cooldowns: Cooldowns, new_id: Callable[[], str]) -> None:
        self.cooldowns = cooldowns
        self._new_id = new_id

    def session_started(self, session: Session, context: Context, *, is_late: bool) -> Told:
        """A viewing began: a line always, an alert unless it was told a moment ago, or is old news."""
        if session.kind is SessionKind.VOD:
            return self._vod(session, context, is_late=is_late, is_first=True)
        found = values.channel_values(session, context)
        activity = self._channel_activity(session, found, context)
        wait = timedelta(seconds=context.prefs.cw_min_watch_seconds)
        if is_late or wait:
            return Told(activity=activity)
        return Told(activity=activity, alert=self.channel_alert(session, context, activity))

    def channel_alert(self, session: Session, context: Context, activity: Activity | None) -> Alert | None:
        """The alert of a viewing that has lasted long enough; None when it is not wanted."""
        prefs, dvr_id = context.prefs, context.server.dvr_id
        if session.who in prefs.cw_ignore_devices or session.channel_number in prefs.cw_ignore_channels:
            return None
        if not self.cooldowns.is_over(dvr_id, session.track, timedelta(seconds=prefs.cw_alert_cooldown), context.now):
            return None
        self.cooldowns.set(dvr_id, session.track, context.now)
        if not prefs.alert_channel_watching:
            return None
        found = values.channel_values(session, context)
        title, text = self._words("cw", texts.WATCHING_TV, texts.channel_text(found, prefs), found, context)
        return self._alert(
            AlertKind.CHANNEL, "channel.watching.start", title, text, context, activity,
            image=str(found.get("image_url") or ""), facts=values.structured(session), subject=session.who,
        )  # fmt: skip

    def test_session(self, session: Session, context: Context) -> Told:
        """A made-up viewing, for the test buttons: past switches and cooldowns."""
        prefs = context.prefs
        if session.kind is SessionKind.VOD:
            found = values.vod_values(session, context)
            title, text = self._words("vod", texts.WATCHING_VOD, texts.vod_text(found, prefs), found, context)
            kind, activity = AlertKind.VOD, self._activity("watching_vod", "Watching VOD Content", f"Watching {session.what} on {session.who}", context, is_test=True)  # fmt: skip
        else:
            found = values.channel_values(session, context)
            title, text = self._words("cw", texts.WATCHING_TV, texts.channel_text(found, prefs), found, context)
            kind, activity = AlertKind.CHANNEL, self._activity("watching_channel", "Watching Channel", f"Watching {session.what} on {session.who}", context, is_test=True)  # fmt: skip
        alert = self._alert(kind, "test", f"{title} [TEST]", text, context, activity, is_test=True)
        return Told(activity=activity, alert=alert)

    def session_moved(self, session: Session, context: Context) -> Told:
        """A file goes on: told again when the cooldown is over and it has moved far from where it was told."""
        if session.alerted_at is None:
            return Told()
        prefs = context.prefs
        if context.now - session.alerted_at < timedelta(seconds=prefs.vod_alert_cooldown):
            return Told()
        moved = abs((session.position - session.alerted_position).total_seconds())
        if not session.position or moved < max(1, prefs.vod_significant_threshold):
            return Told()  # a virtual channel stands at 0s for ever
        return self._vod(session, context, is_late=False, is_first=False)

    def _vod(self, session: Session, context: Context, *, is_late: bool, is_first: bool) -> Told:
        found = values.vod_values(session, context)
        activity = self._vod_activity(session, found, context)
        prefs, dvr_id = context.prefs, context.server.dvr_id
        span = timedelta(seconds=prefs.vod_alert_cooldown)
        if is_late or (is_first and not self.cooldowns.is_over(dvr_id, session.track, span, context.now)):
            return Told(activity=activity)
        self.cooldowns.set(dvr_id, session.track, context.now)
        if not prefs.alert_vod_watching:
            return Told(activity=activity)
        title, text = self._words("vod", texts.WATCHING_VOD, texts.vod_text(found, prefs), found, context)
        image = str(found.get("image_url") or "") if prefs.vod_image else ""
        alert = self._alert(
            AlertKind.VOD, "vod.playback.start", title, text, context, activity,
            image=image, facts=values.structured(session), subject=session.who,
        )  # fmt: skip
        return Told(activity=activity, alert=alert)

    def recording(self, fact: RecordingFact, context: Context, *, is_test: bool = False) -> Told:
        """A recording has moved on."""
        if not fact.word:
            return Told()
        life, prefs = fact.recording, context.prefs
        found = values.recording_values(fact, context)
        activity = self._recording_activity(fact, found, context, is_test=is_test)
        key = f"recording-{fact.kind}-{life.job_id}-{int(life.starts_at.timestamp())}"
        if not is_test:
            if fact.is_silent or not self.cooldowns.is_over(
                context.server.dvr_id, key, RECORDING_COOLDOWN, context.now
            ):
                return Told(activity=activity)
            self.cooldowns.set(context.server.dvr_id, key, context.now)
            is_on = getattr(prefs, f"rd_alert_{SWITCHES.get(fact.kind, 'completed')}")
            if not prefs.alert_recording_events or not is_on:
                return Told(activity=activity)
        title, text = self._words("rd", texts.RECORDING, texts.recording_text(found, prefs), found, context)
        alert = self._alert(
            AlertKind.RECORDING, f"recording.{HOOKS.get(fact.kind, fact.kind)}", title, text, context, activity,
            image=str(found.get("image_url") or ""), facts=values.structured_recording(life), subject=life.title,
            severity="warning" if fact.kind in BAD_OUTCOMES else "info", is_test=is_test,
        )  # fmt: skip
        return Told(activity=activity, alert=alert)

    def disk(self, total: int, free: int, path: str, context: Context) -> Told:
        """A disk was looked at; what was last told of it is remembered over restarts."""
        prefs, dvr_id, now = context.prefs, context.server.dvr_id, context.now
        memory = self.cooldowns.value(dvr_id, "disk", DiskMemory)
        severity = severity_of(total, free, prefs)
        if severity is Severity.NORMAL:
            return self._disk_well(memory, total, free, context)
        if not is_news(memory, severity, total, free, now, prefs):
            if memory is not None and RANK[severity] < RANK[memory.severity]:
                self._remember(severity, total, free, memory.at, context)
            return Told()
        self._remember(severity, total, free, now, context)
        return self.disk_told(severity, total, free, path, context, is_test=False)

    def disk_told(
        self, severity: Severity, total: int, free: int, path: str, context: Context, *, is_test: bool
    ) -> Told:
        """The line and the alert of a disk that is not well."""
        found = values.disk_values(severity.value, total, free, path, context)
        built_in = texts.DISK[severity.value]
        title, text = self._words("ds", built_in, texts.disk_text(found), found, context)
        if is_test:
            emoji, _, rest = title.partition(" ")
            title = f"{emoji} [TEST] {rest}"
        short = f"Low Disk {severity.value.title()} - {found['disk_free']} of {found['disk_total']}"
        activity = self._activity(
            "disk_alert", title, f"{short} ({found['free_percent']} free)", context, is_test=is_test,
            extra={"severity": severity.value},
        )  # fmt: skip
        if not context.prefs.alert_disk_space and not is_test:
            return Told(activity=activity)
        alert = self._alert(
            AlertKind.DISK, f"disk.space.{severity.value}", title, text, context, activity,
            severity=severity.value, is_test=is_test, subject="disk",
            facts={"disk": {"free": free, "total": total, "severity": severity.value}},
        )  # fmt: skip
        return Told(activity=activity, alert=alert)

    def _disk_well(self, memory: DiskMemory | None, total: int, free: int, context: Context) -> Told:
        if memory is None or severity_of(total, free, context.prefs, slack=HYSTERESIS) is not Severity.NORMAL:
            return Told()
        self.cooldowns.clear(context.server.dvr_id, "disk", context.now)
        if not context.prefs.ds_alert_recovered:
            return Told()
        title = "✅ Disk Space Recovered"
        text = f"Free Space: {texts.size(free)} / {texts.size(total)}"
        activity = self._activity("disk_alert", title, text, context)
        return Told(
            activity=activity,
            alert=self._alert(AlertKind.DISK, "alert.notification", title, text, context, activity, subject="disk"),
        )

    def health(self, *, is_up: bool, outage: timedelta, error: str, context: Context) -> Told:
        """A server has been away for long enough to say so, or is back after that was said."""
        name, prefs = context.server.shown_name, context.prefs
        title = "DVR Recovered" if is_up else "DVR Unreachable"
        span = texts.long_span(outage)
        text = f"{name} is back after {span}" if is_up else f"{name} has not answered for {span}"
        activity = self._activity(
            "dvr_health", title, text, context, extra={"outage_seconds": int(outage.total_seconds())}
        )
        is_on = prefs.dvr_alert_recovered if is_up else prefs.dvr_alert_unreachable
        if not prefs.alert_dvr_health or not is_on:
            return Told(activity=activity)
        alert = self._alert(
            AlertKind.HEALTH, "dvr.recovered" if is_up else "dvr.unreachable",
            f"{'✅' if is_up else '⚠️'} {title}", text if is_up or not error else f"{text}\n{error}", context, activity,
            severity="info" if is_up else "critical", subject=name,
            facts={"outage_seconds": int(outage.total_seconds())},
        )  # fmt: skip
        return Told(activity=activity, alert=alert)

    def noted(self, event_type: str, title: str, message: str, context: Context, **extra: Any) -> Told:
        """A line of history that nobody is told."""
        return Told(activity=self._activity(event_type, title, message, context, extra=extra))

    def happened(self, what: Happening, context: Context) -> Told:
        """Something about a server itself: history, and above `info`, or when it is over, people are told."""
        activity = self._activity(what.event_type, what.title, what.text, context, extra=dict(what.extra))
        activity = replace(activity, icon=what.icon or activity.icon)
        if not context.prefs.alert_dvr_health or (what.severity == "info" and not what.is_over):
            return Told(activity=activity)
        alert = self._alert(
            AlertKind.HEALTH, "dvr.recovered" if what.is_over else "alert.notification", what.title, what.text, context,
            activity, severity=what.severity, subject=what.title, facts=dict(what.extra),
        )  # fmt: skip
        return Told(activity=activity, alert=alert)

    def _channel_activity(self, session: Session, found: Mapping[str, Any], context: Context) -> Activity | None:
        name = str(found.get("channel_name") or session.what)
        key = f"seen-watching_channel-{name}-{session.who}"
        if not self._is_new(key, context):
            return None
        return self._activity(
            "watching_channel", "Watching Channel", f"Watching {name} on {session.who}", context,
            channel_name=name, channel_number=session.channel_number, device_name=session.device,
            device_ip=session.ip, program_title=str(found.get("program_title") or ""),
            image_url=str(found.get("image_url") or ""), stream_source=session.source,
            extra={"stream_count": context.stream_count},
        )  # fmt: skip

    def _vod_activity(self, session: Session, found: Mapping[str, Any], context: Context) -> Activity | None:
        title = str(found.get("media_title") or session.what)
        if not self._is_new(f"seen-watching_vod-{title}-{session.who}", context):
            return None
        return self._activity(
            "watching_vod", "Watching VOD Content", f"Watching {title} on {session.who}", context,
            channel_name=title, program_title=title, device_name=session.device, device_ip=session.ip,
            image_url=str(found.get("image_url") or ""),
        )  # fmt: skip

    def _recording_activity(
        self, fact: RecordingFact, found: Mapping[str, Any], context: Context, *, is_test: bool
    ) -> Activity | None:
        life = fact.recording
        channel = str(found.get("channel_name") or "Unknown Channel")
        title = life.title or "Untitled Recording"
        start = int(life.starts_at.timestamp())
        if not is_test and not self._is_new(f"seen-recording_event-{fact.word}-{title}-{channel}-{start}", context):
            return None
        message = f"{fact.word}: {title} on {channel}"
        if fact.kind in ("scheduled", "cancelled"):
            message += f" for {texts.day_and_time(life.starts_at, context.now, context.zone, dated='%b %d, %Y')}"
        if fact.note:
            message += f" ({fact.note})"
        return self._activity(
            "recording_event", "Recording Event", message, context, channel_name=channel,
            channel_number=life.channel_number, program_title=title, image_url=str(found.get("image_url") or ""),
            extra={
                "duration": found.get("duration", ""),
                "recording_type": "Scheduled" if life.was_scheduled else "Manual",
                "job_id": life.job_id,
            },
            is_test=is_test,
        )  # fmt: skip

    def _is_new(self, key: str, context: Context) -> bool:
        """The same line is not written twice within five seconds."""
        if not self.cooldowns.is_over(context.server.dvr_id, key, DEDUPE, context.now):
            return False
        self.cooldowns.set(context.server.dvr_id, key, context.now, lasts=False)
        return True

    def _remember(self, severity: Severity, total: int, free: int, at: datetime, context: Context) -> None:
        memory = DiskMemory(severity=severity, free=free, percent=free / total * 100, at=at)
        self.cooldowns.set(context.server.dvr_id, "disk", context.now, memory)

    def _words(self, prefix: str, title: str, text: str, found: Mapping[str, Any], context: Context) -> tuple[str, str]:
        """Title and text by the person's own template, by the built-in words where it says nothing."""
        prefs = context.prefs
        if getattr(prefs, f"{prefix}_template_use_default"):
            return title, text
        shown = {**context.shared(prefix), **found, "default_message": text}
        return (
            _rendered(getattr(prefs, f"{prefix}_template_title"), shown, title).replace("\n", " "),
            _rendered(getattr(prefs, f"{prefix}_template_body"), shown, text),
        )

    def _activity(self, event_type: str, title: str, message: str, context: Context, **fields: Any) -> Activity:
        return Activity(
            uuid=self._new_id(),
            dvr_id=context.server.dvr_id,
            dvr_name=context.server.shown_name,
            event_type=event_type,
            title=title,
            message=message,
            at=context.now,
            icon=ICONS.get(event_type, "bell"),
            **fields,
        )

    def _alert(
        self,
        kind: AlertKind,
        event_type: str,
        title: str,
        text: str,
        context: Context,
        activity: Activity | None,
        *,
        image: str = "",
        facts: Mapping[str, Any] | None = None,
        severity: str = "info",
        is_test: bool = False,
        subject: str = "",
    ) -> Alert:
        return Alert(
            kind=kind,
            event_type="test" if is_test else event_type,
            dvr_id=context.server.dvr_id,
            dvr_name=context.server.shown_name,
            title=title,
            text=text,
            at=context.now,
            severity=severity,
            image_url=image,
            activity_uuid=activity.uuid if activity is not None else "",
            is_test=is_test,
            facts=facts or {},
            subject=subject,
        )


def _rendered(template: str, found: Mapping[str, Any], built_in: str) -> str:
    if not template.strip():
        return built_in
    try:
        return render(template, found)
    except BadTemplate:
        return built_in
