"""Guides as files: sent to us, put into a folder, and what we have downloaded."""

from pathlib import Path
from typing import Final

from polycast.core.ids import Ids
from polycast.live.folders import SourceFolders, made

UPLOADS: Final = "uploads/epgs"  # below <data>: files sent to us, named by us
WATCHED: Final = "epgs"  # below <data>: files people put there
ENDINGS: Final = (".xml", ".xmltv", ".gz", ".xz", ".bz2", ".zip")
KEPT: Final = "guides"  # below <data>: as they were downloaded, for channels that are mapped later


class GuideFiles(SourceFolders):
    """Where a guide may lie."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, uploads=UPLOADS, watched=WATCHED)

    def kept(self, source_id: int) -> Path:
        """Where the download of a source is kept."""
        return made(self._data_dir / KEPT) / f"source-{source_id}"


class GuideUploads:
    """Keeps files that are sent to us."""

    def __init__(self, *, files: GuideFiles, ids: Ids) -> None:
        self._files = files
        self._ids = ids

    async def keep(self, filename: str, content: bytes) -> str:
        """Store an uploaded guide; its `file_path`. Raises: Invalid at `file`."""
        return await self._files.keep(self._ids, filename, content, ENDINGS)
