"""Programs that search, hand over what they found, and import what arrives."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct


class ArrKind(StrEnum):
    """Which program it is."""

    SONARR = "sonarr"
    RADARR = "radarr"
    LIDARR = "lidarr"
    READARR = "readarr"
    WHISPARR = "whisparr"
    OTHERS = "others"


class ArrState(StrEnum):
    """Whether somebody has agreed to it."""

    PENDING = "pending"
    ACTIVE = "active"


OLD_API: Final = frozenset({ArrKind.LIDARR, ArrKind.READARR})


class Arr(Struct, frozen=True, kw_only=True):
    """A connection to one. Its name is its category."""

    id: int
    name: str
    host: str
    token: str = ""  # plain here, sealed in the table, masked in answers
    kind: ArrKind = ArrKind.OTHERS
    skip_repair: bool = False
    download_uncached: bool | None = None
    selected_debrid: str = ""
    source: str = "manual"
    state: ArrState = ArrState.ACTIVE
    user_id: int = 0
    version: str = ""
    problem: str = ""
    seen_at: datetime | None = None
    added_at: datetime

    def __repr__(self) -> str:
        return f"Arr({self.name!r})"

    @property
    def api(self) -> str:
        return "/api/v1" if self.kind in OLD_API else "/api/v3"


class ArrForm(Struct, frozen=True, kw_only=True):
    """What people set. None keeps."""

    name: str | None = None
    host: str | None = None
    token: str | None = None
    kind: ArrKind | None = None
    skip_repair: bool | None = None
    download_uncached: str | None = None  # "", "yes", "no"
    selected_debrid: str | None = None


class Check(Struct, frozen=True, kw_only=True):
    """One step of a test of a connection."""

    step: str  # reach, key, client, category, folder
    ok: bool
    text: str
    fix: str = ""


def guessed(text: str) -> ArrKind:
    """By its name or address."""
    lower = text.lower()
    return next((kind for kind in ArrKind if kind is not ArrKind.OTHERS and kind.value in lower), ArrKind.OTHERS)
