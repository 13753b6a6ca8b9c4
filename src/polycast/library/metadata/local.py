"""What lies beside the media, or in it: notes, pictures, tags. The first step of the fourth phase; needs no network."""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.errors import PolycastError
from polycast.core.ids import Ids as NewIds
from polycast.core.jobs import Run
from polycast.core.media import Media, PictureAsk
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Item, Kind, Library, MatchStatus, MediaFile, ScanMode
from polycast.library.catalogue.store_files import FileStore
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.metadata.artwork import Artwork
from polycast.library.metadata.model import EpisodeFacts, Facts, Picture
from polycast.library.metadata.nfo import MOST_BYTES, read_nfo
from polycast.library.metadata.store import FactStore
from polycast.library.metadata.writing import FactWriter
from polycast.library.scanning.model import IMAGES, Counts

NAMES: Final = {
    "poster": ("poster", "folder", "cover", "default", "movie", "show"),
    "backdrop": ("backdrop", "fanart", "background", "art"),
    "logo": ("logo", "clearlogo"),
    "clearart": ("clearart",),
    "banner": ("banner",),
    "thumb": ("landscape", "thumb"),
    "disc": ("disc", "cdart", "discart"),
}
KINDS: Final = {name: kind for kind, names in NAMES.items() for name in names}
NUMBERED: Final = re.compile(r"^(.*?)-?(\d{1,2})$")
SEASON: Final = re.compile(r"^season(\d{1,4}|-specials)-?(poster|banner|fanart|landscape)$")
WIDTH: Final = 1280
MOST_NAMES: Final = 5_000
SHORT_MS: Final = 60_000
AT_ONCE: Final = 32


class Beside(Struct, kw_only=True):
    """What was found for one title, read outside the transaction."""

    item: Item
    facts: Facts | None = None
    episodes: list[EpisodeFacts] = []
    pictures: list[tuple[Picture, str]] = []  # with the name it is kept as
    seasons: list[tuple[int, Picture, str]] = []
    fallback: str = ""  # a frame, where there is nothing else


class LocalStep:
    """Notes, pictures and tags for titles that a scan has touched."""

    def __init__(
        self, *, db: Database, items: ItemStore, files: FileStore, facts: FactStore, writer: FactWriter,
        artwork: Artwork, media: Media, ids: NewIds,
    ) -> None:  # fmt: skip
        self._db = db
        self._items = items
        self._files = files
        self._facts = facts
        self._writer = writer
        self._artwork = artwork
        self._media = media
        self._ids = ids

    async def run(self, library: Library, item_ids: list[int], *, mode: ScanMode, run: Run, counts: Counts) -> set[int]:
        """See `enriching.Step`."""
        changed: set[int] = set()
        found = await self._db.read(self._items.by_ids, item_ids)
        wanted = [one for one in found.values() if one.kind is not Kind.SEASON and one.is_available]
        for start in range(0, len(wanted), AT_ONCE):
            run.check()
            some = wanted[start : start + AT_ONCE]
            files = await self._db.read(self._files_of, some)
            looked = await asyncio.gather(*(self._look(library, one, files.get(one.id, [])) for one in some))
            changed |= await self._db.write(self._keep_all, library, looked)
            await run.progress(start, len(wanted), "enrich")
        return changed

    async def _look(self, library: Library, item: Item, files: list[MediaFile]) -> Beside:
        beside = Beside(item=item)
        if not files:
            return beside
        first = files[0]
        folder = _folder_of(item, first.path, library.paths)
        names = await asyncio.to_thread(_names, folder)
        alone = await asyncio.to_thread(_is_alone, first.path.parent) if item.kind is Kind.MOVIE else True
        await self._notes(beside, folder, first, names, alone=alone)
        await self._pictures(beside, folder, first, names, alone=alone)
        if beside.facts is None and first.probed is not None:
            beside.facts = _tagged(first, item)
        if not beside.pictures and item.kind is not Kind.SHOW and not item.images:
            beside.fallback = await self._frame(first)
        return beside

    def _files_of(self, unit: Unit, wanted: Sequence[Item]) -> dict[int, list[MediaFile]]:
        """Files by title; of a show its first episode's."""
        firsts: dict[int, int] = {}
        for item in wanted:
            if item.kind is Kind.SHOW and (key := self._facts.first_episode(unit, item.id)) is not None:
                firsts[key] = item.id
        leaves = [item.id for item in wanted if item.kind is not Kind.SHOW]
        found = self._files.of_items(unit, [*leaves, *firsts])
        return {firsts.get(key, key): files for key, files in found.items() if key in firsts} | {
            key: found[key] for key in leaves if key in found
        }

    def _keep_all(self, unit: Unit, library: Library, looked: Sequence[Beside]) -> set[int]:
        changed: set[int] = set()
        for one in looked:
            if one.facts is not None or one.pictures or one.seasons or one.fallback:
                changed |= self._keep(unit, library, one)
        return changed

    async def _notes(
        self, beside: Beside, folder: Path, file: MediaFile, names: dict[str, str], *, alone: bool
    ) -> None:
        candidates = [f"{file.path.stem}.nfo"]
        if beside.item.kind is Kind.SHOW:
            candidates = ["tvshow.nfo"]
        elif beside.item.kind is Kind.MOVIE and alone:
            candidates += ["movie.nfo"]
        place = file.path.parent if beside.item.kind is Kind.EPISODE else folder
        if beside.item.kind is Kind.EPISODE:
            names = await asyncio.to_thread(_names, place)
        for name in candidates:
            real = names.get(name.lower())
            content = await asyncio.to_thread(_bytes, place / real) if real else None
            said = read_nfo(content) if content is not None else None
            if said is not None:
                beside.facts, beside.episodes = said
                return

    async def _pictures(
        self, beside: Beside, folder: Path, file: MediaFile, names: dict[str, str], *, alone: bool
    ) -> None:
        if beside.item.kind is Kind.EPISODE:
            names, folder = await asyncio.to_thread(_names, file.path.parent), file.path.parent
        stem = file.path.stem.lower()
        for low, real in sorted(names.items()):
            base, _, ending = low.rpartition(".")
            if ending not in IMAGES:
                continue
            kind = ""
            if beside.item.kind is Kind.EPISODE:
                kind = "still" if base in (stem, f"{stem}-thumb") else ""
            elif base.startswith(f"{stem}-"):
                kind = _kind_of(base[len(stem) + 1 :])
            elif base == stem and beside.item.kind is Kind.MOVIE:
                kind = "poster"
            elif alone or beside.item.kind is Kind.SHOW:
                kind = _kind_of(base)
            season = SEASON.match(base) if beside.item.kind is Kind.SHOW else None
            if not kind and season is None:
                continue
            kept = await self._artwork.keep_file(folder / real)
            if kept is None:
                continue
            picture = Picture(kind=kind or "poster", source="local", origin=str(folder / real), score=1_000_000)
            if season is not None:
                number = 0 if season[1] == "-specials" else int(season[1])
                beside.seasons.append((number, picture, kept))
            else:
                beside.pictures.append((picture, kept))

    async def _frame(self, file: MediaFile) -> str:
        """A picture of the film itself; "" when none can be had."""
        video = file.probed.video if file.probed is not None else None
        if video is None or file.duration_ms < SHORT_MS // 60:
            return ""
        ask = PictureAsk(stream=video.index, at_us=file.duration_ms * 200, origin_us=0, width=WIDTH)
        try:
            return await self._artwork.keep(await self._media.cuts.draw(file.path, ask))
        except PolycastError:
            return ""

    def _keep(self, unit: Unit, library: Library, beside: Beside) -> set[int]:
        item, changed = beside.item, {beside.item.id}
        if beside.facts is not None:
            fill = not library.prefer_local
            if item.match_status in (MatchStatus.MATCHED, MatchStatus.MANUAL) and fill:
                beside.facts = Facts()
            if item.kind is Kind.EPISODE and item.top_id is not None:
                changed |= self._writer.episodes_in(unit, item.top_id, beside.episodes)
            elif item.match_status is not MatchStatus.MANUAL:
                changed |= self._writer.write_in(unit, item.id, beside.facts, fill=fill)
        chosen: dict[str, str] = {}
        for picture, name in beside.pictures:
            self._facts.put_picture(unit, item.id, picture, name=name, nanoid=self._ids.nanoid())
            chosen.setdefault(picture.kind, name)
        if beside.fallback:
            kind = "still" if item.kind is Kind.EPISODE else "poster"
            one = Picture(kind=kind, source="generated", origin="frame")
            self._facts.put_picture(unit, item.id, one, name=beside.fallback, nanoid=self._ids.nanoid())
            chosen[kind] = beside.fallback
            if item.kind is Kind.MOVIE:
                chosen["backdrop"] = beside.fallback
        if chosen and "images" not in item.locked:
            self._facts.set_pictures(unit, item.id, chosen)
        if beside.seasons:
            known = {row.season_number: row.id for row in self._facts.seasons(unit, item.id)}
            for number, picture, name in beside.seasons:
                if number in known and picture.kind == "poster":
                    self._facts.set_pictures(unit, known[number], {"poster": name})
                    changed.add(known[number])
        return changed


def _folder_of(item: Item, path: Path, roots: Sequence[str]) -> Path:
    """A film's own folder; a show's, which is above its seasons."""
    if item.kind is not Kind.SHOW:
        return path.parent
    root = next((Path(one) for one in roots if path.is_relative_to(one)), path.parent)
    below = path.relative_to(root).parts
    return root / below[0] if len(below) > 1 else path.parent


def _names(folder: Path) -> dict[str, str]:
    """Names in a folder by their lower case."""
    try:
        with os.scandir(folder) as scan:
            return {entry.name.lower(): entry.name for entry, _ in zip(scan, range(MOST_NAMES), strict=False)}
    except OSError:
        return {}


def _is_alone(folder: Path) -> bool:
    """Whether one film has the folder to itself: bare names of pictures are its then."""
    videos = [
        name for name in _names(folder) if name.endswith((".mkv", ".mp4", ".avi", ".m4v", ".ts", ".mov", ".webm"))
    ]
    stems = {re.split(r"[\s._-]*(?:\(|\[|cd\d|part\d|-\s|\d{3,4}p)", name)[0] for name in videos}
    return len(stems) <= 1


def _kind_of(base: str) -> str:
    if base in KINDS:
        return KINDS[base]
    match = NUMBERED.match(base)
    return "backdrop" if match and KINDS.get(match[1]) == "backdrop" else ""


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError:
        return None


def _tagged(file: MediaFile, item: Item) -> Facts | None:
    """What the file says of itself, where its name has said little."""
    tags: dict[str, Any] = dict(file.probed.tags) if file.probed is not None else {}
    overview = str(tags.get("description") or tags.get("synopsis") or tags.get("comment") or "")
    genre = str(tags.get("genre") or "")
    if item.kind is not Kind.MOVIE or not (overview or genre) or item.overview:
        return None
    return Facts(overview=overview[:5000], genres=tuple(part.strip() for part in genre.split(",") if part.strip())[:10])
