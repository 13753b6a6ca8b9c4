"""What a Jellyfin client says of its device, as playback judges by it. Source: specs/library.md 4.10."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from polycast.library.playback.model import AudioRule, Profile, VideoRule

MOST: Final = 200
SUBTITLES: Final = {
    "srt": "subrip",
    "pgssub": "hdmv_pgs_subtitle",
    "pgs": "hdmv_pgs_subtitle",
    "vtt": "webvtt",
    "sup": "hdmv_pgs_subtitle",
    "dvdsub": "dvd_subtitle",
}
CONTAINERS: Final = {"m4v": "mp4", "mov": "mp4", "matroska": "mkv", "mpegts": "ts"}
RANGES: Final = {
    "hdr10": "hdr10",
    "hdr10plus": "hdr10",
    "hlg": "hlg",
    "dovi": "dolby_vision",
    "doviwithhdr10": "dolby_vision",
}
AUDIO_KINDS: Final = frozenset({"videoaudio", "audio"})


def profile_of(sent: Any) -> Profile | None:
    """A `DeviceProfile`; None when there is none. What it does not say binds nothing."""
    if not isinstance(sent, dict):
        return None
    found = _low(sent)
    direct = [_low(one) for one in _list(found.get("directplayprofiles")) if _word(one, "Type") == "video"]
    conditions = [_low(one) for one in _list(found.get("codecprofiles"))]
    transcoding = [_low(one) for one in _list(found.get("transcodingprofiles"))]
    most_channels = [n for one in transcoding if (n := _number(one.get("maxaudiochannels")))]
    return Profile(
        name="jellyfin",
        containers=_all(CONTAINERS.get(one, one) for one in _union(direct, "container")),
        video=tuple(_video(codec, conditions) for codec in _union(direct, "videocodec")),
        audio=tuple(_audio(codec, conditions, most_channels) for codec in _union(direct, "audiocodec")),
        hdr=_ranges(conditions),
        subtitles=_subtitles(found),
        max_bitrate=_number(found.get("maxstreamingbitrate")),
    )


def _union(profiles: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    """The codecs of all profiles; everything as soon as one of them names none."""
    if any(not str(one.get(name) or "").strip() for one in profiles):
        return ("*",)
    return _all(word.strip().lower() for one in profiles for word in str(one[name]).split(",") if word.strip())


def _video(codec: str, conditions: Sequence[Mapping[str, Any]]) -> VideoRule:
    bounds: dict[str, int | None] = {"videolevel": None, "height": None, "videobitdepth": None}
    for name, value in _bounds(codec, conditions, frozenset({"video"})):
        if name in bounds:
            bounds[name] = value
    return VideoRule(
        codec=codec, max_level=bounds["videolevel"], max_height=bounds["height"], bit_depth=bounds["videobitdepth"]
    )


def _audio(codec: str, conditions: Sequence[Mapping[str, Any]], most: Sequence[int]) -> AudioRule:
    channels = next((v for n, v in _bounds(codec, conditions, AUDIO_KINDS) if n == "audiochannels"), None)
    if channels is None and codec == "aac" and most:
        channels = max(most)
    return AudioRule(codec=codec, max_channels=channels)


def _bounds(codec: str, profiles: Sequence[Mapping[str, Any]], kinds: frozenset[str]) -> Iterable[tuple[str, int]]:
    """Upper bounds that hold for a codec, as (property in lower case, bound)."""
    for one in profiles:
        codecs = {word.strip().lower() for word in str(one.get("codec") or "").split(",") if word.strip()}
        if str(one.get("type") or "").lower() not in kinds or (codecs and codec not in codecs):
            continue
        if _list(one.get("applyconditions")):
            continue
        for condition in _list(one.get("conditions")):
            told = _low(condition)
            value = _number(told.get("value"))
            if str(told.get("condition") or "").lower() == "lessthanequal" and value:
                yield str(told.get("property") or "").lower(), value


def _ranges(profiles: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Kinds of HDR: all unless some condition names those that are shown, or those that are not."""
    shown: set[str] | None = None
    refused: set[str] = set()
    for one in profiles:
        for condition in _list(one.get("conditions")):
            told = _low(condition)
            if str(told.get("property") or "").lower() != "videorangetype":
                continue
            words = {word.strip().lower() for word in str(told.get("value") or "").split("|")}
            kind = str(told.get("condition") or "").lower()
            known = {RANGES[word] for word in words if word in RANGES}
            if kind in {"equals", "equalsany"}:
                shown = known if shown is None else shown | known
            elif kind == "notequals":
                refused |= known
    if shown is None and not refused:
        return ("*",)
    return tuple(sorted((set(RANGES.values()) if shown is None else shown) - refused))


def _subtitles(found: Mapping[str, Any]) -> tuple[str, ...]:
    names = []
    for one in _list(found.get("subtitleprofiles")):
        told = _low(one)
        if str(told.get("method") or "").lower() in {"embed", "external"}:
            name = str(told.get("format") or "").lower()
            names.append(SUBTITLES.get(name, name))
    return _all(names)


def _low(found: Any) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in found.items()} if isinstance(found, dict) else {}


def _list(found: Any) -> list[Any]:
    return found[:MOST] if isinstance(found, list) else []


def _word(found: Any, name: str) -> str:
    return str(_low(found).get(name.lower()) or "").lower()


def _number(found: Any) -> int | None:
    """Clients send numbers as text, too."""
    if isinstance(found, bool):
        return None
    if isinstance(found, int | float):
        return int(found) if 0 < found < 10**12 else None
    text = str(found or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else None


def _all(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))[:MOST]
