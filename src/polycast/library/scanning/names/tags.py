"""Words of releases: where the title of a file name ends."""

import re
from typing import Final

from polycast.library.scanning.names.model import Ids

# The first of these after the title ends it.
RELEASE: Final = re.compile(
    r"""(?ix)(?:^|(?<=[\s._\-\[\](){}+,]))(?:
    (?:480|540|576|720|900|1080|1440|2160|4320)[pi](?:\d{2})?|\d{3,4}x\d{3,4}|4k|8k|uhd|fhd|qhd
    |blu-?ray|bd-?rip|br-?rip|bdremux|bd(?:25|50|66)|bdmv|bdmux|web-?dl|web-?rip|webhd|web-?cap|web(?=[\s._\-]+(?:h?x?26|dl|rip|\d))
    |hd-?rip|hdtv(?:rip)?|pdtv|dsr(?:ip)?|dvd-?rip|dvd-?scr|dvd(?:5|9|r)?(?=[\s._\-\])]|$)|tv-?rip|sat-?rip|vhs-?rip|cam-?rip|hd-?cam|hd-?ts|telesync|telecine|screener|scr|r5|ppv
    |remux|x\.?26[45]|h[\s.]?26[456]|hevc|avc|xvid|divx|av1|vp9|mpeg-?[24]|vc-?1
    |10-?bits?|8-?bits?|hi10p?|hdr(?:10)?(?:\+|plus)?|dovi|dolby[\s.]?vision|hlg|sdr
    |dts(?:-?(?:hd|x|es|ma))?|true-?hd|atmos|e-?ac-?3|ac-?3|aac(?:\d[\s.]\d)?|flac|ddp?\+?(?:\d[\s.]\d)?|dd\d[\s.]\d|opus|mp3|lpcm|[257][\s.][01](?=[\s._\-\])]|$)
    |proper|repack|rerip|internal|limited|read-?nfo|nfofix|multi(?:-?subs?)?|dubbed|subbed|hardsubs?|dual[\s.\-_]?audio|vostfr|truefrench|subfrench|custom|complete|retail|hybrid
    |amzn|nf(?=[\s._\-]+web)|dsnp|hmax|atvp|hulu|itunes|pcok|stan|crav
    )(?=$|[\s._\-\[\](){}+,])"""
)
EDITIONS: Final = (
    ("Director's Cut", r"director'?s?[\s._-]+cut|dc(?=[\s._-]+(?:1080|720|2160|blu))"),
    ("Extended", r"extended(?:[\s._-]+(?:cut|edition|version))?"),
    ("Unrated", r"unrated(?:[\s._-]+(?:cut|edition))?|uncut|uncensored"),
    ("Remastered", r"(?:4k[\s._-]+|digitally[\s._-]+)?remastered"),
    ("Theatrical", r"theatrical(?:[\s._-]+(?:cut|edition))?"),
    ("Final Cut", r"final[\s._-]+cut"),
    ("Criterion", r"criterion(?:[\s._-]+(?:collection|edition))?"),
    ("Special Edition", r"special[\s._-]+edition|se(?=[\s._-]+(?:1080|720|2160|blu))"),
    ("Ultimate", r"ultimate[\s._-]+(?:cut|edition)"),
    ("Collector's Edition", r"collector'?s[\s._-]+edition"),
    ("Anniversary Edition", r"(?:\d+th[\s._-]+)?anniversary[\s._-]+edition"),
    ("IMAX", r"imax(?:[\s._-]+edition)?"),
    ("Open Matte", r"open[\s._-]+matte"),
)
EDITION: Final = tuple(
    (word, re.compile(rf"(?i)(?:^|(?<=[\s._\-\[\](){{}}])){text}(?=$|[\s._\-\[\](){{}}])")) for word, text in EDITIONS
)
EDITION_TAG: Final = re.compile(r"(?i)\{edition[-=]([^}]{1,60})\}")
THREE_D: Final = re.compile(
    r"(?i)(?:^|[\s._\-\[(])3d(?:[\s._\-]+(h-?sbs|h-?tab|h-?ou|f-?sbs|f-?tab|sbs|tab|ou|mvc))?(?=$|[\s._\-\])])"
)
PROVIDER: Final = re.compile(r"(?i)[\[{(]\s*(tmdb|imdb|tvdb)(?:id)?\s*[=\-:]\s*(tt\d{5,10}|\d{1,10})\s*[\]})]")
BARE_IMDB: Final = re.compile(r"(?i)(?<![a-z0-9])tt\d{7,9}(?![a-z0-9])")
GROUP: Final = re.compile(r"^\s*[\[【(]([^\]】)]{1,60})[\]】)]\s*")
BRACKETS: Final = re.compile(r"[\[{(【][^\]})】]*[\]})】]")
YEAR: Final = re.compile(r"(?<![\d])(?:19|20)\d{2}(?![\dxpi])")
FULL_DATE: Final = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}([._\-\s])\d{1,2}\1\d{1,2}|\d{1,2}([._\-\s])\d{1,2}\2(?:19|20)\d{2})(?!\d)"
)
SPACES: Final = re.compile(r"\s{2,}")


def ids_of(text: str) -> Ids:
    """`[tmdbid=550]`, `{imdb-tt0137523}`, a bare `tt0137523`."""
    tmdb: int | None = None
    imdb: str | None = None
    tvdb: int | None = None
    for match in PROVIDER.finditer(text):
        word, value = match[1].lower(), match[2].lower()
        if word == "imdb":
            imdb = value if value.startswith("tt") else f"tt{value.zfill(7)}"
        elif value.isdigit() and word == "tmdb":
            tmdb = int(value)
        elif value.isdigit():
            tvdb = int(value)
    if imdb is None and (bare := BARE_IMDB.search(text)):
        imdb = bare[0].lower()
    return Ids(tmdb=tmdb, imdb=imdb, tvdb=tvdb)


def edition_of(text: str) -> str:
    """What `{edition-...}` or the words of a release say; "" without."""
    if tagged := EDITION_TAG.search(text):
        return tagged[1].strip()
    found = [word for word, pattern in EDITION if pattern.search(text)]
    return " ".join(found[:2])


def three_d_of(text: str) -> str:
    """How the two pictures lie: "HSBS", "3D" without more; "" for a flat film."""
    match = THREE_D.search(text)
    return "" if match is None else (match[1] or "3D").replace("-", "").upper()


def tidy(text: str) -> str:
    """A title as people write it: dots and underscores to spaces, nothing hanging over."""
    plain = text.replace("_", " ")
    if " " not in plain.strip() or plain.count(".") > 1:
        plain = dots(plain)
    return SPACES.sub(" ", plain).strip(" -–—.,_+~:;([{").strip()  # noqa: RUF001 - dashes of names


def dots(text: str) -> str:
    """Dots to spaces, but for those of initials (`S.H.I.E.L.D.`, `Dr. No`, `1.5`)."""
    kept = re.sub(r"(?i)(?<![a-z])((?:[a-z]\.){2,})", lambda m: m[1].replace(".", "\x00"), text)
    kept = re.sub(r"\.(?=\s)", "\x00", kept)
    return kept.replace(".", " ").replace("\x00", ".")


def without_brackets(text: str) -> str:
    """Without what stands in brackets, unless that is all there is."""
    bare = BRACKETS.sub(" ", text)
    return bare if re.search(r"\w", bare) else text
