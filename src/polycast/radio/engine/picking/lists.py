"""The next track of a list: in order, from a shuffled bag, or balanced. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from polycast.core.storage.text import fold
from polycast.radio.engine.picking.drawing import Draws
from polycast.radio.engine.picking.model import Memory, Play, Shelf
from polycast.radio.stations.model import Track
from polycast.radio.stations.programme import Playlist

ARTISTS: Final = re.compile(r"\s*(?:[,;/&]|\bfeat\.?|\bft\.?|\bvs\.?)\s*", re.IGNORECASE)
REST: Final = timedelta(minutes=120)  # before a track is played again
APART: Final = 10  # plays between two of one artist or title
TRIED: Final = 400  # of a long list, before the rules are relaxed


def artists_of(track: Track) -> frozenset[str]:
    """Each of them, folded."""
    words = ARTISTS.split(f"{track.author};{track.author_other}")
    return frozenset(fold(word) for word in words if word.strip())


def play_of(track: Track, at: datetime) -> Play:
    return Play(at, track.id, fold(track.title or track.filename), artists_of(track))


def remember(memory: Memory, track: Track, at: datetime) -> None:
    """It is played at `at`."""
    memory.plays.append(play_of(track, at))
    memory.last_played[track.id] = at


def next_of(
    shelf: Shelf, memory: Memory, draws: Draws, playlist: Playlist, at: datetime, *, shuffled: bool | None = None
) -> tuple[Track, str] | None:
    """A track and why it; None when the list has nothing that plays."""
    ids = shelf.programme.entries.get(playlist.id, [])
    is_random = playlist.is_random if shuffled is None else shuffled
    if not ids:
        return None
    if not is_random:
        return in_order(shelf, memory, playlist, ids)
    if shelf.station.random_mode == "permutation":
        return from_bag(shelf, memory, draws, playlist, ids)
    return balanced(shelf, memory, draws, ids, at)


def in_order(shelf: Shelf, memory: Memory, playlist: Playlist, ids: Sequence[int]) -> tuple[Track, str] | None:
    """One after another, from where it was."""
    index = memory.orders.get(playlist.id, playlist.current_order)
    for step in range(len(ids)):
        place = (index + step) % len(ids)
        track = shelf.playable(ids[place])
        if track is not None:
            memory.orders[playlist.id] = (place + 1) % len(ids)
            return track, f"number {place + 1} of {len(ids)} in order"
    return None


def from_bag(
    shelf: Shelf, memory: Memory, draws: Draws, playlist: Playlist, ids: Sequence[int]
) -> tuple[Track, str] | None:
    """Each once, in a random order, before any comes again."""
    known = set(ids)
    for _ in range(2):
        bag = memory.bags.setdefault(playlist.id, [])
        while bag:
            found = shelf.playable(bag.pop())
            if found is not None and found.id in known:
                return found, f"drawn from a bag, {len(bag)} left"
        memory.bags[playlist.id] = refilled(memory, draws, ids)
    return None


def refilled(memory: Memory, draws: Draws, ids: Sequence[int]) -> list[int]:
    """A new bag whose first tracks are none of the last that were heard."""
    bag = list(dict.fromkeys(ids))
    draws.shuffle(bag)
    count = min(APART, len(bag) // 2)
    recent = {play.track_id for play in list(memory.plays)[-count:]} if count else set()
    late = [one for one in bag if one in recent]
    bag = [one for one in bag if one not in recent]
    bag.reverse()
    return late + bag  # drawn from the end


def balanced(shelf: Shelf, memory: Memory, draws: Draws, ids: Sequence[int], at: datetime) -> tuple[Track, str] | None:
    """Random, but no track within two hours, no artist and no title within ten plays; relaxed when nothing is left."""
    found = [track for one in dict.fromkeys(ids) if (track := shelf.playable(one)) is not None]
    if not found:
        return None
    recent = list(memory.plays)[-APART:]
    titles = {play.title for play in recent if play.title}
    artists = frozenset().union(*(play.artists for play in recent)) if recent else frozenset()
    rested = [one for one in found if at - memory.last_played.get(one.id, at - REST) >= REST]
    pool = rested if len(rested) <= TRIED else [draws.choice(rested) for _ in range(TRIED)]
    other_title = [one for one in pool if fold(one.title or one.filename) not in titles]
    strict = [one for one in other_title if not artists_of(one) & artists]
    if strict:
        return draws.choice(strict), "balanced"
    if other_title:
        return draws.choice(other_title), "balanced; every artist was heard lately"
    if pool:
        return draws.choice(pool), "balanced; every artist and title was heard lately"
    oldest = min(found, key=lambda one: memory.last_played[one.id])
    return oldest, "everything was played within two hours: the one longest ago"
