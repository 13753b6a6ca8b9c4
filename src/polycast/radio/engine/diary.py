"""A station's history: what was heard, since when, for how long, by how many."""

from datetime import datetime
from typing import Any, Final, Protocol

from polycast.core.clock import Clock
from polycast.core.storage import Unit
from polycast.radio.engine.journal import Journal
from polycast.radio.engine.model import Playing
from polycast.radio.engine.picking.model import Kind, Pick
from polycast.radio.engine.station import StationAir
from polycast.radio.stations.model import Played, Track

LIVE: Final = Pick(kind=Kind.RELAY, why="a DJ is on air")


class AirRows(Protocol):
    """Where it is written to."""

    def played(self, unit: Unit, row: Played) -> int: ...
    def ended(self, unit: Unit, history_id: int, *, length_ms: int) -> None: ...
    def swayed(self, unit: Unit, track_id: int, *, up: int, down: int) -> None: ...
    def broken(self, unit: Unit, track_id: int) -> None: ...
    def took_queued(self, unit: Unit, queued_id: int) -> None: ...
    def took_request(self, unit: Unit, request_id: int, *, track_id: int, at: datetime) -> None: ...
    def playlist_at(self, unit: Unit, playlist_id: int, *, order: int) -> None: ...
    def dj_connected(self, unit: Unit, dj_id: int, *, at: datetime) -> None: ...
    def dj_left(self, unit: Unit, dj_id: int, *, at: datetime) -> None: ...
    def channel_traffic(self, unit: Unit, channel_id: int, *, sent_bytes: int, month: str, peak: int) -> None: ...


class StationDiary:
    """Notes for one station; rows are written in the background."""

    def __init__(self, *, journal: Journal, rows: AirRows, clock: Clock, station: StationAir) -> None:
        self._journal = journal
        self._rows = rows
        self._clock = clock
        self._station = station
        self._live_row: Playing | None = None
        self.on_took: bool = False  # the queue or the requests are others now
        self.relay_dj: int | None = None

    def began(self, playing: Playing) -> None:
        """It is on."""
        pick, at = playing.pick, playing.began_at or self._clock.now()
        if pick.queued_id is not None:
            self._journal.put(self._rows.took_queued, pick.queued_id)
            self.on_took = True
        if pick.request_id is not None and pick.track is not None:
            self._journal.put(_took, self._rows, pick.request_id, pick.track.id, at)
            self.on_took = True
        row = self._row(playing, at)

        def noted(number: int) -> None:
            playing.history_id = number

        self._journal.put(self._rows.played, row, then=noted)

    def _row(self, playing: Playing, at: datetime) -> Played:
        pick, setup = playing.pick, self._station.setup
        track = pick.track
        length_ms = round(playing.length_s * 1000)
        common: dict[str, Any] = {
            "station_id": setup.station.id,
            "at": at,
            "metadata": playing.text,
            "length_ms": length_ms,
            "n_listeners": playing.listeners,
            "jingle_id": pick.jingle.id if pick.jingle is not None else None,
            "is_request": pick.request_id is not None,
            "why": pick.why,
        }
        if track is None:
            return Played(**common, title=pick.jingle.name if pick.jingle is not None else "")
        words: tuple[str, ...] = (
            "author",
            "author_other",
            "title",
            "album",
            "genre",
            "year",
            "comment",
            "performance_type",
        )
        words += ("composer", "lyricist", "publisher", "label", "isrc", "image")
        return Played(**common, **{name: getattr(track, name) for name in words}, track_id=track.id)

    def ended(self, playing: Playing, seconds: float) -> None:
        """It is over, after so long."""
        if playing.began_at is None:
            return
        self._journal.put(_length, self._rows, playing, round(seconds * 1000))
        track = playing.pick.track
        change = self._station.listener_count() - playing.listeners
        if track is not None and change and playing.pick.kind is Kind.TRACK:
            self._journal.put(_swayed, self._rows, track.id, max(0, change), max(0, -change))

    def broken(self, track: Track) -> None:
        """It does not play."""
        if not track.is_remote:
            self._journal.put(self._rows.broken, track.id)

    def relayed(self, dj_id: int | None) -> None:
        self.relay_dj = dj_id

    def live(self, dj_id: int | None) -> None:
        """A DJ's title is heard from now on; None: no DJ's."""
        now = self._clock.now()
        if self._live_row is not None and dj_id is not None and self._live_row.text == self._station.title.text:
            return
        if self._live_row is not None and self._live_row.began_at is not None:
            seconds = (now - self._live_row.began_at).total_seconds()
            self._journal.put(_length, self._rows, self._live_row, round(seconds * 1000))
            self._live_row = None
        dj = self._station.dj(dj_id) if dj_id is not None else None
        if dj is None:
            return
        text = self._station.title.text
        author, dash, title = text.partition(" - ")
        row = Played(
            station_id=self._station.setup.station.id,
            at=now,
            metadata=text,
            author=author if dash else "",
            title=title if dash else text,
            dj_name=dj.name,
            n_listeners=self._station.listener_count(),
            why=f"DJ {dj.name} is on air",
        )
        playing = Playing(id=0, pick=LIVE, text=text, began_at=now)
        self._live_row = playing

        def noted(number: int) -> None:
            playing.history_id = number

        self._journal.put(self._rows.played, row, then=noted)

    def connected(self, dj_id: int) -> None:
        self._journal.put(_connected, self._rows, dj_id, self._clock.now())

    def left(self, dj_id: int) -> None:
        self._journal.put(_left, self._rows, dj_id, self._clock.now())


def _took(unit: Unit, rows: AirRows, request_id: int, track_id: int, at: datetime) -> None:
    rows.took_request(unit, request_id, track_id=track_id, at=at)


def _length(unit: Unit, rows: AirRows, playing: Playing, length_ms: int) -> None:
    if playing.history_id is not None:  # written by now: entries are written in order
        rows.ended(unit, playing.history_id, length_ms=length_ms)


def _swayed(unit: Unit, rows: AirRows, track_id: int, up: int, down: int) -> None:
    rows.swayed(unit, track_id, up=up, down=down)


def _connected(unit: Unit, rows: AirRows, dj_id: int, at: datetime) -> None:
    rows.dj_connected(unit, dj_id, at=at)


def _left(unit: Unit, rows: AirRows, dj_id: int, at: datetime) -> None:
    rows.dj_left(unit, dj_id, at=at)
