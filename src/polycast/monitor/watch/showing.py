"""What a watcher knows, put on the board in the form in which it is read."""

from datetime import datetime, timedelta
from typing import Final

from polycast.monitor.providers.channels.wire import Job
from polycast.monitor.sessions.model import Session, SessionKind
from polycast.monitor.sessions.tracker import Tracker
from polycast.monitor.watch.lookups import Lookups
from polycast.monitor.watch.recordings import Recordings
from polycast.monitor.watch.state import NowRecording, Planned, ServerState, Watching

MOST_PLANNED: Final = 500
SECOND: Final = timedelta(seconds=1)


def show(state: ServerState, tracker: Tracker, lookups: Lookups, recordings: Recordings, *, now: datetime) -> None:
    """Bring `state` up to date."""
    state.activity_count = tracker.activity_count
    state.stream_count = tracker.stream_count(now)
    state.watching = [_watching(session, lookups) for session in tracker.sessions]
    state.recording = [
        NowRecording(title=one.title, until=one.until, channel=one.channel) for one in tracker.recordings
    ]
    state.session_count = len(tracker.sessions) + max(len(recordings.book.running()), len(state.recording))
    state.planned = [_planned(job, lookups) for job in recordings.book.jobs if not job.is_skipped][:MOST_PLANNED]


def _watching(session: Session, lookups: Lookups) -> Watching:
    channel = lookups.known_channel(session.channel_number) if session.kind is SessionKind.CHANNEL else None
    airing = lookups.known_airing(session.channel_number) if session.kind is SessionKind.CHANNEL else None
    name = session.what if channel is None or session.channel_name else channel.name
    return Watching(
        key=session.key,
        kind=session.kind.value,
        device=session.who,
        channel=name,
        number=session.channel_number,
        ip=session.ip,
        source=session.source,
        user=session.user_name,
        title=airing.title if airing is not None else session.title,
        position_s=session.position // SECOND,
        since=session.started_at,
        program_image=airing.image if airing is not None else session.image_url,
        channel_image=channel.logo if channel is not None else "",
    )


def _planned(job: Job, lookups: Lookups) -> Planned:
    channel = lookups.known_channel(job.channel)
    name = channel.name if channel is not None else (f"Channel {job.channel}" if job.channel else "Unknown Channel")
    return Planned(
        job_id=job.id,
        title=job.title or "Untitled Recording",
        starts_at=job.starts_at,
        ends_at=job.ends_at,
        channel=name,
        image=job.image,
        logo=channel.logo if channel is not None else "",
        rule_id=job.rule_id,
    )
