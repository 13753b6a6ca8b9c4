"""What a `<programme>` and a `<channel>` of XMLTV say. Source: specs/live.md 5.3, the DTD of the XMLTV project."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from polycast.core.xmlin import Element
from polycast.live.guide.model import Airing
from polycast.live.guide.times import TimeReader

TITLE_LENGTH: Final = 255
NAME_LENGTH: Final = 512
URL_LENGTH: Final = 500
ID_LENGTH: Final = 255
TEXT_LENGTH: Final = 20_000
MOST_REPEATED: Final = 50  # categories, actors ... of one programme
ONSCREEN: Final = re.compile(r"[Ss](\d{1,5})\s*[Ee](\d{1,6})")
EXTERNAL: Final = frozenset({"dd_progid", "thetvdb.com", "themoviedb.org", "imdb.com"})
CREDITS: Final = (
    "director", "actor", "writer", "adapter", "producer", "composer", "editor", "presenter", "commentator", "guest",
)  # fmt: skip

Extras = dict[str, Any]


def airing_of(element: Element, read_time: TimeReader) -> Airing | None:
    """A programme; None for one without a usable start. Without a usable end, `end` is 0."""
    attributes = element.attributes
    try:
        start = read_time(attributes["start"])
    except (KeyError, ValueError, IndexError):
        return None
    try:
        end = read_time(attributes.get("stop") or "")
    except (ValueError, IndexError):
        end = 0
    if end <= start:
        end = 0
    title = sub_title = description = ""
    extras: Extras = {}
    for child in element.children:  # the most frequent ones first: this runs a few million times a guide
        name = child.name
        if name == "title":
            title = title or child.text.strip()
        elif name == "desc":
            description = description or child.text.strip()
        elif name == "category":
            _category(extras, child)
        elif name == "sub-title":
            sub_title = sub_title or child.text.strip()
        elif (take := _TAKERS.get(name)) is not None:
            take(extras, child)
    if len(title) > TITLE_LENGTH or not title.isprintable():
        title = " ".join(title.split())[:TITLE_LENGTH]
    return Airing(start, end, title, sub_title[:NAME_LENGTH], description[:TEXT_LENGTH], extras or None)


def channel_of(element: Element) -> tuple[str, str, str] | None:
    """tvg id, name and icon of a `<channel>`; None without an id. Of several names the first that is no number."""
    tvg_id = element.attributes.get("id", "").strip()[:ID_LENGTH]
    if not tvg_id:
        return None
    names = [name for each in element.all("display-name") if (name := " ".join(each.text.split()))]
    name = next((name for name in names if not name.replace(".", "").isdecimal()), names[0] if names else tvg_id)
    icon = element.find("icon")
    url = icon.attributes.get("src", "").strip() if icon is not None else ""
    return tvg_id, name[:NAME_LENGTH], url if len(url) <= URL_LENGTH else ""


def _listed(key: str) -> Callable[[Extras, Element], None]:
    def take(extras: Extras, child: Element) -> None:
        if text := child.text.strip():
            found = extras.setdefault(key, [])
            if len(found) < MOST_REPEATED and text not in found:
                found.append(text)

    return take


def _single(key: str) -> Callable[[Extras, Element], None]:
    def take(extras: Extras, child: Element) -> None:
        if text := child.text.strip():
            extras.setdefault(key, text[:NAME_LENGTH])

    return take


def _marked(key: str) -> Callable[[Extras, Element], None]:
    """A flag that may carry a sentence."""

    def take(extras: Extras, child: Element) -> None:
        extras[key] = True
        if text := child.text.strip():
            extras[f"{key}_text"] = text[:NAME_LENGTH]

    return take


def _named_parts(key: str, names: tuple[str, ...]) -> Callable[[Extras, Element], None]:
    def take(extras: Extras, child: Element) -> None:
        if parts := {name: text for name in names if (text := child.text_of(name))}:
            extras[key] = parts

    return take


def _episode(extras: Extras, child: Element) -> None:
    text = child.text.strip()
    if not text:
        return
    system = child.attributes.get("system", "onscreen")
    if system == "xmltv_ns":
        season, _, rest = text.partition(".")
        for key, part in (("season", season), ("episode", rest.partition(".")[0])):
            number = part.partition("/")[0].strip()
            if number.isdecimal() and len(number) < 9:
                extras[key] = int(number) + 1
    elif system == "onscreen":
        extras["onscreen_episode"] = text[:100]
        if found := ONSCREEN.search(text):
            extras.setdefault("season", int(found[1]))
            extras.setdefault("episode", int(found[2]))
    elif system in EXTERNAL:
        extras[system if system == "dd_progid" else f"{system}_id"] = text[:100]
    elif system == "original-air-date":
        extras.setdefault("original_air_date", text[:30])


def _rating(extras: Extras, child: Element) -> None:
    if "rating" not in extras and (value := child.text_of("value")):
        extras["rating"] = value[:50]
        if system := child.attributes.get("system"):
            extras["rating_system"] = system[:100]


def _stars(extras: Extras, child: Element) -> None:
    if value := child.text_of("value"):
        found: Extras = {"value": value[:50]}
        if system := child.attributes.get("system"):
            found["system"] = system[:100]
        extras.setdefault("star_ratings", []).append(found)


def _credits(extras: Extras, child: Element) -> None:
    found: dict[str, list[Any]] = {}
    for person in child.children:
        name = person.text.strip()[:NAME_LENGTH]
        people = found.setdefault(person.name, []) if person.name in CREDITS and name else None
        if people is None or len(people) >= MOST_REPEATED:
            continue
        if person.name == "actor":
            actor: Extras = {"name": name}
            if role := person.attributes.get("role"):
                actor["role"] = role[:NAME_LENGTH]
            if person.attributes.get("guest") == "yes":
                actor["guest"] = True
            people.append(actor)
        else:
            people.append(name)
    if found:
        extras["credits"] = found


def _length(extras: Extras, child: Element) -> None:
    if text := child.text.strip():
        extras["length"] = {"value": text[:20], "units": child.attributes.get("units", "minutes")[:20]}


def _subtitles(extras: Extras, child: Element) -> None:
    found: Extras = {"type": child.attributes.get("type", "")[:30]}
    if language := child.text_of("language"):
        found["language"] = language[:50]
    extras.setdefault("subtitles", []).append(found)


def _texted(key: str) -> Callable[[Extras, Element], None]:
    """A list of texts with their attributes."""

    def take(extras: Extras, child: Element) -> None:
        if text := child.text.strip():
            found = extras.setdefault(key, [])
            if len(found) < MOST_REPEATED:
                found.append({"content": text[:2000], **{k: v[:200] for k, v in list(child.attributes.items())[:6]}})

    return take


def _icon(extras: Extras, child: Element) -> None:
    if url := child.attributes.get("src", "").strip():
        extras.setdefault("icon", url[:2000])


def _shown(extras: Extras, child: Element) -> None:
    extras["previously_shown"] = True
    if details := {k: v[:100] for k, v in child.attributes.items() if k in {"start", "channel"}}:
        extras["previously_shown_details"] = details


_category = _listed("categories")
_TAKERS: Final[Mapping[str, Callable[[Extras, Element], None]]] = {
    "keyword": _listed("keywords"),
    "episode-num": _episode,
    "rating": _rating,
    "star-rating": _stars,
    "credits": _credits,
    "date": _single("date"),
    "country": _single("country"),
    "language": _single("language"),
    "orig-language": _single("original_language"),
    "length": _length,
    "video": _named_parts("video", ("present", "colour", "aspect", "quality")),
    "audio": _named_parts("audio", ("present", "stereo")),
    "subtitles": _subtitles,
    "review": _texted("reviews"),
    "image": _texted("images"),
    "icon": _icon,
    "new": _marked("new"),
    "live": _marked("live"),
    "premiere": _marked("premiere"),
    "last-chance": _marked("last_chance"),
    "previously-shown": _shown,
}
