"""What panels and public pages see of the engine."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.radio.engine.model import title_of
from polycast.radio.engine.picking.drawing import Draws
from polycast.radio.engine.picking.grid import between
from polycast.radio.engine.picking.model import Kind, Memory, Pick
from polycast.radio.engine.picking.picker import Picker
from polycast.radio.engine.running_station import OnAirStation
from polycast.radio.engine.service import Engine
from polycast.radio.ports import ChannelLoad, DjState, OnAir, Planned, Session

FORECAST_MOST: Final = 600
GAP: Final = timedelta(seconds=30)  # after which a programme without anything to play is asked again
HOURS_MOST: Final = 48


class Airing:
    """Reads from memory."""

    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def _of(self, station_id: int) -> OnAirStation | None:
        return self._engine.stations.get(station_id)

    def on_air(self, station_id: int) -> OnAir:
        one = self._of(station_id)
        if one is None:
            return OnAir(station_id=station_id, state=0)
        air, playing, ahead = one.air, one.runner.conductor.on, one.runner.conductor.ahead
        if air.on_air_dj is not None:
            return OnAir(
                station_id=station_id,
                state=air.state,
                metadata=air.title.text,
                started_at=air.titled_at,
                dj_id=air.on_air_dj,
                live_since=air.lives[air.on_air_dj].since if air.on_air_dj in air.lives else None,
            )
        if playing is None:
            return OnAir(station_id=station_id, state=air.state, metadata=air.title.text)
        pick, names = playing.pick, self._playlists(station_id)
        following = ahead.pick if ahead is not None else None
        ends_at = playing.began_at + timedelta(seconds=playing.length_s) if playing.began_at is not None else None
        return OnAir(
            station_id=station_id,
            state=air.state,
            metadata=playing.text,
            started_at=playing.began_at,
            length_ms=round(playing.length_s * 1000),
            track_id=pick.track.id if pick.track is not None else None,
            playlist_id=pick.playlist_id,
            playlist_title=names(pick.playlist_id),
            is_request=pick.request_id is not None,
            next_track_id=following.track.id if following is not None and following.track is not None else None,
            next_at=(following.at or ends_at) if following is not None else None,
            next_playlist_title=names(following.playlist_id) if following is not None else "",
        )

    def _playlists(self, station_id: int) -> Callable[[int | None], str]:
        shelf = self._engine.shelves.kept(station_id)
        names = {one.id: one.name for one in shelf.programme.playlists} if shelf is not None else {}
        return lambda number: names.get(number or 0, "")

    def load(self, channel_id: int) -> ChannelLoad:
        for one in self._engine.stations.values():
            mount = one.air.mounts.get(channel_id)
            if mount is not None:
                addresses = {listener.guest.address for listener in mount.listeners.values()}
                state = 0 if not one.air.setup.may_run else 2 if mount.has_source else 1
                if mount.spec.id in self._taken_channels(one):
                    state = 0
                return ChannelLoad(
                    channel_id=channel_id,
                    state=state,
                    listeners=len(mount.listeners),
                    unique=len(addresses),
                    peak=mount.peak,
                    hls_listeners=self._engine.segments.listeners(channel_id),
                )
        return ChannelLoad(channel_id=channel_id, state=0)

    def _taken_channels(self, one: OnAirStation) -> set[int]:
        taken = self._engine.keeper.taken
        return {channel.id for channel in one.air.setup.channels if channel.port in taken}

    def djs(self, station_id: int) -> list[DjState]:
        one = self._of(station_id)
        lives: Mapping[int, object] = one.air.lives if one is not None else {}
        on_air = one.air.on_air_dj if one is not None else None
        return [DjState(dj_id=number, connected=True, on_air=number == on_air) for number in lives]

    def sessions(self, station_id: int) -> list[Session]:
        one = self._of(station_id)
        if one is None:
            return []
        found = [listener for mount in one.air.mounts.values() for listener in mount.listeners.values()]
        return [self._engine.audience.session(listener) for listener in sorted(found, key=lambda each: each.id)]

    def listeners(self, account_id: int | None = None) -> int:
        accounts = self._engine.accounts
        return sum(one.count() for number, one in accounts.items() if account_id in (None, number))

    async def forecast(self, station_id: int, *, hours: int) -> list[Planned]:
        one = self._of(station_id)
        shelf = await self._engine.shelves.of(station_id)
        if shelf is None:
            return []
        conductor = one.runner.conductor if one is not None else None
        picker = Picker(shelf, deepcopy(conductor.memory()) if conductor is not None else _fresh(), Draws("forecast"))
        now = self._clock.now()
        at = now
        if conductor is not None and conductor.on is not None and conductor.on.began_at is not None:
            at = max(now, conductor.on.began_at + timedelta(seconds=conductor.on.length_s))
        return simulate(picker, at, now + timedelta(hours=min(max(hours, 1), HOURS_MOST)))


def _fresh() -> Memory:
    return Memory()


def simulate(picker: Picker, at: datetime, until: datetime) -> list[Planned]:
    """What would be on from `at` on, in order; pure. What cuts in ends what is on."""
    shelf = picker.shelf
    names = {one.id: one.name for one in shelf.programme.playlists}
    planned = [
        Planned(at=one.start, kind="event", title=one.event.name, why="the schedule")
        for one in between(shelf.programme.grid, at, until)
        if not one.is_after
    ]

    def plan(pick: Pick, when: datetime) -> None:
        planned.append(
            Planned(
                at=when,
                kind="jingle" if pick.kind is Kind.JINGLE else "track",
                title=title_of(shelf.station, pick),
                length_ms=round(pick.length.total_seconds() * 1000),
                track_id=pick.track.id if pick.track is not None else None,
                playlist_title=names.get(pick.playlist_id or 0, ""),
                why=pick.why,
            )
        )

    while at < until and len(planned) < FORECAST_MOST:
        pick = picker.after(at)
        silent = pick.kind in (Kind.SILENCE, Kind.RELAY)
        if not silent:
            plan(pick, at)
        end = at + (GAP if silent else pick.length)
        seen = at
        while (cut := picker.cut(seen, end)) is not None and cut.at is not None:
            plan(cut, cut.at)
            seen = cut.at
            if cut.mix_level is None:
                end = cut.at + cut.length
        at = end
    return sorted(planned, key=lambda one: one.at)
