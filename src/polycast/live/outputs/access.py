"""Who may use which kind of endpoint, by the address they come from. Source: `specs/live.md` 5.9."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from polycast.core.clock import Clock
from polycast.core.errors import NotAllowed
from polycast.core.events.model import Listener
from polycast.core.identity.caller import Caller, Credential
from polycast.core.storage import Database
from polycast.live.outputs.events import OutputBlocked
from polycast.live.people.service import People
from polycast.live.preferences.groups import NetworkAccess as NetworkLists
from polycast.live.preferences.model import PreferencesChanged
from polycast.live.preferences.service import Preferences

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ANYWHERE: Final = ("0.0.0.0/0", "::/0")
PRIVATE: Final = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
REMEMBERED: Final = 1024  # addresses whose last refusal is remembered
QUIET: Final = timedelta(minutes=1)  # a refused address is written down once in this time


class Endpoint(StrEnum):
    """The kinds of endpoint that have lists; the words are the keys of the lists."""

    UI = "UI"
    STREAMS = "STREAMS"
    XC_API = "XC_API"
    M3U_EPG = "M3U_EPG"


DEFAULTS: Final[Mapping[Endpoint, tuple[str, ...]]] = {
    Endpoint.UI: ANYWHERE,
    Endpoint.STREAMS: ANYWHERE,
    Endpoint.XC_API: ANYWHERE,
    Endpoint.M3U_EPG: PRIVATE,
}


def networks_of(text: str) -> tuple[tuple[Network, ...], tuple[str, ...]]:
    """The networks of a comma-separated list, and the words in it that are none."""
    good: list[Network] = []
    bad: list[str] = []
    for word in (part.strip() for part in text.split(",")):
        if not word:
            continue
        try:
            good.append(ip_network(word, strict=False))
        except ValueError:
            bad.append(word)
    return tuple(good), tuple(bad)


def holds(networks: Sequence[Network], address: str) -> bool:
    """Whether one of `networks` contains `address`; an IPv4 address in IPv6 clothes counts as what it is."""
    try:
        parsed: Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    bare = mapped or parsed
    return any(bare.version == network.version and bare in network for network in networks)


class NetworkAccess:
    """The allow lists of `network_access` and of each user, asked before anything of an endpoint is done.

    A user's `allowed_networks` only narrow. The server itself comes in everywhere.
    """

    def __init__(self, *, db: Database, preferences: Preferences, people: People, clock: Clock) -> None:
        self._db = db
        self._preferences = preferences
        self._people = people
        self._clock = clock
        self._lists: Mapping[Endpoint, tuple[Network, ...]] | None = None
        self._generation = 0
        self._noted: OrderedDict[tuple[str, str], timedelta] = OrderedDict()

    async def require(self, endpoint: Endpoint, caller: Caller, *, what: str = "") -> None:
        """Raises: NotAllowed ("network"). `what` ("m3u", "epg") has the refusal told to administrators."""
        if await self.admits(endpoint, caller):
            return
        if what:
            await self._note(what, caller)
        raise NotAllowed("network", "This is not allowed from your network.")

    async def admits(self, endpoint: Endpoint, caller: Caller) -> bool:
        """Whether `caller` may use `endpoint` from where they are."""
        if caller.credential is Credential.INTERNAL:
            return True
        lists = self._lists or await self._read()
        if not holds(lists[endpoint], caller.address):
            return False
        if caller.user_id is None:
            return True
        own = (await self._people.get(caller.user_id)).custom_properties.get("allowed_networks")
        text = own.get(endpoint.value) if isinstance(own, Mapping) else None
        return not isinstance(text, str) or not text.strip() or holds(networks_of(text)[0], caller.address)

    def listeners(self) -> list[Listener]:
        """What keeps the lists fresh."""
        return [Listener(name="live.reread_networks", event=PreferencesChanged, here=self._changed)]

    async def _changed(self, event: PreferencesChanged) -> None:
        if event.what == "network_access":
            self._generation += 1
            self._lists = None

    async def _read(self) -> Mapping[Endpoint, tuple[Network, ...]]:
        generation = self._generation
        stored = await self._preferences.group(NetworkLists)
        lists = {endpoint: _listed(endpoint, getattr(stored, endpoint.value)) for endpoint in Endpoint}
        if generation == self._generation:
            self._lists = lists
        return lists

    async def _note(self, what: str, caller: Caller) -> None:
        key, now = (what, caller.address), self._clock.monotonic()
        last = self._noted.get(key)
        if last is not None and now - last < QUIET:
            return
        self._noted[key] = now
        self._noted.move_to_end(key)
        if len(self._noted) > REMEMBERED:
            self._noted.popitem(last=False)
        event = OutputBlocked(kind=what, address=caller.address, username=caller.username)
        await asyncio.shield(self._db.write(lambda unit: unit.publish(event)))


def _listed(endpoint: Endpoint, text: str | None) -> tuple[Network, ...]:
    """The networks of a list; the default where there is none, and nobody where every word of it is wrong."""
    if text is None or not text.strip():
        return tuple(ip_network(word) for word in DEFAULTS[endpoint])
    return networks_of(text)[0]
