"""An account on air: its limits, held against everybody who listens to any of its stations."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from ipaddress import ip_address, ip_network
from typing import Final

from polycast.radio.accounts.model import MB
from polycast.radio.edge.listener import Listener
from polycast.radio.edge.model import BANNED, FULL, NO_TRAFFIC, SUSPENDED, Guest, Refusal
from polycast.radio.edge.mount import Mount
from polycast.radio.engine.ports import Geo
from polycast.radio.stations.model import Owner, Station

NEEDS_TOKEN: Final = Refusal(401, "You need to authenticate\r\n")


class AccountAir:
    """Counts and limits. The stations hang on it by their mounts."""

    def __init__(self, owner: Owner, *, geo: Geo, elsewhere: Callable[[int], int] = lambda channel: 0) -> None:
        self.owner = owner
        self.traffic_bytes = owner.traffic_bytes  # this month, what is on its way to the database included
        self.mounts: dict[int, Mount] = {}  # by channel
        self._elsewhere = elsewhere  # listeners of a channel who are on no mount: HLS
        self._geo = geo
        self._flushed: dict[int, int] = {}  # bytes of a mount that were counted

    def configure(self, owner: Owner) -> None:
        """Other limits, held at once: the newest go first."""
        self.owner = owner
        self.enforce()

    def listeners(self) -> Iterator[Listener]:
        for mount in self.mounts.values():
            yield from mount.listeners.values()

    def count(self) -> int:
        """Everybody who listens now."""
        return sum(len(mount.listeners) for mount in self.mounts.values()) + self.extra()

    def extra(self) -> int:
        """Those who listen to segments."""
        return sum(self._elsewhere(number) for number in self.mounts)

    @property
    def is_dry(self) -> bool:
        """Whether the month's traffic is used up."""
        limit = self.owner.limits.limit_traffic * MB
        return bool(limit) and self.traffic_bytes >= limit and not self.owner.traffic_lifted

    def refusal(self, station: Station, guest: Guest) -> Refusal | None:
        """What holds whatever is listened to: account, traffic, who and from where. None when welcome."""
        if self.owner.is_silenced:
            return SUSPENDED
        if self.is_dry:
            return NO_TRAFFIC
        return None if self._is_welcome(station, guest) else BANNED

    def full(self, mount: Mount) -> Refusal | None:
        """Whether a listener more is too many, for the mount or for the account."""
        most, of_all = mount.spec.most_listeners, self.owner.limits.limit_listeners
        if (most and len(mount.listeners) >= most) or (of_all and self.count() >= of_all):
            return FULL
        return None

    def _is_welcome(self, station: Station, guest: Guest) -> bool:
        if not self.owner.features.geoblocking_enabled or station.geo_mode == "off":
            return True
        agent = guest.agent.lower()
        if any(fnmatch(agent, one.lower()) for one in station.geo_agents):
            return False
        if _is_within(guest.address, station.geo_networks):
            return False
        if not station.geo_countries:
            return True
        is_named = self._geo.country(guest.address) in station.geo_countries
        return is_named if station.geo_mode == "allow" else not is_named

    def enforce(self) -> None:
        """Cut whoever is over a limit: all without traffic, the newest of too many."""
        if self.owner.is_silenced or self.is_dry:
            why = "suspended" if self.owner.is_silenced else "traffic"
            for mount in list(self.mounts.values()):
                mount.end_all(why)
            return
        for mount in self.mounts.values():
            if mount.spec.most_listeners:
                _cut(list(mount.listeners.values()), mount.spec.most_listeners)
        if self.owner.limits.limit_listeners:
            room = max(0, self.owner.limits.limit_listeners - self.extra())
            _cut(list(self.listeners()), room)

    def spent(self) -> tuple[int, dict[int, int]]:
        """Bytes sent since the last call: of the account, and of each channel."""
        channels: dict[int, int] = {}
        for number, mount in self.mounts.items():
            before = self._flushed.get(number, 0)
            fresh = mount.sent_bytes - before if mount.sent_bytes >= before else mount.sent_bytes
            self._flushed[number] = mount.sent_bytes
            if fresh:
                channels[number] = fresh
        total = sum(channels.values())
        self.traffic_bytes += total
        return total, channels


def _cut(listeners: list[Listener], most: int) -> None:
    extra = len(listeners) - most
    if extra > 0:
        for one in sorted(listeners, key=lambda listener: listener.id)[-extra:]:
            one.end("limit")


def _is_within(address: str, networks: list[str]) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    for text in networks:
        try:
            if found in ip_network(text, strict=False):
                return True
        except ValueError:
            continue
    return False
