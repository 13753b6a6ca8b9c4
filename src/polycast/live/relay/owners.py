"""Which node of a cluster reads a channel: a row that counts while it is renewed. The others read from that node.

Source: `design.md` 3, "Cluster".
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import NotFound, Unavailable
from polycast.core.net import Body, Limits, Net, Trust
from polycast.core.secrets import Tokens
from polycast.core.secrets.tokens import BadSignature
from polycast.core.storage import Database, Unit
from polycast.live.relay.candidates import Candidate, How
from polycast.live.relay.course import Key
from polycast.live.relay.events import ChannelStopped
from polycast.live.relay.model import Target
from polycast.live.relay.store import RelayStore
from polycast.live.relay.store_slots import LEASE
from polycast.live.relay.switching import Switched, Wish
from polycast.live.sources.upstreams.service import Upstream

LOCK: Final = "live.relays"
PURPOSE: Final = "live.peer"
WISHES: Final = "live.peer.switch"
LIFE: Final = timedelta(minutes=2)  # of an address between nodes; asked for at once
SWITCHED: Final = Limits(  # a switch is confirmed within 20 seconds, or it has failed
    first_byte=timedelta(seconds=25),
    total=timedelta(seconds=30),
    size_bytes=64 * 1024,
    counts_answers=False,
    per_host=0,
)


class Owner(Struct, frozen=True):
    """Another node that reads a channel."""

    node: str
    address: str  # "http://one.example:8000"


class Elsewhere(Unavailable):
    """Another node reads the channel; what is wished has to be done there."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(f"The channel is read by {owner.node}; it can be switched there.")
        self.owner = owner


class Owners(Protocol):
    """Says who reads what."""

    address: str  # where other nodes reach this one; empty: it is alone

    async def claim(self, target: Target, lost: Collection[str]) -> Owner | None:
        """Who else reads the channel; None when it is ours from now on. Nodes in `lost` do not count."""
        ...

    async def other(self, target: Target) -> Owner | None:
        """Another node that reads the channel now."""
        ...

    async def stopped(self, target: Target) -> None:
        """Have the channel end on the other nodes too."""
        ...


class Alone:
    """A server without others: every channel is its own."""

    address = ""

    async def claim(self, target: Target, lost: Collection[str]) -> Owner | None:
        return None

    async def other(self, target: Target) -> Owner | None:
        return None

    async def stopped(self, target: Target) -> None:
        """There are no others."""


class Cluster:
    """One of several nodes on one database."""

    def __init__(self, *, db: Database, store: RelayStore, clock: Clock, node: str, address: str) -> None:
        self.address = address
        self._db = db
        self._store = store
        self._clock = clock
        self._node = node

    async def claim(self, target: Target, lost: Collection[str]) -> Owner | None:
        if target.channel_id is None:  # a single stream somebody looks at is read where they are
            return None
        return await self._db.write(self._claim, target.channel_id, lost)

    async def other(self, target: Target) -> Owner | None:
        if target.channel_id is None:
            return None
        row = await self._db.read(self._store.owner, target.channel_id, self._clock.now())
        is_other = row is not None and row.node != self._node and row.address
        return Owner(row.node, row.address) if row is not None and is_other else None

    async def stopped(self, target: Target) -> None:
        event = ChannelStopped(uuid=target.ref, node=self._node)
        await self._db.write(lambda unit: unit.publish(event))

    def _claim(self, unit: Unit, channel_id: int, lost: Collection[str]) -> Owner | None:
        unit.lock(LOCK)  # or two nodes that are asked at the same time would both begin
        now = self._clock.now()
        row = self._store.owner(unit, channel_id, now)
        if row is not None and row.node != self._node and row.node not in lost and row.address:
            return Owner(row.node, row.address)
        self._store.claim(unit, channel_id, node=self._node, address=self.address, now=now, until=now + LEASE)
        return None


class Peers:
    """Addresses and wishes between nodes: signed, since their door asks for nothing else."""

    def __init__(self, *, tokens: Tokens, net: Net, node: str) -> None:
        self._tokens = tokens
        self._client = net.client(Trust.SOURCE, owner="live.peers", limits=SWITCHED)
        self._node = node

    def candidate(self, owner: Owner, target: Target) -> Candidate:
        """The channel as its owner hands it on."""
        token = quote(self._tokens.sign(target.ref, purpose=PURPOSE, life=LIFE), safe="")
        upstream = Upstream(
            stream_id=0,
            stream_name=f"by way of {owner.node}",
            account_id=0,
            account_name=owner.node,
            account_profile_id=0,
            server_group_id=None,
            login_fingerprint=None,
            max_streams=0,
            url=f"{owner.address}/proxy/ts/peer/{target.ref}?token={token}",
            headers={},
            user_agent=f"Polycast/{self._node}",
            stream_profile_id=None,
            is_custom=True,
        )
        return Candidate(key=Key(0, 0, owner.address), upstream=upstream, how=How(user_agent=upstream.user_agent))

    def admit(self, ref: str, token: str) -> None:
        """Raises: NotFound, unless a node of this cluster has made the address."""
        try:
            is_theirs = self._tokens.verify(token, purpose=PURPOSE) == ref
        except BadSignature:
            is_theirs = False
        if not is_theirs:
            raise NotFound("Channel")

    async def hand_on(self, owner: Owner, wish: Wish) -> Switched:
        """Have the node that reads the channel switch it.

        Raises: NotFound, when it reads it no more; Unavailable, with its reason; Unreachable.
        """
        text = msgspec.json.encode(wish).decode()
        sent = Body(json={"wish": self._tokens.sign(text, purpose=WISHES, life=LIFE)})
        url = f"{owner.address}/proxy/ts/peer/{wish.ref}/switch"
        answer = await self._client.fetch(url, method="POST", body=sent)
        if answer.status == 404:
            raise NotFound("Channel")
        try:
            if answer.status == 200:
                return replace(msgspec.json.decode(answer.body, type=Switched), node=owner.node)
            said: Any = msgspec.json.decode(answer.body)
            why = str(said["error"])[:500]
        except (msgspec.MsgspecError, KeyError, TypeError):
            why = f"The node {owner.node} answered with status {answer.status}."
        raise Unavailable(why)

    def wish(self, ref: str, signed: str) -> Wish:
        """What another node was asked for. Raises: NotFound, unless a node of this cluster has signed it for `ref`."""
        try:
            wish = msgspec.json.decode(self._tokens.verify(signed, purpose=WISHES), type=Wish)
        except (BadSignature, msgspec.MsgspecError):
            raise NotFound("Channel") from None
        if wish.ref != ref:
            raise NotFound("Channel")
        return wish
