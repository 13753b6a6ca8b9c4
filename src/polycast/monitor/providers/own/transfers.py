"""The transfers of the server we run in: what comes in, how fast, and what failed."""

from typing import Final

from msgspec import Struct

from polycast.core.events import Listener
from polycast.monitor.alerts.model import Happening
from polycast.monitor.ports import TransferChanged, TransferProgressed, TransferRemoved
from polycast.monitor.providers.own.space import Space
from polycast.monitor.watch.polled import Seen
from polycast.monitor.watch.state import NowRecording

FAILED: Final = frozenset({"failed", "missing"})
DONE: Final = "done"
SHOWN: Final = 100


class Coming(Struct, kw_only=True):
    """A transfer under way."""

    title: str
    progress: float = 0.0
    speed_bps: int = 0


class OwnTransfers:
    """Keeps what the events say."""

    def __init__(self, version: str, space: Space) -> None:
        self._version = version
        self._space = space
        self._coming: dict[str, Coming] = {}
        self._failed: set[str] = set()
        self._happened: list[Happening] = []

    async def look(self) -> Seen:
        """All of it."""
        happened, self._happened = self._happened, []
        speed = sum(one.speed_bps for one in self._coming.values())
        details: dict[str, str] = {}
        if self._coming or self._failed:
            details = {"transfers": str(len(self._coming)), "speed": f"{speed / 1_000_000:.1f} MB/s", "failed": str(len(self._failed))}  # fmt: skip
        total, free = await self._space.now()
        shown = [
            NowRecording(title=one.title, until=f"{one.progress:.0%}") for one in list(self._coming.values())[:SHOWN]
        ]
        return Seen(
            version=self._version, name="Polycast transfers", recording=shown, details=details, happened=happened,
            disk_total=total, disk_free=free,
        )  # fmt: skip

    def listeners(self) -> list[Listener]:
        """For the module."""
        return [
            Listener(name="monitor.hear_transfer", event=TransferChanged, here=self._changed),
            Listener(name="monitor.hear_transfer_progress", event=TransferProgressed, here=self._progressed),
            Listener(name="monitor.hear_transfer_end", event=TransferRemoved, here=self._removed),
        ]

    async def _changed(self, event: TransferChanged) -> None:
        state = event.state.lower()
        if state in FAILED:
            self._coming.pop(event.info_hash, None)
            if event.info_hash not in self._failed:
                self._failed.add(event.info_hash)
                text = f"{event.title}: {event.error[:300] or state}"
                self._say("Transfer Failed", text, severity="warning", provider=event.provider)
            return
        was_failed = event.info_hash in self._failed
        self._failed.discard(event.info_hash)
        if state == DONE:
            self._coming.pop(event.info_hash, None)
            self._say(
                "Transfer Completed", event.title, is_over=was_failed and not self._failed, provider=event.provider
            )
        elif event.info_hash not in self._coming:
            self._coming[event.info_hash] = Coming(title=event.title)

    async def _progressed(self, event: TransferProgressed) -> None:
        known = self._coming.get(event.info_hash)
        if known is not None:
            known.progress, known.speed_bps = min(max(event.progress, 0.0), 1.0), max(0, event.speed_bps)

    async def _removed(self, event: TransferRemoved) -> None:
        self._coming.pop(event.info_hash, None)
        self._failed.discard(event.info_hash)

    def _say(self, title: str, text: str, *, severity: str = "info", is_over: bool = False, provider: str = "") -> None:
        icon = "alert-circle" if severity != "info" else "video"
        self._happened.append(
            Happening(
                title=title, text=text, severity=severity, is_over=is_over, icon=icon, extra={"provider": provider}
            )
        )
