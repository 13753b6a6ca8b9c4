"""What the engine keeps of those who listened, and the tokens of those who may."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from polycast.core.errors import NotFound
from polycast.core.storage import Unit, instant_in
from polycast.radio.accounts.model import MB
from polycast.radio.engine.events import TrackMeasured
from polycast.radio.tables import accounts, auth_listeners, minutes, sessions, stations, tracks


def unless_gone(unit: Unit, write: Callable[..., Any], values: Sequence[Any]) -> Any:
    """`write(unit, *values)`. Raises: NotFound, when a row that it refers to was deleted meanwhile."""
    try:
        return write(unit, *values)
    except IntegrityError as error:
        raise NotFound("What it belongs to") from error


class Heard(Struct, frozen=True, kw_only=True):
    """One who has listened."""

    station_id: int
    channel_id: int | None
    address: str
    country: str = ""
    agent: str = ""
    player: str = ""
    referer: str = ""
    at: datetime
    length_ms: int
    sent_bytes: int
    ended: str = ""


class Minute(Struct, frozen=True):
    """How many listened to a station then."""

    station_id: int
    at: datetime
    listeners: int
    unique: int


class Unmeasured(Struct, frozen=True):
    """A track whose loudness nobody knows."""

    id: int
    station_id: int
    account_id: int
    path: str
    length_ms: int


class AudienceStore:
    """Plain methods for units."""

    def heard(self, unit: Unit, rows: Sequence[Heard]) -> None:
        """Add to the log of sessions. A station that is gone meanwhile took its log along."""
        names = list(Heard.__struct_fields__)
        plain = [[instant_in(row.at) if name == "at" else getattr(row, name) for name in names] for row in rows]
        unit.insert_rows(sessions, names, plain)

    def counted(self, unit: Unit, rows: Sequence[Minute]) -> None:
        """A sample of each station."""
        values = [
            {"station_id": row.station_id, "at": row.at, "listeners": row.listeners, "unique_listeners": row.unique}
            for row in rows
        ]
        if values:
            unit.upsert(minutes, values, key=["station_id", "at"], update=["listeners", "unique_listeners"])

    def tokens(self, unit: Unit, station_id: int, *, now: datetime) -> frozenset[bytes]:
        """Hashes of the tokens that open a station's protected channels."""
        table = auth_listeners.c
        query = select(table.token_hash).where(
            table.station_id == station_id,
            table.active.is_(True),
            or_(table.expires_at.is_(None), table.expires_at > now),
        )
        return frozenset(row.token_hash for row in unit.execute(query))

    def room(self, unit: Unit, account_id: int) -> int | None:
        """Bytes that an account may still use on disk; None for any number."""
        table = accounts.c
        row = unit.execute(select(table.limit_du, table.du_bytes).where(table.id == account_id)).first()
        if row is None or not row.limit_du:
            return 0 if row is None else None
        return int(max(0, row.limit_du * MB - row.du_bytes))

    def unmeasured(self, unit: Unit, *, limit: int) -> list[Unmeasured]:
        """Tracks that play and wait to be measured, the newest first."""
        query = (
            select(tracks.c.id, tracks.c.station_id, stations.c.account_id, tracks.c.path, tracks.c.length_ms)
            .join(stations, stations.c.id == tracks.c.station_id)
            .where(tracks.c.loudness_lufs.is_(None), tracks.c.state == "ready", tracks.c.is_remote.is_(False))
            .order_by(tracks.c.id.desc())
            .limit(limit)
        )
        return [Unmeasured(*row) for row in unit.execute(query)]

    def measured(self, unit: Unit, track: Unmeasured, values: Mapping[str, Any]) -> None:
        """What was found; the engine reads it again."""
        unit.execute(update(tracks).where(tracks.c.id == track.id).values(**values))
        unit.publish(TrackMeasured(account_id=track.account_id, station_id=track.station_id, track_id=track.id))

    def clean(self, unit: Unit, *, sessions_before: datetime, minutes_before: datetime, limit: int) -> int:
        """Drop what is older; how many rows of the sessions, at most `limit`."""
        old = select(sessions.c.id).where(sessions.c.at < sessions_before).limit(limit)
        found = [row.id for row in unit.execute(old)]
        if found:
            unit.execute(delete(sessions).where(sessions.c.id.in_(found)))
        unit.execute(delete(minutes).where(minutes.c.at < minutes_before))
        return len(found)
