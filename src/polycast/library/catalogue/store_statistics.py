"""Counting rows of titles, files and tracks."""

from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import ColumnElement, func, select

from polycast.core.storage import Unit
from polycast.library.catalogue.model import MAIN, Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.probing.model import Probed
from polycast.library.tables.catalogue import files, items, sidecars, tags

if TYPE_CHECKING:
    from polycast.library.catalogue.statistics import Stats

WEB_CONTAINERS: Final = ("mp4", "webm")
WEB_VIDEO: Final = ("h264", "vp9", "av1")
WEB_AUDIO: Final = ("aac", "opus", "flac", "mp3", "")
LAYOUTS: Final = {1: "1.0", 2: "2.0", 6: "5.1", 7: "6.1", 8: "7.1"}
MOST_FILES: Final = 20_000  # whose tracks are counted one by one


class StatisticsStore:
    """Counts, each with the visibility rule."""

    def kinds(self, unit: Unit, viewer: Viewer, library_id: int | None) -> dict[str, int]:
        query = select(items.c.kind, func.count()).where(visible(viewer), items.c.is_available.is_(True))
        if library_id is not None:
            query = query.where(items.c.library_id == library_id)
        return {kind: int(count) for kind, count in unit.execute(query.group_by(items.c.kind))}

    def match_status(self, unit: Unit, viewer: Viewer, library_id: int) -> dict[str, int]:
        query = select(items.c.match_status, func.count()).where(
            visible(viewer), items.c.library_id == library_id, items.c.kind.in_(("movie", "show"))
        )
        found = dict.fromkeys(("matched", "pending", "pending_retry", "unmatched", "manual"), 0)
        return found | {status: int(n) for status, n in unit.execute(query.group_by(items.c.match_status))}

    def genres(self, unit: Unit, viewer: Viewer, library_id: int) -> dict[str, int]:
        count = func.count().label("count")
        query = (
            select(func.min(tags.c.value), count)
            .join(items, items.c.id == tags.c.item_id)
            .where(tags.c.kind == "genre", items.c.library_id == library_id, visible(viewer))
            .group_by(tags.c.value_key)
        )
        return {name: int(n) for name, n in unit.execute(query.order_by(count.desc()).limit(100))}

    def fill_files(self, unit: Unit, viewer: Viewer, library_id: int, into: "Stats") -> None:
        """Everything that files tell."""
        mine = self._mine(viewer, library_id)
        total = unit.execute(
            select(func.count(), func.sum(files.c.size), func.sum(files.c.duration_ms))
            .select_from(_joined())
            .where(*mine)
        ).one()
        into.files, into.size, into.duration_ms = int(total[0]), int(total[1] or 0), int(total[2] or 0)
        into.video_codecs = self._by(unit, files.c.video_codec, mine)
        into.audio_codecs = self._by(unit, files.c.audio_codec, mine)
        into.resolutions = self._by(unit, files.c.resolution, mine)
        into.hdr = self._by(unit, files.c.hdr, mine)
        channels = self._by(unit, files.c.audio_channels, mine)
        into.audio_channels = {LAYOUTS.get(int(n), f"{n} channels"): c for n, c in channels.items() if n != "0"}
        direct = unit.execute(
            select(func.count())
            .select_from(_joined())
            .where(
                *mine,
                files.c.container.in_(WEB_CONTAINERS),
                files.c.video_codec.in_(WEB_VIDEO),
                files.c.audio_codec.in_(WEB_AUDIO),
            )
        ).scalar_one()
        into.direct_play_percent = round(100 * int(direct) / into.files) if into.files else 0
        self._tracks(unit, mine, into)

    def _tracks(self, unit: Unit, mine: list[ColumnElement[bool]], into: "Stats") -> None:
        decoder = msgspec.json.Decoder(Probed)
        languages: dict[str, int] = {}
        covered: set[int] = set()
        beside = select(sidecars.c.file_id, sidecars.c.language).where(
            sidecars.c.kind == "subtitle",
            sidecars.c.file_id.in_(select(files.c.id).select_from(_joined()).where(*mine)),
        )
        for file_id, language in unit.execute(beside):
            covered.add(file_id)
            into.external += 1
            languages[language or "und"] = languages.get(language or "und", 0) + 1
        probed = select(files.c.id, files.c.probed).select_from(_joined())
        probed = probed.where(*mine, files.c.probed.contains('"kind":"subtitle"')).limit(MOST_FILES)
        for file_id, text in unit.execute(probed):
            for one in decoder.decode(text).subtitles:
                covered.add(file_id)
                into.embedded += 1
                languages[one.language or "und"] = languages.get(one.language or "und", 0) + 1
        into.with_subtitles = len(covered)
        into.languages = languages

    def _by(self, unit: Unit, column: Any, mine: list[ColumnElement[bool]]) -> dict[str, int]:
        query = select(column, func.count()).select_from(_joined()).where(*mine).group_by(column)
        return {str(value): int(count) for value, count in unit.execute(query) if value != ""}

    def _mine(self, viewer: Viewer, library_id: int) -> list[ColumnElement[bool]]:
        return [
            files.c.library_id == library_id,
            files.c.state == "available",
            files.c.role == MAIN,
            visible(viewer),
        ]


def _joined() -> Any:
    return files.join(items, items.c.id == files.c.item_id)
