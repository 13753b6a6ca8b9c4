"""What a scan needs of the rooms after it."""

from datetime import timedelta
from pathlib import Path
from typing import Protocol

from polycast.core.jobs import Run
from polycast.core.media import Probed
from polycast.library.catalogue.model import Library, ScanMode
from polycast.library.scanning.model import Counts


class Enricher(Protocol):
    """The fourth phase: what is known of titles beyond their names."""

    async def run(self, library: Library, mode: ScanMode, run: Run, counts: Counts, *, touched: set[int]) -> None:
        """Notes and artwork beside the files, providers, search."""
        ...


class LooksInto(Protocol):
    """Tells what a media file holds."""

    async def probe(self, path: Path, *, timeout: timedelta) -> Probed:
        """Raises: NotFound; BadMedia; Unavailable when a child died over it for the first time."""
        ...
