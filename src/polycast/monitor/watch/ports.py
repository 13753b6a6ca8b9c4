"""What a watcher is given besides its server: where its findings go, and what it asks of the settings."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.events import Event
from polycast.core.metrics import Metrics
from polycast.core.net import Net
from polycast.monitor.alerts.engine import Engine
from polycast.monitor.alerts.rulebook import Rulebook
from polycast.monitor.alerts.teller import Teller
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.model import Server


class Tools(Struct, frozen=True, kw_only=True):
    """Shared by all watchers."""

    net: Net
    clock: Clock
    book: PreferencesBook
    engine: Engine
    teller: Teller
    rules: Rulebook
    metrics: Metrics
    zone: Callable[[], ZoneInfo]
    tell: Callable[[Event], None]
    key_of: Callable[[Server], str]
