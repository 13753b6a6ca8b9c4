"""Browsing. Phase B of specs/library.md 4.10."""

from datetime import UTC, datetime
from typing import Any, Final

from polycast.core.errors import NotFound
from polycast.core.files import FileAnswer
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.library.catalogue.model import Kind
from polycast.library.dialects.jellyfin.asked import Asked, asked_of, plain_id
from polycast.library.dialects.jellyfin.items_dto import KINDS, item_dto, source_dto, trickplay_dto, view_dto
from polycast.library.dialects.jellyfin.names import genre_id, made_id
from polycast.library.dialects.jellyfin.rooms import Face, answer, page, part
from polycast.library.playback.browse import Entry
from polycast.library.playback.store_browse import Wanted

MOST: Final = 1000
TOPS: Final = ("movie", "show")
PICTURES: Final = {
    "primary": ("poster", "still"),
    "backdrop": ("backdrop",),
    "logo": ("logo",),
    "thumb": ("thumb", "backdrop"),
    "banner": ("banner",),
    "art": ("clearart",),
    "disc": ("disc",),
}
CACHE: Final = "public, max-age=31536000"
SOURCES: Final = frozenset({"mediasources", "mediastreams"})


class ItemRoutes:
    """Libraries, lists, titles, rows of the start page."""

    def __init__(self, face: Face) -> None:
        self._face = face

    async def views(self, request: Request, caller: Caller) -> Response:
        """The libraries."""
        found = await self._face.browse.libraries(caller)
        return page([view_dto(one, self._face.server_id) for one in found])

    async def items(self, request: Request, caller: Caller) -> Response:
        """A list by filters."""
        asked = await asked_of(request)
        wanted = await self._wanted(caller, asked)
        if wanted is None:
            return await self.views(request, caller)
        found, total = await self._face.browse.page(caller, wanted)
        if wanted.uuids is not None and not found:
            found = [entry for entry in [await self._by_any(caller, one) for one in wanted.uuids] if entry]
            total = len(found)
        return page(await self._shown(caller, found, asked), total, wanted.start)

    async def item(self, request: Request, caller: Caller) -> Response:
        """One title, whole; a library or a person when it is one."""
        name = part(request, "item")
        library = await self._face.library(caller, name)
        if library is not None:
            return answer(view_dto(library, self._face.server_id))
        try:
            entry = await self._face.entry(caller, name)
        except NotFound:
            person = await self._face.browse.person(caller, name)
            return answer(self._person(person))
        return answer(await self._whole(caller, entry))

    async def latest(self, request: Request, caller: Caller) -> Response:
        """What has come last: a bare list."""
        asked = await asked_of(request)
        wanted = await self._wanted(caller, asked)
        base = wanted or Wanted(kinds=TOPS)
        kinds = base.kinds or TOPS
        newest = Wanted(
            library_id=base.library_id,
            kinds=kinds,
            is_played=base.is_played,
            sort=(("datecreated", True),),
            limit=min(base.limit, 100),
            with_total=False,
        )
        found, _ = await self._face.browse.page(caller, newest)
        return answer(await self._shown(caller, found, asked))

    async def resume(self, request: Request, caller: Caller) -> Response:
        """Where people stopped."""
        asked = await asked_of(request)
        cards = await self._face.playback.progress.continue_watching(caller, limit=100)
        keys = [card.item.id for card in cards if card.state.position_ms]
        return await self._rows(caller, asked, keys)

    async def next_up(self, request: Request, caller: Caller) -> Response:
        """The next episode of each show."""
        asked = await asked_of(request)
        show_id = None
        if asked.id("seriesid"):
            show_id = (await self._face.entry(caller, asked.id("seriesid"))).item.id
        cards = await self._face.playback.progress.next_up(caller, limit=100, show_id=show_id)
        return await self._rows(caller, asked, [card.item.id for card in cards])

    async def image(self, request: Request, caller: Caller) -> FileAnswer:
        """A picture of a title, not larger than asked. Raises: NotFound."""
        asked = await asked_of(request)
        pictures = await self._face.browse.images(plain_id(part(request, "item")))
        kinds = PICTURES.get(part(request, "kind").lower(), ())
        name = next((pictures[kind] for kind in kinds if kind in pictures), None)
        if name is None:
            raise NotFound("The picture")
        sizes = [asked.number(one) for one in ("maxwidth", "fillwidth", "width")]
        width = next((min(one, 9999) for one in sizes if one is not None and one > 0), None)
        found = await self._face.artwork.show(name, width=width)
        return FileAnswer(found.path, content_type=found.content_type, cache=CACHE, etag=found.etag)

    async def seasons(self, request: Request, caller: Caller) -> Response:
        """Of a show."""
        show = await self._face.entry(caller, part(request, "item"))
        wanted = Wanted(top_id=show.item.id, kinds=("season",), sort=(("parentindexnumber", False),), limit=MOST)
        found, total = await self._face.browse.page(caller, wanted)
        return page([item_dto(one, self._face.server_id) for one in found], total)

    async def episodes(self, request: Request, caller: Caller) -> Response:
        """Of a show or one of its seasons; from one on, or those around one."""
        asked = await asked_of(request)
        show = await self._face.entry(caller, part(request, "item"))
        season = asked.number("season")
        if asked.id("seasonid"):
            season = (await self._face.entry(caller, asked.id("seasonid"))).item.season_number
        wanted = Wanted(
            top_id=show.item.top_id or show.item.id,
            kinds=("episode",),
            season_number=season,
            sort=(("parentindexnumber", False), ("indexnumber", False)),
            limit=5000,
            with_total=False,
        )
        found, _ = await self._face.browse.page(caller, wanted)
        uuids = [one.item.uuid for one in found]
        if asked.id("startitemid") in uuids:
            found = found[uuids.index(asked.id("startitemid")) :]
        if asked.id("adjacentto") in uuids:
            at = uuids.index(asked.id("adjacentto"))
            found = found[max(0, at - 1) : at + 2]
        start = max(0, asked.number("startindex") or 0)
        limit = asked.number("limit")
        shown = found[start : start + limit if limit is not None else None]
        return page(await self._shown(caller, shown, asked), len(found), start)

    async def ancestors(self, request: Request, caller: Caller) -> Response:
        """From a title up to its library: a bare list."""
        entry = await self._face.entry(caller, part(request, "item"))
        keys = [one.id for one in (entry.season, entry.show) if one is not None]
        found = [item_dto(one, self._face.server_id) for one in await self._face.browse.of_ids(caller, keys)]
        if entry.library is not None:
            found.append(view_dto(entry.library, self._face.server_id))
        return answer(found)

    async def similar(self, request: Request, caller: Caller) -> Response:
        """Titles of the same genres."""
        entry = await self._face.entry(caller, part(request, "item"))
        if not entry.genres:
            return page([])
        wanted = Wanted(
            kinds=(entry.item.kind.value,), genres=entry.genres[:3], sort=(("communityrating", True),), limit=13
        )
        found, _ = await self._face.browse.page(caller, wanted)
        shown = [one for one in found if one.item.id != entry.item.id][:12]
        return page([item_dto(one, self._face.server_id) for one in shown])

    async def hints(self, request: Request, caller: Caller) -> Response:
        """Search as one types."""
        asked = await asked_of(request)
        kinds = tuple(KINDS[one.lower()] for one in asked.words("includeitemtypes") if one.lower() in KINDS)
        wanted = Wanted(
            search=asked.text("searchterm")[:200],
            kinds=kinds or ("movie", "show", "episode"),
            limit=max(1, min(asked.number("limit") or 20, 100)),
        )
        found, total = await self._face.browse.page(caller, wanted)
        shown = []
        for one in found:
            dto = item_dto(one, self._face.server_id)
            hint = {key: dto[key] for key in HINT if key in dto}
            shown.append(hint | {"ItemId": dto["Id"]})
        return answer({"SearchHints": shown, "TotalRecordCount": total})

    async def genres(self, request: Request, caller: Caller) -> Response:
        return await self._words(request, caller, "genre", "Genre")

    async def studios(self, request: Request, caller: Caller) -> Response:
        return await self._words(request, caller, "studio", "Studio")

    async def years(self, request: Request, caller: Caller) -> Response:
        found = await self._face.browse.years(caller)
        return page(
            [
                {"Name": str(one), "Id": made_id("year", str(one)), "Type": "Year", "ProductionYear": one}
                for one in found
            ]
        )

    async def filters(self, request: Request, caller: Caller) -> Response:
        """What lists can be filtered by."""
        names = await self._face.browse.words(caller, "genre")
        years = await self._face.browse.years(caller)
        return answer({"Genres": names, "Tags": [], "OfficialRatings": [], "Years": years})

    async def filters2(self, request: Request, caller: Caller) -> Response:
        names = await self._face.browse.words(caller, "genre")
        return answer({"Genres": [{"Name": one, "Id": genre_id(one)} for one in names], "Tags": []})

    async def counts(self, request: Request, caller: Caller) -> Response:
        found = await self._face.browse.counts(caller)
        zero = [
            "ArtistCount",
            "ProgramCount",
            "TrailerCount",
            "SongCount",
            "AlbumCount",
            "MusicVideoCount",
            "BoxSetCount",
            "BookCount",
        ]
        return answer(
            {
                "MovieCount": found.get("movie", 0),
                "SeriesCount": found.get("show", 0),
                "EpisodeCount": found.get("episode", 0),
                "ItemCount": sum(found.values()),
                **dict.fromkeys(zero, 0),
            }
        )

    async def _words(self, request: Request, caller: Caller, kind: str, type_: str) -> Response:
        asked = await asked_of(request)
        library = await self._face.library(caller, asked.id("parentid")) if asked.id("parentid") else None
        names = await self._face.browse.words(caller, kind, library.id if library else None)
        return page(
            [
                {
                    "Name": one,
                    "ServerId": self._face.server_id,
                    "Id": genre_id(one) if kind == "genre" else made_id(kind, one.casefold()),
                    "Type": type_,
                    "ImageTags": {},
                    "BackdropImageTags": [],
                    "LocationType": "FileSystem",
                    "MediaType": "Unknown",
                }
                for one in names
            ]
        )

    async def _rows(self, caller: Caller, asked: Asked, keys: list[int]) -> Response:
        start = max(0, asked.number("startindex") or 0)
        limit = asked.number("limit")
        wanted = keys[start : start + limit if limit is not None else None]
        found = await self._face.browse.of_ids(caller, wanted)
        return page(await self._shown(caller, found, asked), len(keys), start)

    async def _wanted(self, caller: Caller, asked: Asked) -> Wanted | None:
        """The list that is asked for; None for that of the libraries."""
        kinds = tuple(KINDS[one.lower()] for one in asked.words("includeitemtypes") if one.lower() in KINDS)
        told = asked.words("includeitemtypes")
        if told and not kinds:
            kinds = ("none",)  # books, music: there are none
        excluded = {KINDS.get(one.lower()) for one in asked.words("excludeitemtypes")}
        place: dict[str, Any] = {}
        parent = asked.id("parentid")
        is_deep = asked.flag("recursive") or False
        if parent:
            place, kinds = await self._place(caller, parent, kinds, is_deep=is_deep)
        elif not (is_deep or asked.ids("ids") or kinds or asked.text("searchterm") or asked.text("filters")):
            return None
        flags = {word.lower() for word in asked.words("filters")}
        played = True if "isplayed" in flags else False if "isunplayed" in flags else asked.flag("isplayed")
        if not kinds and not place and not asked.ids("ids"):
            kinds = ("movie", "show", "season", "episode")
        limit = asked.number("limit")
        return Wanted(
            kinds=tuple(one for one in kinds if one not in excluded),
            uuids=asked.ids("ids") or None,
            search=asked.text("searchterm")[:200],
            starts_with=asked.text("namestartswith")[:50],
            before_name=asked.text("namelessthan")[:50],
            genres=asked.words("genres", apart="|"),
            years=tuple(int(one) for one in asked.words("years") if one.isdecimal() and len(one) == 4),
            person=next(iter(asked.ids("personids")), None),
            is_played=played,
            is_favorite="isfavorite" in flags or bool(asked.flag("isfavorite")),
            is_resumable="isresumable" in flags,
            added_after=_moment(asked.text("mindatelastsaved")),
            sort=_sort(asked),
            start=max(0, asked.number("startindex") or 0),
            limit=MOST if limit is None else max(0, min(limit, 10_000)),
            with_total=asked.flag("enabletotalrecordcount") is not False,
            **place,
        )

    async def _place(
        self, caller: Caller, parent: str, kinds: tuple[str, ...], *, is_deep: bool
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        library = await self._face.library(caller, parent)
        if library is not None:
            return {"library_id": library.id}, kinds or (("movie", "show", "season", "episode") if is_deep else TOPS)
        entry = await self._face.entry(caller, parent)
        if entry.item.kind is Kind.SHOW:
            return {"top_id": entry.item.id}, kinds or (("season", "episode") if is_deep else ("season",))
        return {"parent_id": entry.item.id}, kinds or ("episode",)

    async def _by_any(self, caller: Caller, name: str) -> Entry | None:
        try:
            return await self._face.entry(caller, name)
        except NotFound:
            return None

    async def _shown(self, caller: Caller, found: list[Entry], asked: Asked) -> list[dict[str, Any]]:
        fields = {word.lower() for word in asked.words("fields")}
        if not fields & SOURCES:
            return [item_dto(one, self._face.server_id) for one in found]
        return [await self._whole(caller, one) for one in found]

    async def _whole(self, caller: Caller, entry: Entry) -> dict[str, Any]:
        dto = item_dto(entry, self._face.server_id, is_full=True)
        if entry.files:
            playback = self._face.playback
            sources = []
            for file in entry.files:
                tracks = []
                if file.probed is not None:
                    tracks = await self._face.db.read(playback.tracks.of_in, file.probed, file.id, entry.item.id)
                sources.append(source_dto(file, tracks, entry.item.uuid))
            dto["MediaSources"] = sources
            dto["MediaStreams"] = sources[0]["MediaStreams"]
            dto["Trickplay"] = trickplay_dto(entry.files[0])
        return dto

    def _person(self, row: Any) -> dict[str, Any]:
        return {
            "Name": row.name,
            "ServerId": self._face.server_id,
            "Id": row.uuid,
            "Overview": row.biography,
            "Type": "Person",
            "IsFolder": False,
            "ImageTags": {},
            "BackdropImageTags": [],
            "LocationType": "FileSystem",
            "MediaType": "Unknown",
        }


HINT: Final = [
    "Id",
    "Name",
    "IndexNumber",
    "ProductionYear",
    "ParentIndexNumber",
    "Type",
    "MediaType",
    "RunTimeTicks",
    "SeriesId",
    "IsFolder",
    "PrimaryImageAspectRatio",
]


def _sort(asked: Asked) -> tuple[tuple[str, bool], ...]:
    names = [word.lower() for word in asked.words("sortby")][:6]
    orders = [word.lower().startswith("desc") for word in asked.words("sortorder")] or [False]
    return tuple((name, orders[min(number, len(orders) - 1)]) for number, name in enumerate(names))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return found.replace(tzinfo=UTC)
