"""A dummy guide by patterns: an event whose title, date and time stand in the channel's name. Source: 5.5."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.live.guide.model import Airing
from polycast.live.regexes import Pattern, TooSlow, compile_pattern

DEFAULT_MINUTES: Final = 180
LONGEST_MINUTES: Final = 24 * 60
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MOST_BLOCKS: Final = 400
MOST_NAMES: Final = 64  # placeholders of one name
TEMPLATES: Final = ("title", "subtitle", "description")


class CustomDummy(Struct, frozen=True, kw_only=True):
    """The patterns and templates of a dummy source, read once."""

    titles: Pattern | None
    times: Pattern | None
    dates: Pattern | None
    zone: tzinfo
    output_zone: tzinfo
    minutes: int
    properties: Mapping[str, Any]

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> "CustomDummy":
        """What does not work in `properties` counts as not given."""
        zone = _zone(properties.get("timezone")) or UTC
        minutes = properties.get("program_duration")
        return cls(
            titles=_pattern(properties.get("title_pattern")),
            times=_pattern(properties.get("time_pattern")),
            dates=_pattern(properties.get("date_pattern")),
            zone=zone,
            output_zone=_zone(properties.get("output_timezone")) or zone,
            minutes=min(LONGEST_MINUTES, minutes) if isinstance(minutes, int) and minutes > 0 else DEFAULT_MINUTES,
            properties=properties,
        )

    def airings(self, name: str, streams: Sequence[str], start: int, end: int) -> list[Airing]:
        """Programmes that touch [start, end), for a channel of that name whose streams are called `streams`."""
        subject = self._subject(name, streams)
        found = _groups(self.titles, subject)
        if found is None:
            return self._fallback(subject, start, end)
        clock = self._clock(_groups(self.times, subject))
        day = self._day(_groups(self.dates, subject), start)
        found |= {f"{key}_normalize": _plain(value) for key, value in list(found.items())[:MOST_NAMES]}
        if clock is None:
            return self._blocks("", found, start, end)
        days = [day] if day is not None else _days(start, end, self.zone)
        airings: list[Airing] = []
        cursor = start
        for each in days:
            begin = int(datetime.combine(each, clock, self.zone).timestamp())
            finish = begin + 60 * self.minutes
            event = self._event("", found, begin, finish, begin, finish)
            if finish > start and begin < end:
                airings += self._fillers("upcoming", found, cursor, min(begin, end), begin, finish)
                airings.append(event)
                cursor = finish
            elif begin >= end:
                airings += self._fillers("upcoming", found, cursor, end, begin, finish)
                return airings
        last = days[-1]
        begin = int(datetime.combine(last, clock, self.zone).timestamp())
        return airings + self._fillers("ended", found, cursor, end, begin, begin + 60 * self.minutes)

    def _subject(self, name: str, streams: Sequence[str]) -> str:
        if self.properties.get("name_source") == "stream":
            index = self.properties.get("stream_index") or 1
            if isinstance(index, int) and 1 <= index <= len(streams):
                return streams[index - 1]
        return name

    def _clock(self, found: Mapping[str, str] | None) -> time | None:
        if found is None or not found.get("hour", "").isdecimal():
            return None
        hour = int(found["hour"])
        minute = int(found["minute"]) if found.get("minute", "").isdecimal() else 0
        half = found.get("ampm", "").lower().replace(".", "")
        if half == "pm" and hour < 12:
            hour += 12
        elif half == "am" and hour == 12:
            hour = 0
        return time(hour, minute) if hour < 24 and minute < 60 else None

    def _day(self, found: Mapping[str, str] | None, start: int) -> date | None:
        if found is None or not found.get("month"):
            return None
        today = datetime.fromtimestamp(start, self.zone).date()
        word = found["month"].strip().lower()
        month = int(word) if word.isdecimal() else MONTHS.index(word[:3]) + 1 if word[:3] in MONTHS else 0
        day = int(found["day"]) if found.get("day", "").isdecimal() else today.day
        year = int(found["year"]) if found.get("year", "").isdecimal() else today.year
        try:
            return date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            return None

    def _fillers(
        self, kind: str, found: Mapping[str, str], start: int, end: int, begin: int, finish: int
    ) -> list[Airing]:
        """Blocks around the event; their texts speak of the event's times."""
        return [
            self._event(kind, found, at, min(at + 60 * self.minutes, end), begin, finish)
            for at in range(start, end, 60 * self.minutes)[:MOST_BLOCKS]
        ]

    def _blocks(self, kind: str, found: Mapping[str, str], start: int, end: int) -> list[Airing]:
        """The same again and again, where a name tells no time."""
        step = 60 * self.minutes
        return [
            self._event(kind, found, at, at + step, at, at + step)
            for at in range(start - start % step, end, step)[:MOST_BLOCKS]
        ]

    def _fallback(self, subject: str, start: int, end: int) -> list[Airing]:
        if self.properties.get("fallback_title_template") or self.properties.get("fallback_description_template"):
            return self._blocks("fallback", {"name": subject}, start, end)
        step = 60 * self.minutes
        return [Airing(at, at + step, subject) for at in range(start - start % step, end, step)[:MOST_BLOCKS]]

    def _event(self, kind: str, found: Mapping[str, str], start: int, end: int, begin: int, finish: int) -> Airing:
        words = {**found, **self._times(begin, finish)}
        texts = {each: self._text(kind, each, words) for each in TEMPLATES}
        title = texts["title"] or found.get("title") or found.get("name") or " ".join(filter(None, found.values()))
        return Airing(
            start, end, title[:255], texts["subtitle"], texts["description"], self._extras(kind, words, begin) or None
        )

    def _text(self, kind: str, what: str, words: Mapping[str, str]) -> str:
        template = self.properties.get(f"{kind}_{what}_template") if kind else None
        if not template and kind != "fallback":
            template = self.properties.get(f"{what}_template")
        return fill(template, words) if isinstance(template, str) else ""

    def _extras(self, kind: str, words: Mapping[str, str], begin: int) -> dict[str, Any]:
        given = self.properties
        extras: dict[str, Any] = {}
        if categories := [part.strip() for part in str(given.get("category") or "").split(",") if part.strip()]:
            extras["categories"] = categories
        if isinstance(url := given.get("program_poster_url"), str) and url:
            extras["icon"] = fill(url, {key: quote(value, safe="") for key, value in words.items()})
        if kind:
            return extras
        if given.get("include_date", True):
            extras["date"] = f"{datetime.fromtimestamp(begin, self.output_zone):%Y%m%d}"
        for key in ("live", "new"):
            if given.get(f"include_{key}"):
                extras[key] = True
        return extras

    def _times(self, begin: int, finish: int) -> dict[str, str]:
        first = datetime.fromtimestamp(begin, self.output_zone)
        last = first + timedelta(seconds=finish - begin)
        found = {"date": f"{first:%Y-%m-%d}", "month": str(first.month), "day": str(first.day), "year": str(first.year)}
        for word, at in (("starttime", first), ("endtime", last)):
            hour = at.hour % 12 or 12
            half = "AM" if at.hour < 12 else "PM"
            found[word] = f"{hour} {half}" if not at.minute else f"{hour}:{at.minute:02} {half}"
            found[f"{word}_long"] = f"{hour}:{at.minute:02} {half}"
            found[f"{word}24"] = f"{at:%H:%M}"
        return found


def fill(template: str, words: Mapping[str, str]) -> str:
    """`template` with its `{placeholders}` replaced; unknown ones vanish."""
    parts = template.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        filled.append(words.get(name.strip(), "") + rest if brace else "{" + part)
    return "".join(filled).strip()


def _groups(pattern: Pattern | None, subject: str) -> dict[str, str] | None:
    try:
        return None if pattern is None else pattern.groups(subject)
    except TooSlow:
        return None


def _pattern(text: object) -> Pattern | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        return compile_pattern(text, flags="i")
    except Invalid:
        return None


def _zone(name: object) -> tzinfo | None:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


def _days(start: int, end: int, zone: tzinfo) -> list[date]:
    """Days of `zone` that a window touches, and the one before: an event may run past midnight."""
    first = datetime.fromtimestamp(start, zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(max(start, end - 1), zone).date()
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
