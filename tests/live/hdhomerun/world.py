"""The outputs with a tuner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from polycast.core.clock import SystemClock
from polycast.core.house import Core
from polycast.live.dialects.hdhomerun import app as hdhomerun
from polycast.live.hdhomerun.room import HomeRun
from polycast.live.outputs.room import Outputs
from polycast.live.preferences.profiles import TunerDevices, rows_of_tuner_devices
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from tests.live.outputs.world import FakeTuner, World, outputs_world


@asynccontextmanager
async def tuner_world(tmp_path: Path, *, is_found: bool = False, host: str = "127.0.0.1") -> AsyncIterator[World]:
    """The world for the length of the block; `is_found` opens the ports of discovery."""
    ports: list[int] = []

    def more(core: Core, outputs: Outputs, tuner: FakeTuner) -> tuple[list[Any], list[Any]]:
        room = HomeRun(
            outputs,
            db=core.db,
            registered=TunerDevices(db=core.db, rows=rows_of_tuner_devices(), clock=core.clock),
            preferences=Preferences(db=core.db, store=SettingsStore()),
            tuner=tuner,
            sign=lambda seed: core.tokens.mac(seed, purpose="live.hdhomerun"),
            clock=core.clock,
            host=host,
            port=lambda: ports[0],
            jitter=lambda: 0.0,
        )
        dialect = hdhomerun.dialect(outputs, devices=room.devices, tuner=tuner, identity=core.identity)
        return [dialect], room.daemons() if is_found else []

    async with outputs_world(tmp_path, more=more, clock=SystemClock(), host=host) as world:
        ports.append(int(world.url.rpartition(":")[2]))
        yield world
