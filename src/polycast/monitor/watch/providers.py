"""The adapter that fits a server which has to be asked."""

from datetime import timedelta
from typing import Final

from polycast.core.net import Limits, Trust, Via
from polycast.monitor.providers.hdhomerun.adapter import HdHomeRun
from polycast.monitor.providers.jellyfin.adapter import Jellyfin
from polycast.monitor.providers.plex.adapter import Plex
from polycast.monitor.providers.tvheadend.adapter import Tvheadend
from polycast.monitor.servers.model import Provider, Server
from polycast.monitor.watch.polled import Adapter
from polycast.monitor.watch.ports import Tools

LIMITS: Final = Limits(
    connect=timedelta(seconds=3), first_byte=timedelta(seconds=5), total=timedelta(seconds=10),
    size_bytes=16 * 1024 * 1024, counts_answers=False,
)  # fmt: skip


def adapter_for(server: Server, tools: Tools) -> Adapter:
    """Raises: ValueError for a kind that is not asked."""
    out = tools.net.client(
        Trust.SOURCE, owner=f"monitor.{server.dvr_id}", limits=LIMITS, via=Via(verify_tls=server.verify_tls)
    )
    key = tools.key_of(server)
    if server.provider is Provider.PLEX:
        return Plex(out, server.url, key=key)
    if server.provider in (Provider.JELLYFIN, Provider.EMBY):
        return Jellyfin(out, server.url, key=key, is_emby=server.provider is Provider.EMBY)
    if server.provider is Provider.TVHEADEND:
        return Tvheadend(out, server.url, username=server.username, key=key)
    if server.provider is Provider.HDHOMERUN:
        return HdHomeRun(out, server.url)
    raise ValueError(f"a {server.provider.value} server is not asked")
