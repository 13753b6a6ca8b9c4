"""From an address to a stream of bytes: plain HTTP, HLS, UDP and RTP by ourselves, RTSP and profiles through ffmpeg."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.errors import PolycastError
from polycast.core.media import mpegts_argv, piped
from polycast.core.media.piping import QUICK
from polycast.core.net import LIVE, BadAnswer, Incoming, Limits, Net, Outbound, Trust
from polycast.core.processes import PIPE, Processes, Running, profile_argv
from polycast.core.processes.allowed import input_words
from polycast.live.relay.apart import joined, part_of
from polycast.live.relay.candidates import Candidate
from polycast.live.relay.hls import HlsReader
from polycast.live.relay.rtsp import Talk, rtsp_way

PLAYLISTS: Final = frozenset(
    {"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl"}
)
FORM_OF: Final = {
    "video/x-flv": "flv",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/aacp": "aac",
    "audio/ogg": "ogg",
    "application/ogg": "ogg",
}
READ_BYTES: Final = 128 * 1024
IDLE: Final = timedelta(seconds=65)  # the course sees a stall long before; this only ends what was forgotten

Bytes = AsyncIterator[bytes]


class Source(Struct, frozen=True):
    """An open upstream."""

    chunks: Bytes
    patience_s: Callable[[], float] = lambda: 0.0  # how long it may rightly bring nothing; segments come in turns


class Inputs:
    """Opens upstreams. What a session reads is a transport stream, whatever the provider sends."""

    def __init__(self, *, net: Net, processes: Processes) -> None:
        self._net = net
        self._processes = processes

    @asynccontextmanager
    async def open(self, candidate: Candidate, *, channel: str, connect: timedelta) -> AsyncGenerator[Source, None]:
        """The candidate's bytes for the length of the block.

        Raises: Unreachable, BadAnswer, Forbidden, Unavailable; Invalid for a profile that cannot be run.
        """
        url = candidate.upstream.url
        async with AsyncExitStack() as stack:
            if urlsplit(url).scheme.lower() in {"rtsp", "rtsps"}:
                yield await stack.enter_async_context(self._rtsp(candidate, connect))
                return
            source = await stack.enter_async_context(self._fetched(candidate, connect))
            if candidate.how.command and candidate.how.command.strip() == "ffmpeg":
                values = {"userAgent": candidate.how.user_agent or "", "channelId": channel}
                argv = [*QUICK, *profile_argv("ffmpeg", candidate.how.parameters, values)]
                child = await stack.enter_async_context(piped(self._processes, argv, source.chunks))
                source = Source(child.chunks(), source.patience_s)
            yield source

    def _client(self, candidate: Candidate, limits: Limits) -> Outbound:
        owner = f"live.account:{candidate.upstream.account_id}"
        return self._net.client(Trust.SOURCE, owner=owner, limits=limits, user_agent=candidate.how.user_agent)

    @asynccontextmanager
    async def _fetched(self, candidate: Candidate, connect: timedelta) -> AsyncGenerator[Source, None]:
        limits = replace(LIVE, connect=connect, first_byte=connect, idle=IDLE)
        client = self._client(candidate, limits)
        url = candidate.upstream.url
        if urlsplit(url).scheme.lower() in {"udp", "rtp"}:
            async with client.udp(url, idle=IDLE) as feed:
                yield Source(feed.chunks(READ_BYTES))
            return
        headers = {name: value for name, value in candidate.upstream.headers.items() if name != "User-Agent"}
        async with AsyncExitStack() as stack:
            incoming = await stack.enter_async_context(client.stream("GET", url, headers=headers))
            _require_stream(incoming)
            first = b""
            is_list = incoming.content_type in PLAYLISTS or urlsplit(incoming.url).path.lower().endswith(".m3u8")
            chunks = incoming.chunks(READ_BYTES)
            if not is_list:
                first = await anext(chunks, b"")
                is_list = first.lstrip()[:7] == b"#EXTM3U"
            if is_list:
                whole = b"".join([first] + [piece async for piece in chunks])
                yield await stack.enter_async_context(self._segments(client, headers, incoming.url, whole))
                return
            source = _behind(first, chunks)
            form = FORM_OF.get(incoming.content_type)
            if form is not None and first[:1] != b"\x47":
                child = await stack.enter_async_context(piped(self._processes, mpegts_argv(form), source))
                source = child.chunks()
            yield Source(source)

    @asynccontextmanager
    async def _segments(
        self, client: Outbound, headers: Mapping[str, str], url: str, first: bytes
    ) -> AsyncGenerator[Source, None]:
        """The segments of the playlist `first`; fragments of MP4, and sound that comes apart, become a transport stream."""
        reader = HlsReader(client, headers=headers)
        await reader.begin(url, first)
        if reader.sound_url:
            sound = HlsReader(client, headers=headers)
            await sound.begin_at(reader.sound_url)
            parts = [await part_of(one.chunks()) for one in (reader, sound)]
            async with joined(self._processes, *parts) as child:
                yield Source(child.chunks(), lambda: max(reader.patience_s, sound.patience_s))
            return
        if not reader.is_mp4:
            yield Source(reader.chunks(), lambda: reader.patience_s)
            return
        async with piped(self._processes, mpegts_argv("mp4"), reader.chunks()) as child:
            yield Source(child.chunks(), lambda: reader.patience_s)

    @asynccontextmanager
    async def _rtsp(self, candidate: Candidate, connect: timedelta) -> AsyncGenerator[Source, None]:
        """The one input that ffmpeg fetches itself: it dials us, and we dial the source."""
        client = self._client(candidate, replace(LIVE, connect=connect))
        async with (
            rtsp_way(client, candidate.upstream.url) as (url, talk),
            self._processes.running(self._processes.tools.ffmpeg, rtsp_argv(url), stdout=PIPE, network=True) as child,
        ):
            yield Source(_told(child, talk))


def rtsp_argv(url: str) -> list[str]:
    """ffmpeg reads `url` over TCP alone and writes a transport stream, nothing encoded anew."""
    words = ["-hide_banner", "-nostdin", "-loglevel", "warning", "-rtsp_transport", "tcp", "-timeout", "10000000"]
    words += input_words(protocols="rtsp,rtp,tcp", formats=("rtsp", "rtp", "mpegts", "sdp"))
    words += ["-i", url, "-map", "0:v?", "-map", "0:a?", "-c", "copy"]
    return [*words, "-flush_packets", "1", "-f", "mpegts", "pipe:1"]


async def _told(child: Running, talk: Talk) -> Bytes:
    """The child's bytes. Raises: BadAnswer, with what the source said when it ended the conversation."""
    async for chunk in child.chunks():
        yield chunk
    if talk.error is not None:
        raise talk.error


def _require_stream(incoming: Incoming) -> None:
    """Raises: BadAnswer for a refusal, a web page or a picture."""
    if not 200 <= incoming.status < 300:
        raise BadAnswer(
            f"The provider answered with status {incoming.status}.", reason="status", status=incoming.status
        )
    if incoming.content_type in {"text/html", "application/json"}:
        raise BadAnswer("The provider answered with a web page instead of a stream.", reason="shape")


async def _behind(first: bytes, chunks: Bytes) -> Bytes:
    if first:
        yield first
    async for chunk in chunks:
        yield chunk


def words_of(error: BaseException) -> str:
    """What went wrong, for people."""
    return error.message if isinstance(error, PolycastError) else type(error).__name__
