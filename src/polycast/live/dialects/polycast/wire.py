"""Shapes that more than one room of this dialect answers with."""

from typing import Final, Literal

from msgspec import Struct

from polycast.live.guide import model as guide
from polycast.live.lineup.logos import version_of

Recorded = Literal["", "scheduled", "recording", "completed"]  # what the recorder does with a programme
MOST_ROWS: Final = 500  # channels and rows of the guide in one answer
LOGO: Final = "/api/channels/logos/{id}/cache/?v={version}"


class Named(Struct, frozen=True, kw_only=True):
    """A thing by id and name."""

    id: int
    name: str


class Programme(Struct, frozen=True, kw_only=True):
    """A programme in a cell of the guide."""

    id: str
    title: str
    sub_title: str
    start: int  # unix seconds
    end: int
    category: str
    season: int | None
    episode: int | None
    is_new: bool
    is_live: bool
    can_replay: bool
    recording: Recorded
    reminder: bool

    @classmethod
    def of(
        cls, programme: guide.Programme, *, can_replay: bool, recording: Recorded = "", reminder: bool = False
    ) -> "Programme":
        airing, extras = programme.airing, programme.extras
        categories = extras.get("categories") or ()
        return cls(
            id=str(programme.id),
            title=airing.title,
            sub_title=airing.sub_title,
            start=airing.start,
            end=airing.end,
            category=str(categories[0]) if categories else "",
            season=_whole(extras.get("season")),
            episode=_whole(extras.get("episode")),
            is_new=bool(extras.get("new")),
            is_live=bool(extras.get("live")),
            can_replay=can_replay,
            recording=recording,
            reminder=reminder,
        )


def logo_url(logo_id: int | None, source: str | None) -> str | None:
    """Where our own pages get a logo from; it may be kept as long as `source`, its own address, stays the same."""
    return None if logo_id is None else LOGO.format(id=logo_id, version=version_of(source or ""))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
