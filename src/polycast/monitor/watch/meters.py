"""The watch's figures for Prometheus, read from the board when somebody looks. Source: specs/monitor.md 4.8."""

from collections.abc import Callable, Iterator

from polycast.core.clock import Clock
from polycast.core.metrics import Metrics
from polycast.monitor.servers.model import Provider, Server
from polycast.monitor.watch.board import Board
from polycast.monitor.watch.state import ServerState

Sample = tuple[str, tuple[tuple[str, str], ...], float]
Read = Callable[[Server, ServerState], float | None]


class Family:
    """A gauge whose series are the servers that are watched now; `total` adds one without labels, or with a scope."""

    kind = "gauge"

    def __init__(self, board: Board, servers: Callable[[], list[Server]], read: Read, *, total: str = "") -> None:
        self._board = board
        self._servers = servers
        self._read = read
        self._total = total

    def samples(self) -> Iterator[Sample]:
        """Absent figures are absent samples."""
        states = self._board.own()
        found = [
            (server, value)
            for server in self._servers()
            if server.dvr_id in states and (value := self._read(server, states[server.dvr_id])) is not None
        ]
        if self._total:
            labels = (("scope", "all"),) if self._total == "scope" else ()
            yield "", labels, sum(value for _, value in found)
        for server, value in found:
            yield "", _labels(server), value


def _labels(server: Server) -> tuple[tuple[str, str], ...]:
    return (
        ("dvr_id", server.dvr_id),
        ("dvr_name", server.shown_name),
        ("host", server.host),
        ("port", str(server.port)),
    )


def register(metrics: Metrics, board: Board, servers: Callable[[], list[Server]], clock: Clock) -> None:
    """Make them known. Names of ChannelWatch beside our own."""

    def age(server: Server, state: ServerState) -> float | None:
        return None if state.freshness_at is None else max(0.0, (clock.now() - state.freshness_at).total_seconds())

    def last_event(server: Server, state: ServerState) -> float | None:
        return None if state.event_at is None else state.event_at.timestamp()

    started = clock.now()

    def uptime() -> float:
        return (clock.now() - started).total_seconds()

    metrics.gauge("channelwatch_uptime_seconds", "How long the watch has run.").ask(uptime)
    metrics.gauge("channelwatch_core_running", "Whether the watchers run here.").ask(lambda: float(board.is_ours))
    metrics.gauge("channelwatch_configured_dvrs", "Servers that are watched.").ask(
        lambda: float(sum(server.provider is Provider.CHANNELS for server in servers()))
    )
    families: tuple[tuple[str, str, Read, str], ...] = (
        ("channelwatch_active_streams", "Activities.", lambda _, state: state.activity_count, "plain"),
        ("channelwatch_disk_free_bytes", "Free space.", lambda _, state: state.disk_free, "scope"),
        ("channelwatch_disk_total_bytes", "Size of the disk.", lambda _, state: state.disk_total, "scope"),
        ("channelwatch_disk_used_bytes", "Used space.", lambda _, state: state.disk_used, "scope"),
        ("channelwatch_dvr_connected", "Whether the server answers.", lambda _, state: float(state.connected), ""),
        ("polycast_monitor_freshness_age_seconds", "Since the last sign of life.", age, ""),
        (
            "polycast_monitor_last_event_timestamp_seconds",
            "When the last event came.",
            last_event,
            "",
        ),
        ("polycast_monitor_events", "Events since the start.", lambda _, state: state.events, ""),
        (
            "polycast_monitor_reconnects",
            "Times the event stream was opened again.",
            lambda _, state: state.reconnects,
            "",
        ),
        ("polycast_monitor_sessions", "Viewings and recordings that run.", lambda _, state: state.session_count, ""),
        ("polycast_monitor_probe_milliseconds", "How long the last probe took.", lambda _, state: state.latency_ms, ""),
    )
    for name, text, read, total in families:
        metrics.add(name, text, Family(board, servers, read, total=total))
