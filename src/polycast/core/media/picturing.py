"""Inside a media child: still pictures out of films, and the words of their subtitles."""

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import av
import av.error
import msgspec
from PIL import Image

from polycast.core.media.asks import Line, MadeAnswer, PictureAsk, TilesAsk, WordsAsk
from polycast.core.media.cutting import FAILURES, SECOND, opened, write_all
from polycast.core.media.model import Failed

PIXELS: Final = 8192 * 8192
LINES: Final = 200_000
LINE_BYTES: Final = 20_000
REACH_US: Final = 10 * SECOND  # how long before a time a subtitle may have begun that is still shown
ATTACHED: Final = frozenset({"png", "mjpeg", "bmp", "gif", "webp"})


def picture(ask: PictureAsk, source: int, target: int) -> MadeAnswer | Failed:
    """One picture as JPEG."""
    try:
        with opened(source) as container:
            stream = container.streams[ask.stream]
            for frame in _entered(container, stream, ask.at_us + ask.origin_us):
                width = min(ask.width, frame.width) if ask.width else frame.width
                shown = _small(frame, width, max(2, frame.height * width // frame.width))
                return _saved(shown, target, quality=88)
            return Failed("no picture could be decoded")
    except (*FAILURES, OSError) as error:
        return Failed(f"{type(error).__name__}: {error}"[:300])


def tiles(ask: TilesAsk, source: int, target: int) -> MadeAnswer | Failed:
    """A sheet of pictures; places for which there is none stay as the one before."""
    rows = -(-ask.count // ask.columns)
    if ask.columns * ask.width * rows * ask.height > PIXELS or ask.count < 1:
        return Failed("the sheet is too large")
    sheet = Image.new("RGB", (ask.columns * ask.width, rows * ask.height))
    made = 0
    try:
        with opened(source) as container:
            stream = container.streams[ask.stream]
            stream.codec_context.skip_frame = "NONKEY"
            last: Image.Image | None = None
            for number in range(ask.count):
                at = (ask.first + number) * ask.interval_us + ask.origin_us
                frame = next(_entered(container, stream, at), None)
                if frame is not None:
                    last = _small(frame, ask.width, ask.height)
                    made += 1
                if last is not None:
                    row, column = divmod(number, ask.columns)
                    sheet.paste(last, (column * ask.width, row * ask.height))
        if not made:
            return Failed("no picture could be decoded")
        answer = _saved(sheet, target, quality=72)
        return MadeAnswer(size_bytes=answer.size_bytes, count=made)
    except (*FAILURES, OSError) as error:
        return Failed(f"{type(error).__name__}: {error}"[:300])


def words(ask: WordsAsk, source: int, target: int) -> MadeAnswer | Failed:
    """Text subtitles as lines of JSON."""
    encoder = msgspec.json.Encoder()
    try:
        with opened(source) as container:
            lines = b"".join(encoder.encode(line) + b"\n" for line in _lines(container, ask))
            head = ""
            if len(ask.streams) == 1:
                extra = container.streams[ask.streams[0]].codec_context.extradata or b""
                head = extra[: 1024 * 1024].decode("utf-8", "replace")
        write_all(target, lines)
        return MadeAnswer(size_bytes=len(lines), count=lines.count(b"\n"), head=head)
    except (*FAILURES, OSError) as error:
        return Failed(f"{type(error).__name__}: {error}"[:300])


def _lines(container: Any, ask: WordsAsk) -> Iterator[Line]:
    wanted = [container.streams[index] for index in ask.streams]
    pacing = next(iter(container.streams.video), None)
    start = ask.start_us + ask.origin_us
    if ask.start_us:
        container.seek(max(0, start - REACH_US))
    count = 0
    # A subtitle says nothing for minutes: the pictures tell when the end of the span has been passed.
    watched = wanted if ask.end_us is None or pacing is None else [*wanted, pacing]
    for packet in container.demux(watched):
        if packet.pts is None:
            continue
        at = int(packet.pts * packet.time_base * SECOND)
        if packet.stream not in wanted:
            if ask.end_us is not None and at > ask.end_us + ask.origin_us + SECOND:
                return
            continue
        end = at + int((packet.duration or 0) * packet.time_base * SECOND)
        if end <= start or (ask.end_us is not None and at >= ask.end_us + ask.origin_us):
            continue
        text = _text(packet)
        if text:
            count += 1
            yield Line(packet.stream.index, at - ask.origin_us, end - ask.origin_us, text)
        if count > LINES:
            return


def _text(packet: Any) -> str:
    content = bytes(packet)[:LINE_BYTES]
    if packet.stream.codec_context.name == "mov_text":
        content = content[2 : 2 + int.from_bytes(content[:2])]
    return content.decode("utf-8", "replace").replace("\0", "").strip()


def _entered(container: Any, stream: Any, at_us: int) -> Iterator[Any]:
    """Frames from the entry point before a time on."""
    if stream.codec_context.name not in ATTACHED:
        container.seek(max(0, at_us), backward=True)
    for packet in container.demux(stream):
        try:
            for frame in packet.decode():
                if frame.width * frame.height <= PIXELS:
                    yield frame
        except av.error.FFmpegError:
            continue


def _small(frame: Any, width: int, height: int) -> Image.Image:
    shown: Image.Image = frame.reformat(width=width, height=height, format="rgb24").to_image()
    return shown


def _saved(shown: Image.Image, target: int, *, quality: int) -> MadeAnswer:
    packed = BytesIO()
    shown.save(packed, "JPEG", quality=quality, optimize=True)
    content = packed.getvalue()
    os.ftruncate(target, 0)
    write_all(target, content)
    return MadeAnswer(size_bytes=len(content), count=1)
