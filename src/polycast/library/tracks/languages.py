"""Languages of tracks: the codes that files hold, what browsers want, and what people read."""

from typing import Final

# ISO 639-2 (both forms) and 639-1 of what films are spoken and subtitled in.
TABLE: Final = (
    ("ar", "ara", "ara", "Arabic"), ("bg", "bul", "bul", "Bulgarian"), ("bn", "ben", "ben", "Bengali"),
    ("bs", "bos", "bos", "Bosnian"), ("ca", "cat", "cat", "Catalan"), ("cs", "cze", "ces", "Czech"),
    ("cy", "wel", "cym", "Welsh"), ("da", "dan", "dan", "Danish"), ("de", "ger", "deu", "German"),
    ("el", "gre", "ell", "Greek"), ("en", "eng", "eng", "English"), ("es", "spa", "spa", "Spanish"),
    ("et", "est", "est", "Estonian"), ("eu", "baq", "eus", "Basque"), ("fa", "per", "fas", "Persian"),
    ("fi", "fin", "fin", "Finnish"), ("fr", "fre", "fra", "French"), ("ga", "gle", "gle", "Irish"),
    ("gl", "glg", "glg", "Galician"), ("he", "heb", "heb", "Hebrew"), ("hi", "hin", "hin", "Hindi"),
    ("hr", "hrv", "hrv", "Croatian"), ("hu", "hun", "hun", "Hungarian"), ("hy", "arm", "hye", "Armenian"),
    ("id", "ind", "ind", "Indonesian"), ("is", "ice", "isl", "Icelandic"), ("it", "ita", "ita", "Italian"),
    ("ja", "jpn", "jpn", "Japanese"), ("ka", "geo", "kat", "Georgian"), ("kk", "kaz", "kaz", "Kazakh"),
    ("ko", "kor", "kor", "Korean"), ("lt", "lit", "lit", "Lithuanian"), ("lv", "lav", "lav", "Latvian"),
    ("mk", "mac", "mkd", "Macedonian"), ("ml", "mal", "mal", "Malayalam"), ("ms", "may", "msa", "Malay"),
    ("nb", "nob", "nob", "Norwegian Bokmål"), ("nl", "dut", "nld", "Dutch"), ("nn", "nno", "nno", "Norwegian Nynorsk"),
    ("no", "nor", "nor", "Norwegian"), ("pl", "pol", "pol", "Polish"), ("pt", "por", "por", "Portuguese"),
    ("ro", "rum", "ron", "Romanian"), ("ru", "rus", "rus", "Russian"), ("sk", "slo", "slk", "Slovak"),
    ("sl", "slv", "slv", "Slovenian"), ("sq", "alb", "sqi", "Albanian"), ("sr", "srp", "srp", "Serbian"),
    ("sv", "swe", "swe", "Swedish"), ("ta", "tam", "tam", "Tamil"), ("te", "tel", "tel", "Telugu"),
    ("th", "tha", "tha", "Thai"), ("tl", "tgl", "tgl", "Tagalog"), ("tr", "tur", "tur", "Turkish"),
    ("uk", "ukr", "ukr", "Ukrainian"), ("ur", "urd", "urd", "Urdu"), ("vi", "vie", "vie", "Vietnamese"),
    ("zh", "chi", "zho", "Chinese"),
)  # fmt: skip
SHORT: Final = {long: row[0] for row in TABLE for long in row[:3]} | {row[3].lower(): row[0] for row in TABLE}
LONG: Final = {row[0]: row[1] for row in TABLE}
NAMES: Final = {row[0]: row[3] for row in TABLE}
NONE: Final = frozenset({"und", "unk", "mis", "zxx", "mul", ""})


def bcp47(code: str) -> str:
    """ "eng", "de-AT", "German" as a tag: "en", "de-AT", "de"; "" for none, and for what could not be one."""
    first, _, rest = code.strip().replace("_", "-").partition("-")
    word = first.lower()
    if word in NONE or not word.isascii() or not word.isalpha():
        return ""
    short = SHORT.get(word, word if len(word) in (2, 3) else "")
    if not short:
        return ""
    rest = rest if rest.replace("-", "").isalnum() and rest.isascii() else ""
    return f"{short}-{rest}" if rest else short


def iso639_2(code: str) -> str:
    """The three letters that clients compare: "eng", "ger"; the code itself when it is not known."""
    short = bcp47(code).partition("-")[0]
    return LONG.get(short, code.lower()[:3])


def language_name(code: str) -> str:
    """In English; "" when unknown."""
    return NAMES.get(bcp47(code).partition("-")[0], "")


def same_language(left: str, right: str) -> bool:
    """Whether two codes mean one language, whatever their spelling."""
    first, second = bcp47(left).partition("-")[0], bcp47(right).partition("-")[0]
    return bool(first) and first == second
