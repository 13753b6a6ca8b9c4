"""Somebody's wish for another stream, and how it went."""

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct

from polycast.core.errors import PolycastError, Unavailable
from polycast.live.relay.attempt import Attempt
from polycast.live.relay.candidates import Candidate, How
from polycast.live.relay.course import Key
from polycast.live.relay.inputs import Inputs
from polycast.live.sources.upstreams.service import Upstream


class Wish(Struct, frozen=True, kw_only=True):
    """Which stream from now on: `stream_id` None for the next one, or `url`, an address that no account knows."""

    ref: str
    stream_id: int | None = None
    url: str = ""
    user_agent: str | None = None


class Switched(Struct, frozen=True, kw_only=True):
    """What delivers now."""

    stream_id: int  # 0 for an address that no account knows
    url: str  # masked
    before: int | None  # the stream that was played until then
    node: str = ""  # another node that reads the channel; empty: this one


class Switch:
    """A wish on its way."""

    def __init__(self, wish: Wish) -> None:
        self.done: asyncio.Future[Candidate] = asyncio.get_running_loop().create_future()
        self._stream_id = wish.stream_id
        self._url = wish.url
        self._user_agent = wish.user_agent

    @property
    def is_free(self) -> bool:
        """Whether it needs no connection of an account."""
        return bool(self._url)

    def wanted(self, candidates: Sequence[Candidate], current: Key) -> list[Candidate]:
        """The ways that would do, best first."""
        if self._url:
            return [_of_address(self._url, self._user_agent)]
        if self._stream_id is not None:
            return [one for one in candidates if one.key.stream_id == self._stream_id]
        ids = [one.key.stream_id for one in candidates]
        at = ids.index(current.stream_id) + 1 if current.stream_id in ids else 0
        turned = [*candidates[at:], *candidates[:at]]
        return [one for one in turned if one.key.stream_id != current.stream_id]

    def attempt(self, inputs: Inputs, now: Callable[[], float]) -> Attempt:
        """At the address that no account knows."""
        return Attempt(_of_address(self._url, self._user_agent), None, inputs=inputs, connect_s=10.0, now=now)

    def succeed(self, candidate: Candidate) -> None:
        if not self.done.done():
            self.done.set_result(candidate)

    def fail(self, why: str | PolycastError) -> None:
        if not self.done.done():
            self.done.set_exception(Unavailable(why) if isinstance(why, str) else why)
            self.done.exception()  # nobody may be listening any more


def _of_address(url: str, user_agent: str | None) -> Candidate:
    upstream = Upstream(
        stream_id=0,
        stream_name="",
        account_id=0,
        account_name="",
        account_profile_id=0,
        server_group_id=None,
        login_fingerprint=None,
        max_streams=0,
        url=url,
        headers={},
        user_agent=user_agent,
        stream_profile_id=None,
        is_custom=True,
    )
    return Candidate(key=Key(0, 0, url), upstream=upstream, how=How(user_agent=user_agent))
