"""What the parts of the engine need of each other, and of the rest of radio hosting."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from polycast.core.storage import Unit
from polycast.radio.edge.model import Format
from polycast.radio.engine.model import Playing
from polycast.radio.player.wire import Order
from polycast.radio.stations.model import Dj, Track

if TYPE_CHECKING:
    from polycast.radio.engine.inputs import Tap
    from polycast.radio.engine.station import StationAir


class Desk(Protocol):
    """A running player."""

    def order(self, order: Order, descriptor: int | None = None) -> None:
        """Tell it. The descriptor is closed here once it was handed over."""
        ...


class Diary(Protocol):
    """Where a station's doings are noted."""

    def began(self, playing: Playing) -> None: ...

    def ended(self, playing: Playing, seconds: float) -> None: ...

    def broken(self, track: Track) -> None: ...

    def relayed(self, dj_id: int | None) -> None:
        """The programme gives way to a relay; None: it does not."""
        ...


class StationNotes(Protocol):
    """Who wants to know what happens to a station's sources."""

    def source_over(self, station: "StationAir", why: str) -> None: ...

    def dj_came(self, station: "StationAir", dj: Dj, form: Format) -> "Tap | None":
        """A recording, when one is wanted."""
        ...

    def dj_left(self, station: "StationAir", dj_id: int, why: str) -> None: ...

    def on_air(self, station: "StationAir", before: int | None) -> None:
        """Somebody else is heard: `station.on_air_dj` now, DJ `before` until now."""
        ...

    def live_title(self, station: "StationAir", dj_id: int) -> None: ...


class RunNotes(Protocol):
    """Who wants to know what happens to a station's player."""

    def changed(self, station: "StationAir") -> None:
        """Something else is heard."""
        ...

    def silent(self, station: "StationAir", seconds: float, dj_id: int | None) -> None: ...

    def down(self, station: "StationAir", why: str) -> None: ...

    def up(self, station: "StationAir") -> None: ...


class Usage(Protocol):
    """Where traffic is counted."""

    def add_in(
        self, unit: Unit, account_id: int, *, at: datetime, sent_bytes: int, listened_ms: int, listeners: int
    ) -> int | None: ...


class Tokens(Protocol):
    """Comparing secrets."""

    def same(self, left: str | bytes, right: str | bytes) -> bool: ...

    def hash(self, token: str) -> bytes: ...


class Geo(Protocol):
    """Where an address is."""

    def country(self, address: str) -> str:
        """Two letters, "" when nobody knows."""
        ...


class NoGeo:
    """A house without a country database."""

    def country(self, address: str) -> str:
        return ""


Ids = Sequence[int]
