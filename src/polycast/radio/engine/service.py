"""The engine: every account and station on air, kept as their rows say."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.ids import Ids
from polycast.core.net import Net
from polycast.core.processes import Processes
from polycast.core.storage import Database
from polycast.radio.edge.door import Door
from polycast.radio.edge.listener import Listener
from polycast.radio.edge.model import Guest
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.office import Office
from polycast.radio.edge.ports import Place
from polycast.radio.engine.account import AccountAir
from polycast.radio.engine.audience import FLUSH, Audience
from polycast.radio.engine.conducting import Conductor
from polycast.radio.engine.diary import StationDiary
from polycast.radio.engine.fetching import Fetching
from polycast.radio.engine.files import Files
from polycast.radio.engine.guarding import guarded
from polycast.radio.engine.journal import Journal
from polycast.radio.engine.keeping import Keeper
from polycast.radio.engine.model import Teller
from polycast.radio.engine.noting import Noting
from polycast.radio.engine.passwords import Turnstile
from polycast.radio.engine.places import ChannelPlace, DjPlace
from polycast.radio.engine.players import Players, open_players
from polycast.radio.engine.ports import Geo, Tokens, Usage
from polycast.radio.engine.relaying import Relaying
from polycast.radio.engine.restreaming import Restreaming
from polycast.radio.engine.running import Runner
from polycast.radio.engine.running_station import OnAirStation
from polycast.radio.engine.segments import Segments
from polycast.radio.engine.shelves import Shelves
from polycast.radio.engine.station import StationAir
from polycast.radio.engine.store import AudienceStore
from polycast.radio.engine.taping import Tapes
from polycast.radio.stations.model import StationSetup
from polycast.radio.stations.service import Setups

TICK: Final = timedelta(milliseconds=200)
COUNT: Final = timedelta(seconds=1)
LOOK: Final = timedelta(seconds=30)  # an event may be lost
BOOT_PAUSE: Final = timedelta(milliseconds=50)  # between two stations at the start

log = logging.getLogger("polycast.radio")


class House(Struct, frozen=True, kw_only=True):
    """What the engine is given."""

    setups: Setups
    db: Database
    usage: Usage
    audience: AudienceStore
    tokens: Tokens
    geo: Geo
    clock: Clock
    ids: Ids
    teller: Teller
    net: Net
    processes: Processes
    allowed: Callable[[], tuple[str, ...]]  # private hosts that relays may be on
    host: str
    contact: str = ""


class Engine:
    """Runs in the web process. Others ask it through `engine.air.Airing`."""

    def __init__(self, house: House, *, own: Callable[[list[int]], None]) -> None:
        clock = house.clock
        self.house = house
        self.accounts: dict[int, AccountAir] = {}
        self.stations: dict[int, OnAirStation] = {}
        self.journal = Journal(db=house.db)
        self.shelves = Shelves(house.setups)
        self.audience = Audience(
            journal=self.journal,
            store=house.audience,
            usage=house.usage,
            traffic=house.setups.air.channel_traffic,
            geo=house.geo,
            clock=clock,
        )
        self.office = Office(now=clock.now, gone=self._left, intro=_no_intro, contact=house.contact)
        self.door = Door(self.office)
        self.keeper = Keeper(host=house.host, door=self.door, own=own, clock=self._monotonic)
        self.turnstile = Turnstile(house.tokens, clock=self._monotonic)
        self.segments = Segments(clock=self._monotonic)
        self.tapes = Tapes(setups=house.setups, room=self._room, clock=clock)
        self.notes = Noting(self.stations, teller=house.teller, tapes=self.tapes, shelves=self.shelves)
        self._pokes: asyncio.Queue[int] = asyncio.Queue()
        self._players: Players | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._flushed = self._counted = timedelta()
        self.is_up = asyncio.Event()
        self._is_settled = asyncio.Event()
        self._is_settled.set()

    async def _room(self, account_id: int) -> int | None:
        return await self.house.db.read(self.house.audience.room, account_id)

    def _monotonic(self) -> float:
        return self.house.clock.monotonic().total_seconds()

    # Running

    async def run(self) -> None:
        """Until cancelled: every station whose account may, is on air."""
        try:
            async with open_players() as players, asyncio.TaskGroup() as tasks:
                self._players, self._tasks = players, tasks
                clock = self.house.clock
                tasks.create_task(guarded(self.journal.run, clock=clock, what="the journal"))
                tasks.create_task(guarded(self._tick, clock=clock, what="the pace"))
                tasks.create_task(guarded(self.tapes.run, clock=clock, what="recording"))
                await self._begin()
                self.is_up.set()
                tasks.create_task(guarded(self._follow, clock=clock, what="following the rows"))
        finally:
            self.is_up.clear()
            self.keeper.close()
            for one in self.stations.values():
                one.air.close()
            for connection in list(self.door.connections):
                connection.hang_up()
            self.stations.clear()
            self.accounts.clear()

    async def _begin(self) -> None:
        for setup in await self.house.setups.all():
            await self._take(setup)
            if setup.may_run:
                await self.house.clock.sleep(BOOT_PAUSE)
        await self._keep_ports()

    async def _tick(self) -> None:
        while True:
            for one in self.stations.values():
                for mount in one.air.mounts.values():
                    mount.tick()
            now = self.house.clock.monotonic()
            if now - self._counted >= COUNT:
                self._counted = now
                self.notes.counts()
            if now - self._flushed >= FLUSH:
                self._flushed = now
                self.segments.tidy()
                self.audience.flush(self.accounts.values(), (one.air for one in self.stations.values()))
            await self.house.clock.sleep(TICK)

    async def _follow(self) -> None:
        """Bring accounts up to date when they are poked, and all when nothing has happened for a while."""
        while True:
            wanted: set[int] = set()
            try:
                async with asyncio.timeout(LOOK.total_seconds()):
                    wanted.add(await self._pokes.get())
            except TimeoutError:
                wanted |= set(self.accounts)
            while not self._pokes.empty():
                wanted.add(self._pokes.get_nowait())
            for account_id in wanted:
                await self._refresh(account_id)
            await self._keep_ports()
            if self._pokes.empty():
                self._is_settled.set()

    def poke(self, account_id: int) -> None:
        """Something about the account has changed."""
        self._is_settled.clear()
        self._pokes.put_nowait(account_id)

    async def settled(self) -> None:
        """Return once everything that it was told is so."""
        await self.is_up.wait()
        await self._is_settled.wait()

    def hush(self, account_id: int) -> None:
        """The account is silent from this moment; its rows say so already."""
        for one in self.stations.values():
            if one.air.setup.owner.id == account_id:
                self._stop(one, "suspended")
        self.poke(account_id)

    async def _refresh(self, account_id: int) -> None:
        setups = await self.house.setups.of_account(account_id)
        there = {one.station.id for one in setups}
        for number, one in list(self.stations.items()):
            if one.air.setup.owner.id == account_id and number not in there:
                self._stop(one, "station gone")
                one.air.close()
                del self.stations[number]
        for setup in setups:
            await self._take(setup)
        if not setups:
            self.accounts.pop(account_id, None)

    async def _take(self, setup: StationSetup) -> None:
        """Make a station what its setup says."""
        account = self.accounts.get(setup.owner.id)
        if account is None:
            account = self.accounts[setup.owner.id] = AccountAir(
                setup.owner, geo=self.house.geo, elsewhere=self.segments.listeners
            )
        else:
            account.configure(setup.owner)
        number = setup.station.id
        one = self.stations.get(number)
        if one is None:
            one = self._make(setup, account)
            self.stations[number] = one
        elif one.air.setup != setup:
            self.shelves.forget(number)
            one.air.configure(setup)
            one.runner.reconfigure()
        if any(channel.allow_auth_listeners_only for channel in setup.channels):
            one.tokens = await self.house.db.read(self.house.audience.tokens, number, now=self.house.clock.now())
        one.places = self._places(one)
        if one.air.needs_player and one.task is None:
            self._start(one)
        elif not one.air.needs_player:
            self._stop(one, "stopped")

    def _make(self, setup: StationSetup, account: AccountAir) -> OnAirStation:
        house, number = self.house, setup.station.id

        def admits(token: str) -> bool:
            found = self.stations.get(number)
            return found is not None and house.tokens.hash(token) in found.tokens

        air = StationAir(setup, account, clock=house.clock, notes=self.notes, tokens=admits)
        diary = StationDiary(journal=self.journal, rows=house.setups.air, clock=house.clock, station=air)
        files = Files(
            folder=house.setups.folder(setup.owner.id),
            media=house.setups.media(setup.owner.id, number),
            remote=Fetching(
                station_id=number, folder=house.setups.cache(number), net=house.net, allowed=house.allowed
            ).path,
        )
        conductor = Conductor(
            station_id=number,
            shelves=self.shelves,
            files=files,
            diary=diary,
            clock=house.clock,
            seed=house.ids.nanoid(),
        )
        if self._players is None:
            raise RuntimeError("the engine does not run")
        runner = Runner(air, conductor, players=self._players, clock=house.clock, notes=self.notes)
        relaying = Relaying(air, net=house.net, clock=house.clock, wanted=lambda: diary.relay_dj, allowed=house.allowed)
        restreaming = Restreaming(
            air, net=house.net, processes=house.processes, clock=house.clock, allowed=house.allowed
        )
        return OnAirStation(air=air, runner=runner, diary=diary, relaying=relaying, restreaming=restreaming)

    def _start(self, one: OnAirStation) -> None:
        if self._tasks is not None:
            number, clock = one.air.setup.station.id, self.house.clock
            one.task = self._tasks.create_task(guarded(one.runner.run, clock=clock, what=f"station {number}"))
            relays = guarded(one.relaying.run, clock=clock, what=f"relays of station {number}")
            one.relay_task = self._tasks.create_task(relays)
            outputs = guarded(one.restreaming.run, clock=clock, what=f"restreams of station {number}")
            one.restream_task = self._tasks.create_task(outputs)

    def _stop(self, one: OnAirStation, why: str) -> None:
        for task in (one.task, one.relay_task, one.restream_task):
            if task is not None:
                task.cancel()
        one.task = one.relay_task = one.restream_task = None
        one.air.silence(why)
        one.places = {}

    def _places(self, one: OnAirStation) -> dict[int, Place]:
        """What is to be behind which port; those that stay the same keep their place, and their connections."""
        air = one.air
        if not air.setup.may_run:
            return {}
        found: dict[int, Place] = {}
        for channel in air.setup.channels:
            if channel.active and not channel.is_paused and channel.port:
                known = one.places.get(channel.port)
                found[channel.port] = (
                    known if isinstance(known, ChannelPlace) else ChannelPlace(air, channel.port, self.turnstile)
                )
        for dj in air.setup.djs:
            if dj.active and dj.port and dj.cat in ("real", "ws"):
                known = one.places.get(dj.port)
                is_same = isinstance(known, DjPlace) and known.dj_id == dj.id
                found[dj.port] = known if known is not None and is_same else DjPlace(air, dj.id, self.turnstile)
        return found

    async def _keep_ports(self) -> None:
        wanted = {port: place for one in self.stations.values() for port, place in one.places.items()}
        before = set(self.keeper.taken)
        await self.keeper.keep(wanted)
        for port in set(self.keeper.taken) - before:
            owner = next((one for one in self.stations.values() if port in one.places or port - 1 in one.places), None)
            if owner is not None:
                self.notes.down(owner.air, f"port {port} is held by another program")

    # What others say

    def replan(self, station_id: int) -> None:
        """Tracks, playlists, the grid or jingles are others."""
        self.shelves.forget(station_id)
        if (one := self.stations.get(station_id)) is not None:
            one.runner.replan()

    def wish(self, station_id: int) -> None:
        """The queue or the requests are others."""
        self.shelves.forget_wishes(station_id)
        if (one := self.stations.get(station_id)) is not None:
            one.runner.replan()

    def tell(self, station_id: int, what: str, target_id: int) -> None:
        """Something to do now: "skip", "restart", "disconnect_dj", "kick"."""
        one = self.stations.get(station_id)
        if one is None:
            return
        if what == "skip":
            one.runner.skip()
        elif what == "restart":
            one.runner.restart()
        elif what == "disconnect_dj":
            one.air.cut_dj(target_id, "disconnected")
        elif what == "kick":
            for mount in one.air.mounts.values():
                if (listener := mount.listeners.get(target_id)) is not None:
                    listener.end("kicked")
                    return

    # What stations note

    def _left(self, listener: Listener, why: str) -> None:
        self.audience.left(listener, why)


def _no_intro(mount: Mount, guest: Guest) -> bytes:
    return b""
