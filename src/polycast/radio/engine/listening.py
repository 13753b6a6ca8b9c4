"""Listening on the server's own origin: the same mounts, limits and counts as on an account's ports."""

from collections import deque
from urllib.parse import quote

from polycast.core.errors import NotFound
from polycast.radio.edge.door import metaint_of
from polycast.radio.edge.listener import Listener, Sink
from polycast.radio.edge.model import Guest, Manner, Refusal
from polycast.radio.edge.mount import Mount
from polycast.radio.engine.account import NEEDS_TOKEN
from polycast.radio.engine.model import path_of
from polycast.radio.engine.running_station import OnAirStation
from polycast.radio.engine.segments import Reel, Segment
from polycast.radio.engine.service import Engine

HLS_CODECS = {"mp3": "mp4a.40.34", "aac": "mp4a.40.2"}


class Refused(Exception):
    """Not let in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


class Pipe:
    """Bytes for somebody who takes them one by one."""

    def __init__(self) -> None:
        self.parts: deque[bytes] = deque()
        self.size = 0
        self.is_closed = False

    def write(self, parts: list[bytes]) -> None:
        self.parts += parts
        self.size += sum(map(len, parts))

    def backlog(self) -> int:
        return self.size

    def close(self) -> None:
        self.is_closed = True

    def taken(self) -> bytes:
        """All that waits."""
        data = b"".join(self.parts)
        self.parts.clear()
        self.size = 0
        return data


class Listening:
    """By slug and path."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def station(self, slug: str) -> OnAirStation:
        """Raises: NotFound."""
        for one in self._engine.stations.values():
            if one.air.setup.station.slug == slug and one.air.setup.may_run:
                return one
        raise NotFound("The station")

    def mount(self, slug: str, path: str) -> tuple[OnAirStation, Mount]:
        """Raises: NotFound, also for a channel that is not offered here."""
        one = self.station(slug)
        for channel in one.air.setup.channels:
            mount = one.air.mounts.get(channel.id)
            names = {channel.proxy_url_path.strip("/"), path_of(channel).strip("/")} - {""}
            if mount is not None and (channel.proxy_enabled or channel.ssl_proxy_enabled) and path.strip("/") in names:
                return one, mount
        raise NotFound("The channel")

    def admit(self, one: OnAirStation, mount: Mount, guest: Guest) -> None:
        """Raises: Refused."""
        account = one.air.account
        refusal = account.refusal(one.air.setup.station, guest)
        if refusal is None and mount.spec.tokens_only and not one.air.admits_token(guest.token):
            refusal = NEEDS_TOKEN
        refusal = refusal or account.full(mount)
        if refusal is not None:
            raise Refused(refusal)

    def join(self, mount: Mount, guest: Guest, sink: Sink) -> Listener:
        """Begin to listen; `Listener.end` ends it."""
        metaint = metaint_of(mount, guest, Manner.ICECAST)
        listener = self._engine.office.listener(mount, guest, sink, metaint=metaint)
        mount.join(listener, intro=self._engine.office.intro(mount, guest))
        return listener

    # HLS

    def master(self, slug: str, form: str) -> str:
        """All channels of one format. Raises: NotFound when there is none."""
        one = self.station(slug)
        lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
        for channel in one.air.setup.channels:
            mount = one.air.mounts.get(channel.id)
            if mount is None or not channel.hls_enabled or mount.spec.format.value != form or form not in HLS_CODECS:
                continue
            width = round(mount.spec.bitrate_kbps * 1000 * 1.1)
            lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={width},CODECS="{HLS_CODECS[form]}"', f"{channel.id}/index.m3u8"]
        if len(lines) == 2:
            raise NotFound("The format")
        return "\n".join(lines) + "\n"

    def reel(self, slug: str, form: str, channel_id: int) -> tuple[OnAirStation, Reel]:
        """Raises: NotFound."""
        one = self.station(slug)
        mount, channel = one.air.mounts.get(channel_id), one.air.channel(channel_id)
        if mount is None or channel is None or not channel.hls_enabled or mount.spec.format.value != form:
            raise NotFound("The channel")
        found = self._engine.segments.reel(mount)
        if found is None:
            raise NotFound("The format")
        return one, found

    def playlist(self, slug: str, form: str, channel_id: int, guest: Guest, sid: str) -> str:
        """A media playlist; asking for it makes a listener. Raises: NotFound, Refused."""
        one, reel = self.reel(slug, form, channel_id)
        who = sid or f"{guest.address} {guest.agent}"
        if not reel.is_known(who):
            self.admit(one, reel.mount, guest)
        elif (refusal := one.air.account.refusal(one.air.setup.station, guest)) is not None:
            raise Refused(refusal)
        reel.asked(who)
        return reel.playlist(lambda number: f"{number}.ts?sid={quote(sid)}" if sid else f"{number}.ts")

    def segment(self, slug: str, form: str, channel_id: int, number: int, guest: Guest, sid: str) -> Segment:
        """A piece; its bytes count as traffic. Raises: NotFound, Refused for who has not asked for the playlist."""
        one, reel = self.reel(slug, form, channel_id)
        who = sid or f"{guest.address} {guest.agent}"
        if not reel.is_known(who):
            self.admit(one, reel.mount, guest)
        found = reel.segment(number)
        if found is None:
            raise NotFound("The segment")
        reel.asked(who)
        reel.mount.sent_bytes += len(found.data)
        return found
