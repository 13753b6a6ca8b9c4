"""Playlists of accounts as files."""

from pathlib import Path
from typing import Final

from polycast.live.folders import SourceFolders

UPLOADS: Final = "uploads/m3us"  # below <data>: files sent to us, named by us
WATCHED: Final = "m3us"  # below <data>: files people put there
ENDINGS: Final = (".m3u", ".m3u8", ".gz", ".xz", ".zip")


class AccountFiles(SourceFolders):
    """Where an account's file may lie."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, uploads=UPLOADS, watched=WATCHED)
