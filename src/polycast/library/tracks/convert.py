"""Subtitles of any text form as WebVTT. Everything in them is foreign: nothing but plain text and i, b, u comes through."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import pysubs2
from charset_normalizer import from_bytes
from msgspec import Struct

from polycast.core.errors import Invalid

MS: Final = timedelta(milliseconds=1)
LONGEST_TEXT: Final = 4000
MOST_CUES: Final = 100_000
TAG: Final = re.compile(r"</?([a-zA-Z]{1,10})(?:\s[^<>]{0,200})?>")
OVERRIDE: Final = re.compile(r"\{[^{}]{0,2000}\}")
KEPT: Final = frozenset({"i", "b", "u"})
STYLED: Final = frozenset({"ass", "ssa"})
ASS_FIELDS: Final = 8  # before the text, in a packet of Matroska
FORMS: Final = {"srt": "srt", "vtt": "vtt", "ass": "ass", "ssa": "ssa", "sub": "microdvd", "smi": "sami"}


class Cue(Struct, frozen=True, kw_only=True):
    """A piece of text and when it is shown."""

    start_ms: int
    end_ms: int
    text: str  # lines; may hold <i>, <b>, <u> and nothing else


def plain_text(text: str, codec: str) -> str:
    """What a subtitle of a container says."""
    if codec in STYLED:
        text = text.split(",", ASS_FIELDS)[-1]
    return cleaned(text)


def cleaned(text: str) -> str:
    """Text with its line breaks and the three marks that WebVTT shares with all others."""
    text = OVERRIDE.sub("", text[:LONGEST_TEXT]).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    found: list[str] = []
    at = 0
    for tag in TAG.finditer(text):
        found.append(_escaped(text[at : tag.start()]))
        if tag[1].lower() in KEPT:
            found.append(f"<{'/' if tag[0].startswith('</') else ''}{tag[1].lower()}>")
        at = tag.end()
    found.append(_escaped(text[at:]))
    lines = [line.strip() for line in "".join(found).splitlines()]
    return "\n".join(line for line in lines if line)


def webvtt(cues: Iterable[Cue], *, offset_ms: int = 0, mapped: bool = False) -> str:
    """A WebVTT file. `mapped`: as a segment of HLS, whose clock is the film's."""
    head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n" if mapped else "WEBVTT\n"
    parts = [head]
    for cue in cues:
        start, end = cue.start_ms + offset_ms, cue.end_ms + offset_ms
        if cue.text and end > max(0, start):
            parts.append(f"\n{_clock(max(0, start))} --> {_clock(end)}\n{cue.text}\n")
    return "".join(parts)


def subrip(cues: Iterable[Cue], *, offset_ms: int = 0) -> str:
    """A SubRip file, which knows no escapes."""
    parts = []
    for number, cue in enumerate(cues, start=1):
        start, end = max(0, cue.start_ms + offset_ms), max(0, cue.end_ms + offset_ms)
        text = cue.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        clock = f"{_clock(start)} --> {_clock(end)}".replace(".", ",")
        parts.append(f"{number}\n{clock}\n{text}\n")
    return "\n".join(parts)


def read_file(content: bytes, form: str, *, language: str = "", fps: float | None = None) -> list[Cue]:
    """The cues of a subtitle file in the order of time. Raises: Invalid for one that cannot be read."""
    text = decoded(content, language)
    try:
        found = pysubs2.SSAFile.from_string(text, format_=FORMS.get(form), fps=fps)
    except (pysubs2.exceptions.Pysubs2Error, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise Invalid.one("file", "not_subtitles", "This is no subtitle file that can be read.") from error
    cues = [
        Cue(start_ms=int(event.start), end_ms=int(event.end), text=cleaned(event.text))
        for event in found.events[:MOST_CUES]
        if event.type == "Dialogue"
    ]
    return sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start_ms)


def decoded(content: bytes, language: str = "") -> str:
    """Text of an unknown encoding: what its marks say, UTF-8, else the likeliest."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(name, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # What people write a language in says more than a guess from a few lines.
    usual = USUAL.get(language) or ("cp1252" if language else "")
    if usual:
        try:
            return content.decode(usual)
        except UnicodeDecodeError:
            pass
    guess = from_bytes(content[:200_000]).best()
    return content.decode(guess.encoding if guess else "cp1252", "replace")


USUAL: Final = {
    "ru": "cp1251", "uk": "cp1251", "bg": "cp1251", "sr": "cp1251", "el": "cp1253", "tr": "cp1254", "he": "cp1255",
    "ar": "cp1256", "pl": "cp1250", "cs": "cp1250", "hu": "cp1250", "sk": "cp1250", "ro": "cp1250", "hr": "cp1250",
    "zh": "gb18030", "ja": "cp932", "ko": "cp949", "th": "cp874", "vi": "cp1258",
}  # fmt: skip


def shifted(cues: Sequence[Cue], *, start_ms: int, end_ms: int, offset_ms: int = 0) -> list[Cue]:
    """Those that are shown between two times."""
    return [cue for cue in cues if cue.end_ms + offset_ms > start_ms and cue.start_ms + offset_ms < end_ms]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
