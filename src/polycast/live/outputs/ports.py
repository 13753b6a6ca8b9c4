"""What the outputs need of other rooms of live TV."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from polycast.core.identity.caller import Caller
from polycast.core.module import ASGIApp


class Shown(Protocol):
    """A programme as the guide packs it. Times are unix seconds; `extras` as `specs/live.md` 5.3 names them."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def sub_title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def extras(self) -> Mapping[str, Any] | None: ...


class Guide(Protocol):
    """What is on."""

    async def of(
        self, channel_ids: Sequence[int], *, since: int, until: int | None, made_up_until: int
    ) -> Mapping[int, Sequence[Shown]]:
        """Programmes that touch [since, until) (None: all later ones), by channel id and start, unix seconds.

        For channels without a guide, or with one of patterns, they are made up until `made_up_until`. At most a hundred
        channels at once; those with nothing on are left out.
        """
        ...


class StreamFormat(Struct, frozen=True, kw_only=True):
    """How somebody wants a channel. None: as the user's and the server's settings say."""

    container: str | None = None  # "mpegts", "fmp4", "hls"
    output_profile_id: int | None = None


class Tuner(Protocol):
    """The way to the relay."""

    async def stream(
        self, scope: MutableMapping[str, Any], caller: Caller, channel_uuid: str, wanted: StreamFormat
    ) -> ASGIApp:
        """An answer with the channel's bytes, for a caller who may see it and comes from a good network.

        Raises: Busy, when no slot is free; TooMany at the user's own limit; NotFound; Unavailable.
        """
        ...

    def watching(self, user_id: int) -> int:
        """How many streams a user has open now."""
        ...

    def playing(self) -> Mapping[str, int]:
        """By uuid of the channels that are on air now: bits a second."""
        ...
