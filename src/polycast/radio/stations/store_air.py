"""What the engine writes: what was played, who came and went, how far a playlist is."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from polycast.core.storage import Unit
from polycast.radio.stations.model import Played
from polycast.radio.tables import channels, djs, history, playlists, queue, requests, tracks

SHOWN = 1000  # characters of a title that are kept


class AirStore:
    """Plain methods for the engine's units: they join bigger transactions."""

    def played(self, unit: Unit, row: Played) -> int:
        """Add to the history; its key. A library track is marked as played."""
        values: dict[str, Any] = {name: getattr(row, name) for name in Played.__struct_fields__ if name != "id"}
        values["metadata"] = row.metadata[:SHOWN]
        if row.track_id is not None:
            unit.execute(update(tracks).where(tracks.c.id == row.track_id).values(played_at=row.at))
        return unit.insert(history, **values)

    def ended(self, unit: Unit, history_id: int, *, length_ms: int) -> None:
        """How long it really was: a live title, a track that was cut."""
        unit.execute(update(history).where(history.c.id == history_id).values(length_ms=length_ms))

    def swayed(self, unit: Unit, track_id: int, *, up: int, down: int) -> None:
        """Listeners that came and went while a track played."""
        values = {"auto_up": tracks.c.auto_up + up, "auto_down": tracks.c.auto_down + down}
        unit.execute(update(tracks).where(tracks.c.id == track_id).values(**values))

    def broken(self, unit: Unit, track_id: int) -> None:
        """A file that cannot be decoded is played no more."""
        unit.execute(update(tracks).where(tracks.c.id == track_id).values(state="broken"))

    def took_queued(self, unit: Unit, queued_id: int) -> None:
        unit.execute(delete(queue).where(queue.c.id == queued_id))

    def took_request(self, unit: Unit, request_id: int, *, track_id: int, at: datetime) -> None:
        """A listener's wish is on air."""
        unit.execute(update(requests).where(requests.c.id == request_id).values(played_at=at))
        number = tracks.c.requests_number + 1
        unit.execute(update(tracks).where(tracks.c.id == track_id).values(requests_number=number))

    def playlist_at(self, unit: Unit, playlist_id: int, *, order: int) -> None:
        """Where a playlist goes on after a restart."""
        unit.execute(update(playlists).where(playlists.c.id == playlist_id).values(current_order=order))

    def dj_connected(self, unit: Unit, dj_id: int, *, at: datetime) -> None:
        unit.execute(update(djs).where(djs.c.id == dj_id).values(dt_connect=at))

    def dj_left(self, unit: Unit, dj_id: int, *, at: datetime) -> None:
        unit.execute(update(djs).where(djs.c.id == dj_id).values(dt_disconnect=at))

    def channel_traffic(self, unit: Unit, channel_id: int, *, sent_bytes: int, month: str, peak: int) -> None:
        """Bytes sent since the last flush; a new month starts from nothing."""
        table = channels.c
        unit.execute(
            update(channels)
            .where(table.id == channel_id, table.traffic_month != month)
            .values(traffic_month=month, traffic_month_bytes=0)
        )
        added = {
            "traffic_bytes": table.traffic_bytes + sent_bytes,
            "traffic_month_bytes": table.traffic_month_bytes + sent_bytes,
        }
        unit.execute(update(channels).where(table.id == channel_id).values(**added))
        unit.execute(
            update(channels).where(table.id == channel_id, table.listeners_peak < peak).values(listeners_peak=peak)
        )
