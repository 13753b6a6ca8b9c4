"""The bytes of one client: where they begin, what bridges an outage, when they end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Protocol

from polycast.core.errors import Unavailable
from polycast.core.media import Cursor
from polycast.core.media.ts import NULL_PACKET
from polycast.live.relay.branches import Branch, began
from polycast.live.relay.client import Client
from polycast.live.relay.course import ENDED
from polycast.live.relay.fragments import Fragments
from polycast.live.relay.model import Format, NoSlot
from polycast.live.relay.session import SLOT_WAIT_S, Session

KEEP_ALIVE: Final = timedelta(seconds=0.5)
KEEP_ALIVE_BYTES: Final = NULL_PACKET * 7
LONGEST_OUTAGE_S: Final = 300.0
CONVERTED_S: Final = 15.0  # a transcode has to begin by then
FIRST_LOOK: Final = timedelta(milliseconds=50)


class Feed(Protocol):
    """What an answer sends."""

    content_type: str

    async def next(self) -> bytes | None:
        """The next bytes; empty when there is nothing to say yet; None at the end."""
        ...


class TsFeed:
    """The ring's own bytes; packets without meaning while nothing comes, so that players stay."""

    content_type = "video/mp2t"

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._quiet_s = 0.0

    async def next(self) -> bytes | None:
        found = await self._cursor.read(timeout=KEEP_ALIVE)
        if found is None or found:
            self._quiet_s = 0.0
            return found
        self._quiet_s += KEEP_ALIVE.total_seconds()
        return KEEP_ALIVE_BYTES if self._quiet_s <= LONGEST_OUTAGE_S else None


class Mp4Feed:
    """Fragments; the head first."""

    content_type = "video/mp4"

    def __init__(self, fragments: Fragments) -> None:
        self._fragments = fragments
        self.number = fragments.newest()
        self._has_begun = False

    async def next(self) -> bytes | None:
        found = await self._fragments.read(self.number, KEEP_ALIVE.total_seconds())
        if found is None:
            return None
        chunk, self.number = found
        if chunk and not self._has_begun:
            self._has_begun = True
            return self._fragments.init + chunk
        return chunk


@asynccontextmanager
async def open_feed(
    session: Session, client: Client, *, behind: timedelta | None, first_s: float
) -> AsyncGenerator[Feed, None]:
    """The client's feed, once there is something to begin with, or `first_s` are over and the channel is still tried.

    Raises: NoSlot, Unavailable when the channel has ended before.
    """
    await _begun(session, first_s)
    if not client.outlet.is_plain:
        profile = await session.output_profile(client.outlet.profile_id)
        async with session.branches.used(client.outlet, profile) as branch:
            await began(branch, CONVERTED_S)
            yield _converted(client, branch)
        return
    wanted = timedelta(seconds=session.settings.new_client_behind_seconds) if behind is None else behind
    cursor = session.ring.join(behind=wanted)
    yield _ts_feed(client, cursor)


def _converted(client: Client, branch: Branch) -> Feed:
    if branch.outlet.format is Format.TS:
        return _ts_feed(client, branch.ring.join())
    feed = Mp4Feed(branch.fragments)
    client.backlog = lambda: branch.fragments.behind_bytes(feed.number)
    client.first_backlog = client.backlog()
    return feed


def _ts_feed(client: Client, cursor: Cursor) -> TsFeed:
    client.behind = lambda: cursor.behind / timedelta(seconds=1)
    client.backlog = lambda: cursor.behind_bytes
    client.first_backlog = cursor.behind_bytes
    return TsFeed(cursor)


async def _begun(session: Session, first_s: float) -> None:
    """Until a player could begin: at a keyframe, or with enough bytes where none is known."""
    ring, loop = session.ring, asyncio.get_running_loop()
    enough_s = session.settings.start_buffer_ms / 1000
    until = loop.time() + first_s
    probe = ring.join()
    while not ring.can_start and loop.time() < until:
        chunk = await probe.read(timeout=FIRST_LOOK)
        if chunk is None or session.state in ENDED:
            break
        if not chunk and ring.total_bytes and ring.held.total_seconds() >= max(enough_s, 2.0):
            return
    if session.is_full:
        raise NoSlot(session.message, waited_s=SLOT_WAIT_S)
    if session.state in ENDED and not ring.total_bytes:
        raise Unavailable(session.message or "The channel has ended.")
