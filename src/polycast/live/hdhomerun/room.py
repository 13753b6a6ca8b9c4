"""The tuner, built: its devices for the dialect, its daemons and its health for the module."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Final

from polycast.core.clock import Clock
from polycast.core.module import Daemon, HealthLine
from polycast.core.net import Taken
from polycast.core.storage import Database
from polycast.live.hdhomerun.control import Control
from polycast.live.hdhomerun.devices import Devices, Face, Sign
from polycast.live.hdhomerun.discovery import Discovery
from polycast.live.hdhomerun.model import Device
from polycast.live.hdhomerun.ssdp import ANYWHERE, Ssdp
from polycast.live.outputs.ports import Tuner
from polycast.live.outputs.room import Outputs
from polycast.live.preferences.profiles import TunerDevices
from polycast.live.preferences.service import Preferences

HELD: Final = "another program on this machine holds its port; players will not find this tuner by themselves"
AGAIN: Final = timedelta(minutes=1)  # a port that was taken may be free then
LOCAL: Final[Mapping[str, str]] = {"localhost": "127.0.0.1", "": ANYWHERE, "::": ANYWHERE}
Run = Callable[[], Awaitable[None]]


class HomeRun:
    """The tuner that other programs find. `host` and `port` are those the server answers HTTP on."""

    def __init__(
        self, outputs: Outputs, *, db: Database, registered: TunerDevices, preferences: Preferences, tuner: Tuner,
        sign: Sign, clock: Clock, host: str, port: Callable[[], int], jitter: Callable[[], float],
    ) -> None:  # fmt: skip
        self.devices = Devices(
            db=db,
            store=outputs.store,
            lineups=outputs.lineups,
            capacity=outputs.capacity,
            registered=registered,
            preferences=preferences,
            tuner=tuner,
            sign=sign,
        )
        self._clock = clock
        self._taken: dict[str, str] = {}
        self._host = _ipv4(host)
        where = self._host or ANYWHERE
        self._runs: Mapping[str, Run] = {
            "live.hdhomerun_discovery": Discovery(who=self._plain, clock=clock, host=where, port=port).run,
            "live.hdhomerun_control": Control(who=self._plain, busy=self.devices.busy, host=where).run,
            "live.hdhomerun_ssdp": Ssdp(who=self._plain, clock=clock, host=where, port=port, jitter=jitter).run,
        }

    def daemons(self) -> list[Daemon]:
        """What makes the tuner be found; nothing on an address that is no IPv4 one."""
        if self._host is None:
            return []
        return [Daemon(name=name, run=self._patient(name, run), everywhere=True) for name, run in self._runs.items()]

    async def health(self) -> list[HealthLine]:
        """A line for each port that others hold."""
        return [HealthLine(name=name, ok=False, text=why) for name, why in self._taken.items()]

    def _patient(self, name: str, run: Run) -> Callable[[], Awaitable[None]]:
        async def keep() -> None:
            while True:
                try:
                    await run()
                except Taken:
                    self._taken[name] = HELD
                await self._clock.sleep(AGAIN)
                self._taken.pop(name, None)

        return keep

    async def _plain(self) -> Device:
        return await self.devices.device(Face())


def _ipv4(host: str) -> str | None:
    known = LOCAL.get(host.lower(), host)
    try:
        return str(IPv4Address(known))
    except ValueError:
        return None
