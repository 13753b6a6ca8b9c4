"""Jingles that are due. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from polycast.radio.engine.picking.drawing import Draws
from polycast.radio.engine.picking.grid import at_wall
from polycast.radio.engine.picking.model import Kind, Memory, Pick, Shelf
from polycast.radio.stations.programme import Jingle, JingleScheme

LATE: Final = timedelta(minutes=5)  # a jingle of a time of day is not played later than this


def admits(scheme: JingleScheme, at: datetime, zone: ZoneInfo) -> bool:
    """Whether its days include this one."""
    day = at.astimezone(zone).date()
    return (
        scheme.enabled
        and (scheme.date_from is None or day >= scheme.date_from)
        and (scheme.date_to is None or day <= scheme.date_to)
        and (not scheme.weekdays or day.weekday() in scheme.weekdays)
    )


def moments(scheme: JingleScheme, first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The times of day and minutes of the hour it names, after `first` up to `last`."""
    day = first.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        for clock in scheme.times:
            at = at_wall(day, clock, zone)
            if first < at <= last:
                yield at
        day += timedelta(days=1)
    hour = first.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    while scheme.minutes and hour <= last.astimezone(zone) + timedelta(hours=1):
        for minute in scheme.minutes:
            at = hour + timedelta(minutes=minute)
            if first < at <= last:
                yield at
        hour += timedelta(hours=1)


def due(shelf: Shelf, memory: Memory, at: datetime) -> JingleScheme | None:
    """A scheme whose turn it is between two tracks."""
    zone = ZoneInfo(shelf.station.timezone or "UTC")
    for scheme in shelf.programme.schemes:
        if not admits(scheme, at, zone):
            continue
        last = memory.scheme_at.get(scheme.id)
        if scheme.every_tracks and memory.scheme_tracks.get(scheme.id, 0) >= scheme.every_tracks:
            return scheme
        if scheme.every_minutes and (last is None or at - last >= timedelta(minutes=scheme.every_minutes)):
            return scheme
        if not is_exact(scheme):
            since = max(last or at - LATE, at - LATE)
            if next(moments(scheme, since, at, zone), None) is not None:
                return scheme
    return None


def is_exact(scheme: JingleScheme) -> bool:
    """Whether it does not wait for the end of a track at its times."""
    return scheme.interrupt or scheme.mix_level > 0


def exact(shelf: Shelf, memory: Memory, first: datetime, last: datetime) -> tuple[datetime, JingleScheme] | None:
    """The first scheme that interrupts, or is laid over the music, after `first` up to `last`."""
    zone = ZoneInfo(shelf.station.timezone or "UTC")
    found = [
        (at, scheme)
        for scheme in shelf.programme.schemes
        if is_exact(scheme)
        for at in moments(scheme, max(first, memory.scheme_at.get(scheme.id, first)), last, zone)
        if admits(scheme, at, zone)
    ]
    return min(found, key=lambda one: (one[0], one[1].id), default=None)


def played(shelf: Shelf, memory: Memory, draws: Draws, scheme: JingleScheme, at: datetime) -> list[Pick]:
    """What the scheme plays now; its counters begin anew."""
    memory.scheme_at[scheme.id] = at
    memory.scheme_tracks[scheme.id] = 0
    why = f"jingle scheme {scheme.name or scheme.id}"
    if scheme.block_id is not None:
        return of_block(shelf, memory, draws, scheme.block_id, why)
    jingle = _one(shelf, memory, draws, scheme)
    return [] if jingle is None else [Pick(kind=Kind.JINGLE, why=why, jingle=jingle)]


def _one(shelf: Shelf, memory: Memory, draws: Draws, scheme: JingleScheme) -> Jingle | None:
    jingles = shelf.programme.jingles
    if scheme.random_from_category and scheme.category_id is not None:
        found = random_of(shelf, draws, scheme.category_id, but=memory.last_jingle.get(scheme.id))
    else:
        found = next((one for one in jingles if one.id == scheme.jingle_id), None)
    if found is not None:
        memory.last_jingle[scheme.id] = found.id
    return found


def random_of(shelf: Shelf, draws: Draws, category_id: int | None, *, but: int | None = None) -> Jingle | None:
    """One of a category, not the same twice in a row where there is another."""
    among = [one for one in shelf.programme.jingles if category_id is None or one.category_id == category_id]
    others = [one for one in among if one.id != but]
    return draws.choice(others or among) if among else None


def of_block(shelf: Shelf, memory: Memory, draws: Draws, block_id: int, why: str) -> list[Pick]:
    """Jingles, tracks and the next of playlists, in the block's order."""
    block = next((one for one in shelf.programme.blocks if one.id == block_id), None)
    picks: list[Pick] = []
    for item in block.items if block is not None else ():
        jingle: Jingle | None = None
        track_id: int | None = None
        if item.block == "jingle":
            jingle = next((one for one in shelf.programme.jingles if one.id == item.jingle), None)
        elif item.block == "random_jingle":
            jingle = random_of(shelf, draws, item.category)
        elif item.block == "track":
            track_id = item.track
        elif item.block == "playlist" and item.playlist is not None:
            ids = shelf.programme.entries.get(item.playlist, [])
            index = memory.block_index.get(item.playlist, 0)
            track_id = ids[index % len(ids)] if ids else None
            memory.block_index[item.playlist] = index + 1
        if jingle is not None:
            picks.append(Pick(kind=Kind.JINGLE, why=why, jingle=jingle))
        elif (track := shelf.playable(track_id)) is not None:
            picks.append(Pick(kind=Kind.TRACK, why=why, track=track))
    return picks
