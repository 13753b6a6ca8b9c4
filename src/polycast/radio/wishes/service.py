"""What people want to hear, and what was heard."""

from datetime import timedelta

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, NotAllowed, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database, Unit
from polycast.radio.events import QueueChanged
from polycast.radio.library.store import TrackStore
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.model import Played, Track
from polycast.radio.stations.programme import Queued, TrackRequest
from polycast.radio.wishes.store import WINDOW, WishStore


class Blocked(Conflict):
    """Too soon after the last one; `reason` is "track" or "ip"."""


class Wishes:
    """The queue, listeners' requests, the history."""

    def __init__(self, *, db: Database, store: WishStore, tracks: TrackStore, access: Access, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._tracks = tracks
        self._access = access
        self._clock = clock

    async def queued(self, caller: Caller, station_id: int) -> list[tuple[Queued, Track]]:
        """For its owner. Raises: NotFound."""
        return await self._db.read(self._queued, caller, station_id)

    def _queued(self, unit: Unit, caller: Caller, station_id: int) -> list[tuple[Queued, Track]]:
        self._access.own(unit, caller, station_id, write=False)
        rows = self._store.queued(unit, station_id)
        known = self._tracks.many(unit, [row.track_id for row in rows])
        return [(row, known[row.track_id]) for row in rows if row.track_id in known]

    async def enqueue(self, caller: Caller, station_id: int, track_id: int, *, immediately: bool) -> int:
        """Raises: NotFound."""
        return await self._db.write(self._enqueue, caller, station_id, track_id, immediately)

    def _enqueue(self, unit: Unit, caller: Caller, station_id: int, track_id: int, immediately: bool) -> int:
        seen = self._access.own(unit, caller, station_id)
        track = self._tracks.get(unit, track_id)
        if track is None or track.station_id != station_id:
            raise NotFound("The track")
        queued_id = self._store.enqueue(unit, station_id, track_id, immediately=immediately, at=self._clock.now())
        self._changed(unit, seen)
        return queued_id

    async def drop_queued(self, caller: Caller, station_id: int, queued_id: int | None) -> None:
        """One, or all. Raises: NotFound."""
        await self._db.write(self._drop_queued, caller, station_id, queued_id)

    def _drop_queued(self, unit: Unit, caller: Caller, station_id: int, queued_id: int | None) -> None:
        seen = self._access.own(unit, caller, station_id)
        if not self._store.drop_queued(unit, station_id, queued_id) and queued_id is not None:
            raise NotFound("The entry")
        self._changed(unit, seen)

    async def requests(
        self, caller: Caller, station_id: int, *, pending: bool, limit: int, offset: int
    ) -> tuple[list[tuple[TrackRequest, Track]], bool]:
        """The latest first, and whether they are the caller's own to see whole. Raises: NotFound."""
        return await self._db.read(self._requests, caller, station_id, pending, limit, offset)

    def _requests(
        self, unit: Unit, caller: Caller, station_id: int, pending: bool, limit: int, offset: int
    ) -> tuple[list[tuple[TrackRequest, Track]], bool]:
        seen = self._access.see(unit, caller, station_id)
        rows = self._store.requests(unit, station_id, pending=pending, limit=limit, offset=offset)
        known = self._tracks.many(unit, [row.track_id for row in rows])
        shown = [(row, known[row.track_id]) for row in rows if row.track_id in known]
        return [(row, track) for row, track in shown if seen.is_own or row.moderated], seen.is_own

    async def ask(  # a listener's form
        self, caller: Caller, station_id: int, track_id: int, *, person: str, message: str, ip_s: int, track_s: int
    ) -> int:
        """A listener's request; the client may lengthen the station's waits, not shorten them.

        Raises: NotFound; NotAllowed, when the station takes none; Blocked.
        """
        return await self._db.write(self._ask, caller, station_id, track_id, person, message, (ip_s, track_s))

    def _ask(  # a listener's form
        self, unit: Unit, caller: Caller, station_id: int, track_id: int, person: str, message: str,
        waits: tuple[int, int],
    ) -> int:  # fmt: skip
        seen, now = self._access.see(unit, caller, station_id), self._clock.now()
        station, track = seen.station, self._tracks.get(unit, track_id)
        if track is None or track.station_id != station_id or not track.requestable:
            raise NotFound("The track")
        if not station.requests_enabled:
            raise NotAllowed("feature_disabled", "feature_disabled")
        by_track = self._store.last_of_track(unit, track_id)
        if by_track is not None and now - by_track < timedelta(seconds=max(station.request_track_timeout, waits[1])):
            raise Blocked("This track was asked for a while ago.", reason="track")
        by_address = self._store.last_of_address(unit, station_id, caller.address)
        if by_address is not None and now - by_address < timedelta(seconds=max(station.request_ip_timeout, waits[0])):
            raise Blocked("You have asked for a track a while ago.", reason="ip")
        request_id = self._store.add_request(
            unit,
            station_id=station_id,
            track_id=track_id,
            at=now,
            person=person,
            message=message,
            address=caller.address,
            moderated=not station.requests_moderated,
        )
        self._changed(unit, seen)
        return request_id

    async def decide(self, caller: Caller, request_id: int, *, accepted: bool | None) -> None:
        """Accept or refuse a request; None takes it away. Raises: NotFound."""
        await self._db.write(self._decide, caller, request_id, accepted)

    def _decide(self, unit: Unit, caller: Caller, request_id: int, accepted: bool | None) -> None:
        found = self._store.request(unit, request_id)
        if found is None:
            raise NotFound("The request")
        seen = self._access.own(unit, caller, found.station_id)
        if accepted is None:
            self._store.delete_request(unit, request_id)
        else:
            self._store.accept(unit, request_id, accepted=accepted)
        self._changed(unit, seen)

    async def history(self, caller: Caller, station_id: int, *, limit: int, offset: int) -> tuple[list[Played], int]:
        """The latest first, of the public window. Raises: NotFound."""
        return await self._db.read(self._history, caller, station_id, limit, offset)

    def _history(
        self, unit: Unit, caller: Caller, station_id: int, limit: int, offset: int
    ) -> tuple[list[Played], int]:
        self._access.see(unit, caller, station_id)
        most = max(min(limit, WINDOW - offset), 0)
        return self._store.history(unit, station_id, limit=most, offset=offset), self._store.history_count(
            unit, station_id
        )

    async def history_of(self, seen: Seen, *, limit: int) -> tuple[list[Played], int]:
        """As `history`, for a station that was looked up already."""
        return await self._db.read(self._history_of, seen.station.id, limit)

    def _history_of(self, unit: Unit, station_id: int, limit: int) -> tuple[list[Played], int]:
        rows = self._store.history(unit, station_id, limit=limit, offset=0)
        return rows, self._store.history_count(unit, station_id)

    def _changed(self, unit: Unit, seen: Seen) -> None:
        unit.publish(QueueChanged(account_id=seen.account.id, station_id=seen.station.id))
