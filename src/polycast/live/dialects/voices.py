"""The dialects of live TV, each given the rooms it speaks for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from polycast.core.house import Core
from polycast.core.http.own import own_dialect
from polycast.core.module import Daemon, Dialect, HealthLine
from polycast.core.net import jitter
from polycast.live.building import Rooms
from polycast.live.dialects.hdhomerun import app as hdhomerun
from polycast.live.dialects.playlists import app as playlists
from polycast.live.dialects.polycast import channels as own_channels
from polycast.live.dialects.polycast import guide as own_guide
from polycast.live.dialects.polycast import match, on_air, outputs, play, sessions, sources
from polycast.live.dialects.polycast.rooms import services_of
from polycast.live.dialects.rest import app as rest
from polycast.live.dialects.rest import (
    channels,
    channels_actions,
    channels_guide,
    channels_match,
    clients,
    epg,
    groups,
    logos,
    profiles,
    streams,
)
from polycast.live.dialects.streams.app import streams_dialect
from polycast.live.dialects.streams.tuner import RelayTuner
from polycast.live.dialects.ws.app import ws_dialect
from polycast.live.dialects.xtream import app as xtream
from polycast.live.hdhomerun.room import HomeRun
from polycast.live.preferences.profiles import TunerDevices, rows_of_tuner_devices
from polycast.live.relay.store import RelayStore
from polycast.live.settings import LiveSettings

REST_PARTS: Final = (
    channels,
    channels_actions,
    channels_guide,
    channels_match,
    groups,
    logos,
    profiles,
    streams,
    epg,
    clients,
)
OWN_PARTS: Final = (on_air, own_channels, own_guide, match, outputs, play, sessions, sources)


class Voices:
    """Everything by which live TV is reached. `documents` is the folder that `polycast openapi` writes to."""

    def __init__(self, core: Core, rooms: Rooms, documents: Path) -> None:
        self._core = core
        self._rooms = rooms
        self._documents = documents
        self._tuner = RelayTuner(rooms.relay.relays)
        self._home_run = _home_run(core, rooms, self._tuner)

    def dialects(self) -> Sequence[Dialect]:
        """One for each API that clients know."""
        core, rooms = self._core, self._rooms
        access, people, given = rooms.outputs.access, rooms.people, rooms.outputs
        identity, clock = core.identity, core.clock
        return [
            self._rest(),
            self._own(),
            ws_dialect(events=core.events, queue=core.queue, clock=clock, identity=identity, networks=access),
            playlists.dialect(given, people=people, identity=identity),
            xtream.dialect(given, people=people, tuner=self._tuner, clock=clock, identity=identity),
            hdhomerun.dialect(given, devices=self._home_run.devices, tuner=self._tuner, identity=identity),
            self._streams(),
        ]

    def daemons(self) -> list[Daemon]:
        """What makes the tuner be found, unless that is switched off."""
        return self._home_run.daemons() if self._core.settings.of(LiveSettings).discovery else []

    async def health(self) -> list[HealthLine]:
        """A line for each port of discovery that others hold."""
        return await self._home_run.health()

    def _streams(self) -> Dialect:
        core, relay = self._core, self._rooms.relay
        networks = self._rooms.outputs.access
        return streams_dialect(
            relay.relays, relay.peers, identity=core.identity, networks=networks, clock=core.clock, node=core.node
        )

    def _rest(self) -> Dialect:
        core, rooms = self._core, self._rooms
        own = rest.rest_rooms(
            core,
            preferences=rooms.preferences,
            people=rooms.people,
            sources=rooms.sources,
            sync=rooms.lineup.sync,
            system_events=rooms.relay.events,
            viewers=rooms.relay.slots,
        )
        services: dict[str, object] = {
            "lineup": rooms.lineup,
            "guide": rooms.guide,
            "clients": rooms.relay.clients,
            "relays": rooms.relay.relays,
        }
        return rest.rest_dialect(
            own,
            identity=core.identity,
            networks=rooms.outputs.access,
            routes=[route for part in REST_PARTS for route in part.routes()],
            services=services,
            document=self._documents / rest.FILE,
        )

    def _own(self) -> Dialect:
        core, rooms = self._core, self._rooms
        services = services_of(
            core, sources=rooms.sources, guide=rooms.guide, lineups=rooms.outputs.lineups, streams=RelayStore()
        ) | {
            "lineup": rooms.lineup,
            "guide": rooms.guide,
            "relays": rooms.relay.relays,
            "clock": core.clock,
            "outputs": rooms.outputs,
        }
        routes = [route for part in OWN_PARTS for route in part.routes()]
        return own_dialect("live", title="Polycast live TV", identity=core.identity, routes=routes, services=services)


def _home_run(core: Core, rooms: Rooms, tuner: RelayTuner) -> HomeRun:
    settings = core.settings.core
    return HomeRun(
        rooms.outputs,
        db=core.db,
        registered=TunerDevices(db=core.db, rows=rows_of_tuner_devices(), clock=core.clock),
        preferences=rooms.preferences,
        tuner=tuner,
        sign=lambda seed: core.tokens.mac(seed, purpose="live.hdhomerun"),
        clock=core.clock,
        host=settings.host,
        port=lambda: settings.port,
        jitter=jitter,
    )
