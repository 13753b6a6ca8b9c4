"""`/proxy/ts/metrics`: what runs, for Prometheus. Source: `specs/live.md` 3.14, `[+]`."""

from collections import Counter

from polycast.core.metrics import Metrics
from polycast.live.relay.course import State
from polycast.live.relay.service import Relays


def measured(relays: Relays) -> str:
    """This node's running channels, as text. Channels are told apart by UUID; their series end with them."""
    metrics = Metrics()
    states = Counter(session.state for session in relays.sessions)
    channels = metrics.gauge("polycast_live_channels", "Running channels by state.")
    for state in State:
        channels.set(states[state], state=state.value)
    metrics.counter("polycast_live_sent_bytes_total", "Bytes sent to players.").add(relays.total_sent_bytes())
    clients = metrics.gauge("polycast_live_channel_clients", "Players of a channel.")
    received = metrics.counter("polycast_live_channel_received_bytes_total", "Bytes received from providers.")
    switches = metrics.counter("polycast_live_channel_switches_total", "How often another stream took over.")
    rate = metrics.gauge("polycast_live_channel_receive_bits_per_second", "What comes from the provider lately.")
    held = metrics.gauge("polycast_live_channel_buffer_bytes", "What is kept for players.")
    for session in relays.sessions:
        channel, attempt = session.target.ref, session.current
        clients.set(len(session.clients), channel=channel)
        received.add(session.received_bytes + (attempt.received_bytes if attempt else 0), channel=channel)
        switches.add(session.switches, channel=channel)
        rate.set(session.rate.bps, channel=channel)
        held.set(session.ring.held_bytes, channel=channel)
    return metrics.render()
