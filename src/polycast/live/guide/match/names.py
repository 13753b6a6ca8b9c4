"""Names of channels, cut down to what tells them apart. Source: `specs/live.md` 5.4."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from polycast.live.preferences.groups import EpgSettings

BRACKETS: Final = re.compile(r"\[[^\]]*\]|\(([^)]*)\)|\{[^}]*\}|\|[^|]{0,20}\|")
CALL_SIGN: Final = re.compile(r"[KWC][A-Z]{2,3}(?:-?(?:TV|DT|HD|LD|CD)\d?)?|[A-Z]{3,5}")
WORDS: Final = re.compile(r"[^\W_]+(?:\+\d?)?|\+\d")
PREFIX: Final = re.compile(r"^\s*([A-Za-z]{2,3})\s*[:|\-\u2013\u2502]\s*(?=\S)")
REGION: Final = re.compile(r"\.([a-z]{2})(?:@\w+)?$", re.IGNORECASE)
SHIFT: Final = re.compile(r"\+\s?(\d)\b|\bplus\s?1\b", re.IGNORECASE)
NUMBER_WORDS: Final = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
NOISE: Final = frozenset(
    [
        "tv",
        "channel",
        "network",
        "television",
        "east",
        "west",
        "hd",
        "uhd",
        "24/7",
        "24",
        "7",
        "1080p",
        "720p",
        "540p",
        "480p",
        "film",
        "movie",
        "movies",
        "fhd",
        "sd",
        "4k",
        "8k",
        "hevc",
        "h265",
        "h264",
        "raw",
        "hdr",
        "60fps",
        "50fps",
        "vip",
        "backup",
    ]
)
KINDS: Final = frozenset({"film", "movie", "movies", "east", "west"})  # noise that still tells channels apart
COUNTRIES: Final = {
    "uk": "uk", "gb": "uk", "us": "us", "usa": "us", "de": "de", "ger": "de", "fr": "fr", "es": "es", "it": "it",
    "nl": "nl", "pl": "pl", "tr": "tr", "se": "se", "pt": "pt", "ro": "ro", "gr": "gr", "ar": "ar", "br": "br",
    "in": "in", "nz": "nz", "au": "au", "ca": "ca", "ie": "ie", "mx": "mx", "ch": "ch", "at": "at", "be": "be",
    "dk": "dk", "no": "no", "fi": "fi", "ru": "ru", "ua": "ua", "cz": "cz", "sk": "sk", "hu": "hu", "bg": "bg",
    "rs": "rs", "hr": "hr", "si": "si", "al": "al", "il": "il", "jp": "jp", "kr": "kr", "cn": "cn", "za": "za",
}  # fmt: skip


class Name(Struct, frozen=True, gc=False):
    """A name, ready to be compared."""

    text: str  # normalized, words joined by one space
    squashed: str  # the same without spaces
    numbers: tuple[str, ...]  # in order: "Sport 1" and "Sport 2" are two channels
    kinds: frozenset[str]
    country: str  # of a prefix or of the tvg id; empty when nothing says so
    shift: str  # hours of a time-shifted twin: "1" for "+1"
    call_sign: str


class Normalizer:
    """Prepares names by the server's settings."""

    def __init__(self, settings: EpgSettings) -> None:
        is_advanced = settings.epg_match_mode == "advanced"
        self._prefixes = _longest_first(settings.epg_match_ignore_prefixes if is_advanced else [])
        self._suffixes = _longest_first(settings.epg_match_ignore_suffixes if is_advanced else [])
        self._custom = _longest_first(settings.epg_match_ignore_custom if is_advanced else [])

    def __call__(self, name: str, tvg_id: str = "") -> Name:
        """What `name` says, with the country that `tvg_id` names."""
        text = self._trimmed(unicodedata.normalize("NFKC", name))
        country = ""
        if (prefix := PREFIX.match(text)) and (known := COUNTRIES.get(prefix[1].lower())):
            country, text = known, text[prefix.end() :]
        if region := REGION.search(tvg_id):
            country = COUNTRIES.get(region[1].lower(), country)
        shift = SHIFT.search(text)
        call_sign = ""
        for bracket in BRACKETS.finditer(text):
            inside = (bracket[1] or "").strip()
            if CALL_SIGN.fullmatch(inside) and inside.lower() not in NOISE and inside.lower() not in COUNTRIES:
                call_sign = inside.lower()
        bare = _plain(BRACKETS.sub(" ", SHIFT.sub(" ", text)))
        words = [NUMBER_WORDS.get(word, word) for word in WORDS.findall(bare)]
        kept = [word for word in words if word not in NOISE]
        if not kept:  # "TV 24" is all noise, and still a name
            kept = words
        if (
            kept
            and not country
            and len(kept) > 1
            and kept[-1] in COUNTRIES
            and kept[-1] not in {"in", "no", "it", "at"}
        ):
            country = COUNTRIES[kept.pop()]
        if call_sign and call_sign not in kept:
            kept.append(call_sign)
        joined = " ".join(kept)
        return Name(
            text=joined,
            squashed=joined.replace(" ", ""),
            numbers=tuple(re.findall(r"\d+", joined)),
            kinds=frozenset(words) & KINDS,
            country=country,
            shift="" if shift is None else shift[1] or "1",
            call_sign=call_sign,
        )

    def _trimmed(self, text: str) -> str:
        folded = text.casefold()
        for prefix in self._prefixes:
            if folded.startswith(prefix):
                text = text[len(prefix) :]
                break
        for suffix in self._suffixes:
            if text.casefold().endswith(suffix):
                text = text[: -len(suffix)]
                break
        for part in self._custom:
            text = re.sub(re.escape(part), " ", text, flags=re.IGNORECASE)
        return text.strip()


def _plain(text: str) -> str:
    """Lower case, without accents, `&` as a word."""
    text = text.casefold().replace("&", " and ").replace("'", "").replace("\u2019", "")
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _longest_first(words: Sequence[str]) -> list[str]:
    return sorted((word.casefold() for word in words if word.strip()), key=len, reverse=True)
