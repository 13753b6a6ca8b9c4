"""The media library of the server we run in: who plays what, heard from its own events."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.events import Listener
from polycast.monitor.ports import PlaybackProgressed, PlaybackStarted, PlaybackStopped
from polycast.monitor.providers.own.space import Space
from polycast.monitor.sessions.model import SessionKind
from polycast.monitor.watch.polled import Seen, Viewing

MOST: Final = 2000
SILENT: Final = timedelta(minutes=30)  # a playback that nobody has heard of for so long is over


class OwnLibrary:
    """Keeps what the events say. `name_of` tells a user's name."""

    def __init__(self, version: str, space: Space, clock: Clock, name_of: Callable[[int], Awaitable[str]]) -> None:
        self._version = version
        self._space = space
        self._clock = clock
        self._name_of = name_of
        self._playing: dict[str, Viewing] = {}
        self._heard_at: dict[str, timedelta] = {}
        self._positions: dict[str, timedelta] = {}

    async def look(self) -> Seen:
        """All of it."""
        now = self._clock.monotonic()
        for session in [one for one, at in self._heard_at.items() if now - at > SILENT]:
            self._forget(session)
        total, free = await self._space.now()
        viewings = [
            replace(one, position=self._positions.get(session, one.position)) for session, one in self._playing.items()
        ]
        return Seen(
            version=self._version, name="Polycast library", viewings=viewings, disk_total=total, disk_free=free
        )  # fmt: skip

    def listeners(self) -> list[Listener]:
        """For the module."""
        return [
            Listener(name="monitor.hear_playback_start", event=PlaybackStarted, here=self._started),
            Listener(name="monitor.hear_playback", event=PlaybackProgressed, here=self._progressed),
            Listener(name="monitor.hear_playback_end", event=PlaybackStopped, here=self._stopped),
        ]

    async def _started(self, event: PlaybackStarted) -> None:
        self._heard_at[event.session] = self._clock.monotonic()
        self._playing[event.session] = Viewing(
            key=event.session,
            kind=SessionKind.VOD,
            title=event.title,
            device=event.device,
            user=await self._name_of(event.user_id),
            source=event.mode.replace("_", " ").capitalize(),
            file_id=event.item,
        )

    async def _progressed(self, event: PlaybackProgressed) -> None:
        # Events of two kinds may overtake each other: where a playback is may be known before its title.
        if event.session not in self._heard_at and len(self._heard_at) >= MOST:
            return
        self._heard_at[event.session] = self._clock.monotonic()
        self._positions[event.session] = timedelta(seconds=min(max(event.position, 0.0), 1e7))

    async def _stopped(self, event: PlaybackStopped) -> None:
        self._forget(event.session)

    def _forget(self, session: str) -> None:
        self._playing.pop(session, None)
        self._heard_at.pop(session, None)
        self._positions.pop(session, None)
