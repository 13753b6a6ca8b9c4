"""A player of HLS that checks what it is given: reads playlists as a browser does, and joins what it fetched."""

import io
from typing import Any
from urllib.parse import urljoin

import av
from msgspec import Struct

from tests.server import Client


class Playlist(Struct, frozen=True, kw_only=True):
    """A media playlist."""

    url: str
    init: str
    segments: list[tuple[str, float]]  # address, seconds
    target: int
    is_complete: bool


class Track(Struct, frozen=True, kw_only=True):
    """What came of one track: when each frame is shown, in seconds, rising."""

    kind: str
    codec: str
    times: list[float]
    channels: int = 0
    width: int = 0


class Player(Struct, frozen=True, kw_only=True):
    """Fetches what a session offers."""

    client: Client
    session: dict[str, Any]

    @property
    def base(self) -> str:
        return f"/api/stream/{self.session['id']}/"

    @property
    def query(self) -> str:
        return str(self.session["url"]).partition("?")[2]

    async def master(self) -> str:
        answer = await self.client.get(f"{self.base}master.m3u8?{self.query}")
        assert answer.status == 200, answer.text()
        assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
        return answer.text()

    async def variants(self) -> list[str]:
        """Addresses of the qualities."""
        lines = (await self.master()).splitlines()
        return [urljoin(self.base, line) for line in lines if line and not line.startswith("#")]

    async def playlist(self, url: str) -> Playlist:
        answer = await self.client.get(url)
        assert answer.status == 200, answer.text()
        lines = answer.text().splitlines()
        assert lines[0] == "#EXTM3U"
        init, seconds, target, segments = "", 0.0, 0, []
        for line in lines:
            name, _, value = line.partition(":")
            if name == "#EXT-X-MAP":
                init = urljoin(url, value.split('"')[1])
            elif name == "#EXTINF":
                seconds = float(value.rstrip(","))
            elif name == "#EXT-X-TARGETDURATION":
                target = int(value)
            elif not line.startswith("#"):
                segments.append((urljoin(url, line), seconds))
        return Playlist(url=url, init=init, segments=segments, target=target, is_complete="#EXT-X-ENDLIST" in lines)

    async def fetch(self, url: str) -> bytes:
        answer = await self.client.get(url)
        assert answer.status == 200, f"{url}: {answer.status} {answer.body[:200]!r}"
        return answer.body

    async def play(self, url: str, order: list[int] | None = None) -> list[Track]:
        """All segments, fetched in some order, as a decoder sees them joined."""
        playlist = await self.playlist(url)
        numbers = list(range(len(playlist.segments)))
        found = {number: await self.fetch(playlist.segments[number][0]) for number in order or numbers}
        return tracks_of(await self.fetch(playlist.init) + b"".join(found[number] for number in sorted(found)))


def tracks_of(content: bytes) -> list[Track]:
    """What a decoder finds: every frame is decoded."""
    found = []
    with av.open(io.BytesIO(content)) as container:
        for stream in container.streams:
            container.seek(0)
            times = [float(frame.pts * frame.time_base) for frame in container.decode(stream)]
            context = stream.codec_context
            found.append(
                Track(
                    kind=stream.type,
                    codec=context.name,
                    times=sorted(times),
                    channels=getattr(context, "channels", 0) or 0,
                    width=getattr(context, "width", 0) or 0,
                )
            )
    return found


def steps(track: Track) -> tuple[float, float]:
    """The shortest and the longest time from one frame to the next."""
    found = [later - earlier for earlier, later in zip(track.times, track.times[1:], strict=False)]
    return min(found), max(found)
