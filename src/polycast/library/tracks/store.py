"""Rows of subtitles that are files of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, or_, select, update

from polycast.core.storage import Unit
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.probing.model import Probed, decode
from polycast.library.tables.catalogue import files, items, sidecars
from polycast.library.tables.playback import subtitle_shifts, subtitles
from polycast.library.tracks.model import Source, SubtitleTrack

CODECS: Final = {"srt": "subrip", "vtt": "webvtt", "ass": "ass", "ssa": "ssa", "sup": "hdmv_pgs_subtitle"}
TEXT: Final = frozenset({"srt", "vtt", "ass", "ssa", "sub", "smi"})


class TrackStore:
    """`library_sidecars` of subtitles and `library_subtitles`; `folder` holds the files of the latter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of_file(self, unit: Unit, file_id: int, item_id: int | None, *, first: int) -> list[SubtitleTrack]:
        """Those beside the file, then ours, numbered from `first`."""
        beside = (
            select(sidecars, subtitle_shifts.c.offset_ms)
            .outerjoin(subtitle_shifts, subtitle_shifts.c.sidecar_id == sidecars.c.id)
            .where(sidecars.c.file_id == file_id, sidecars.c.kind == "subtitle")
            .order_by(sidecars.c.id)
        )
        found = [_beside(row) for row in unit.execute(beside)]
        ours = select(subtitles).where(
            subtitles.c.item_id == item_id, or_(subtitles.c.file_id == file_id, subtitles.c.file_id.is_(None))
        )
        found += [self._ours(row) for row in unit.execute(ours.order_by(subtitles.c.id))]
        return [SubtitleTrack(index=first + number, **values) for number, values in enumerate(found)]

    def add(self, unit: Unit, **values: Any) -> int:
        return unit.insert(subtitles, **values)

    def find(self, unit: Unit, nanoid: str) -> tuple[str, int, int] | None:
        """("ours" or "beside", key, title) of a track; the caller judges who may touch the title."""
        row = unit.execute(select(subtitles.c.id, subtitles.c.item_id).where(subtitles.c.nanoid == nanoid)).first()
        if row is not None:
            return ("ours", row.id, row.item_id)
        beside = select(sidecars.c.id, files.c.item_id).join(files, files.c.id == sidecars.c.file_id)
        side = unit.execute(beside.where(sidecars.c.nanoid == nanoid, sidecars.c.kind == "subtitle")).first()
        return None if side is None or side.item_id is None else ("beside", side.id, side.item_id)

    def probed(self, unit: Unit, viewer: Viewer) -> Iterator[Probed]:
        """What was found in all files of titles that the viewer may see."""
        query = select(files.c.probed).join(items, items.c.id == files.c.item_id)
        query = query.where(visible(viewer), files.c.state == "available", files.c.probed.is_not(None))
        for row in unit.execute(query):
            yield decode(row.probed)

    def change(self, unit: Unit, key: int, **values: Any) -> None:
        unit.execute(update(subtitles).where(subtitles.c.id == key).values(**values))

    def shift_beside(self, unit: Unit, key: int, offset_ms: int) -> None:
        row = {"sidecar_id": key, "offset_ms": offset_ms}
        unit.upsert(subtitle_shifts, [row], key=["sidecar_id"], update=["offset_ms"])

    def name_of(self, unit: Unit, key: int) -> str:
        return str(unit.execute(select(subtitles.c.name).where(subtitles.c.id == key)).scalar_one())

    def delete(self, unit: Unit, key: int) -> None:
        unit.execute(delete(subtitles).where(subtitles.c.id == key))

    def _ours(self, row: Any) -> dict[str, Any]:
        return {
            "nanoid": row.nanoid,
            "source": Source(row.source),
            "codec": CODECS.get(row.format, row.format),
            "language": row.language,
            "title": row.title,
            "is_forced": row.is_forced,
            "is_hearing_impaired": row.is_hearing_impaired,
            "path": self.folder / row.name,
            "offset_ms": row.offset_ms,
        }


def _beside(row: Any) -> dict[str, Any]:
    return {
        "nanoid": row.nanoid,
        "source": Source.EXTERNAL,
        "codec": CODECS.get(row.format, row.format),
        "language": row.language,
        "title": row.title,
        "is_forced": row.is_forced,
        "is_hearing_impaired": row.is_hearing_impaired,
        "is_text": row.format in TEXT,
        "path": Path(row.path),
        "offset_ms": row.offset_ms or 0,
    }
