"""Small pictures for the seek bar, drawn from the entry points of a film, a sheet at a time and only when one is asked for."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.errors import NotFound, Unavailable
from polycast.core.files import write_bytes
from polycast.core.media import CannotCut, Cuts, PictureAsk, TilesAsk
from polycast.library.catalogue.model import MediaFile
from polycast.library.probing.model import Probed

INTERVAL_S: Final = 10
WIDTH: Final = 320
WIDE: Final = 640  # the original's sprite
COLUMNS: Final = 5
ROWS: Final = 20
PER_SHEET: Final = COLUMNS * ROWS
SECOND: Final = 1_000_000


class Sheets(Struct, frozen=True, kw_only=True):
    """What there is for a film."""

    interval_s: int
    width: int
    height: int
    columns: int
    rows: int
    count: int

    @property
    def sheets(self) -> int:
        return -(-self.count // PER_SHEET)


class Trickplay:
    """Sheets of pictures. One child draws a sheet, however many ask for it."""

    def __init__(self, *, cuts: Cuts, folder: Path) -> None:
        self._cuts = cuts
        self._folder = folder
        self._drawing: dict[Path, asyncio.Lock] = {}

    def sheets(self, probed: Probed, *, width: int = WIDTH) -> Sheets:
        """The measures of a film's sheets. Raises: NotFound, when it has no pictures."""
        video = probed.video
        if video is None or not video.width or not video.height or probed.duration is None:
            raise NotFound("The pictures")
        height = max(2, width * video.height // video.width // 2 * 2)
        count = max(1, -(-(probed.duration // timedelta(seconds=1)) // INTERVAL_S))
        return Sheets(interval_s=INTERVAL_S, width=width, height=height, columns=COLUMNS, rows=ROWS, count=count)

    async def sheet(self, file: MediaFile, probed: Probed, number: int, *, width: int = WIDTH) -> Path:
        """A sheet as a JPEG file. Raises: NotFound; Unavailable, when the film gives no picture."""
        measures, video = self.sheets(probed, width=width), probed.video
        if not 0 <= number < measures.sheets or video is None:
            raise NotFound("The pictures")
        place = self._place(file, width) / f"{number}.jpg"
        lock = self._drawing.setdefault(place, asyncio.Lock())
        async with lock:
            if not await asyncio.to_thread(place.is_file):
                ask = TilesAsk(
                    stream=video.index,
                    origin_us=0,
                    first=number * PER_SHEET,
                    count=min(PER_SHEET, measures.count - number * PER_SHEET),
                    interval_us=INTERVAL_S * SECOND,
                    width=width,
                    height=measures.height,
                    columns=COLUMNS,
                )
                try:
                    content = await self._cuts.draw(file.path, ask)
                except CannotCut as error:
                    raise Unavailable("The film gives no pictures.") from error
                await asyncio.to_thread(_keep, place, content)
        self._drawing.pop(place, None)
        return place

    async def still(self, path: Path, probed: Probed, *, at: timedelta | None = None, width: int = 1280) -> bytes:
        """One picture of a film as JPEG, by default from a tenth of its length: artwork where there is no other.

        Raises: NotFound, when it has no pictures; CannotCut, and what `Media.ask` raises.
        """
        video = probed.video
        if video is None:
            raise NotFound("The pictures")
        moment = at if at is not None else (probed.duration or timedelta()) / 10
        return await self._cuts.draw(path, PictureAsk(video.index, moment // timedelta(microseconds=1), 0, width))

    async def attached(self, path: Path, probed: Probed) -> bytes | None:
        """The cover that a file brings along, as JPEG; None when it has none."""
        cover = next((one for one in probed.streams if one.is_attached_picture), None)
        return None if cover is None else await self._cuts.draw(path, PictureAsk(cover.index, 0, 0, 0))

    async def forget(self, file: MediaFile) -> None:
        """Draw anew when next asked."""
        for width in (WIDTH, WIDE):
            await asyncio.to_thread(_drop, self._place(file, width))

    def vtt(self, measures: Sheets, query: str = "") -> str:
        """Which part of which sheet belongs to which time."""
        lines = ["WEBVTT", ""]
        for number in range(measures.count):
            sheet, place = divmod(number, PER_SHEET)
            row, column = divmod(place, COLUMNS)
            start, end = number * INTERVAL_S, (number + 1) * INTERVAL_S
            area = f"{column * measures.width},{row * measures.height},{measures.width},{measures.height}"
            tail = f"?{query}" if query else ""
            lines += [f"{_clock(start)} --> {_clock(end)}", f"{sheet}.jpg{tail}#xywh={area}", ""]
        return "\n".join(lines)

    def _place(self, file: MediaFile, width: int) -> Path:
        return self._folder / f"{file.id}-{file.size_bytes:x}-{file.mtime_ns:x}" / str(width)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000"


def _keep(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(place, content)


def _drop(folder: Path) -> None:
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
