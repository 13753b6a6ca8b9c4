"""Getting hold of what an account says now, as one file: a playlist, a panel's list of streams, a tuner's line-up."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from polycast.core.errors import Invalid, TooLarge
from polycast.core.jobs.model import Run
from polycast.core.net import PLAYLIST, Limits, Net, Outbound, Trust
from polycast.live.providers.xtream.client import BadPanel, Xtream, base_of
from polycast.live.providers.xtream.wire import AccountInfo, text, whole
from polycast.live.sources.addresses import Login
from polycast.live.sources.model import AccountType
from polycast.live.sources.ports import Unpack
from polycast.live.sources.refresh.playlist import ENTRY_LIMIT
from polycast.live.sources.refresh.sniff import HEAD_BYTES, NoPlaylist, require_playlist

DOWNLOAD: Final[Limits] = replace(
    PLAYLIST, connect=timedelta(seconds=30), first_byte=timedelta(seconds=60), idle=timedelta(seconds=60)
)
PLAYLIST_MARK: Final = b"#EXTINF:"
BLOCK_BYTES: Final = 256 * 1024
ADDRESS_LINE: Final = re.compile(rb"(?m)^\s*(?:https?|rtsp|rtp|udp)://")
DownloadProgress = Callable[[int, int | None], None]


class Asked(Struct, frozen=True, kw_only=True):
    """What is needed to fetch for an account; secrets opened."""

    account_id: int
    account_type: AccountType
    url: str
    file_path: str
    login: Login | None
    user_agent: str | None
    etag: str
    last_modified: str
    groups_only: bool


class Survey(Struct, frozen=True):
    """A look over a whole file."""

    digest: bytes  # SHA-256 of its plain bytes
    entries: int
    size_bytes: int


class Material(Struct, frozen=True, kw_only=True):
    """What was fetched."""

    path: Path | None = None  # None: the server says that nothing has changed
    survey: Survey | None = None
    etag: str = ""
    last_modified: str = ""
    categories: Mapping[str, str] | None = None  # Xtream: name by category id
    info: AccountInfo | None = None
    tuners: int | None = None  # HDHomeRun


class Files(Protocol):
    """Where an account's file may lie; says no to every other place."""

    def __call__(self, file_path: str) -> Path: ...


class Fetches:
    """Downloads for refreshes. Files made here are the caller's to remove."""

    def __init__(self, *, net: Net, unpack: Unpack, folder: Path, files: Files) -> None:
        self._net = net
        self._unpack = unpack
        self._folder = folder
        self._files = files

    def beside(self, folder: Path) -> "Fetches":
        """The same with a folder of its own: for downloads of an account that may be refreshed meanwhile."""
        return Fetches(net=self._net, unpack=self._unpack, folder=folder, files=self._files)

    async def fetch(self, asked: Asked, run: Run, progress: DownloadProgress) -> Material:
        """Raises: NoPlaylist, BadPanel, Invalid; what `core/net` and `core/files` raise."""
        if asked.account_type is AccountType.XTREAM:
            return await self._xtream(asked, run, progress)
        if asked.account_type is AccountType.HDHOMERUN:
            return await self._tuner(asked, run)
        if asked.file_path and (asked.account_type is AccountType.FILE or not asked.url):
            path = self._files(asked.file_path)
            stamp = str(path.stat().st_mtime_ns)
            return Material(path=path, survey=await run.thread(self._survey, path, PLAYLIST_MARK), etag=stamp)
        if not asked.url:
            raise NoPlaylist("empty", "The account has neither an address nor a file.")
        return await self._playlist(asked, run, progress)

    def scratch(self, account_id: int, what: str) -> Path:
        """A file of our own for the length of a refresh; one name for each account, so that none pile up."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / f"account-{account_id}.{what}"

    def discard(self, account_id: int) -> None:
        """Remove what was downloaded: it holds addresses with credentials."""
        for path in self._folder.glob(f"account-{account_id}.*"):
            with suppress(FileNotFoundError):
                path.unlink()

    def blocks(self, path: Path) -> Iterator[bytes]:
        """The plain bytes of a file that may be compressed."""
        with self._unpack(path) as file:
            while block := file.read(BLOCK_BYTES):
                yield block

    def client(self, asked: Asked) -> Outbound:
        return self._net.client(
            Trust.SOURCE, owner=f"live.account:{asked.account_id}", limits=DOWNLOAD, user_agent=asked.user_agent
        )

    def panel(self, asked: Asked) -> Xtream:
        """Raises: Invalid without an address or a login."""
        if asked.login is None:
            raise Invalid.one("username", "required", "An Xtream account needs a user name and a password.")
        return Xtream(
            self.client(asked),
            base=base_of(asked.url),
            username=asked.login.username,
            password=asked.login.password,
        )

    async def _playlist(self, asked: Asked, run: Run, progress: DownloadProgress) -> Material:
        path = self.scratch(asked.account_id, "m3u")
        saved = await self.client(asked).save(
            asked.url,
            path,
            progress=progress,
            if_none_match=asked.etag or None,
            if_modified_since=asked.last_modified or None,
            sniff=require_playlist,
        )
        if saved.is_unchanged:
            return Material(etag=asked.etag, last_modified=asked.last_modified)
        survey = await run.thread(self._survey, path, PLAYLIST_MARK)
        return Material(path=path, survey=survey, etag=saved.etag or "", last_modified=saved.last_modified or "")

    async def _xtream(self, asked: Asked, run: Run, progress: DownloadProgress) -> Material:
        panel = self.panel(asked)
        info = await panel.info()
        categories = {
            text(c.category_id): c.category_name or "" for c in await panel.live_categories() if text(c.category_id)
        }
        if asked.groups_only:
            return Material(categories=categories, info=info)
        path = self.scratch(asked.account_id, "json")
        await panel.save_live_streams(path, progress=progress)
        return Material(
            path=path, categories=categories, info=info, survey=await run.thread(self._survey, path, b'"stream_id"')
        )

    async def _tuner(self, asked: Asked, run: Run) -> Material:
        base = base_of(asked.url)
        client = self.client(asked)
        discover = await client.json("GET", f"{base}/discover.json", type=dict[str, Any], strict=False)
        path = self.scratch(asked.account_id, "json")
        address = text(discover.get("LineupURL")) or f"{base}/lineup.json"
        lineup = await client.json("GET", address, type=list[dict[str, Any]], strict=False)
        await run.thread(path.write_bytes, msgspec.json.encode(lineup))
        survey = await run.thread(self._survey, path, b'"GuideName"')
        return Material(path=path, survey=survey, tuners=whole(discover.get("TunerCount")))

    def _survey(self, path: Path, mark: bytes) -> Survey:
        """One fast pass: is it whole, is it the one we know, how many entries does it have. `mark` is in each of them."""
        is_playlist = mark == PLAYLIST_MARK
        digest, entries, addresses, size, tail = hashlib.sha256(), 0, 0, 0, b""
        for block in self.blocks(path):
            if is_playlist and not size:
                require_playlist(block[:HEAD_BYTES])
            digest.update(block)
            size += len(block)
            joined = tail + block
            entries += joined.count(mark)
            if is_playlist and not entries:
                addresses += len(ADDRESS_LINE.findall(block))
            tail = joined[-(len(mark) - 1) :]
        if not size:
            raise NoPlaylist("empty", "The file is empty." if is_playlist else "The provider's answer is empty.")
        if not is_playlist and not tail.rstrip().endswith((b"]", b"}")):
            raise BadPanel("broken", "The provider's list breaks off in the middle.")
        if max(entries, addresses) > ENTRY_LIMIT:
            raise TooLarge(f"The playlist has more than {ENTRY_LIMIT:,} entries.")
        return Survey(digest.digest(), entries or addresses, size)


def moment(value: object) -> datetime | None:
    """A panel's date: unix seconds as number or text, or ISO; None for nothing, "0" and what is no date."""
    seconds = whole(value)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
        if isinstance(value, str) and value.strip():
            found = datetime.fromisoformat(value.strip())
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
