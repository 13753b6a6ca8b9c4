"""What is said, what became of it, and the frames between us and the child."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Tone(StrEnum):
    """Apprise's kinds of message."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


class Message(Struct, frozen=True, kw_only=True):
    """A message, before a service gives it its looks."""

    title: str
    text: str
    tone: Tone = Tone.INFO


class Sent(Struct, frozen=True, kw_only=True):
    """What became of a message."""

    ok: bool
    service: str  # "Discord"; "" for an address nobody understands
    reason: str = ""  # "address", "refused" (a place we do not go to), "unreachable", "status", "failed"
    text: str = ""  # for a person; holds no secret


class Send(Struct, frozen=True, kw_only=True):
    """To the child: say this there."""

    url: str
    message: Message


class Ask(Struct, frozen=True, kw_only=True):
    """From the child: fetch this for me."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Told(Struct, frozen=True, kw_only=True):
    """To the child: what came back; status 0 when nothing did."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    text: str = ""


class Outcome(Struct, frozen=True, kw_only=True):
    """From the child: how it went."""

    ok: bool
    service: str
