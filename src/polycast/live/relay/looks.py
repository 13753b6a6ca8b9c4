"""What a running stream consists of: a child looks at a few seconds of it."""

import asyncio
import logging
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from polycast.core.errors import PolycastError
from polycast.core.media import Media, Probed, ProbedStream
from polycast.live.relay.journal import Journal
from polycast.live.relay.session import Session

log = logging.getLogger("polycast.live.relay")

END_S: Final = 3.0
WARM_UP_S: Final = 3.0  # of delivery, before the first look
AGAIN_S: Final = 300.0
SAMPLE_BYTES: Final = 3 * 1024 * 1024
_BEHIND: Final = timedelta(seconds=3)
SMOOTH: Final = 0.9  # how much of the last bit rate stays


class Looks:
    """Finds out, keeps it with the session, and writes it down."""

    def __init__(self, *, media: Media, journal: Journal) -> None:
        self._media = media
        self._journal = journal
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looked: dict[str, tuple[int, float]] = {}  # by channel: the stream, and when it was looked at

    def look(self, session: Session, now: float) -> None:
        """Begin to look when it is time to; called each second."""
        ref, attempt = session.target.ref, session.current
        if attempt is None or attempt.first_at is None or now - attempt.first_at < WARM_UP_S or ref in self._tasks:
            return
        stream_id = attempt.candidate.key.stream_id
        last = self._looked.get(ref)
        if last is not None and last[0] == stream_id and now - last[1] < AGAIN_S:
            return
        self._looked[ref] = (stream_id, now)
        task = asyncio.create_task(self._probe(session, stream_id), name=f"live.look {ref}")
        self._tasks[ref] = task
        task.add_done_callback(lambda _: self._tasks.pop(ref, None))

    def forget(self, ref: str) -> None:
        """A channel runs no more."""
        self._looked.pop(ref, None)

    async def end(self) -> None:
        """Look no more."""
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=END_S)  # a child that is just being asked is best heard out
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _probe(self, session: Session, stream_id: int) -> None:
        descriptor = os.memfd_create("sample")
        try:
            await asyncio.to_thread(_write, descriptor, await _sample(session))
            probed = await self._media.probe(descriptor)
        except PolycastError as error:
            log.info("a stream could not be looked at: %s", error.message)
            return
        finally:
            os.close(descriptor)
        stats = stats_of(probed, rate_bps=session.rate.bps, before=session.stats)
        session.stats = stats
        self._journal.stats(stream_id, stats)


async def _sample(session: Session) -> bytes:
    """The latest whole seconds."""
    cursor, taken, size = session.ring.join(behind=_BEHIND), [], 0
    while size < SAMPLE_BYTES and cursor.behind_bytes:
        chunk = await cursor.read()
        if chunk is None:
            break
        taken.append(chunk)
        size += len(chunk)
    return b"".join(taken)


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)


def stats_of(probed: Probed, *, rate_bps: float, before: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of `stream_stats`; bit rates in kbit/s. Source: `specs/live.md` 2.2."""
    video, audio = probed.video, next(iter(probed.audio), None)
    found: dict[str, Any] = {"stream_type": "mpegts"}
    if video is not None:
        found |= _of_video(video)
    if audio is not None:
        found |= {
            "audio_codec": audio.codec,
            "sample_rate": audio.sample_rate_hz,
            "audio_channels": _channels(audio.channels),
            "audio_bitrate": _kbps(audio.bitrate_bps),
        }
    rate = rate_bps / 1000
    last = before.get("ffmpeg_output_bitrate")
    found["ffmpeg_output_bitrate"] = round(rate if last is None else last * SMOOTH + rate * (1 - SMOOTH), 1)
    return {name: value for name, value in found.items() if value is not None}


def _of_video(video: ProbedStream) -> dict[str, Any]:
    return {
        "video_codec": video.codec,
        "resolution": f"{video.width}x{video.height}" if video.width and video.height else None,
        "width": video.width,
        "height": video.height,
        "source_fps": round(video.fps, 3) if video.fps else None,
        "pixel_format": video.pixel_format,
        "video_bitrate": _kbps(video.bitrate_bps),
    }


def _channels(count: int | None) -> str | None:
    """As ffmpeg names layouts."""
    return {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(count, str(count)) if count else None


def _kbps(bps: int | None) -> float | None:
    return None if bps is None else round(bps / 1000, 1)
