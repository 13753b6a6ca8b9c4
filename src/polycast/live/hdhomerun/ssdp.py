"""SSDP: media servers look for tuners on UDP 1900. Source: `specs/live.md` 4.5; UPnP Device Architecture 1.1, 1."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from polycast.core.clock import Clock
from polycast.core.net import Datagrams, Peer, local_address_towards, open_datagrams
from polycast.live.hdhomerun.discovery import WhoAmI

GROUP: Final = "239.255.255.250"
PORT: Final = 1900
KIND: Final = "urn:schemas-upnp-org:device:MediaServer:1"
SERVER: Final = "Linux/1.0 UPnP/1.0 Polycast/1.0"
ALIVE_EVERY: Final = timedelta(seconds=900)
LIFE: Final = 1800  # seconds that others may remember us
LONGEST: Final = 5  # seconds; more than that nobody needs to wait for an answer
WAITING: Final = 64  # answers that wait for their moment
ANYWHERE: Final = "0.0.0.0"  # noqa: S104 - the setting's spelling, compared with


class Ssdp:
    """Says that we are here when asked, and every quarter of an hour unasked. `jitter` gives numbers from 0 to 1."""

    def __init__(
        self, *, who: WhoAmI, clock: Clock, host: str, port: Callable[[], int], jitter: Callable[[], float]
    ) -> None:
        self._who = who
        self._clock = clock
        self._host = host
        self._port = port
        self._jitter = jitter
        self._searches: asyncio.Queue[tuple[Mapping[str, str], Peer]] = asyncio.Queue(WAITING)
        self._waiting = 0
        self._udn = ""  # as it was announced

    async def run(self) -> None:
        """Until cancelled. Raises: Taken."""
        opened = open_datagrams(PORT, host=self._host, heard=self._heard, clock=self._clock, group=GROUP)
        async with opened as talk:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._announce(talk))
                    while True:
                        search, peer = await self._searches.get()
                        if self._waiting < WAITING:
                            tasks.create_task(self._answer(talk, search, peer))
            finally:
                self._say_bye(talk)

    def _heard(self, talk: Datagrams, data: bytes, peer: Peer) -> None:
        search = read_search(data)
        if search is not None and not self._searches.full():
            self._searches.put_nowait((search, peer))

    async def _answer(self, talk: Datagrams, search: Mapping[str, str], peer: Peer) -> None:
        self._waiting += 1
        try:
            device = await self._who()
            wanted = targets(device.udn, search.get("ST", ""))
            if not wanted:
                return
            longest = min(LONGEST, _whole(search.get("MX", ""), default=1))
            await self._clock.sleep(timedelta(seconds=longest * self._jitter()))
            for target in wanted:
                talk.answer(found(target, device.udn, self._location(talk.our_address(peer))), peer)
        finally:
            self._waiting -= 1

    async def _announce(self, talk: Datagrams) -> None:
        while True:
            udn = self._udn = (await self._who()).udn
            address = self._own_address()
            if address is not None:
                for target in targets(udn, "ssdp:all"):
                    talk.announce(notice(target, udn, self._location(address), alive=True), GROUP, PORT)
            await self._clock.sleep(ALIVE_EVERY)

    def _say_bye(self, talk: Datagrams) -> None:
        for target in targets(self._udn, "ssdp:all") if self._udn else ():
            talk.announce(notice(target, self._udn, "", alive=False), GROUP, PORT)

    def _own_address(self) -> str | None:
        if self._host != ANYWHERE:
            return self._host
        try:
            return local_address_towards(GROUP)
        except OSError:  # no network yet
            return None

    def _location(self, address: str) -> str:
        return f"http://{address}:{self._port()}/device.xml"


def read_search(data: bytes) -> Mapping[str, str] | None:
    """The headers of an `M-SEARCH`, names in capitals; None for anything else."""
    lines = data.decode("latin-1").split("\r\n")
    if lines[0].strip().upper() != "M-SEARCH * HTTP/1.1":
        return None
    pairs = (line.partition(":") for line in lines[1:] if ":" in line)
    found_headers = {name.strip().upper(): value.strip() for name, _, value in pairs}
    return found_headers if found_headers.get("MAN", "").strip('"') == "ssdp:discover" else None


def targets(udn: str, wanted: str) -> list[str]:
    """Which of our three names a search is about."""
    ours = ["upnp:rootdevice", f"uuid:{udn}", KIND]
    return ours if wanted == "ssdp:all" else [one for one in ours if one == wanted]


def found(target: str, udn: str, location: str) -> bytes:
    """The answer to a search."""
    return _lines(
        "HTTP/1.1 200 OK",
        f"CACHE-CONTROL: max-age={LIFE}",
        "EXT:",
        f"LOCATION: {location}",
        f"SERVER: {SERVER}",
        f"ST: {target}",
        f"USN: {_usn(target, udn)}",
    )


def notice(target: str, udn: str, location: str, *, alive: bool) -> bytes:
    """What is said unasked."""
    place = [f"CACHE-CONTROL: max-age={LIFE}", f"LOCATION: {location}", f"SERVER: {SERVER}"] if alive else []
    return _lines(
        "NOTIFY * HTTP/1.1",
        f"HOST: {GROUP}:{PORT}",
        *place,
        f"NT: {target}",
        f"NTS: ssdp:{'alive' if alive else 'byebye'}",
        f"USN: {_usn(target, udn)}",
    )


def _usn(target: str, udn: str) -> str:
    return target if target.startswith("uuid:") else f"uuid:{udn}::{target}"


def _lines(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _whole(word: str, *, default: int) -> int:
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 6 else default
