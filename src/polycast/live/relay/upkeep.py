"""What is done for running channels each second: leases, rows, measures, news. Never in the way of bytes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.storage import Database, Unit
from polycast.live.activity.events import SystemEvents
from polycast.live.relay.client import Client
from polycast.live.relay.course import State
from polycast.live.relay.events import ChannelStats, OnAirChanged, SessionChanged, SessionEnded
from polycast.live.relay.journal import Journal
from polycast.live.relay.looks import Looks
from polycast.live.relay.model import SessionView
from polycast.live.relay.ports import Teller
from polycast.live.relay.session import Session
from polycast.live.relay.slots import Slots
from polycast.live.relay.store import RelayStore
from polycast.live.relay.store_clients import ClientStore
from polycast.live.relay.store_slots import LEASE
from polycast.live.relay.views import basic_status, session_shape, session_view

RENEW_EVERY: Final = timedelta(seconds=10)
ROWS_EVERY: Final = timedelta(seconds=15)
TRIM_EVERY: Final = timedelta(minutes=5)
TELL_EVERY: Final = timedelta(seconds=1)
HISTORY: Final = timedelta(days=90)


class Upkeep:
    """Of one node."""

    def __init__(
        self,
        *,
        db: Database,
        store: RelayStore,
        clients: ClientStore,
        slots: Slots,
        journal: Journal,
        events: SystemEvents,
        looks: Looks,
        teller: Teller,
        clock: Clock,
        node: str,
        address: str,
    ) -> None:
        self._db = db
        self._store = store
        self._clients = clients
        self._slots = slots
        self._journal = journal
        self._events = events
        self._looks = looks
        self._teller = teller
        self._clock = clock
        self._node = node
        self._address = address
        self._done_at: dict[str, timedelta] = {}
        self._states: dict[str, State] = {}
        self._had_sessions = False
        self._on_air: dict[int, tuple[str, int]] = {}  # what everybody was told of a channel last

    async def begin(self) -> None:
        """A new life: whatever the last one held is free again."""
        await self._slots.clear()
        now = self._clock.now()
        await self._db.write(self._store.clear, self._node, now)
        await self._db.write(self._clients.end_all, self._node, now)

    async def keep(self, sessions: Sequence[Session]) -> None:
        """One turn."""
        now = self._clock.monotonic().total_seconds()
        for session in sessions:
            attempt = session.current
            session.rate.add(now, session.received_bytes + (attempt.received_bytes if attempt else 0))
            self._looks.look(session, now)
            for client in list(session.clients.values()):
                client.look()
        if sessions and self._is_due("rows", ROWS_EVERY):
            self._journal.note(lambda unit: self._own(unit, sessions))
        if sessions and self._is_due("renew", RENEW_EVERY):
            attempts = [a for s in sessions for a in (s.current, s.spare) if a is not None and a.lease is not None]
            await self._slots.renew([a.lease for a in attempts if a.lease is not None])
        await self._journal.flush()
        if self._is_due("trim", TRIM_EVERY):
            await self._events.trim()
            await self._db.write(self._clients.forget, self._clock.now() - HISTORY)
        self._tell(sessions)

    async def end(self) -> None:
        """The last turn."""
        await self._looks.end()
        await self._journal.flush()

    def came(self, session: Session, client: Client) -> None:
        """A client has come."""
        guest = client.guest
        self._journal.event(
            "client_connect", session.target, client_id=client.client_id, ip=guest.address, username=guest.username
        )
        row = self._row(session, client)
        self._journal.note(lambda unit: self._clients.put(unit, [row]))

    def left(self, session: Session, client: Client) -> None:
        """A client has gone."""
        why = client.ended.result() if client.ended.done() else "left"
        row = self._row(session, client) | {"ended_at": self._clock.now(), "end_reason": why, "state": "stopped"}
        self._journal.note(lambda unit: self._clients.put(unit, [row]))
        self._journal.event(
            "client_disconnect",
            session.target,
            client_id=client.client_id,
            bytes_sent=client.sent_bytes,
            reason=why,
            username=client.guest.username,
        )

    def ended(self, session: Session) -> None:
        """A channel runs no more."""
        channel_id = session.target.channel_id
        if channel_id is not None:
            self._journal.note(lambda unit: self._store.disown(unit, channel_id, self._node))
        self._looks.forget(session.target.ref)
        self._teller.tell(SessionEnded(uuid=session.target.ref))
        if channel_id is not None:
            self._on_air.pop(channel_id, None)
            self._teller.tell(OnAirChanged(channel_id=channel_id, state="ended", viewers=0))

    def _own(self, unit: Unit, sessions: Sequence[Session]) -> None:
        now = self._clock.now()
        rows = []
        for session in sessions:
            if session.target.channel_id is None or session.owner is not None:
                continue
            upstream = session.last.upstream if session.last is not None else None
            rows.append(
                {
                    "channel_id": session.target.channel_id,
                    "node": self._node,
                    "address": self._address,
                    "state": session.state.value,
                    "stream_id": upstream.stream_id if upstream else None,
                    "account_profile_id": upstream.account_profile_id if upstream else None,
                    "started_at": session.started_at,
                    "lease_until": now + LEASE,
                }
            )
        self._store.own(unit, rows)
        self._clients.put(unit, [self._row(s, c) for s in sessions for c in s.clients.values()])

    def _row(self, session: Session, client: Client) -> dict[str, Any]:
        guest = client.guest
        return {
            "client_id": client.client_id,
            "kind": "live",
            "node": self._node,
            "channel_id": session.target.channel_id,
            "channel_uuid": session.target.ref if session.target.channel_id is not None else "",
            "channel_name": session.target.name,
            "stream_id": session.last.upstream.stream_id if session.last else session.target.stream_id,
            "user_id": guest.user_id,
            "username": guest.username,
            "ip_address": guest.address,
            "user_agent": guest.user_agent,
            "connected_at": client.connected_at,
            "seen_at": self._clock.now(),
            "bytes_sent": client.sent_bytes,
            "failovers": client.view(client.connected_at, session.switches).failovers,
            "output_format": client.outlet.format.value,
            "output_profile_id": client.outlet.profile_id,
            "state": session.state.value,
        }

    def _tell(self, sessions: Sequence[Session]) -> None:
        if not sessions and not self._had_sessions:
            return
        now = self._clock.now()
        views = [session_view(session, now, self._node) for session in sessions]
        for view in views:
            shape = session_shape(view)
            self._teller.tell(SessionChanged(uuid=view.target.ref, session=shape))
            self._tell_all(view, str(shape["state"]))
        self._teller.tell(ChannelStats(channels=[basic_status(view) for view in views], count=len(views)))
        self._had_sessions = bool(sessions)

    def _tell_all(self, view: SessionView, state: str) -> None:
        """What everybody may know, when it has changed."""
        channel_id, told = view.target.channel_id, (state, len(view.clients))
        if channel_id is not None and self._on_air.get(channel_id) != told:
            self._on_air[channel_id] = told
            self._teller.tell(OnAirChanged(channel_id=channel_id, state=state, viewers=told[1]))

    def _is_due(self, what: str, every: timedelta) -> bool:
        now = self._clock.monotonic()
        if what in self._done_at and now - self._done_at[what] < every:
            return False
        self._done_at[what] = now
        return True
