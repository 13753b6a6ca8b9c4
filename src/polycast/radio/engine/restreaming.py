"""A channel's sound on social networks: RTMP out, with a still picture. Source: `specs/radio.md` 4.13, 5.1.

The child may speak to one loopback port, where a forwarder of ours carries its bytes to the address that was judged.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.net import LIVE, Net, Outbound, Trust, listen
from polycast.core.processes import PIPE, Limits, Processes, Running
from polycast.radio.edge.model import Format
from polycast.radio.edge.mount import Mount
from polycast.radio.engine.station import StationAir
from polycast.radio.panel.rules import RESTREAM_FLAGS
from polycast.radio.stations.model import Restream

LOOK: Final = timedelta(seconds=1)
WAITS_S: Final = (5, 10, 20, 40, 80, 160, 300)
STEADY: Final = timedelta(minutes=2)
WAITING_MOST: Final = 1024 * 1024  # bytes of sound that wait for the child
PIECE: Final = 64 * 1024
PICTURE: Final = "color=c=0x101820:s=1280x720:r=2"
LIMITS: Final = Limits(memory_bytes=2 * 1024**3, file_bytes=0, nice=5)
DEMUXERS: Final = {Format.MP3: "mp3", Format.AAC: "aac"}  # what can be joined anywhere
PORTS: Final = {"rtmp": 1935, "rtmps": 443}

log = logging.getLogger("polycast.radio")


class Target(Struct, frozen=True, kw_only=True):
    """Where a stream goes. `path` holds the key: keep it out of logs."""

    host: str
    port: int
    tls: bool
    app: str
    path: str

    def __repr__(self) -> str:
        return f"Target({self.host!r}, {self.port})"


def target_of(restream: Restream) -> Target | None:
    """None for an address that RTMP does not know."""
    try:
        parts = urlsplit(f"{restream.url.rstrip('/')}/{restream.key}" if restream.key else restream.url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    steps = [one for one in parts.path.split("/") if one]
    is_plain = all(ch.isprintable() and ch not in " \\\"'" for ch in f"{parts.path}{parts.query}")
    if parts.scheme not in PORTS or not parts.hostname or len(steps) < 2 or not is_plain or parts.username:
        return None
    path = "/".join(steps[1:]) + (f"?{parts.query}" if parts.query else "")
    return Target(host=parts.hostname, port=port, tls=parts.scheme == "rtmps", app=steps[0], path=path)


def words(target: Target, demuxer: str, port: int) -> list[str]:
    """What ffmpeg is told: sound from its input, a picture of its own, out to our forwarder."""
    shown = f"[{target.host}]" if ":" in target.host else target.host
    return [
        "-nostdin", "-hide_banner", "-loglevel", "error",
        "-thread_queue_size", "512", "-f", demuxer, "-i", "pipe:0", "-f", "lavfi", "-i", PICTURE,
        "-map", "1:v", "-map", "0:a", "-c:v", "libx264", "-preset", "veryfast", "-tune", "stillimage",
        "-pix_fmt", "yuv420p", "-g", "4", "-b:v", "500k", "-c:a", "aac", "-b:a", "128k", "-ar", "44100", "-ac", "2",
        "-f", "flv", "-flvflags", "no_duration_filesize", "-rtmp_live", "live",
        "-rtmp_tcurl", f"rtmp://{shown}:{target.port}/{target.app}", "-rtmp_app", target.app,
        "-rtmp_playpath", target.path, f"rtmp://127.0.0.1:{port}/{target.app}",
    ]  # fmt: skip


class Restreaming:
    """Of one station: a child for each output that is wanted."""

    def __init__(
        self,
        station: StationAir,
        *,
        net: Net,
        processes: Processes,
        clock: Clock,
        allowed: Callable[[], tuple[str, ...]],
    ) -> None:
        self._station = station
        self._net = net
        self._processes = processes
        self._clock = clock
        self._allowed = allowed
        self.running: dict[tuple[int, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled: what is wanted runs, what is not does not."""
        known: dict[tuple[int, str], Restream] = {}
        try:
            while True:
                wanted = self._wanted()
                for key in [one for one in self.running if wanted.get(one) != known.get(one)]:
                    self.running.pop(key).cancel()
                for key, restream in wanted.items():
                    if key not in self.running:
                        self.running[key] = asyncio.ensure_future(self._keep(restream))
                known = wanted
                await self._clock.sleep(LOOK)
        finally:
            tasks = list(self.running.values())
            self.running.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _wanted(self) -> dict[tuple[int, str], Restream]:
        setup = self._station.setup
        features = setup.owner.features
        allowed = {name for name, flag in RESTREAM_FLAGS.items() if getattr(features, flag)} | {"rutube"}
        return {
            (one.channel_id, one.network): one
            for one in setup.restreams
            if one.enabled and one.network in allowed and one.channel_id in self._station.mounts
        }

    async def _keep(self, restream: Restream) -> None:
        """Until cancelled: out it goes, and again when it breaks."""
        target, attempt = target_of(restream), 0
        if target is None:
            log.info("station %d: the %s address is no RTMP", self._station.setup.station.id, restream.network)
            return
        while True:
            began = self._clock.monotonic()
            try:
                await self._send(restream, target)
            except (PolycastError, OSError, TimeoutError) as error:
                log.info("station %d to %s: %s", self._station.setup.station.id, restream.network, error)
            if self._clock.monotonic() - began > STEADY:
                attempt = 0
            await self._clock.sleep(timedelta(seconds=WAITS_S[min(attempt, len(WAITS_S) - 1)]))
            attempt += 1

    async def _send(self, restream: Restream, target: Target) -> None:
        mount = self._station.mounts.get(restream.channel_id)
        demuxer = DEMUXERS.get(mount.spec.format) if mount is not None else None
        if mount is None or demuxer is None:
            return
        client = self._net.client(
            Trust.USER, owner=f"radio.restream:{restream.channel_id}", limits=LIVE, allowed=self._allowed()
        )
        async with (
            forwarder(client, target) as port,
            self._processes.running(
                self._processes.tools.ffmpeg, words(target, demuxer, port), stdin=PIPE, network=True, limits=LIMITS
            ) as child,
        ):
            await fed(child, mount, self._clock)
            log.info("station %d to %s ended: %s", mount.spec.station_id, restream.network, child.code)


async def fed(child: Running, mount: Mount, clock: Clock) -> None:
    """Give a mount's sound to a child until it ends or takes no more."""
    parts: deque[bytes] = deque()
    came = asyncio.Event()

    def tap(data: bytes, seconds: float) -> None:
        parts.append(data)
        came.set()

    mount.taps.append(tap)
    try:
        while child.code is None and sum(map(len, parts)) < WAITING_MOST:
            came.clear()
            while parts:
                async with asyncio.timeout(10):
                    if not await child.feed(parts.popleft()):
                        return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK.total_seconds()):
                    await came.wait()
    finally:
        mount.taps.remove(tap)


@asynccontextmanager
async def forwarder(client: Outbound, target: Target) -> AsyncIterator[int]:
    """The loopback port whose one caller is carried to the target."""
    tasks: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        try:
            async with client.connected(target.host, target.port, tls=target.tls) as (far_reader, far_writer):
                there = asyncio.ensure_future(_copied(reader, far_writer))
                back = asyncio.ensure_future(_copied(far_reader, writer))
                try:
                    await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    there.cancel()
                    back.cancel()
                    await asyncio.gather(there, back, return_exceptions=True)
        except (PolycastError, OSError) as error:
            log.info("%r cannot be reached: %s", target, error)
        finally:
            writer.close()

    [taken] = listen("127.0.0.1", 0)
    server = await asyncio.start_server(carry, sock=taken)
    try:
        yield taken.getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
