"""A server with films of every kind that playback has to deal with."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.identity.scopes import Role
from tests.library.media import _folder, put
from tests.server import Client, Server, running

SIZE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24000/1001:duration={seconds}")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "24", "-pix_fmt", "yuv420p")
SRT = "1\n00:00:01,000 --> 00:00:03,000\n<i>Good</i> evening & welcome\n\n2\n00:00:12,000 --> 00:00:14,500\nLater <b>on</b>\n"
WEB = {
    "containers": ["mp4", "webm"],
    "videoCodecs": [{"codec": "h264", "maxLevel": 52, "bitDepth": 8}, {"codec": "vp9"}],
    "audioCodecs": [{"codec": "aac", "maxChannels": 2}, {"codec": "opus"}],
    "hdr": [],
    "subtitles": ["webvtt"],
    "hls": True,
}


class Cinema(Struct, frozen=True, kw_only=True):
    """What the tests watch."""

    server: Server
    owner: Client
    member: Client
    films: Path
    ids: dict[str, str]  # title -> nanoid

    async def start(
        self, title: str, by: Client | None = None, profile: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A session of a film, on a browser unless `profile` says otherwise."""
        client = {"name": "test", "device": "bench", "profile": profile or WEB}
        sent = {"mediaType": "movie", "mediaId": self.ids[title], "client": client} | more
        answer = await (by or self.owner).post("/v1/playback/sessions", sent)
        assert answer.status == 201, answer.text()
        found: dict[str, Any] = answer.json()
        return found

    async def decide(self, title: str, profile: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """How it would be played."""
        sent = {"mediaType": "movie", "mediaId": self.ids[title], "client": {"profile": profile or WEB}} | more
        answer = await self.owner.post("/v1/playback/decide", sent)
        assert answer.status == 200, answer.text()
        found: dict[str, Any] = answer.json()
        return found


def ffmpeg(*words: str) -> None:
    """Run it, to the end."""
    subprocess.run([get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *words], check=True)


@cache
def surround(seconds: int = 20) -> Path:
    """H.264 with reordered frames, AC-3 5.1 and AAC in two languages, subtitles, chapters, in Matroska."""
    place, words, marks = _folder() / "surround.mkv", _folder() / "words.srt", _folder() / "marks.txt"
    words.write_text(SRT)
    marks.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=10\ntitle=Opening\n"
        f"[CHAPTER]\nTIMEBASE=1/1\nSTART=10\nEND={seconds}\ntitle=The rest\n"
    )
    video = [word.format(seconds=seconds) for word in SIZE]
    tones = [f"sine=frequency={tone}:sample_rate=48000:duration={seconds}" for tone in (440, 660)]
    ffmpeg(
        *video, "-f", "lavfi", "-i", tones[0], "-f", "lavfi", "-i", tones[1], "-i", str(words), "-i", str(marks),
        "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", "-map_metadata", "4", *H264,
        "-c:a:0", "ac3", "-ac:a:0", "6", "-c:a:1", "aac", "-ac:a:1", "2", "-c:s", "srt",
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:s:0", "language=eng",
        str(place),
    )  # fmt: skip
    return place


@cache
def plain(name: str = "plain.mp4", seconds: int = 12) -> Path:
    """H.264 and stereo AAC."""
    place = _folder() / name
    video = [word.format(seconds=seconds) for word in SIZE]
    ffmpeg(
        *video, "-f", "lavfi", "-i", f"sine=frequency=500:sample_rate=48000:duration={seconds}", *H264,
        "-c:a", "aac", "-ac", "2", "-movflags", "+faststart", str(place),
    )  # fmt: skip
    return place


@cache
def hevc_hdr(seconds: int = 8) -> Path:
    """HEVC Main 10 that says it is HDR10, without sound."""
    place = _folder() / "hdr.mkv"
    video = [word.format(seconds=seconds) for word in SIZE]
    ffmpeg(
        *video, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le",
        "-x265-params", "log-level=none:keyint=24:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
        "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", str(place),
    )  # fmt: skip
    return place


@cache
def long() -> Path:
    """Nearly seven minutes, a frame a second: long enough for a resume point."""
    place = _folder() / "long.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=size=64x36:rate=1:duration=400", "-f", "lavfi", "-i", "sine=duration=400",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "4", "-c:a", "aac", "-b:a", "16k",
        str(place),
    )  # fmt: skip
    return place


@asynccontextmanager
async def cinema(
    tmp_path: Path, *, with_long: bool = False, clock: Clock | None = None, **settings: str
) -> AsyncIterator[Cinema]:
    """A scanned library of films."""
    films = tmp_path / "media" / "films"
    made = [await asyncio.to_thread(make) for make in (surround, plain, hevc_hdr, transport)]
    put(films, "Surround (2001)/Surround (2001).mkv", made[0])
    put(films, "Plain (2002)/Plain (2002).mp4", made[1])
    put(films, "Bright (2003)/Bright (2003).mkv", made[2])
    put(films, "Broadcast (2004)/Broadcast (2004).ts", made[3])
    if with_long:
        put(films, "Long (2005)/Long (2005).mp4", await asyncio.to_thread(long))
    async with running(tmp_path, clock=clock, **settings) as server:
        owner, member = await server.client(Role.OWNER), await server.client(Role.MEMBER)
        sent = {"name": "Films", "type": "movie", "paths": [str(films)]}
        library = await owner.post("/v1/libraries", sent)
        assert library.status == 201, library.text()
        await server.idle()
        listed = (await owner.get("/v1/movies?limit=100")).json()["items"]
        ids = {one["title"]: one["id"] for one in listed}
        yield Cinema(server=server, owner=owner, member=member, films=films, ids=ids)


@cache
def transport() -> Path:
    """A recording: a transport stream, which has no index."""
    place = _folder() / "broadcast.ts"
    ffmpeg("-i", str(plain()), "-map", "0", "-c", "copy", "-f", "mpegts", str(place))
    return place
