"""Live bytes through a confined ffmpeg: our source on its input, its output to us."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from polycast.core.media.ts import Kind, Programme
from polycast.core.processes import PIPE, Limits, Processes, Running
from polycast.core.processes.allowed import input_words

LIVE_FORMATS: Final = (
    "mpegts",
    "mpegtsraw",
    "aac",
    "mp3",
    "ac3",
    "eac3",
    "flv",
    "matroska",
    "webm",
    "ogg",
    "mp4",
    "mov",
)
QUICK: Final = ["-fflags", "+genpts", "-probesize", "1000000", "-analyzeduration", "1500000"]
FMP4: Final = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "1000000"]


def fmp4_argv(programme: Programme | None = None) -> list[str]:
    """A transport stream on the input as endless fragmented MP4 on the output; `programme` is the ring's, once known.

    Nothing is encoded anew but LATM sound, which MP4 cannot hold. Subtitles and data of broadcasts stay out.
    """
    words = [
        "-hide_banner",
        "-nostdin",
        "-loglevel",
        "warning",
        *QUICK,
        "-f",
        "mpegts",
        *input_words(formats=LIVE_FORMATS),
    ]
    # Without "?" a radio station would fail.
    words += ["-i", "pipe:0", "-map", "0:v:0?", "-map", "0:a?", "-c", "copy"]
    sounds = [stream for stream in programme.streams if stream.kind is Kind.AUDIO] if programme else []
    for index, sound in enumerate(sounds):
        if sound.codec == "aac":
            # ffmpeg adds this by itself only when the first packet is a whole frame, and live streams begin anywhere.
            words += [f"-bsf:a:{index}", "aac_adtstoasc"]
        elif sound.codec == "aac_latm":
            words += [f"-c:a:{index}", "aac"]
    return [*words, *FMP4, "-flush_packets", "1", "-f", "mp4", "pipe:1"]


def mpegts_argv(form: str = "mpegts") -> list[str]:
    """A live source of another form ("flv", "aac", ...) as a transport stream, nothing encoded anew."""
    words = ["-hide_banner", "-nostdin", "-loglevel", "warning", *QUICK, "-f", form, *input_words(formats=LIVE_FORMATS)]
    chosen = ["-map", "0:v?", "-map", "0:a?", "-c", "copy"]
    return [
        *words,
        "-i",
        "pipe:0",
        *chosen,
        "-mpegts_flags",
        "+resend_headers",
        "-flush_packets",
        "1",
        "-f",
        "mpegts",
        "pipe:1",
    ]


@asynccontextmanager
async def piped(
    processes: Processes, argv: Sequence[str], source: AsyncIterator[bytes], *, limits: Limits | None = None
) -> AsyncIterator[Running]:
    """ffmpeg for the length of the block, fed from `source` meanwhile; read `chunks()` of what is given.

    When the source ends, so does its input; when the source fails, its error is raised at the end of the block.
    """
    async with processes.running(
        processes.tools.ffmpeg, argv, stdin=PIPE, stdout=PIPE, limits=limits or Limits()
    ) as child:
        feeding = asyncio.ensure_future(_feed(child, source))
        try:
            yield child
            if feeding.done():
                feeding.result()
        finally:
            feeding.cancel()
            await asyncio.wait([feeding])
            if not feeding.cancelled():
                feeding.exception()  # raised above, or the block's own error is the one that counts


async def _feed(child: Running, source: AsyncIterator[bytes]) -> None:
    try:
        async for chunk in source:
            if chunk and not await child.feed(chunk):
                return
    finally:
        await child.end_input()
