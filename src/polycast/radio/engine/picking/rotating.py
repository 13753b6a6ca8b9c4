"""Rotations: playlists by weight, blocks in a loop, and the clock of an hour. Pure."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from polycast.core.storage.text import fold
from polycast.radio.engine.picking import jingling, lists
from polycast.radio.engine.picking.drawing import Draws
from polycast.radio.engine.picking.grid import at_wall
from polycast.radio.engine.picking.model import Kind, Memory, Pick, Shelf
from polycast.radio.stations.model import Track
from polycast.radio.stations.programme import Playlist, Rotation, RotationItem, TrackFilter

HOUR: Final = timedelta(hours=1)
TOO_SHORT: Final = timedelta(seconds=5)  # before a slot, no filler is begun


class Rotations:
    """Picks from rotations, with what a picker knows."""

    def __init__(self, shelf: Shelf, memory: Memory, draws: Draws) -> None:
        self._shelf = shelf
        self._memory = memory
        self._draws = draws
        self._playlists = {one.id: one for one in shelf.programme.playlists}

    def next(self, rotation: Rotation, at: datetime) -> list[Pick]:
        """What follows at `at`: usually one, more for what belongs together; none when it has nothing."""
        if rotation.type == "weighted":
            return self._weighted(rotation, at)
        if rotation.type == "sequential":
            return self._sequential(rotation, at)
        return self._clock(rotation, at)

    # Weighted

    def _weighted(self, rotation: Rotation, at: datetime) -> list[Pick]:
        items = [one for one in rotation.items if one.playlist is not None and one.weight > 0]
        for _ in range(2 * sum(one.weight for one in items)):
            playlist_id = self._token(rotation, items)
            found = self._from_playlist(playlist_id, at)
            if found is not None:
                track, why = found
                return [self._pick(track, f"rotation {rotation.name}: {why}", playlist_id)]
        return self._fallback(rotation, at)

    def _token(self, rotation: Rotation, items: Sequence[RotationItem]) -> int | None:
        tokens = self._memory.tokens.setdefault(rotation.id, [])
        if not tokens:
            tokens += [one.playlist for one in reversed(items) for _ in range(one.weight) if one.playlist is not None]
            if rotation.shuffled:
                self._draws.shuffle(tokens)
        if not tokens:
            return None
        if not rotation.shuffled:
            return tokens.pop()
        last = self._memory.turns.get(rotation.id, (0, 0))[0]
        # Which of those that are left comes too often to wait: it is drawn first, so that no two of it meet at the end.
        fitting = [index for index, one in enumerate(tokens) if one != last] or list(range(len(tokens)))
        chosen = tokens.pop(self._crowded(tokens, fitting))
        self._memory.turns[rotation.id] = (chosen, 0)
        return chosen

    def _crowded(self, tokens: list[int], fitting: list[int]) -> int:
        for index in fitting:
            if 2 * tokens.count(tokens[index]) > len(tokens):
                return index
        return fitting[self._draws.below(len(fitting))]

    # Sequential

    def _sequential(self, rotation: Rotation, at: datetime) -> list[Pick]:
        items = sorted(rotation.items, key=lambda one: one.order)
        until = self._memory.waits.get(rotation.id)
        if until is not None and at < until:
            return self._fallback(rotation, at)
        if until is not None:
            del self._memory.waits[rotation.id]
        for _ in range(len(items) + 1):
            if not items:
                break
            index, played = self._memory.turns.get(rotation.id, (0, 0))
            item = items[index % len(items)]
            if item.block == "wait" and (end := self._wait_end(item, at)) is not None:
                self._memory.turns[rotation.id] = ((index + 1) % len(items), 0)
                self._memory.waits[rotation.id] = end
                return self._waiting(item, rotation, at)
            picks = self._of_item(item, at, f"rotation {rotation.name}, block {index % len(items) + 1}")
            wanted = self._wanted(item)
            is_done = not picks or played + 1 >= wanted
            self._memory.turns[rotation.id] = ((index + 1) % len(items), 0) if is_done else (index, played + 1)
            if picks:
                return picks
        return self._fallback(rotation, at)

    def _waiting(self, item: RotationItem, rotation: Rotation, at: datetime) -> list[Pick]:
        found = self._from_playlist(item.playlist, at) if item.playlist is not None else None
        if found is not None:
            return [self._pick(found[0], f"rotation {rotation.name}, waiting: {found[1]}", item.playlist)]
        return self._fallback(rotation, at)

    def _wait_end(self, item: RotationItem, at: datetime) -> datetime | None:
        zone = ZoneInfo(self._shelf.station.timezone or "UTC")
        local = at.astimezone(zone)
        hours, colon, minutes = item.until.partition(":")
        if not item.until:
            return at + timedelta(minutes=max(1, item.length))
        if not colon or not minutes.isdecimal() or int(minutes) > 59:
            return None
        if not hours:
            end = local.replace(minute=int(minutes), second=0, microsecond=0)
            return end if end > at else end + HOUR
        if not hours.isdecimal() or int(hours) > 23:
            return None
        clock = time(int(hours), int(minutes))
        end = at_wall(local.date(), clock, zone)
        return end if end > at else at_wall(local.date() + timedelta(days=1), clock, zone)

    # Clock

    def slot(self, rotation: Rotation, at: datetime) -> tuple[RotationItem, datetime, datetime] | None:
        """The slot that covers a time, with its beginning and end."""
        hour = self.hour_of(at)
        for item in rotation.items:
            start = hour + timedelta(seconds=item.start_sec)
            end = start + timedelta(seconds=item.length or 3600 - item.start_sec)
            if start <= at < end:
                return item, start, end
        return None

    def hour_of(self, at: datetime) -> datetime:
        zone = ZoneInfo(self._shelf.station.timezone or "UTC")
        offset = at.astimezone(zone).utcoffset() or timedelta()
        local = at + offset
        return local.replace(minute=0, second=0, microsecond=0) - offset

    def cuts(
        self, rotation: Rotation, first: datetime, last: datetime
    ) -> list[tuple[datetime, RotationItem, datetime]]:
        """Where strict slots begin, and where back-timed ones have to, after `first` up to `last`; with their ends."""
        found = []
        hour = self.hour_of(first)
        while hour <= last:
            for item in rotation.items:
                start = hour + timedelta(seconds=item.start_sec)
                end = start + timedelta(seconds=item.length or 3600 - item.start_sec)
                if item.timing == "back":
                    length = self._length(item)
                    start = max(start, end - length) if length else start
                if item.timing != "soft" and first < start <= last:
                    found.append((start, item, end))
            hour += HOUR
        return sorted(found, key=lambda one: (one[0], one[1].order))

    def _length(self, item: RotationItem) -> timedelta | None:
        track = self._shelf.playable(item.track)
        if item.block == "track" and track is not None:
            return Pick(kind=Kind.TRACK, why="", track=track).length
        jingle = next((one for one in self._shelf.programme.jingles if one.id == item.jingle), None)
        if item.block == "jingle" and jingle is not None:
            return Pick(kind=Kind.JINGLE, why="", jingle=jingle).length
        return None

    def at_cut(self, rotation: Rotation, item: RotationItem, start: datetime, end: datetime) -> list[Pick]:
        """What a strict or back-timed slot begins with."""
        hour = self.hour_of(start)
        self._memory.slots[rotation.id] = (hour, rotation.items.index(item), 1)
        return self._of_item(
            item, start, f"clock {rotation.name}, slot at {item.start_sec // 60}:{item.start_sec % 60:02}"
        )

    def _clock(self, rotation: Rotation, at: datetime) -> list[Pick]:
        found = self.slot(rotation, at)
        if found is not None:
            item = found[0]
            index, hour = rotation.items.index(item), self.hour_of(at)
            seen_hour, seen_index, played = self._memory.slots.get(rotation.id, (hour, -1, 0))
            played = played if (seen_hour, seen_index) == (hour, index) else 0
            is_waiting = item.timing == "back" and not played
            if played < self._wanted(item) and not is_waiting:
                picks = self._of_item(
                    item, at, f"clock {rotation.name}, slot at {item.start_sec // 60}:{item.start_sec % 60:02}"
                )
                self._memory.slots[rotation.id] = (hour, index, played + 1)
                if picks:
                    return picks
        following = self.cuts(rotation, at, at + TOO_SHORT)
        return [] if following else self._fallback(rotation, at)

    # Blocks

    def _wanted(self, item: RotationItem) -> int:
        if item.block in {"playlist", "category_tracks"}:
            whole = len(self._shelf.programme.entries.get(item.playlist or 0, [])) if item.block == "playlist" else 1
            return item.count or max(1, whole)
        return 1

    def _of_item(self, item: RotationItem, at: datetime, why: str) -> list[Pick]:
        jingles = {one.id: one for one in self._shelf.programme.jingles}
        match item.block:
            case "playlist":
                found = self._from_playlist(item.playlist, at)
                return [self._pick(found[0], f"{why}: {found[1]}", item.playlist)] if found else []
            case "track":
                track = self._shelf.playable(item.track)
                return [self._pick(track, why, None)] if track else []
            case "random_track":
                return self._random(item.filters, at, why)
            case "category_tracks":
                return self._random(TrackFilter(category=item.category), at, why)
            case "jingle":
                jingle = jingles.get(item.jingle or 0)
                return [Pick(kind=Kind.JINGLE, why=why, jingle=jingle)] if jingle else []
            case "random_jingle":
                jingle = jingling.random_of(self._shelf, self._draws, item.category)
                return [Pick(kind=Kind.JINGLE, why=why, jingle=jingle)] if jingle else []
            case "sandwich":
                return self._sandwich(item, at, why)
            case "request":
                return self._request(why)
            case "relay":
                return [Pick(kind=Kind.RELAY, why=why, dj_id=item.dj)] if item.dj is not None else []
            case "wait":
                return []

    def _sandwich(self, item: RotationItem, at: datetime, why: str) -> list[Pick]:
        jingles = {one.id: one for one in self._shelf.programme.jingles}
        track = self._shelf.playable(item.track)
        if track is None and item.playlist is not None and (found := self._from_playlist(item.playlist, at)):
            track = found[0]
        first, last = jingles.get(item.jingle or 0), jingles.get(item.jingle_after or 0)
        picks = [Pick(kind=Kind.JINGLE, why=why, jingle=first)] if first else []
        picks += [self._pick(track, why, item.playlist)] if track else []
        return picks + ([Pick(kind=Kind.JINGLE, why=why, jingle=last)] if last else [])

    def _request(self, why: str) -> list[Pick]:
        for wish in self._shelf.requests:
            if (track := self._shelf.playable(wish.track_id)) is not None:
                return [Pick(kind=Kind.TRACK, why=f"{why}: a listener's wish", track=track, request_id=wish.id)]
        return []

    def _random(self, wanted: TrackFilter, at: datetime, why: str) -> list[Pick]:
        ids = [one.id for one in self._shelf.tracks.values() if self._fits(one, wanted, at)]
        found = lists.balanced(self._shelf, self._memory, self._draws, ids, at)
        return [self._pick(found[0], f"{why}: {found[1]}", None)] if found else []

    def _fits(self, track: Track, wanted: TrackFilter, at: datetime) -> bool:
        last = self._memory.last_played.get(track.id, track.played_at)
        rested = timedelta(minutes=wanted.not_played_minutes)
        return (
            (wanted.category is None or track.category_id == wanted.category)
            and (not wanted.genre or fold(track.genre) == fold(wanted.genre))
            and (not wanted.artist or fold(wanted.artist) in lists.artists_of(track))
            and (not wanted.folder or track.folder.startswith(wanted.folder))
            and (not wanted.not_played_minutes or last is None or at - last >= rested)
            and (not wanted.added_days or at - track.added_at <= timedelta(days=wanted.added_days))
        )

    def _from_playlist(self, playlist_id: int | None, at: datetime) -> tuple[Track, str] | None:
        playlist: Playlist | None = self._playlists.get(playlist_id or 0)
        return lists.next_of(self._shelf, self._memory, self._draws, playlist, at) if playlist else None

    def _fallback(self, rotation: Rotation, at: datetime) -> list[Pick]:
        found = self._from_playlist(rotation.fallback_playlist_id, at)
        if found is None:
            return []
        return [
            self._pick(found[0], f"fallback of rotation {rotation.name}: {found[1]}", rotation.fallback_playlist_id)
        ]

    def _pick(self, track: Track, why: str, playlist_id: int | None) -> Pick:
        return Pick(kind=Kind.TRACK, why=why, track=track, playlist_id=playlist_id)
