"""What the hub needs from the modules, as Protocols it owns; `app.py` plugs them in."""

from typing import Protocol

from msgspec import Struct

from polycast.core.identity.caller import Caller


class OnNow(Struct, frozen=True, kw_only=True):
    """A channel and what runs on it."""

    channel_id: int
    channel_uuid: str
    number: str | None
    name: str
    logo_url: str | None
    title: str
    sub_title: str
    start: int  # seconds since 1970 UTC
    end: int


class LiveNow(Protocol):
    """What live TV shows on the home page."""

    async def on_now(self, caller: Caller, *, limit: int) -> list[OnNow]:
        """The first channels of the caller's line-up with what runs on them."""
        ...

    async def counts(self) -> dict[str, int]:
        """How many channels, streams, sources there are."""
        ...

    def sent_bytes(self) -> int:
        """Bytes sent to live clients since the start."""
        ...


class StreamLimits(Protocol):
    """How many streams users may have open at once; live TV keeps it."""

    async def stream_limits(self, user_ids: list[int]) -> dict[int, int]:
        """By user; 0 for none."""
        ...

    async def set_stream_limit(self, user_id: int, limit: int) -> None: ...
