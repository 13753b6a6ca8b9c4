"""Subtitles of titles, listed, added, described and removed; sound tracks, listed. Source: specs/library.md 3.21."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound, TooLarge
from polycast.core.files import write_bytes
from polycast.core.identity.caller import Caller
from polycast.core.ids import Ids
from polycast.core.storage import Database, Unit, clean
from polycast.library.catalogue.model import MediaFile
from polycast.library.playback.ports import PlayableFiles
from polycast.library.tracks.convert import FORMS, read_file
from polycast.library.tracks.model import SubtitleTrack
from polycast.library.tracks.service import FILE_BYTES, Tracks
from polycast.library.tracks.store import TrackStore


class Listed(Struct, frozen=True, kw_only=True):
    """A track and the file it is of."""

    file: MediaFile
    track: SubtitleTrack


class New(Struct, frozen=True, kw_only=True):
    """A subtitle file to keep."""

    content: bytes
    filename: str
    language: str = ""
    title: str = ""
    is_forced: bool = False
    is_hearing_impaired: bool = False


class Subtitles:
    """What there is of subtitles and sound, over what a caller may see."""

    def __init__(
        self, *, db: Database, files: PlayableFiles, tracks: Tracks, store: TrackStore, clock: Clock, ids: Ids
    ) -> None:
        self._db = db
        self._files = files
        self._tracks = tracks
        self._store = store
        self._clock = clock
        self._ids = ids

    async def of(self, caller: Caller, item: str) -> list[Listed]:
        """All subtitles of all files of a title. Raises: NotFound."""
        return await self._db.read(self._of, caller, item)

    async def files_of(self, caller: Caller, item: str) -> list[MediaFile]:
        """The files of a title with what was found in them. Raises: NotFound."""
        playable = await self._db.read(self._files.playable_in, caller, item)
        return [file for file in playable.versions or (playable.file,) if file.probed is not None]

    async def counts(self, caller: Caller) -> tuple[Counter[str], Counter[str], Counter[str], Counter[str]]:
        """How many tracks by language and by codec: of subtitles, then of sound."""

        def work(unit: Unit) -> tuple[Counter[str], Counter[str], Counter[str], Counter[str]]:
            found: tuple[Counter[str], Counter[str], Counter[str], Counter[str]] = (
                Counter(), Counter(), Counter(), Counter()
            )  # fmt: skip
            viewer = self._files.viewer_in(unit, caller)
            for probed in self._store.probed(unit, viewer):
                for one in probed.subtitles:
                    found[0][one.language or "und"] += 1
                    found[1][one.codec] += 1
                for one in probed.audio:
                    found[2][one.language or "und"] += 1
                    found[3][one.codec] += 1
            return found

        return await self._db.read(work)

    async def add(self, caller: Caller, item: str, new: New) -> Listed:
        """Keep a subtitle file for a title. Raises: NotFound; TooLarge; Invalid for one that cannot be read."""
        if len(new.content) > FILE_BYTES:
            raise TooLarge("These subtitles are too large.")
        form = Path(new.filename).suffix.lower().lstrip(".")
        if form not in FORMS:
            raise Invalid.one("file", "not_a_choice", "Subtitles are srt, vtt, ass, ssa, sub or smi files.")
        if not await asyncio.to_thread(read_file, new.content, form):
            raise Invalid.one("file", "not_subtitles", "There is not one subtitle in this file.")
        playable = await self._db.read(self._files.playable_in, caller, item)
        nanoid = self._ids.nanoid()
        name = f"{nanoid}.{form}"
        await asyncio.to_thread(_keep, self._store.folder / name, new.content)

        def work(unit: Unit) -> list[Listed]:
            self._store.add(
                unit, nanoid=nanoid, item_id=playable.item.id, file_id=playable.file.id, source="uploaded", format=form,
                language=clean(new.language, 20), title=clean(new.title, 100), is_forced=new.is_forced,
                is_hearing_impaired=new.is_hearing_impaired, name=name, created_at=self._clock.now(),
            )  # fmt: skip
            return self._of(unit, caller, item)

        return next(one for one in await self._db.write(work) if one.track.nanoid == nanoid)

    async def change(self, caller: Caller, nanoid: str, values: dict[str, Any]) -> Listed:
        """Describe a track anew, or shift it. A file beside a video can be shifted only. Raises: NotFound, Conflict."""

        def work(unit: Unit) -> Listed:
            kind, key, item_id = self._found(unit, caller, nanoid)
            if kind == "ours":
                self._store.change(unit, key, **values)
            elif set(values) - {"offset_ms"}:
                raise Conflict("A file beside the video says itself what it is.")
            else:
                self._store.shift_beside(unit, key, values.get("offset_ms", 0))
            return next(one for one in self._of(unit, caller, item_id) if one.track.nanoid == nanoid)

        return await self._db.write(work)

    async def remove(self, caller: Caller, nanoid: str) -> None:
        """Delete subtitles that we keep; files beside a video are not ours. Raises: NotFound, Conflict."""

        def work(unit: Unit) -> str:
            kind, key, _ = self._found(unit, caller, nanoid)
            if kind != "ours":
                raise Conflict("A file beside the video is not deleted from here.")
            name = self._store.name_of(unit, key)
            self._store.delete(unit, key)
            return name

        name = await self._db.write(work)
        await asyncio.to_thread((self._store.folder / name).unlink, missing_ok=True)

    def _of(self, unit: Unit, caller: Caller, item: int | str) -> list[Listed]:
        playable = self._files.playable_in(unit, caller, item)
        found = []
        for file in playable.versions or (playable.file,):
            if file.probed is not None:
                tracks = self._tracks.of_in(unit, file.probed, file.id, playable.item.id)
                found += [Listed(file=file, track=one) for one in tracks]
        return found

    def _found(self, unit: Unit, caller: Caller, nanoid: str) -> tuple[str, int, int]:
        found = self._store.find(unit, nanoid)
        if found is None:
            raise NotFound("The track")
        kind, key, item_id = found
        self._files.playable_in(unit, caller, item_id)
        return kind, key, item_id


def _keep(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(place, content)
