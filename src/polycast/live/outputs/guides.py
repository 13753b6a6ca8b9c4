"""The guide of a line-up, as a document that all who see the same line-up share."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.events.model import Event, Listener
from polycast.core.module import ASGIApp, Daemon
from polycast.live.guide.model import GuideRefreshed, GuideSourceChanged, programme_id
from polycast.live.lineup.events import ChannelGuideSet
from polycast.live.outputs.addresses import is_public, logo_url
from polycast.live.outputs.artefacts import Artefacts
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.model import Entry, LineUp, TvgIdSource, View
from polycast.live.outputs.ports import Guide, Shown
from polycast.live.outputs.xmltv import END, Programmes, channel, encoded, head

BATCH: Final = 24  # channels whose programmes are in memory at once
CHANNELS: Final = 2_000  # `<channel>` elements of one piece
MADE_UP_DAYS: Final = 3  # of programmes for channels without a guide, where nobody asks for a number of days
MOST_PREV_DAYS: Final = 30
CHANGES: Final[tuple[type[Event], ...]] = (GuideRefreshed, GuideSourceChanged, ChannelGuideSet)


class Naming(StrEnum):
    """What names a channel in a guide: as in the playlist that belongs to it."""

    NUMBER = TvgIdSource.NUMBER.value
    TVG_ID = TvgIdSource.TVG_ID.value
    GRACENOTE = TvgIdSource.GRACENOTE.value
    INTEGER = "integer"  # for an Xtream user


class GuideForm(Struct, frozen=True, kw_only=True):
    """How somebody wants a guide."""

    origin: str
    naming: Naming = Naming.NUMBER
    cached_logos: bool = True
    days: int = 0  # ahead; 0: all that is known
    prev_days: int | None = 0  # None: as far back as a channel of the line-up can be watched later
    strict: bool = False  # as the DTD of XMLTV has it


class Guides:
    """Guides as XMLTV. A second request for the same within five minutes reads what the first had made."""

    def __init__(self, *, lineups: LineUps, guide: Guide, artefacts: Artefacts, clock: Clock) -> None:
        self._lineups = lineups
        self._guide = guide
        self._artefacts = artefacts
        self._clock = clock
        self._version = 0

    async def answer(self, scope: Mapping[str, Any], view: View, form: GuideForm, *, as_file: bool = False) -> ASGIApp:
        """The guide of a view for one client. `as_file`: packed, because its name says so.

        Raises: Busy; Storage.
        """
        lineup = await self._lineups.of(view)
        version = (lineup.version, self._version)
        found = await self._artefacts.get((view, form), version, lambda: self.pieces(lineup, form))
        name = "Dispatcharr.xml.gz" if as_file else "Dispatcharr.xml"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        packed = as_file or _takes_gzip(scope)
        return await self._artefacts.answer(found, scope, packed=packed, as_file=as_file, headers=headers)

    async def pieces(self, lineup: LineUp, form: GuideForm) -> AsyncGenerator[bytes, None]:
        """The document, channels first, in pieces of a megabyte or so."""
        now = self._clock.now()
        prev_days = _prev_days(lineup) if form.prev_days is None else form.prev_days
        since = now - timedelta(days=prev_days)
        until = now + timedelta(days=form.days) if form.days else None
        named = _named(lineup, form.naming)
        yield encoded(head(form.origin))
        for start in range(0, len(named), CHANNELS):
            yield await asyncio.to_thread(_channels, named[start : start + CHANNELS], form)
        writer = Programmes(strict=form.strict)
        for start in range(0, len(named), BATCH):
            some = named[start : start + BATCH]
            found = await self._programmes(some, since, until, now)
            piece = await asyncio.to_thread(_programmes, writer, some, found, form)
            if piece:
                yield piece
        yield END

    async def listings(self, entry: Entry, *, since: datetime, until: datetime | None) -> Sequence[tuple[int, Shown]]:
        """(id, programme) of one channel between two times, by start."""
        found = await self._programmes([(entry, "")], since, until, self._clock.now())
        return [(programme_id(entry.guide_channel_id or 0, one.start), one) for one in found.get(entry.id, ())]

    def daemons(self) -> list[Daemon]:
        """What makes the documents."""
        return [Daemon(name="live.outputs", run=self._artefacts.run, everywhere=True)]

    def listeners(self) -> list[Listener]:
        """What makes them stale."""
        return [Listener(name=f"live.renew_guides_{event.name[5:]}", event=event, here=self._bump) for event in CHANGES]

    async def _bump(self, event: Any) -> None:
        self._version += 1

    async def _programmes(
        self, some: Sequence[tuple[Entry, str]], since: datetime, until: datetime | None, now: datetime
    ) -> Mapping[int, Sequence[Shown]]:
        """By channel id."""
        return await self._guide.of(
            [one.id for one, _ in some],
            since=int(since.timestamp()),
            until=None if until is None else int(until.timestamp()),
            made_up_until=int((until or now + timedelta(days=MADE_UP_DAYS)).timestamp()),
        )


def _named(lineup: LineUp, naming: Naming) -> list[tuple[Entry, str]]:
    """Channels with their ids in the guide. Of several with one id the first counts: an id is there once."""
    found: dict[str, Entry] = {}
    for entry in lineup.entries:
        if naming is Naming.INTEGER:
            name = str(lineup.integers[entry.id])
        else:
            name = entry.name_for(TvgIdSource(naming.value))
        found.setdefault(name, entry)
    return [(entry, name) for name, entry in found.items()]


def _channels(some: Sequence[tuple[Entry, str]], form: GuideForm) -> bytes:
    text = "".join(
        channel(name, entry.name, logo_url(form.origin, entry, cached=form.cached_logos)) for entry, name in some
    )
    return encoded(text)


def _programmes(
    writer: Programmes, some: Sequence[tuple[Entry, str]], found: Mapping[int, Sequence[Shown]], form: GuideForm
) -> bytes:
    parts: list[str] = []
    for entry, name in some:
        shown = found.get(entry.id)
        if shown:
            parts.append(writer.of(name, shown, _posters(entry, form)))
    return encoded("".join(parts))


def _posters(entry: Entry, form: GuideForm) -> Any:
    """Where a programme's picture is: with us, or where it comes from when that is asked for."""
    owner = entry.guide_channel_id

    def icon(one: Shown, extras: Mapping[str, Any]) -> str:
        url = str(extras.get("icon") or "")
        if (owner is None or not form.cached_logos) and is_public(url):
            return url
        return f"{form.origin}/api/epg/programs/{programme_id(owner, one.start)}/poster/" if owner is not None else ""

    return icon


def _prev_days(lineup: LineUp) -> int:
    return min(MOST_PREV_DAYS, max((entry.catchup_days for entry in lineup.entries), default=0))


def _takes_gzip(scope: Mapping[str, Any]) -> bool:
    accepted = ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == b"accept-encoding")
    words = [word.replace(" ", "").lower() for word in accepted.split(",")]
    return any(word == "gzip" or (word.startswith("gzip;") and not word.endswith("q=0")) for word in words)
