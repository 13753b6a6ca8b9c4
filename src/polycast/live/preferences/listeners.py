"""What follows from a changed setting."""

from polycast.core.events.model import Listener
from polycast.core.jobs.model import Tick
from polycast.core.storage import Unit
from polycast.live.preferences.model import PreferencesChanged


def listeners() -> list[Listener]:
    """Streams get their identities anew when what these are made of has changed."""
    return [Listener(name="live.rehash_on_change", event=PreferencesChanged, once=_rehash)]


def _rehash(unit: Unit, event: PreferencesChanged) -> None:
    if "m3u_hash_key" in event.keys:
        unit.enqueue("live.rehash_streams", Tick())
