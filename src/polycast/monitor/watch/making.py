"""The watcher that fits a server."""

from collections.abc import Mapping

from polycast.monitor.providers.own.servers import OWN_EVERY
from polycast.monitor.recordings.model import Lifecycle
from polycast.monitor.servers.model import Provider, Server
from polycast.monitor.sessions.model import Session
from polycast.monitor.watch.channels import ChannelsWatcher
from polycast.monitor.watch.polled import Adapter, PolledWatcher
from polycast.monitor.watch.ports import Tools
from polycast.monitor.watch.providers import adapter_for
from polycast.monitor.watch.state import ServerState
from polycast.monitor.watch.supervisor import Watcher


def make_watcher(
    server: Server, state: ServerState, sessions: list[Session], recordings: list[Lifecycle], tools: Tools,
    own: Mapping[str, Adapter],
) -> Watcher:  # fmt: skip
    """Channels DVR has a stream of its own; all others are looked at. `own` are the adapters of our own modules."""
    if server.dvr_id in own:
        return PolledWatcher(server, tools, own[server.dvr_id], state=state, sessions=sessions, every=OWN_EVERY)
    if server.provider is Provider.CHANNELS:
        return ChannelsWatcher(server, tools, state=state, sessions=sessions, recordings=recordings)
    return PolledWatcher(server, tools, adapter_for(server, tools), state=state, sessions=sessions)
