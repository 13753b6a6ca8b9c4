"""What the edge asks of those who run it."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from polycast.radio.edge.model import Format, Guest, Manner, Refusal, Title
from polycast.radio.edge.mount import Mount


class Offer(Struct, frozen=True, kw_only=True):
    """A source at the door."""

    address: str
    user: str
    password: str
    path: str  # of the mount it asks for; "" for a Shoutcast source
    format: Format | None  # None: it named no type, or one that is no sound
    mime: str
    agent: str
    fields: Mapping[str, str]  # ice-* and icy-* as sent, names in lower case


class Input(Protocol):
    """Takes the bytes of an accepted source."""

    def feed(self, fresh: bytes) -> bool:
        """Sound as it came; False when it is not wanted any more and the connection is to be closed."""
        ...

    def ended(self, why: str) -> None:
        """The connection is over. Called once."""
        ...


class Hangup(Protocol):
    """The other end of an accepted source."""

    def hang_up(self) -> None:
        """Close the connection."""
        ...


class Place(Protocol):
    """What is behind one port, or behind a path of the origin."""

    @property
    def manner(self) -> Manner: ...

    @property
    def takes_listeners(self) -> bool: ...

    def mount(self, path: str) -> Mount | None:
        """By the path a player asks for."""
        ...

    def mounts(self) -> list[Mount]:
        """All of the port, in order."""
        ...

    def admit(self, mount: Mount, guest: Guest) -> Refusal | str | None:
        """None when welcome; a str is an address to send the listener to instead."""
        ...

    def source(self, offer: Offer, hangup: Hangup) -> Input | Refusal:
        """Take a source, or say why not."""
        ...

    def knows(self, address: str, user: str, password: str) -> bool:
        """Whether this is the password of a source here; counts failures."""
        ...

    def is_admin(self, address: str, user: str, password: str) -> bool:
        """Whether this is an administrator's password here; counts failures."""
        ...

    def is_refused(self, address: str) -> bool:
        """Whether the address has failed too often to be heard now."""
        ...

    def retitle(self, path: str, user: str, password: str, title: Title) -> bool:
        """A new title from an encoder; False when nothing is on air that it could belong to."""
        ...

    def charset(self, user: str, password: str) -> str:
        """In which an encoder of that name writes when it is not UTF-8; "" when nobody said."""
        ...

    def kill_source(self, path: str) -> bool:
        """End the source of a mount; False when there is none."""
        ...
