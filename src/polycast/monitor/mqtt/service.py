"""Keeps a broker told of every server, as long as the settings name one. In the web process."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.net import Limits, Net, Trust, jitter
from polycast.monitor.mqtt import topics, wire
from polycast.monitor.mqtt.client import Publisher, connected_to
from polycast.monitor.preferences.model import Mqtt
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.providers.own.servers import OWN
from polycast.monitor.servers.service import Servers
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.state import health_of

LIMITS: Final = Limits(connect=timedelta(seconds=10), total=None, size_bytes=None, counts_answers=False)
EVERY: Final = timedelta(seconds=1)
PING: Final = timedelta(seconds=30)
ANSWER: Final = timedelta(seconds=10)
FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(seconds=60)

log = logging.getLogger("polycast.monitor.mqtt")


class Account(Struct, frozen=True, kw_only=True):
    """Where, and as whom."""

    mqtt: Mqtt
    password: str

    def __repr__(self) -> str:
        return f"Account({self.mqtt!r})"


class Broadcast:
    """One connection, made again when it breaks or the settings change. `node` tells us from other servers of ours."""

    def __init__(
        self, *, net: Net, book: PreferencesBook, servers: Servers, board: Board, clock: Clock, node: Callable[[], str]
    ) -> None:
        self._net = net
        self._book = book
        self._servers = servers
        self._board = board
        self._clock = clock
        self._node = node
        self.problem = ""  # why there is no connection; empty when there is one, or none is wanted

    async def run(self) -> None:
        """Until cancelled."""
        wait = FIRST_WAIT
        while True:
            account = self._account()
            if account is None:
                self.problem = ""
                await self._clock.sleep(EVERY)
                continue
            started = self._clock.monotonic()
            try:
                await self._serve(account)
                wait = FIRST_WAIT
                continue
            except PolycastError as error:
                if str(error) != self.problem:
                    log.warning("the MQTT broker %s is not told: %s", account.mqtt.host, error)
                self.problem = str(error)
            wait = FIRST_WAIT if self._clock.monotonic() - started > LONGEST_WAIT else min(wait * 2, LONGEST_WAIT)
            await self._rest(wait * (0.9 + 0.2 * jitter()), account)

    async def _rest(self, span: timedelta, account: Account) -> None:
        """Wait, unless the settings change meanwhile."""
        until = self._clock.monotonic() + span
        while self._clock.monotonic() < until and self._account() == account:
            await self._clock.sleep(EVERY)

    def _account(self) -> Account | None:
        prefs = self._book.now
        return (
            Account(mqtt=prefs.mqtt, password=prefs.mqtt_password) if prefs.mqtt.enabled and prefs.mqtt.host else None
        )

    async def _serve(self, account: Account) -> None:
        """Until the settings change. Raises: PolycastError."""
        mqtt = account.mqtt
        hello = wire.Hello(
            client_id=f"polycast-{self._node()}"[:60], username=mqtt.username, password=account.password,
            will=topics.availability(mqtt, is_up=False),
        )  # fmt: skip
        out = self._net.client(Trust.SOURCE, owner="monitor.mqtt", limits=LIMITS)
        async with connected_to(out, mqtt.host, mqtt.port, hello, tls=mqtt.tls, answer=ANSWER) as publisher:
            self.problem = ""
            await publisher.publish(topics.availability(mqtt, is_up=True))
            try:
                await self._keep_told(publisher, account)
            finally:
                await asyncio.shield(self._goodbye(publisher, mqtt))

    async def _goodbye(self, publisher: Publisher, mqtt: Mqtt) -> None:
        """A broker that was left in good order does not speak the will: we say it ourselves."""
        try:
            if not publisher.ended.done():
                await publisher.publish(topics.availability(mqtt, is_up=False))
                await publisher.leave()
        except PolycastError:
            return

    async def _keep_told(self, publisher: Publisher, account: Account) -> None:
        sent: dict[str, bytes] = {}
        pinged_at = self._clock.monotonic()
        while self._account() == account:
            wanted = await self._wanted(account.mqtt)
            changed = [one for one in wanted if sent.get(one.topic) != one.payload]
            gone = topics.forgotten(list(sent), [one.topic for one in wanted])
            for message in [*changed, *gone]:
                await publisher.publish(message)
                sent[message.topic] = message.payload
            for message in gone:
                del sent[message.topic]
            if self._clock.monotonic() - pinged_at > PING:
                pinged_at = self._clock.monotonic()
                await publisher.ping()
            elif publisher.ended.done():
                await publisher.ping()  # tells that it is lost
            await self._clock.sleep(EVERY)

    async def _wanted(self, mqtt: Mqtt) -> list[wire.Message]:
        states, now = await self._board.all(), self._clock.now()
        found: list[wire.Message] = []
        own = [one for one in OWN if (state := states.get(one.dvr_id)) is not None and (state.events or state.details)]
        for server in [*await self._servers.active(), *own]:
            state = states.get(server.dvr_id)
            prefs = self._book.for_server(server.overrides)
            if state is not None:
                health = health_of(server, state, now=now, stale_s=prefs.monitor_stale_seconds)
                found += topics.messages(mqtt, prefs, server, state, health)
        return found
