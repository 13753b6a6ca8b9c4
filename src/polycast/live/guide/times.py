"""XMLTV's times: `YYYYMMDDHHMMSS ±HHMM`, and the shorter and odder ones that guides hold."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_ZONE: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})")
_NAMES: Final = {  # hours that provider guides mean by these names
    "UTC": 0.0, "GMT": 0.0, "Z": 0.0, "WET": 0.0, "BST": 1.0, "WEST": 1.0, "CET": 1.0, "MET": 1.0, "CEST": 2.0,
    "MEST": 2.0, "EET": 2.0, "EEST": 3.0, "MSK": 3.0, "EST": -5.0, "EDT": -4.0, "CST": -6.0, "CDT": -5.0,
    "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0, "AST": -4.0, "ADT": -3.0, "AEST": 10.0, "AEDT": 11.0,
    "NZST": 12.0, "NZDT": 13.0, "JST": 9.0, "IST": 5.5,
}  # fmt: skip
_FIRST: Final = date(1970, 1, 1).toordinal()
_DAY: Final = 86_400
_MEMORY: Final = 4096


class TimeReader:
    """Reads times to unix seconds; a guide repeats its days and zones, so both are remembered."""

    def __init__(self) -> None:
        self._days: dict[str, int] = {}
        self._latest, self._latest_is = "", 0  # one programme begins when the one before it ends
        self._zones: dict[str, int] = {"": 0, " +0000": 0}

    def __call__(self, text: str) -> int:
        """Raises: ValueError for what is no time."""
        if text == self._latest and text:
            return self._latest_is
        found = self._latest_is = self._read(text)
        self._latest = text
        return found

    def _read(self, text: str) -> int:
        day = self._days.get(text[:8])
        if day is None:
            day = self._day(text[:8])
        clock, zone = text[8:14], text[14:]
        if not clock.isdecimal() or len(clock) != 6:
            clock, zone = self._short(text)
        offset = self._zones.get(zone)
        if offset is None:
            offset = self._zone(zone)
        hours, minutes, seconds = int(clock[:2]), int(clock[2:4]), int(clock[4:6])
        if hours > 24 or minutes > 59 or seconds > 60:
            raise ValueError(text)
        return day + hours * 3600 + minutes * 60 + seconds - offset

    def _day(self, text: str) -> int:
        if not text.isdecimal() or not text.isascii() or len(text) != 8:
            raise ValueError(text)
        found = (date(int(text[:4]), int(text[4:6]), int(text[6:8])).toordinal() - _FIRST) * _DAY
        if len(self._days) < _MEMORY:
            self._days[text] = found
        return found

    @staticmethod
    def _short(text: str) -> tuple[str, str]:
        """Clock and zone of `YYYYMMDDHHMM`, `YYYYMMDDHH` and `YYYYMMDD` with or without a zone."""
        digits = text.split(maxsplit=1)[0].partition("+")[0].partition("-")[0]
        clock = digits[8:]
        if len(clock) not in {0, 2, 4} or (clock and not clock.isdecimal()):
            raise ValueError(text)
        return clock.ljust(6, "0"), text[len(digits) :]

    def _zone(self, text: str) -> int:
        name = text.strip().upper()
        if name in _NAMES:
            seconds = int(_NAMES[name] * 3600)
        elif found := _ZONE.fullmatch(name):
            seconds = (int(found[2]) * 3600 + int(found[3]) * 60) * (-1 if found[1] == "-" else 1)
        elif not name:
            seconds = 0
        else:
            raise ValueError(text)
        if len(self._zones) < _MEMORY:
            self._zones[text] = seconds
        return seconds


def xmltv_time(seconds: int) -> str:
    """A time as we write it: always UTC."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y%m%d%H%M%S} +0000"
