"""Podcasts: made by a station's owner, heard by everybody."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotAllowed, NotFound, PolycastError, Problem
from polycast.core.files import safe_name, safe_path, write_bytes
from polycast.core.identity.caller import Caller
from polycast.core.ids import Ids
from polycast.core.media import Media, sniff
from polycast.core.storage import Database, Unit, clean
from polycast.radio.accounts.store import AccountStore
from polycast.radio.library.files import Place
from polycast.radio.library.model import ENDINGS, LARGEST
from polycast.radio.library.service import Library
from polycast.radio.podcasts.model import Episode, Podcast
from polycast.radio.podcasts.store import PodcastStore
from polycast.radio.recordings.service import Recordings, pieces
from polycast.radio.stations.access import Access, Seen
from polycast.radio.stations.service import Setups

IMAGE_MOST: Final = 5_000_000  # bytes
IMAGES: Final = {"image/png": "png", "image/jpeg": "jpg"}


class Podcasts:
    """A podcast is public while it is published, its account may have podcasts, and its station is public."""

    def __init__(
        self, *, db: Database, store: PodcastStore, accounts: AccountStore, access: Access,
        setups: Setups, library: Library, recordings: Recordings, media: Media, clock: Clock, ids: Ids,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._accounts = accounts
        self._access = access
        self._setups = setups
        self._library = library
        self._recordings = recordings
        self._media = media
        self._clock = clock
        self._ids = ids

    async def of_station(self, caller: Caller, station_id: int) -> list[Podcast]:
        """Those that the caller may see. Raises: NotFound."""
        return await self._db.read(self._of_station, caller, station_id)

    def _of_station(self, unit: Unit, caller: Caller, station_id: int) -> list[Podcast]:
        seen = self._access.see(unit, caller, station_id)
        return [one for one in self._store.of_station(unit, station_id) if _may_see(seen, one)]

    async def get(self, caller: Caller, podcast_id: int) -> tuple[Seen, Podcast]:
        """Raises: NotFound."""
        return await self._db.read(self._see, caller, podcast_id)

    def _see(self, unit: Unit, caller: Caller, podcast_id: int) -> tuple[Seen, Podcast]:
        found = self._store.get(unit, podcast_id)
        if found is None:
            raise NotFound("The podcast")
        seen = self._access.see(unit, caller, found.station_id)
        if not _may_see(seen, found):
            raise NotFound("The podcast")
        return seen, found

    def _own(self, unit: Unit, caller: Caller, podcast_id: int) -> tuple[Seen, Podcast]:
        found = self._store.get(unit, podcast_id)
        if found is None:
            raise NotFound("The podcast")
        return _allowed(self._access.own(unit, caller, found.station_id)), found

    async def create(self, caller: Caller, station_id: int, values: Mapping[str, Any], image: bytes | None) -> Podcast:
        """Raises: NotFound; Invalid; NotAllowed ("feature_disabled")."""
        kind = _image_kind(image)
        made = await self._db.write(self._create, caller, station_id, values)
        return await self._with_image(caller, made.id, image, kind) if image is not None else made

    def _create(self, unit: Unit, caller: Caller, station_id: int, values: Mapping[str, Any]) -> Podcast:
        _allowed(self._access.own(unit, caller, station_id))
        _titled(values, is_new=True)
        defaults = {"language": "en", "created_at": self._clock.now()}
        podcast_id = self._store.insert(unit, **(defaults | dict(values)), station_id=station_id)
        return self._own(unit, caller, podcast_id)[1]

    async def update(self, caller: Caller, podcast_id: int, values: Mapping[str, Any], image: bytes | None) -> Podcast:
        """Raises: as `create`."""
        kind = _image_kind(image)
        found = await self._db.write(self._update, caller, podcast_id, values)
        return await self._with_image(caller, podcast_id, image, kind) if image is not None else found

    def _update(self, unit: Unit, caller: Caller, podcast_id: int, values: Mapping[str, Any]) -> Podcast:
        self._own(unit, caller, podcast_id)
        _titled(values, is_new=False)
        self._store.update(unit, podcast_id, **values)
        return self._own(unit, caller, podcast_id)[1]

    async def _with_image(self, caller: Caller, podcast_id: int, image: bytes, kind: str) -> Podcast:
        seen, _ = await self._db.read(self._own, caller, podcast_id)
        if len(image) > Place.left(seen.account):
            raise Invalid([Problem("non_field_errors", "disk_quota_exceeded")])
        folder, name = self._folder(seen, podcast_id), f"cover.{kind}"
        await asyncio.to_thread(_keep, folder / name, image)
        await self._db.write(self._accounts.add_du, seen.account.id, len(image))
        return await self._db.write(self._update, caller, podcast_id, {"image": name})

    async def delete(self, caller: Caller, podcast_id: int) -> None:
        """With its episodes and their files. Raises: NotFound."""
        seen, _ = await self._db.read(self._own, caller, podcast_id)
        for episode in await self._db.read(self._store.episodes, podcast_id):
            await self.delete_episode(caller, podcast_id, episode.id)
        await self._db.write(self._delete, caller, podcast_id)
        folder = self._folder(seen, podcast_id)
        size = await asyncio.to_thread(_emptied, folder)
        await self._db.write(self._accounts.add_du, seen.account.id, -size)

    def _delete(self, unit: Unit, caller: Caller, podcast_id: int) -> None:
        self._own(unit, caller, podcast_id)
        self._store.delete(unit, podcast_id)

    async def image(self, caller: Caller, podcast_id: int) -> tuple[Path, str]:
        """Its picture's file and type. Raises: NotFound."""
        seen, podcast = await self.get(caller, podcast_id)
        if not podcast.image:
            raise NotFound("The picture")
        kind = next(name for name, ending in IMAGES.items() if podcast.image.endswith(ending))
        return self._folder(seen, podcast_id) / podcast.image, kind

    # Episodes

    async def episodes(self, caller: Caller, podcast_id: int) -> tuple[Seen, Podcast, list[Episode]]:
        """Those that the caller may see, the latest first. Raises: NotFound."""
        return await self._db.read(self._episodes, caller, podcast_id)

    def _episodes(self, unit: Unit, caller: Caller, podcast_id: int) -> tuple[Seen, Podcast, list[Episode]]:
        seen, podcast = self._see(unit, caller, podcast_id)
        now, rows = self._clock.now(), self._store.episodes(unit, podcast_id)
        shown = [one for one in rows if seen.is_own or (one.published and one.pub_date <= now)]
        return seen, podcast, shown

    async def episode(self, caller: Caller, podcast_id: int, episode_id: int) -> Episode:
        """Raises: NotFound."""
        _, _, rows = await self.episodes(caller, podcast_id)
        found = next((one for one in rows if one.id == episode_id), None)
        if found is None:
            raise NotFound("The episode")
        return found

    async def file(self, caller: Caller, podcast_id: int, episode_id: int) -> Path:
        """Its sound. Raises: NotFound."""
        seen, _ = await self.get(caller, podcast_id)
        return self._folder(seen, podcast_id) / (await self.episode(caller, podcast_id, episode_id)).path

    async def upload(
        self, caller: Caller, podcast_id: int, values: Mapping[str, Any], *, filename: str, chunks: AsyncIterator[bytes]
    ) -> Episode:
        """A file becomes an episode, within the account's disk. Raises: NotFound; Invalid; NotAllowed."""
        seen, _ = await self._db.read(self._own, caller, podcast_id)
        name = safe_name(filename, extensions=ENDINGS)
        stem, _, ending = name.rpartition(".")
        if ending.lower() not in ENDINGS:
            raise Invalid([Problem("filename", "invalid_format")])
        guid = self._ids.uuid()
        place = Place(self._folder(seen, podcast_id), f"{guid}.{ending.lower()}")
        size = await place.receive(chunks, most=min(Place.left(seen.account), LARGEST))
        try:
            probed = await self._media.probe(place.path)
            if not probed.audio:
                raise Invalid([Problem("filename", "invalid_format")])
        except PolycastError as error:
            await place.remove()
            raise Invalid([Problem("filename", "invalid_format")]) from error
        await self._db.write(self._accounts.add_du, seen.account.id, size)
        whole = {
            "title": clean(stem, 255),
            "pub_date": self._clock.now(),
            **values,
            "podcast_id": podcast_id,
            "guid": str(guid),
            "path": place.name,
            "size_bytes": size,
            "duration_ms": int(probed.duration.total_seconds() * 1000) if probed.duration else 0,
        }
        return await self._db.write(self._add, caller, podcast_id, whole)

    def _add(self, unit: Unit, caller: Caller, podcast_id: int, values: Mapping[str, Any]) -> Episode:
        self._own(unit, caller, podcast_id)
        _titled(values, is_new=True)
        found = self._store.episode(unit, self._store.insert_episode(unit, **values))
        if found is None:
            raise NotFound("The episode")
        return found

    async def from_track(self, caller: Caller, podcast_id: int, track_id: int, values: Mapping[str, Any]) -> Episode:
        """A copy of a piece of the library. Raises: NotFound; Invalid; NotAllowed."""
        track = await self._library.get(caller, track_id)
        path = await self._library.file(caller, track_id)
        named = {"title": track.meta} | dict(values)
        chunks = pieces(path.parent, path.name)
        return await self.upload(caller, podcast_id, named, filename=path.name, chunks=chunks)

    async def from_recording(
        self, caller: Caller, podcast_id: int, dj_id: int, name: str, values: Mapping[str, Any]
    ) -> Episode:
        """A copy of what a DJ sent. Raises: NotFound; Invalid; NotAllowed."""
        path = await self._recordings.file(caller, dj_id, name)
        chunks = pieces(path.parent, path.name)
        return await self.upload(caller, podcast_id, values, filename=path.name, chunks=chunks)

    async def update_episode(
        self, caller: Caller, podcast_id: int, episode_id: int, values: Mapping[str, Any]
    ) -> Episode:
        """Raises: NotFound; Invalid; NotAllowed."""
        return await self._db.write(self._update_episode, caller, podcast_id, episode_id, values)

    def _update_episode(
        self, unit: Unit, caller: Caller, podcast_id: int, episode_id: int, values: Mapping[str, Any]
    ) -> Episode:
        self._own_episode(unit, caller, podcast_id, episode_id)
        _titled(values, is_new=False)
        self._store.update_episode(unit, episode_id, **values)
        return self._own_episode(unit, caller, podcast_id, episode_id)[1]

    def _own_episode(self, unit: Unit, caller: Caller, podcast_id: int, episode_id: int) -> tuple[Seen, Episode]:
        seen, _ = self._own(unit, caller, podcast_id)
        found = self._store.episode(unit, episode_id)
        if found is None or found.podcast_id != podcast_id:
            raise NotFound("The episode")
        return seen, found

    async def delete_episode(self, caller: Caller, podcast_id: int, episode_id: int) -> None:
        """The file goes, too. Raises: NotFound."""
        seen, episode = await self._db.read(self._own_episode, caller, podcast_id, episode_id)
        await self._db.write(self._store.delete_episode, episode.id)
        size = await Place(self._folder(seen, podcast_id), episode.path).remove()
        await self._db.write(self._accounts.add_du, seen.account.id, -size)

    def _folder(self, seen: Seen, podcast_id: int) -> Path:
        return safe_path(self._setups.folder(seen.account.id) / "podcasts", str(podcast_id))


def _allowed(seen: Seen) -> Seen:
    if not seen.account.features.podcasts_enabled:
        raise NotAllowed("feature_disabled", "feature_disabled")
    return seen


def _may_see(seen: Seen, podcast: Podcast) -> bool:
    return seen.is_own or (podcast.published and seen.account.features.podcasts_enabled)


def _titled(values: Mapping[str, Any], *, is_new: bool) -> None:
    if (is_new or "title" in values) and not values.get("title"):
        raise Invalid.one("title", "required")


def _image_kind(image: bytes | None) -> str:
    """The ending of a picture's name. Raises: Invalid."""
    if image is None:
        return ""
    kind = IMAGES.get(sniff(image) or "")
    if kind is None or len(image) > IMAGE_MOST:
        raise Invalid.one("image", "invalid_image")
    return kind


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in IMAGES.values():
        path.with_suffix(f".{other}").unlink(missing_ok=True)
    write_bytes(path, content)


def _emptied(folder: Path) -> int:
    """Blocking: the pictures of a podcast that is gone; how many bytes."""
    size = 0
    if folder.is_dir():
        for path in [one for one in folder.iterdir() if one.is_file()]:
            size += path.stat().st_size
            path.unlink(missing_ok=True)
        folder.rmdir()
    return size
