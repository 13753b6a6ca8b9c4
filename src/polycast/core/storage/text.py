"""Text at the edge, and the key columns by which text is compared and sorted on both engines."""

import re
import unicodedata

DIGITS = re.compile(r"(\d+)")
ASCII_DIGITS = str.maketrans({chr(0x660 + n): str(n) for n in range(10)} | {chr(0x6F0 + n): str(n) for n in range(10)})
KEPT = "\n\t"  # the control characters that `clean` keeps when lines are allowed


def clean(text: str, max_len: int, *, lines: bool = False) -> str:
    """Text as we keep it: NFC, no control characters, trimmed, at most `max_len` characters.

    With `lines`, line ends become `\\n` and stay, as do tabs. Surrogates and invisible format characters that turn
    the direction of writing are dropped too.
    """
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # A bound before the work: NFC of a huge input is the attacker's choice of size, and never trebles it.
    text = unicodedata.normalize("NFC", text[: 4 * max_len])
    if not text.isprintable():
        text = "".join(c for c in text if _is_kept(c, lines=lines))
    return text.strip()[:max_len].rstrip()


def _is_kept(character: str, *, lines: bool) -> bool:
    if lines and character in KEPT:
        return True
    category = unicodedata.category(character)
    if category in {"Cc", "Cs", "Zl", "Zp"}:
        return False
    return not "\u202a" <= character <= "\u202e" and not "\u2066" <= character <= "\u2069"


def fold(text: str) -> str:
    """The key for comparing without regard to case: NFC of the case-folded text. "ß" and "SS" are one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def sort_key(text: str) -> str:
    """The key for sorting as people do: without case and accents, runs of digits by their value ("9" before "10").

    Compare keys as plain code points (both engines do: SQLite's BINARY, PostgreSQL's "C"). A run of digits is written
    as its length and its digits without leading zeros, so that numbers of up to 99 digits sort by value.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    parts = DIGITS.split(bare.translate(ASCII_DIGITS).strip())
    return "".join(_number(part) if index % 2 else part for index, part in enumerate(parts))


def _number(digits: str) -> str:
    value = digits.lstrip("0") or "0"
    return f"{min(len(value), 99):02}{value}"
