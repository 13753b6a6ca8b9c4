"""Files beside a video: whose they are, and what their names say. Source: naming of Kodi, Plex and Jellyfin."""

import re
from typing import Final

from msgspec import Struct

FLAGS_FORCED: Final = frozenset({"forced", "foreign"})
FLAGS_SDH: Final = frozenset({"sdh", "hi", "cc", "hearing_impaired"})
OTHER_FLAGS: Final = frozenset({"default", "full", "commentary"})
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?", re.IGNORECASE)
FULL_NAMES: Final = {
    "english": "eng", "german": "ger", "deutsch": "ger", "french": "fre", "francais": "fre", "spanish": "spa",
    "espanol": "spa", "italian": "ita", "portuguese": "por", "dutch": "dut", "russian": "rus", "japanese": "jpn",
    "chinese": "chi", "korean": "kor", "swedish": "swe", "norwegian": "nor", "danish": "dan", "finnish": "fin",
    "polish": "pol", "turkish": "tur", "arabic": "ara", "czech": "cze", "hungarian": "hun", "greek": "gre",
}  # fmt: skip


class Beside(Struct, frozen=True, kw_only=True):
    """What the name of a subtitle or sound file says."""

    language: str = ""
    title: str = ""
    is_forced: bool = False
    is_hearing_impaired: bool = False


def owner_of(name: str, videos: list[str]) -> str | None:
    """The video's name that `name` begins with, the longest; the only video of a folder takes what names nobody."""
    stem = name.rpartition(".")[0].lower()
    best = ""
    for video in videos:
        base = video.rpartition(".")[0]
        low = base.lower()
        if (stem == low or (stem.startswith(low) and stem[len(low)] in " .-_([")) and len(base) > len(
            best.rpartition(".")[0]
        ):
            best = video
    if best:
        return best
    return videos[0] if len(videos) == 1 else None


def read_beside(name: str, video: str) -> Beside:
    """`Film.en.forced.srt` beside `Film.mkv`."""
    stem = name.rpartition(".")[0]
    base = video.rpartition(".")[0]
    rest = stem[len(base) :] if stem.lower().startswith(base.lower()) else stem
    language, words = "", []
    forced = hearing = False
    for word in re.split(r"[.\s_()\[\]]+|\s-\s", rest.strip(" .-_")):
        low = word.lower().strip("-")
        if not low:
            continue
        if low in FLAGS_FORCED:
            forced = True
        elif low in FLAGS_SDH and (low != "hi" or language or forced):
            hearing = True
        elif low in OTHER_FLAGS:
            continue
        elif low in FULL_NAMES:
            language = language or FULL_NAMES[low]
        elif not language and LANGUAGE.fullmatch(low):
            language = low
        else:
            words.append(word)
    return Beside(language=language, title=" ".join(words)[:200], is_forced=forced, is_hearing_impaired=hearing)
