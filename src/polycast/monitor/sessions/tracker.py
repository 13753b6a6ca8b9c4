"""Who watches what at one server, kept from its activity: pure, told the time, says what changed.

Source: specs/monitor.md 2.5, 5.3, 5.4.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.monitor.providers.channels.grammar import Kind, Parsed, parse_activity
from polycast.monitor.sessions.model import (
    EXPIRES,
    UNSEEN,
    Session,
    SessionEnded,
    SessionFact,
    SessionKind,
    SessionMoved,
    SessionStarted,
)

STREAM_WINS: Final = timedelta(seconds=5)
MOST: Final = 2000  # activities of one server; a server that has more is lying
UNKNOWN_IP: Final = "Unknown IP"


class Recording(Struct, frozen=True, kw_only=True):
    """A recording as the activity shows it."""

    title: str
    until: str
    channel: str


class Tracker:
    """The activity of one Channels DVR server. Restored sessions go on where they were."""

    def __init__(self, dvr_id: str, restored: Iterable[Session] = ()) -> None:
        self._dvr_id = dvr_id
        self._sessions: dict[str, Session] = {session.key: session for session in restored}
        self._texts: dict[str, str] = {}
        self._recordings: dict[str, Recording] = {}
        self._told_at: dict[str, datetime] = {}  # key -> when the stream last spoke of it
        self.recording_changes = 0  # grows when a recording begins or ends in the activity
        self._ips: dict[str, str] = {}  # identifier of a client -> its last known address

    @property
    def sessions(self) -> list[Session]:
        return list(self._sessions.values())

    @property
    def recordings(self) -> list[Recording]:
        return list(self._recordings.values())

    @property
    def activity_count(self) -> int:
        return len(self._texts)

    def stream_count(self, now: datetime) -> int:
        """Distinct devices that watch, and running recordings."""
        seen = {session.who for session in self._sessions.values() if now - session.seen_at <= UNSEEN}
        return len(seen) + len(self._recordings)

    def keep(self, session: Session) -> None:
        """Take over what others noted in it: the row, the alert."""
        if session.key in self._sessions:
            self._sessions[session.key] = session

    def heard(self, key: str, text: str, now: datetime) -> list[SessionFact]:
        """One event of the stream; an empty text is an end."""
        self._told_at[key] = now
        if not text:
            return list(self._gone(key, now, "ended"))
        return self._seen(key, text, now, is_late=False)

    def listed(self, activity: Mapping[str, str], now: datetime, *, is_late: bool = False) -> list[SessionFact]:
        """The whole activity as the server lists it. What the stream said in the last seconds is newer."""
        facts: list[SessionFact] = []
        for key in [*self._texts, *self._sessions]:
            if key not in activity and not self._is_fresh(key, now):
                seen = self._sessions[key].seen_at if key in self._sessions else now
                facts += self._gone(key, seen if is_late else now, "ended")
        for key, text in list(activity.items())[:MOST]:
            if text and not (key not in self._texts and self._is_fresh(key, now)):
                facts += self._seen(key, text, now, is_late=is_late)
        return facts

    def expire(self, now: datetime) -> list[SessionFact]:
        """End what has not been heard of for hours."""
        self._told_at = {key: at for key, at in self._told_at.items() if now - at < UNSEEN}
        old = [key for key, session in self._sessions.items() if now - session.seen_at > EXPIRES]
        return [fact for key in old for fact in self._gone(key, self._sessions[key].seen_at, "expired")]

    def _is_fresh(self, key: str, now: datetime) -> bool:
        at = self._told_at.get(key)
        return at is not None and now - at < STREAM_WINS

    def _gone(self, key: str, at: datetime, reason: str) -> Iterator[SessionFact]:
        self._texts.pop(key, None)
        self.recording_changes += self._recordings.pop(key, None) is not None
        session = self._sessions.pop(key, None)
        if session is not None:
            yield SessionEnded(session=replace(session, ended_at=max(at, session.started_at), end_reason=reason))

    def _seen(self, key: str, text: str, now: datetime, *, is_late: bool) -> list[SessionFact]:
        known = self._sessions.get(key)
        head = text.partition(": ")[0]
        is_same = self._texts.get(key, "").partition(": ")[0] == head
        if len(self._texts) >= MOST and key not in self._texts:
            return []
        self._texts[key] = text
        if is_same and known is not None and known.kind is SessionKind.CHANNEL:
            self._sessions[key] = replace(known, seen_at=now)  # statistics, every few seconds
            return []
        parsed = parse_activity(key, text)
        if parsed.kind is Kind.CHANNEL:
            return self._channel(key, parsed, known, now, is_late=is_late)
        if parsed.kind is Kind.VOD:
            return self._vod(key, parsed, known, now, is_late=is_late)
        if parsed.kind is Kind.RECORDING:
            self.recording_changes += key not in self._recordings
            self._recordings[key] = Recording(title=parsed.title, until=parsed.until, channel=parsed.channel)
        return []

    def _channel(
        self, key: str, parsed: Parsed, known: Session | None, now: datetime, *, is_late: bool
    ) -> list[SessionFact]:
        if not parsed.number or not (parsed.device or parsed.ip):
            return []
        if known is not None and known.kind is SessionKind.CHANNEL and known.channel_number == parsed.number:
            self._sessions[key] = replace(known, seen_at=now, resolution=parsed.resolution or known.resolution)
            return []
        facts: list[SessionFact] = []
        if known is not None:
            facts += self._ended(key, now, "zapped")
        who = parsed.device or parsed.ip
        for other in [one for one, session in self._sessions.items() if session.who == who and one != key]:
            if self._sessions[other].kind is SessionKind.CHANNEL:
                facts += self._ended(other, now, "switched")
        session = Session(
            dvr_id=self._dvr_id,
            kind=SessionKind.CHANNEL,
            key=key,
            track=f"ch{parsed.number}-{who}",
            channel_number=parsed.number,
            channel_name=parsed.channel,
            device=parsed.device,
            ip=parsed.ip,
            source=parsed.source,
            resolution=parsed.resolution,
            started_at=now,
            seen_at=now,
        )
        self._sessions[key] = session
        return [*facts, SessionStarted(session=session, is_late=is_late)]

    def _vod(
        self, key: str, parsed: Parsed, known: Session | None, now: datetime, *, is_late: bool
    ) -> list[SessionFact]:
        ip = parsed.ip or self._ips.get(parsed.identifier, "")
        if parsed.ip:
            self._ips[parsed.identifier] = parsed.ip
        if parsed.position is None:
            return []  # its start, without a time: the timed update follows
        if known is not None and known.kind is SessionKind.VOD and known.file_id == parsed.file_id:
            moved = replace(known, seen_at=now, position=parsed.position, title=known.title or parsed.title)
            self._sessions[key] = moved
            return [SessionMoved(session=moved)]
        facts: list[SessionFact] = []
        if known is not None:
            facts += self._ended(key, now, "zapped")
        for other, session in list(self._sessions.items()):
            is_same_client = session.track.partition("-")[2] == parsed.identifier
            if session.kind is SessionKind.VOD and is_same_client and other != key:
                facts += self._ended(other, now, "switched")
        started = Session(
            dvr_id=self._dvr_id,
            kind=SessionKind.VOD,
            key=key,
            track=f"vod{parsed.file_id}-{parsed.identifier}",
            title=parsed.title,
            device=parsed.device,
            ip=ip or UNKNOWN_IP,
            resolution=parsed.resolution,
            file_id=parsed.file_id,
            position=parsed.position,
            started_at=now,
            seen_at=now,
        )
        self._sessions[key] = started
        return [*facts, SessionStarted(session=started, is_late=is_late)]

    def _ended(self, key: str, now: datetime, reason: str) -> list[SessionFact]:
        session = self._sessions.pop(key)
        return [SessionEnded(session=replace(session, ended_at=now, end_reason=reason))]
