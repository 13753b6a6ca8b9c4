"""Channels and programmes as XMLTV text. Source: `specs/live.md` 4.3; the DTD of the XMLTV project."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from polycast.live.outputs.ports import Shown

MOST_PLANS: Final = 4_096
END: Final = b"</tv>\n"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 13})  # never part of a longer UTF-8 sequence
_NONE: Final = re.compile(b"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF
_UNITS: Final = frozenset({"seconds", "minutes", "hours"})
_SUBTITLES: Final = frozenset({"teletext", "onscreen", "deaf-signed"})
_CREDITS: Final = (
    "director", "actor", "writer", "adapter", "producer", "composer", "editor", "presenter", "commentator", "guest",
)  # fmt: skip
_EPISODES: Final = "episode numbers"  # stands for all keys of the next line
_EPISODE: Final = frozenset(
    {"onscreen_episode", "season", "episode", "dd_progid", "thetvdb.com_id", "themoviedb.org_id", "imdb.com_id"}
)

Extras = Mapping[str, Any]
Write = Callable[[list[str], Any], None]
Icon = Callable[[Shown, Extras], str]  # where a programme's picture is; empty for none


def escaped(text: str) -> str:
    """`text` inside an element."""
    if "&" in text or "<" in text or ">" in text:  # three looks cost half of three copies that change nothing
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def quoted(text: str) -> str:
    """`text` inside an attribute."""
    return escaped(text).replace('"', "&quot;").replace("\n", " ")


def encoded(text: str) -> bytes:
    """What may stand in an XML document of `text`, in UTF-8."""
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    return _NONE.sub(b"", data) if b"\xef\xbf" in data else data


def head(origin: str) -> str:
    """The start of the document."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<tv generator-info-name="Polycast" generator-info-url="{quoted(origin)}/">\n'
    )


def channel(channel_id: str, name: str, icon: str) -> str:
    """One `<channel>`; `icon` is an address or empty."""
    picture = f'    <icon src="{quoted(icon)}" />\n' if icon else ""
    display = f"    <display-name>{escaped(name) or '-'}</display-name>\n"
    return f'  <channel id="{quoted(channel_id)}">\n{display}{picture}  </channel>\n'


class Programmes:
    """Writes programmes. `strict`: children in the order of the DTD, and none that it does not know."""

    def __init__(self, *, strict: bool) -> None:
        self._order = _STRICT if strict else _USUAL
        self._days: dict[int, str] = {}
        self._clocks: dict[int, str] = {}
        self._texts: dict[tuple[str, object], str] = {}
        self._plans: dict[tuple[str, ...], Sequence[tuple[str, Write]]] = {}

    def of(self, channel_id: str, shown: Iterable[Shown], icon: Icon) -> str:
        """The programmes of one channel, as they come."""
        owner = f' channel="{quoted(channel_id)}">\n    <title>'
        out: list[str] = []
        say, time, end, stop = out.append, self._time, -1, ""
        for one in shown:
            start = stop if one.start == end else time(one.start)
            end = one.end
            stop = time(end)
            say(f'  <programme start="{start}" stop="{stop}"{owner}{escaped(one.title) or "-"}</title>\n')
            if one.sub_title:
                say(f"    <sub-title>{escaped(one.sub_title)}</sub-title>\n")
            if one.description:
                say(f"    <desc>{escaped(one.description)}</desc>\n")
            if extras := one.extras:
                self._extras(out, extras, icon, one)
            say("  </programme>\n")
        return "".join(out)

    def _extras(self, out: list[str], extras: Extras, icon: Icon, one: Shown) -> None:
        names = tuple(extras)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._planned(names)
        for key, write in plan:
            if key == "icon":
                if url := icon(one, extras):
                    out.append(f'    <icon src="{quoted(url)}" />\n')
            elif key in _WHOLE:
                if extras.get(key, True) is not False:
                    write(out, extras)
            elif (value := extras[key]) is not None and value is not False:
                if key in _REPEATED:
                    self._again(out, key, value, write)
                else:
                    write(out, value)

    def _again(self, out: list[str], key: str, value: Any, write: Write) -> None:
        """What a guide says a thousand times over is written once and kept."""
        token = (key, value if isinstance(value, str) else tuple(value))
        known = self._texts.get(token)
        if known is None:
            lines: list[str] = []
            write(lines, value)
            known = "".join(lines)
            if len(self._texts) < MOST_PLANS:
                self._texts[token] = known
        out.append(known)

    def _planned(self, names: tuple[str, ...]) -> Sequence[tuple[str, Write]]:
        """What is written for programmes that have these keys. Guides know few sets of them."""
        has_episode = not _EPISODE.isdisjoint(names)
        plan = [(key, write) for key, write in self._order if (has_episode if key == _EPISODES else key in names)]
        if len(self._plans) < MOST_PLANS:
            self._plans[names] = plan
        return plan

    def _time(self, seconds: int) -> str:
        day, clock = divmod(seconds, _DAY)
        date = self._days.get(day)
        if date is None:
            date = self._days[day] = f"{_EPOCH + timedelta(days=day):%Y%m%d}"
        time = self._clocks.get(clock)
        if time is None:
            time = self._clocks[clock] = f"{clock // 3600:02}{clock // 60 % 60:02}{clock % 60:02} +0000"
        return date + time


def _text(tag: str) -> Write:
    def write(out: list[str], value: Any) -> None:
        out.append(f"    <{tag}>{escaped(str(value))}</{tag}>\n")

    return write


def _texts(tag: str) -> Write:
    def write(out: list[str], values: Any) -> None:
        some = [values] if isinstance(values, str) else values
        out.extend(f"    <{tag}>{escaped(str(value))}</{tag}>\n" for value in some)

    return write


def _flag(tag: str) -> Write:
    def write(out: list[str], value: Any) -> None:
        out.append(f"    <{tag} />\n")

    return write


def _told_flag(tag: str, key: str) -> Write:
    """A flag with the sentence that may stand in it."""

    def write(out: list[str], extras: Any) -> None:
        text = extras.get(f"{key}_text")
        out.append(f"    <{tag}>{escaped(str(text))}</{tag}>\n" if text else f"    <{tag} />\n")

    return write


def _parts(tag: str, names: Sequence[str]) -> Write:
    def write(out: list[str], value: Any) -> None:
        inner = "".join(f"<{name}>{escaped(str(value[name]))}</{name}>" for name in names if value.get(name))
        if inner:
            out.append(f"    <{tag}>{inner}</{tag}>\n")

    return write


def _with_attributes(tag: str, names: Sequence[str], defaults: Mapping[str, str]) -> Write:
    """Texts with attributes of their own: reviews, images."""

    def write(out: list[str], values: Any) -> None:
        for one in values:
            value = one if isinstance(one, Mapping) else {"content": one}
            given = {name: str(value.get(name) or defaults.get(name, "")) for name in names}
            told = "".join(f' {name}="{quoted(text)}"' for name, text in given.items() if text)
            out.append(f"    <{tag}{told}>{escaped(str(value.get('content') or value.get('url') or ''))}</{tag}>\n")

    return write


def _length(out: list[str], value: Any) -> None:
    units = str(value.get("units", "minutes"))
    if units in _UNITS:
        out.append(f'    <length units="{units}">{escaped(str(value.get("value", "")))}</length>\n')


def _subtitles(out: list[str], values: Any) -> None:
    for value in values:
        kind = value.get("type", "")
        told = f' type="{kind}"' if kind in _SUBTITLES else ""
        language = f"<language>{escaped(str(value['language']))}</language>" if value.get("language") else ""
        out.append(f"    <subtitles{told}>{language}</subtitles>\n" if language else f"    <subtitles{told} />\n")


def _rating(out: list[str], extras: Any) -> None:
    system = extras.get("rating_system")
    told = f' system="{quoted(str(system))}"' if system else ""
    out.append(f"    <rating{told}><value>{escaped(str(extras['rating']))}</value></rating>\n")


def _stars(out: list[str], values: Any) -> None:
    for value in values:
        told = f' system="{quoted(str(value["system"]))}"' if value.get("system") else ""
        out.append(f"    <star-rating{told}><value>{escaped(str(value.get('value', '')))}</value></star-rating>\n")


def _credits(out: list[str], value: Any) -> None:
    people: list[str] = []
    for kind in _CREDITS:
        for person in value.get(kind, ()):
            if isinstance(person, dict):
                role = person.get("role")
                told = f' role="{quoted(str(role))}"' if role else ""
                if person.get("guest"):
                    told += ' guest="yes"'
                people.append(f"      <{kind}{told}>{escaped(str(person.get('name', '')))}</{kind}>\n")
            else:
                people.append(f"      <{kind}>{escaped(str(person))}</{kind}>\n")
    if people:
        out.append(f"    <credits>\n{''.join(people)}    </credits>\n")


def _shown_before(out: list[str], extras: Any) -> None:
    details = extras.get("previously_shown_details") or {}
    told = "".join(f' {name}="{quoted(str(details[name]))}"' for name in ("start", "channel") if details.get(name))
    out.append(f"    <previously-shown{told} />\n")


def _episodes(out: list[str], extras: Extras) -> None:
    season, episode = extras.get("season"), extras.get("episode")
    onscreen = extras.get("onscreen_episode")
    if not onscreen and isinstance(episode, int):
        onscreen = f"S{season:02}E{episode:02}" if isinstance(season, int) else f"E{episode}"
    told = [("onscreen", onscreen), ("dd_progid", extras.get("dd_progid"))]
    told += [(system, extras.get(f"{system}_id")) for system in ("thetvdb.com", "themoviedb.org", "imdb.com")]
    if isinstance(season, int) or isinstance(episode, int):
        first = str(season - 1) if isinstance(season, int) and season > 0 else ""
        second = str(episode - 1) if isinstance(episode, int) and episode > 0 else ""
        told.append(("xmltv_ns", f"{first}.{second}."))
    for system, text in told:
        if text:
            out.append(f'    <episode-num system="{system}">{escaped(str(text))}</episode-num>\n')


def _nothing(out: list[str], value: Any) -> None:
    """An icon has rules of its own."""


_WRITERS: Final[Mapping[str, Write]] = {
    "categories": _texts("category"),
    "keywords": _texts("keyword"),
    _EPISODES: _episodes,
    "language": _text("language"),
    "original_language": _text("orig-language"),
    "length": _length,
    "video": _parts("video", ("present", "colour", "aspect", "quality")),
    "audio": _parts("audio", ("present", "stereo")),
    "subtitles": _subtitles,
    "rating": _rating,
    "star_ratings": _stars,
    "reviews": _with_attributes("review", ("type", "source", "reviewer", "lang"), {"type": "text"}),
    "images": _with_attributes("image", ("type", "size", "orient", "system"), {}),
    "credits": _credits,
    "date": _text("date"),
    "country": _texts("country"),
    "icon": _nothing,
    "previously_shown": _shown_before,
    "premiere": _told_flag("premiere", "premiere"),
    "last_chance": _told_flag("last-chance", "last_chance"),
    "new": _flag("new"),
    "live": _flag("live"),
}
_REPEATED: Final = frozenset({"categories", "language", "original_language", "country"})
_WHOLE: Final = frozenset(
    {_EPISODES, "rating", "previously_shown", "premiere", "last_chance"}
)  # these look at other keys too
_USUAL: Final = tuple(_WRITERS.items())
_STRICT: Final = tuple(
    (key, _WRITERS[key])
    for key in (
        "credits", "date", "categories", "keywords", "language", "original_language", "length", "icon", "country",
        _EPISODES, "video", "audio", "previously_shown", "premiere", "last_chance", "new", "subtitles", "rating",
        "star_ratings",
    )
)  # fmt: skip
