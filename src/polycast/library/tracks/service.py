"""The subtitles of a file as players want them."""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Final

from polycast.core.errors import NotFound, TooLarge
from polycast.core.media import Cuts, WordsAsk
from polycast.core.storage import Unit
from polycast.library.playback.deciding import is_text
from polycast.library.probing.model import Probed, ProbedStream
from polycast.library.tracks.convert import STYLED, Cue, plain_text, read_file, shifted, subrip, webvtt
from polycast.library.tracks.languages import bcp47, language_name
from polycast.library.tracks.model import Source, SubtitleTrack
from polycast.library.tracks.store import TrackStore

FILE_BYTES: Final = 10 * 1024 * 1024
KEPT: Final = 32  # whole tracks in memory
SEGMENT_MS: Final = 60_000


class Tracks:
    """Lists tracks and gives their words."""

    def __init__(self, *, cuts: Cuts, store: TrackStore) -> None:
        self._cuts = cuts
        self._store = store
        self._known: OrderedDict[tuple[str, int, int], list[Cue]] = OrderedDict()

    def of_in(self, unit: Unit, probed: Probed, file_id: int, item_id: int | None) -> list[SubtitleTrack]:
        """The container's subtitles, then those beside it, then ours."""
        found = [_embedded(stream) for stream in probed.subtitles]
        first = max((stream.index for stream in probed.streams), default=-1) + 1
        return found + self._store.of_file(unit, file_id, item_id, first=first)

    async def whole(self, path: Path, probed: Probed, track: SubtitleTrack) -> str:
        """All of a track as WebVTT. Raises: NotFound for pictures; Invalid, TooLarge, and what cutting raises."""
        return webvtt(await self._cues(path, probed, track), offset_ms=track.offset_ms)

    async def as_srt(self, path: Path, probed: Probed, track: SubtitleTrack) -> str:
        """All of a track as SubRip, for players that know nothing else. Raises: as `whole`."""
        return subrip(await self._cues(path, probed, track), offset_ms=track.offset_ms)

    async def segment(self, path: Path, probed: Probed, track: SubtitleTrack, number: int) -> str:
        """A minute of it. An embedded track is read from just before that minute, not from the beginning."""
        start, end = number * SEGMENT_MS, (number + 1) * SEGMENT_MS
        known = self._known.get(_key(path, track))
        if known is None and track.path is None and is_text(track.codec):
            cues = await self._read(path, track, start - track.offset_ms, end - track.offset_ms)
        else:
            cues = await self._cues(path, probed, track)
        part = shifted(cues, start_ms=start, end_ms=end, offset_ms=track.offset_ms)
        return webvtt(part, offset_ms=track.offset_ms, mapped=True)

    async def raw_ass(self, path: Path, track: SubtitleTrack) -> str:
        """Styled subtitles as they are, for players that draw them. Raises: NotFound for others."""
        if track.codec not in STYLED:
            raise NotFound("The subtitles")
        if track.path is not None:
            return (await asyncio.to_thread(_content, track.path)).decode("utf-8", "replace")
        found = await self._cuts.words(path, WordsAsk([track.index], 0, None, 0))
        return _ass_file(found.head, [(line.start_us, line.end_us, line.text) for line in found.lines])

    async def _cues(self, path: Path, probed: Probed, track: SubtitleTrack) -> list[Cue]:
        key = _key(path, track)
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return known
        if not track.is_text:
            raise NotFound("The words of these subtitles")
        if track.path is not None:
            content = await asyncio.to_thread(_content, track.path)
            fps = probed.video.fps if probed.video else None
            form = track.path.suffix.lstrip(".").lower()
            cues = await asyncio.to_thread(read_file, content, form, language=bcp47(track.language), fps=fps)
        else:
            cues = await self._read(path, track, 0, None)
        self._known[key] = cues
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return cues

    async def _read(self, path: Path, track: SubtitleTrack, start_ms: int, end_ms: int | None) -> list[Cue]:
        ask = WordsAsk([track.index], max(0, start_ms) * 1000, None if end_ms is None else end_ms * 1000, 0)
        found = await self._cuts.words(path, ask)
        cues = [
            Cue(start_ms=one.start_us // 1000, end_ms=one.end_us // 1000, text=plain_text(one.text, track.codec))
            for one in found.lines
        ]
        return sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start_ms)


def label_of(track: SubtitleTrack) -> str:
    """What people choose by: "English (SDH)", "German, forced"."""
    name = language_name(track.language) or track.language or "Unknown"
    title = f" - {track.title}" if track.title and track.title.lower() != name.lower() else ""
    marks = (" (SDH)" if track.is_hearing_impaired else "") + (" (forced)" if track.is_forced else "")
    return f"{name}{title}{marks}"


def _embedded(stream: ProbedStream) -> SubtitleTrack:
    return SubtitleTrack(
        index=stream.index,
        nanoid="",
        source=Source.EMBEDDED,
        codec=stream.codec,
        language=stream.language or "",
        title=stream.title or "",
        is_default=stream.is_default,
        is_forced=stream.is_forced,
        is_hearing_impaired=stream.is_hearing_impaired,
        is_text=is_text(stream.codec),
    )


def _key(path: Path, track: SubtitleTrack) -> tuple[str, int, int]:
    try:
        known = (track.path or path).stat()
    except OSError as error:
        raise NotFound("The subtitles") from error
    return (str(track.path or path), track.index, known.st_mtime_ns)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES:
            raise TooLarge("These subtitles are too large.")
        return path.read_bytes()
    except OSError as error:
        raise NotFound("The subtitles") from error


def _ass_file(head: str, lines: list[tuple[int, int, str]]) -> str:
    """An ASS file of a container's header and events. Source: Matroska's mapping of SSA."""
    text = head.rstrip("\x00\r\n ") + "\n"
    if "[Events]" not in text:
        text += "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    for start, end, fields in sorted(lines):
        parts = fields.split(",", 2)
        if len(parts) == 3:
            text += f"Dialogue: {parts[1]},{_ass_clock(start)},{_ass_clock(end)},{parts[2]}\n"
    return text


def _ass_clock(us: int) -> str:
    hundredths = us // 10_000
    return f"{hundredths // 360_000}:{hundredths // 6000 % 60:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"
