"""What playback needs from other rooms of the library and of the house."""

from typing import Protocol

from polycast.core.events.model import Event
from polycast.core.identity.caller import Caller
from polycast.core.storage import Unit
from polycast.library.catalogue.model import PlayableFile, Viewer


class PlayableFiles(Protocol):
    """Who judges what may be played: `catalogue/files.py`."""

    def playable_in(
        self, unit: Unit, caller: Caller, item_id: int | str, file_id: int | str | None = None
    ) -> PlayableFile: ...

    def viewer_in(self, unit: Unit, caller: Caller) -> Viewer: ...


class ScreenTime(Protocol):
    """How long a managed profile may still watch."""

    def watched_in(self, unit: Unit, profile_id: int, *, seconds: float, item_id: int) -> str | None:
        """Count time; the reason to stop ("screen_time", "bedtime"), or None."""
        ...


class Teller(Protocol):
    """Where progress is told: `core/events`."""

    def tell(self, event: Event) -> None: ...
