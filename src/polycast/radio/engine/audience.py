"""Who listens, for the panel and for statistics: counts from memory, rows in the background."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.storage import Unit
from polycast.radio.edge.listener import Listener
from polycast.radio.engine.account import AccountAir
from polycast.radio.engine.journal import Journal
from polycast.radio.engine.ports import Geo, Usage
from polycast.radio.engine.station import StationAir
from polycast.radio.engine.store import AudienceStore, Heard, Minute
from polycast.radio.ports import Session

FLUSH: Final = timedelta(seconds=10)
FAMILIES: Final = (
    ("vlc", "VLC"),
    ("mpv", "mpv"),
    ("winamp", "Winamp"),
    ("foobar", "foobar2000"),
    ("itunes", "iTunes"),
    ("streamripper", "Streamripper"),
    ("lavf", "FFmpeg"),
    ("icecast", "Icecast"),
    ("sonos", "Sonos"),
    ("curl", "curl"),
    ("edg", "Edge"),
    ("chrome", "Chrome"),
    ("firefox", "Firefox"),
    ("safari", "Safari"),
    ("okhttp", "Android"),
    ("exoplayer", "Android"),
    ("applecoremedia", "Apple"),
)


def family(agent: str) -> str:
    """What kind of player an agent is; "" for one nobody knows."""
    lower = agent.lower()
    return next((name for mark, name in FAMILIES if mark in lower), "")


class Audience:
    """Counts what was sent to whom."""

    def __init__(
        self,
        *,
        journal: Journal,
        store: AudienceStore,
        usage: Usage,
        traffic: Callable[..., None],
        geo: Geo,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._store = store
        self._usage = usage
        self._traffic = traffic
        self._geo = geo
        self._clock = clock
        self._gone: list[Heard] = []
        self._sampled: datetime | None = None

    def left(self, listener: Listener, why: str) -> None:
        """Somebody listens no more."""
        now, guest = self._clock.now(), listener.guest
        self._gone.append(
            Heard(
                station_id=listener.mount.spec.station_id,
                channel_id=listener.mount.spec.id,
                address=guest.address,
                country=self._geo.country(guest.address),
                agent=guest.agent,
                player=family(guest.agent),
                referer=guest.referer,
                at=listener.since,
                length_ms=round((now - listener.since).total_seconds() * 1000),
                sent_bytes=listener.sent_bytes,
                ended=why,
            )
        )

    def session(self, listener: Listener) -> Session:
        """As the panel sees it."""
        guest, spec = listener.guest, listener.mount.spec
        return Session(
            id=listener.id,
            station_id=spec.station_id,
            channel_id=spec.id,
            address=guest.address,
            country=self._geo.country(guest.address),
            city="",
            agent=guest.agent,
            player=family(guest.agent),
            since=listener.since,
            sent_bytes=listener.sent_bytes,
        )

    def flush(self, accounts: Iterable[AccountAir], stations: Iterable[StationAir]) -> None:
        """Every ten seconds: traffic, sessions, and at each minute a sample."""
        now = self._clock.now()
        for account in accounts:
            total, channels = account.spent()
            count = account.count()
            if total or count or account.is_dry:  # with nobody let in, a new month would never be seen
                self._journal.put(_spend, self._usage, account, now, total, count, then=_told(account))
            month = f"{now:%Y-%m}"
            for number, sent in channels.items():
                mount = account.mounts.get(number)
                self._journal.put(_channel, self._traffic, number, sent, month, mount.peak if mount else 0)
            account.enforce()
        if self._gone:
            gone, self._gone = self._gone, []
            for station_id in {row.station_id for row in gone}:  # one that was deleted loses its own rows only
                self._journal.put(self._store.heard, [row for row in gone if row.station_id == station_id])
        minute = now.replace(second=0, microsecond=0)
        if minute != self._sampled:
            self._sampled = minute
            for one in stations:
                self._journal.put(self._store.counted, [_sample(one, minute)])


def _sample(station: StationAir, at: datetime) -> Minute:
    addresses = {one.guest.address for mount in station.mounts.values() for one in mount.listeners.values()}
    return Minute(station.setup.station.id, at, station.listener_count(), len(addresses))


def _spend(unit: Unit, usage: Usage, account: AccountAir, at: datetime, sent: int, listeners: int) -> int | None:
    listened_ms = listeners * round(FLUSH.total_seconds() * 1000)
    return usage.add_in(unit, account.owner.id, at=at, sent_bytes=sent, listened_ms=listened_ms, listeners=listeners)


def _told(account: AccountAir) -> Callable[[int | None], None]:
    def take(total: int | None) -> None:
        if total is not None:
            account.traffic_bytes = total

    return take


def _channel(unit: Unit, write: Callable[..., None], number: int, sent: int, month: str, peak: int) -> None:
    write(unit, number, sent_bytes=sent, month=month, peak=peak)
