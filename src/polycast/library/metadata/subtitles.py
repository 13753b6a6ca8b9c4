"""Finding subtitles outside for a title that is here, and keeping the chosen ones. Source: specs/library.md 3.21, 4.5."""

import asyncio
import re
from collections import OrderedDict
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, TooLarge, Unavailable
from polycast.core.files import write_bytes
from polycast.core.identity.caller import Caller
from polycast.core.ids import Ids
from polycast.core.storage import Database, Unit, clean
from polycast.library.catalogue.files import Files
from polycast.library.catalogue.model import Kind, PlayableFile
from polycast.library.providers.opensubtitles import wire
from polycast.library.providers.opensubtitles.client import OpenSubtitles
from polycast.library.tracks.convert import FORMS, read_file
from polycast.library.tracks.languages import bcp47
from polycast.library.tracks.service import FILE_BYTES
from polycast.library.tracks.store import TrackStore

PROVIDER: Final = "opensubtitles"
SHOWN: Final = 50
REMEMBERED: Final = 2_000
TOKEN: Final = re.compile(r"[a-z0-9]+")
MANY: Final = 50_000  # downloads; more say nothing more
TWO_PARTS: Final = {"pt": "pt-pt", "zh": "zh-cn"}  # there these languages exist only by country


class Offer(Struct, frozen=True, kw_only=True):
    """Subtitles that could be downloaded. `score` from 0 to 1."""

    file_id: int
    release: str
    language: str
    downloads: int
    rating: float
    is_hash_match: bool
    is_hearing_impaired: bool
    is_forced: bool
    is_translated: bool  # by a machine
    score: float


class SubtitleFinder:
    """Asks OpenSubtitles about the file that would be played."""

    def __init__(
        self, *, db: Database, files: Files, service: OpenSubtitles, store: TrackStore, clock: Clock, ids: Ids
    ) -> None:
        self._db = db
        self._files = files
        self._service = service
        self._store = store
        self._clock = clock
        self._ids = ids
        self._shown: OrderedDict[int, Offer] = OrderedDict()  # what was offered lately: says what a file id is of

    async def search(self, caller: Caller, media: str, language: str) -> list[Offer]:
        """The likeliest first. `language` may be several, by commas. Raises: NotFound; Unavailable; Busy."""
        playable = await self._db.read(self._files.playable_in, caller, media)
        offers = await self._offers(playable, language)
        for one in offers:
            self._shown[one.file_id] = one
        while len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
        return offers

    async def download(self, caller: Caller, media: str, file_id: int) -> str:
        """Keep these for the title; the name of the new track.

        Raises: NotFound; Invalid for what are no subtitles; QuotaUsed; Unavailable; Busy.
        """
        playable = await self._db.read(self._files.playable_in, caller, media)
        one = self._shown.get(file_id)
        if one is None:  # offered by another process, or long ago
            one = next((each for each in await self._offers(playable, "") if each.file_id == file_id), None)
        content, filename = await self._service.download(file_id)
        if len(content) > FILE_BYTES:
            raise TooLarge("These subtitles are too large.")
        form = Path(filename).suffix.lower().lstrip(".")
        form = form if form in FORMS else "srt"
        if not await asyncio.to_thread(read_file, content, form):
            raise Invalid.one("fileId", "not_subtitles", "There is not one subtitle in this file.")
        nanoid = self._ids.nanoid()
        await asyncio.to_thread(_keep, self._store.folder / f"{nanoid}.{form}", content)

        def work(unit: Unit) -> None:
            self._store.add(
                unit, nanoid=nanoid, item_id=playable.item.id, file_id=playable.file.id, source="downloaded", format=form,
                language=one.language if one else "", title=clean(one.release if one else filename, 100),
                is_forced=bool(one and one.is_forced), is_hearing_impaired=bool(one and one.is_hearing_impaired),
                name=f"{nanoid}.{form}", created_at=self._clock.now(),
            )  # fmt: skip

        await self._db.write(work)
        return nanoid

    async def _offers(self, playable: PlayableFile, language: str) -> list[Offer]:
        if not self._service.has_key:
            raise Unavailable("There is no key for OpenSubtitles.")
        wanted = _what(playable)
        if not wanted:
            raise NotFound("Anything to search by")
        found = await self._service.search(wanted | {"languages": _languages(language)})
        offers = [_offer(one, playable) for one in found]
        return sorted(offers, key=lambda one: (one.is_translated, -one.score, -one.downloads))[:SHOWN]


def _what(playable: PlayableFile) -> dict[str, str]:
    """What it is searched by: the file's hash, and the surest name that the title has."""
    item, show = playable.item, playable.show
    told = {"moviehash": playable.file.movie_hash}
    if item.kind is Kind.EPISODE and show is not None:
        told |= {"season_number": str(item.season_number or 0), "episode_number": str(item.episode_number or 0)}
        told |= _ids(show.tmdb, show.imdb, "parent_") or {"query": show.title}
        return told | {"type": "episode"}
    named = _ids(item.tmdb, item.imdb, "") or {"query": item.title} | ({"year": str(item.year)} if item.year else {})
    return told | named | {"type": "movie"}


def _ids(tmdb: int | None, imdb: str | None, prefix: str) -> dict[str, str]:
    if tmdb is not None:
        return {f"{prefix}tmdb_id": str(tmdb)}
    return {f"{prefix}imdb_id": imdb.removeprefix("tt").lstrip("0")} if imdb else {}


def _languages(text: str) -> str:
    """ "de,pt-BR" in small letters, in order, as they are spelled there."""
    tags = {bcp47(one).lower() for one in text.split(",")} - {""}
    return ",".join(sorted(TWO_PARTS.get(tag, tag) for tag in tags))


def _offer(one: wire.Attributes, playable: PlayableFile) -> Offer:
    return Offer(
        file_id=one.files[0].file_id, release=one.release or one.files[0].file_name or "", language=bcp47(one.language or ""),
        downloads=one.download_count, rating=one.ratings, is_hash_match=bool(one.moviehash_match),
        is_hearing_impaired=one.hearing_impaired, is_forced=one.foreign_parts_only,
        is_translated=one.ai_translated or one.machine_translated, score=round(score(one, playable), 3),
    )  # fmt: skip


def score(one: wire.Attributes, playable: PlayableFile) -> float:
    """How likely it fits. Source: specs/library.md 4.5."""
    if one.moviehash_match:
        return 1.0
    ours = set(TOKEN.findall(playable.file.path.stem.lower()))
    theirs = set(TOKEN.findall((one.release or "").lower()))
    overlap = len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0
    fps = playable.file.probed.video.fps if playable.file.probed and playable.file.probed.video else None
    same_fps = bool(fps and one.fps and abs(float(fps) - one.fps) < 0.01)
    return (
        0.5 * overlap + 0.2 * same_fps + 0.1 * bool(one.from_trusted)
        + 0.1 * min(1.0, one.download_count / MANY) + 0.1 * min(1.0, one.ratings / 10)
    )  # fmt: skip


def _keep(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(place, content)
