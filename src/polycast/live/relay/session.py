"""One running channel: reads its upstream into a ring, goes on to the next one when it fails, and knows its clients."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.media import Ring
from polycast.core.processes import Processes
from polycast.live.preferences.groups import ProxySettings
from polycast.live.preferences.model import OutputProfile
from polycast.live.relay.attempt import Attempt
from polycast.live.relay.branches import Branches
from polycast.live.relay.candidates import Candidate, Candidates, Plan
from polycast.live.relay.client import Client
from polycast.live.relay.course import Bounds, Course, GiveUp, State, Wait
from polycast.live.relay.inputs import Inputs
from polycast.live.relay.journal import Journal
from polycast.live.relay.model import Target
from polycast.live.relay.owners import Elsewhere, Owner, Owners, Peers
from polycast.live.relay.rate import Rate
from polycast.live.relay.slots import Slots
from polycast.live.relay.switching import Switch

log = logging.getLogger("polycast.live.relay")

TICK_S: Final = 0.25
SLOT_WAIT_S: Final = 3.0  # how long a first client hopes for a free connection
SLOT_LOOK_S: Final = 0.125
KEYFRAME_S: Final = 10.0  # packets without a place to begin, before a source counts as silent
RING_BYTES: Final = 64 * 1024 * 1024
CHUNK_AGE_S: Final = 0.25
SLOW_SHARE: Final = 0.95  # of the speed that is asked for: clocks are never exact

GIVEN_UP: Final = {
    "nothing": "The channel has no stream that is switched on.",
    "retries": "None of the channel's streams could be played.",
    "switches": "The channel's streams fail one after the other.",
    "outage": "The channel's streams have been down for too long.",
}


class Tools(Struct, frozen=True, kw_only=True):
    """What every session works with."""

    candidates: Candidates
    slots: Slots
    inputs: Inputs
    journal: Journal
    processes: Processes
    owners: Owners
    peers: Peers
    clock: Clock

    def now(self) -> float:
        return self.clock.monotonic().total_seconds()


class Session:
    """Lives from the first client's request to the end of its task."""

    def __init__(self, target: Target, plan: Plan, *, tools: Tools) -> None:
        self.target = target
        self.plan = plan
        self.started_at: datetime = tools.clock.now()
        self.clients: dict[str, Client] = {}
        self.message = ""
        self.is_full = False  # ended because no connection was free
        self.received_bytes = 0
        self.switches = 0  # of all time
        self.rate = Rate()
        self.is_slow = False
        self.owner: Owner | None = None  # another node that reads it; we read from there
        self._lost: set[str] = set()  # nodes that were its owner and hand nothing on any more
        self._tools = tools
        self._now: Callable[[], float] = tools.now
        settings = plan.settings
        bounds = Bounds(
            max_retries=settings.max_retries,
            max_switches=settings.max_stream_switches,
            init_grace_s=settings.channel_init_grace_period,
        )
        self.course = Course(bounds, self._now())
        self.ring = Ring(span=timedelta(seconds=settings.redis_chunk_ttl), size_bytes=RING_BYTES, now=self._now)
        self.branches = Branches(self.ring, processes=tools.processes)
        self.current: Attempt | None = None
        self.last: Candidate | None = None
        self.spare: Attempt | None = None  # of a switch that is being prepared
        self.stats: Mapping[str, Any] = {}  # the keys of `stream_stats`
        self._seen_state = State.INITIALIZING
        self._seen_at = self.started_at
        self._is_stopping = False
        self._poked = asyncio.Event()
        self._switch: Switch | None = None
        self._idle_at: float | None = None
        self._ready_at: float | None = None
        self._slow_at: float | None = None
        self._is_praised = False
        self._breaks = False  # the present attempt ends, so that a chosen one can have its connection

        tools.journal.event("channel_start", target)

    @property
    def settings(self) -> ProxySettings:
        return self.plan.settings

    @property
    def state(self) -> State:
        return self.course.state(self._now())

    @property
    def state_since(self) -> datetime:
        """When its present state was first seen; looks come each second."""
        state = self.state
        if state is not self._seen_state:
            self._seen_state, self._seen_at = state, self._tools.clock.now()
        return self._seen_at

    @property
    def quiet_s(self) -> float | None:
        """Seconds since whole packets last came; None before the first ones."""
        at = self.ring.written_at
        return None if at is None else self._now() - at

    def seat(self, client: Client) -> None:
        """A client has come."""
        self.clients[client.client_id] = client
        self._idle_at = None
        self.course.seated()

    def leave(self, client: Client) -> None:
        """A client has gone; the last one takes the channel along, after a while if the settings say so."""
        if self.clients.pop(client.client_id, None) is not None and not self.clients:
            self._idle_at = self._now()
            self._poked.set()

    def stop(self) -> None:
        """End it."""
        self._is_stopping = True
        self.course.stopping()
        self._poked.set()

    async def output_profile(self, profile_id: int | None) -> OutputProfile | None:
        """Raises: NotFound, for one that is not there or switched off."""
        return None if profile_id is None else await self._tools.candidates.output_profile(profile_id)

    def ask(self, switch: Switch) -> None:
        """Go over to another stream; `switch.done` tells how it went."""
        if self._switch is not None:
            self._switch.fail("Another switch took its place.")
        self._switch = switch
        self._poked.set()

    async def run(self) -> None:
        """Play until nobody watches, somebody stops it, or every candidate is spent."""
        is_good = False
        try:
            await self._drive()
            is_good = not self.message
        except PolycastError as error:
            self.message = error.message
        finally:
            if self._switch is not None:
                self._switch.fail("The channel has ended.")
            self.course.ended(in_error=not is_good)
            self.ring.end()
            for client in list(self.clients.values()):
                client.end("stopped" if self._is_stopping else "source")
            kind = "channel_stop" if is_good else "channel_error"
            self._tools.journal.event(kind, self.target, message=self.message, received_bytes=self.received_bytes)

    async def _drive(self) -> None:
        while not self._should_end():
            self.plan = await self._tools.candidates.plan(self.target)
            owner = await self._tools.owners.claim(self.target, self._lost)
            if owner is not None:
                await self._relay(owner)
                continue
            move = self.course.next([candidate.key for candidate in self.plan.candidates], self._now())
            if isinstance(move, GiveUp):
                self.message = self.message or GIVEN_UP[move.why]
                return
            if isinstance(move, Wait):
                await self._rest(move.seconds)
                continue
            wanted = [self.plan.of(key) for key in move.keys]
            attempt = await self._open(wanted)
            if attempt is not None:
                await self._play(attempt, has_others=len(wanted) > 1)
            elif not await self._hope():
                return

    async def _relay(self, owner: Owner) -> None:
        """Read the channel from the node that has it, until that ends; then it is no owner to us any more."""
        self.owner = owner
        candidate = self._tools.peers.candidate(owner, self.target)
        connect_s = self.settings.connect_timeout_s
        attempt = Attempt(candidate, None, inputs=self._tools.inputs, connect_s=connect_s, now=self._now)
        try:
            await self._play(attempt, has_others=True)
        finally:
            self.owner = None
            self._lost.add(owner.node)

    async def _open(self, wanted: Sequence[Candidate]) -> Attempt | None:
        """An attempt at the first candidate with a free connection."""
        lease = await self._tools.slots.take(self.target.holder, [candidate.upstream for candidate in wanted])
        if lease is None:
            return None
        candidate = next(one for one in wanted if one.upstream is lease.upstream)
        settings = self.settings
        return Attempt(candidate, lease, inputs=self._tools.inputs, connect_s=settings.connect_timeout_s, now=self._now)

    async def _hope(self) -> bool:
        """Wait a little for a free connection; False when a first client has waited long enough."""
        if self.course.has_delivered:
            self.course.no_slot(self._now(), 1.0)
            return True
        waited = (self._tools.clock.now() - self.started_at).total_seconds()
        if waited >= SLOT_WAIT_S:
            self.is_full = True
            self.message = "Every connection to the provider is in use."
            return False
        await self._rest(SLOT_LOOK_S)
        return True

    async def _play(self, attempt: Attempt, *, has_others: bool) -> None:
        """Read `attempt`, and those that take over from it by a switch, until one of them fails."""
        current: Attempt | None = attempt
        while current is not None:
            self._begin(current)
            try:
                following = await self._watch(current, has_others=has_others)
            finally:
                self.current = None
                await asyncio.shield(self._close(current))
            current, has_others = following, True

    def _begin(self, attempt: Attempt) -> None:
        if self.last is not None and attempt.candidate.key.stream_id != self.last.key.stream_id:
            self.switches += 1
        self.current, self.last = attempt, attempt.candidate
        self.course.trying(attempt.candidate.key, self._now())
        self._slow_at, self.is_slow, self._is_praised = None, False, False
        if attempt.task is None:
            attempt.start(self.target.ref)
        attempt.adopt(self.ring)

    async def _watch(self, attempt: Attempt, *, has_others: bool) -> Attempt | None:
        """Until it fails, or another one takes over, which is the answer."""
        seen = None
        while not self._should_end():
            if attempt.data_at is not None and attempt.data_at != seen:
                seen = attempt.data_at
                self.course.delivered(seen)
                self._ready_at = self._ready_at or seen
            if why := self._why_over(attempt, has_others=has_others):
                self._failed(attempt, why)
                return None
            if self._switch is not None and (following := await self._switched(attempt)) is not None:
                return following
            if self._breaks:
                self._breaks = False
                return None
            self._praise(attempt)
            if self._now() - (self.ring.written_at or 0.0) > CHUNK_AGE_S:
                self.ring.flush()
            await self._rest(TICK_S, attempt)
        return None

    def _why_over(self, attempt: Attempt, *, has_others: bool) -> str:
        """Why `attempt` has failed; empty while it has not."""
        if attempt.is_over:
            return attempt.error
        now, settings = self._now(), self.settings
        if attempt.first_at is None:
            patience = max(attempt.patience_s, settings.connect_timeout_s)
            if has_others:  # somebody else may be quicker
                patience = min(patience, settings.no_data_timeout_s)
            return "The provider sent nothing that can be played." if now - attempt.began_at > patience else ""
        patience = max(settings.no_data_timeout_s, attempt.patience_s)
        if self.ring.written_at is not None and now - self.ring.written_at < 1.0:
            patience = max(patience, KEYFRAME_S)  # packets come, a keyframe is yet to
        if self.course.quiet_s(now) > patience:
            return "The provider stopped sending."
        self._judge(attempt, now)
        if self._slow_at is not None and now - self._slow_at > settings.buffering_timeout:
            return "The provider sends too slowly."
        return ""

    def _judge(self, attempt: Attempt, now: float) -> None:
        """Whether it keeps up with real time."""
        self.is_slow = 0.0 < attempt.speed < self.settings.buffering_speed * SLOW_SHARE
        self.course.slow(self.is_slow)
        if not self.is_slow:
            self._slow_at = None
        elif self._slow_at is None:
            self._slow_at = now
            self._tools.journal.event("channel_buffering", self.target, speed=round(attempt.speed, 2))

    def _failed(self, attempt: Attempt, why: str) -> None:
        self.course.failed(self._now())
        upstream = attempt.candidate.upstream
        kind = "channel_failover" if self.clients or self.course.has_delivered else "channel_reconnect"
        self._tools.journal.event(kind, self.target, stream=upstream.stream_name, reason=why)
        self._tools.journal.health(upstream.stream_id, failed=True)
        self.message = "" if self.course.has_delivered else why
        log.info("%s: %s (stream %d)", self.target.name, why, upstream.stream_id)

    def _praise(self, attempt: Attempt) -> None:
        if not self._is_praised and attempt.first_at is not None and self._now() - attempt.first_at > 30.0:
            self._is_praised = True
            self._tools.journal.health(attempt.candidate.upstream.stream_id, failed=False)

    async def _switched(self, attempt: Attempt) -> Attempt | None:
        """Make before break: the attempt that takes over, once it delivers; None when the present one goes on."""
        switch, self._switch = self._switch, None
        if switch is None:
            return None
        if self.owner is not None:
            switch.fail(Elsewhere(self.owner))
            return None
        wanted = switch.wanted(self.plan.candidates, attempt.candidate.key)
        if not wanted:
            switch.fail("There is no other stream.")
            return None
        spare = await self._open(wanted) if not switch.is_free else switch.attempt(self._tools.inputs, self._now)
        if spare is None:
            # Its connections are all in use, perhaps by ourselves: break before make.
            self.course.failed(self._now())
            self.course.want(wanted[0].key)
            switch.succeed(wanted[0])
            self._breaks = True
            return None
        return await self._prepared(attempt, spare, switch)

    async def _prepared(self, attempt: Attempt, spare: Attempt, switch: Switch) -> Attempt | None:
        spare.start(self.target.ref)
        self.spare = spare
        until = self._now() + self.settings.connect_timeout_s
        is_taken = False
        try:
            while self._now() < until and not spare.is_over and not self._should_end():
                if spare.can_start:
                    is_taken = True
                    self._tools.journal.event("stream_switch", self.target, stream=spare.candidate.upstream.stream_name)
                    switch.succeed(spare.candidate)
                    return spare
                if attempt.data_at is not None:
                    self.course.delivered(attempt.data_at)
                await self._rest(TICK_S / 5, spare)
            switch.fail(spare.error if spare.is_over else "The stream did not begin in time.")
            return None
        finally:
            self.spare = None
            if not is_taken:
                await asyncio.shield(self._close(spare))

    async def _close(self, attempt: Attempt) -> None:
        await attempt.close()
        self.received_bytes += attempt.received_bytes
        if attempt.lease is not None:
            await self._tools.slots.release(attempt.lease)

    def _should_end(self) -> bool:
        if not self._is_stopping and not self.clients and self._is_left_alone():
            self.stop()
        return self._is_stopping

    def _is_left_alone(self) -> bool:
        """Whether nobody watches and nobody will."""
        now, settings = self._now(), self.settings
        if self._idle_at is not None:
            return now - self._idle_at >= settings.channel_shutdown_delay
        return self._ready_at is not None and now - self._ready_at > settings.channel_client_wait_period

    async def _rest(self, seconds: float, attempt: Attempt | None = None) -> None:
        """Wait, but not longer than until something has happened."""
        poke = asyncio.ensure_future(self._poked.wait())
        tasks: set[asyncio.Future[object]] = {poke}  # type: ignore[arg-type]
        if attempt is not None and attempt.task is not None:
            tasks.add(attempt.task)  # type: ignore[arg-type]
        try:
            await asyncio.wait(tasks, timeout=min(seconds, 1.0), return_when=asyncio.FIRST_COMPLETED)
        finally:
            poke.cancel()
            self._poked.clear()
