"""What a station plays next, and why. Pure: the same shelf, memory, draws and times give the same picks."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from polycast.radio.engine.picking import grid, jingling, lists
from polycast.radio.engine.picking.drawing import Draws
from polycast.radio.engine.picking.grid import Occurrence
from polycast.radio.engine.picking.model import Kind, Memory, Pick, Shelf
from polycast.radio.engine.picking.rotating import Rotations
from polycast.radio.stations.programme import Playlist, Rotation

LATE: Final = timedelta(minutes=15)  # how long an event waits for the end of a track
SOON: Final = timedelta(seconds=1)


class Picker:
    """One station's."""

    def __init__(self, shelf: Shelf, memory: Memory, draws: Draws) -> None:
        self.shelf = shelf
        self.memory = memory
        self._draws = draws
        self._rotations = Rotations(shelf, memory, draws)
        self._by_id = {one.id: one for one in shelf.programme.rotations}
        self._playlists = {one.id: one for one in shelf.programme.playlists}

    def after(self, at: datetime) -> Pick:
        """What begins at `at`, when what is on has ended."""
        pick = self._choose(at)
        self._note(pick, at)
        return pick

    def _choose(self, at: datetime) -> Pick:
        memory, shelf = self.memory, self.shelf
        if memory.pending:
            return memory.pending.pop(0)
        occurrence = self.event_at(at)
        rotation = self._rotation_of(occurrence)
        is_ruled = rotation is not None and rotation.type != "weighted"
        jingles_on = occurrence is None or self._allows(occurrence, "jingles")
        if jingles_on and not is_ruled and (scheme := jingling.due(shelf, memory, at)) is not None:
            picks = jingling.played(shelf, memory, self._draws, scheme, at)
            if picks:
                return self._first(picks)
        for queued in shelf.queue:
            if (track := shelf.playable(queued.track_id)) is not None:
                return Pick(kind=Kind.TRACK, why="from the queue", track=track, queued_id=queued.id)
        requests_on = occurrence is None or self._allows(occurrence, "requests")
        if requests_on and not is_ruled and (wish := self._wish()) is not None:
            return wish
        if occurrence is not None and (found := self._of_event(occurrence, rotation, at)) is not None:
            if found:
                return self._first(found)
            if is_ruled:
                return Pick(kind=Kind.SILENCE, why="nothing fits before the next slot")
        return self._by_default(at)

    def _first(self, picks: list[Pick]) -> Pick:
        self.memory.pending += picks[1:]
        return picks[0]

    def _wish(self) -> Pick | None:
        station, memory = self.shelf.station, self.memory
        if not station.requests_enabled or memory.since_request < max(1, station.request_every):
            return None
        for wish in self.shelf.requests:
            track = self.shelf.playable(wish.track_id)
            if track is not None:
                return Pick(kind=Kind.TRACK, why="a listener's wish", track=track, request_id=wish.id)
        return None

    def _by_default(self, at: datetime) -> Pick:
        default = next((one for one in self.shelf.programme.playlists if one.is_default), None)
        if default is not None and (found := self._from(default, at, shuffled=True)) is not None:
            return found
        if self.shelf.station.fallback_file:
            return Pick(kind=Kind.FALLBACK, why="nothing else plays: the fallback file")
        return Pick(kind=Kind.SILENCE, why="there is nothing to play")

    # Events

    def event_at(self, at: datetime) -> Occurrence | None:
        """What the grid says; the playlist of an event begins anew where the event wants it."""
        found = grid.current(self.shelf.programme.grid, at)
        if found is not None and self.memory.started.get(found.event.id) != found.start:
            self.memory.started[found.event.id] = found.start
            event = found.event
            self.memory.pending.clear()
            if event.start_playlist_from_beginning and event.playlist_id is not None and not found.is_after:
                self.memory.orders[event.playlist_id] = 0
                self.memory.bags.pop(event.playlist_id, None)
        return found

    def _allows(self, occurrence: Occurrence, what: str) -> bool:
        event = occurrence.event
        if what == "jingles":
            return event.allow_jingles_after if occurrence.is_after else event.allow_jingles
        return event.allow_song_requests_after if occurrence.is_after else event.allow_song_requests

    def _rotation_of(self, occurrence: Occurrence | None) -> Rotation | None:
        if occurrence is None:
            return None
        event = occurrence.event
        number = event.rotation_after_id if self._is_after(occurrence) else event.rotation_id
        return self._by_id.get(number or 0)

    def _is_after(self, occurrence: Occurrence) -> bool:
        return occurrence.is_after or self.memory.exhausted.get(occurrence.event.id) == occurrence.start

    def _of_event(self, occurrence: Occurrence, rotation: Rotation | None, at: datetime) -> list[Pick] | None:
        """None when the event leaves the choice to others."""
        event = occurrence.event
        if rotation is not None and (event.cast_type == "rotation" or self._is_after(occurrence)):
            return [self._marked(one, event.id) for one in self._rotations.next(rotation, at)]
        if event.cast_type == "relay" and not self._is_after(occurrence):
            return [Pick(kind=Kind.RELAY, why=f"event {event.name}", dj_id=event.dj_id, event_id=event.id)]
        if event.cast_type == "radioshow" and not self._is_after(occurrence):
            if (found := self._of_show(occurrence)) is not None:
                return [found]
            return self._of_event(occurrence, self._by_id.get(event.rotation_after_id or 0), at)
        number = event.playlist_after_id if self._is_after(occurrence) else event.playlist_id
        playlist = self._playlists.get(number or 0)
        found = self._from(playlist, at) if playlist is not None else None
        return None if found is None else [self._marked(found, event.id)]

    def _of_show(self, occurrence: Occurrence) -> Pick | None:
        """In order, once through; then the show is over."""
        event, memory = occurrence.event, self.memory
        playlist = self._playlists.get(event.playlist_id or 0)
        ids = self.shelf.programme.entries.get(event.playlist_id or 0, [])
        index = memory.orders.get(event.playlist_id or 0, playlist.current_order if playlist else 0)
        if event.playlist_id is not None and index < len(ids) and playlist is not None:
            found = lists.in_order(self.shelf, memory, playlist, ids)
            if found is not None:
                if memory.orders[event.playlist_id] == 0:
                    memory.exhausted[event.id] = occurrence.start
                why = f"radio show {event.name}: {found[1]}"
                return Pick(
                    kind=Kind.TRACK,
                    why=why,
                    track=found[0],
                    playlist_id=event.playlist_id,
                    event_id=event.id,
                    until=occurrence.end,
                )
        memory.exhausted[event.id] = occurrence.start
        return None

    def _from(self, playlist: Playlist, at: datetime, *, shuffled: bool | None = None) -> Pick | None:
        found = lists.next_of(self.shelf, self.memory, self._draws, playlist, at, shuffled=shuffled)
        if found is None:
            return None
        why = f"playlist {playlist.name}: {found[1]}"
        return Pick(kind=Kind.TRACK, why=why, track=found[0], playlist_id=playlist.id)

    def _marked(self, pick: Pick, event_id: int) -> Pick:
        fields = {name: getattr(pick, name) for name in Pick.__struct_fields__}
        return Pick(**fields | {"event_id": event_id})

    def relay_at(self, at: datetime) -> int | None:
        """The DJ of the relay that an event puts on air to the second; one that waits for a track's end comes by `after`."""
        found = self.event_at(at)
        is_relay = found is not None and found.event.cast_type == "relay" and found.event.break_track
        return found.event.dj_id if found is not None and is_relay and not self._is_after(found) else None

    # What cannot wait

    def cut(self, first: datetime, last: datetime) -> Pick | None:
        """The first thing after `first` up to `last` that begins to the second, whatever is on then.

        It is noted as played: ask once, and play it or drop it.
        """
        found: list[tuple[datetime, int, object]] = []
        for occurrence in grid.between(self.shelf.programme.grid, first + SOON, last + SOON):
            event = occurrence.event
            if event.break_track and not occurrence.is_after and event.cast_type != "relay":
                found.append((occurrence.start, 0, occurrence))
            elif event.cast_type == "radioshow" and occurrence.is_after:
                continue
        running = self.event_at(first)
        rotation = self._rotation_of(running)
        if rotation is not None and rotation.type == "clock":
            found += [(at, 1, (rotation, item, end)) for at, item, end in self._rotations.cuts(rotation, first, last)]
        ruled = rotation is not None and rotation.type != "weighted"
        if not ruled and (exact := jingling.exact(self.shelf, self.memory, first, last)) is not None:
            found.append((exact[0], 2, exact[1]))
        if not found:
            return None
        at, rank, what = min(found, key=lambda one: one[:2])
        return self._cut_pick(at, rank, what)

    def _cut_pick(self, at: datetime, rank: int, what: object) -> Pick | None:
        mix: int | None = None
        if isinstance(what, Occurrence):
            self.memory.pending.clear()
            pick = self._choose(at)
        elif isinstance(what, tuple):
            rotation, item, end = what
            picks = self._rotations.at_cut(rotation, item, at, end)
            if not picks:
                return None
            self.memory.pending = picks[1:]
            pick = picks[0]
        else:
            scheme = next(one for one in self.shelf.programme.schemes if one is what)
            picks = jingling.played(self.shelf, self.memory, self._draws, scheme, at)
            if not picks:
                return None
            mix = scheme.mix_level or None
            pick = self._first(picks)
        self._note(pick, at)
        fields = {name: getattr(pick, name) for name in Pick.__struct_fields__}
        return Pick(**fields | {"at": at, "mix_level": mix})

    def _note(self, pick: Pick, at: datetime) -> None:
        if pick.kind is not Kind.TRACK or pick.track is None:
            return
        lists.remember(self.memory, pick.track, at)
        self.memory.since_request = 0 if pick.request_id is not None else self.memory.since_request + 1
        for scheme in self.shelf.programme.schemes:
            self.memory.scheme_tracks[scheme.id] = self.memory.scheme_tracks.get(scheme.id, 0) + 1

    def zone(self) -> ZoneInfo:
        """The station's."""
        return ZoneInfo(self.shelf.station.timezone or "UTC")
