"""Taking in what somebody wants: judged, sized, written down before the answer is sent."""

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from polycast.acquire.catalogue.model import Action, ClientSettings, Entry, Options, State
from polycast.acquire.catalogue.store import EntryStore
from polycast.acquire.catalogue.store_parts import PartStore
from polycast.acquire.config.document import is_folder_name
from polycast.acquire.config.model import Config
from polycast.acquire.config.service import Configs
from polycast.acquire.torrents.model import Torrent
from polycast.acquire.torrents.reading import looks_like_torrent, magnet_of, read_magnet, read_torrent
from polycast.acquire.transfers.events import EntryAdded, EntryChanged
from polycast.acquire.transfers.labels_store import LabelStore
from polycast.acquire.transfers.queue import TransferQueue
from polycast.acquire.transfers.selection import folder_name
from polycast.acquire.transfers.verdicts import Verdict, Verdicts
from polycast.acquire.usenet.taking import looks_like_nzb, read_post
from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.files import UnsafePath, safe_path
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.net import NZB, TORRENT, Fetched, Net, Trust
from polycast.core.net.errors import BadAnswer
from polycast.core.storage import Database, Unit, clean

VERDICT_WITHIN: Final = 5.0  # seconds
TAGS: Final = 50
TAG_CHARACTERS: Final = 100
LONGEST_URL: Final = 4096


class Wanted(Struct, frozen=True, kw_only=True):
    """A request for one item. Empty fields take what the configuration says."""

    category: str = ""
    action: Action | None = None
    tags: tuple[str, ...] = ()
    name: str = ""
    save_path: str = ""
    is_paused: bool = False
    is_first: bool = False
    is_forced: bool = False
    options: Options = Options()
    client: ClientSettings = ClientSettings()
    hides_provider: bool = False


class Added(Struct, frozen=True, kw_only=True):
    """What became of a request."""

    entry: Entry
    is_new: bool


class Adding:
    """The one way in for every dialect."""

    def __init__(
        self,
        *,
        configs: Configs,
        db: Database,
        entries: EntryStore,
        parts: PartStore,
        labels: LabelStore,
        queue: TransferQueue,
        verdicts: Verdicts,
        net: Net,
        clock: Clock,
    ) -> None:
        self._configs = configs
        self._db = db
        self._entries = entries
        self._parts = parts
        self._labels = labels
        self._queue = queue
        self._verdicts = verdicts
        self._net = net
        self._clock = clock

    async def read(self, content: bytes, *, file_name: str = "") -> Torrent:
        """A torrent file, an NZB file, or the text of a magnet. Raises: Invalid, RefusedPost; TooLarge."""
        if looks_like_torrent(content):
            return await asyncio.to_thread(read_torrent, content)
        if looks_like_nzb(content):
            return await asyncio.to_thread(partial(read_post, content, file_name=file_name))
        return read_magnet(content[: LONGEST_URL * 16].decode("utf-8", "replace"))

    async def resolve(self, caller: Caller, text: str) -> Torrent | bytes:
        """A magnet, a bare hash, or what an http(s) address leads to; other content than a torrent as it is.

        Raises: Invalid; Forbidden and the other failures of fetching.
        """
        text = text.strip()
        if not text.lower().startswith(("http://", "https://")):
            return read_magnet(text)
        if len(text) > LONGEST_URL:
            raise Invalid.one("url", "too_long", "This address is too long.")
        config = await self._configs.read()
        net = self._net.client(
            Trust.USER, owner=f"acquire.add.{caller.user_id}", limits=TORRENT, user_agent=config.nzb_user_agent or None
        )
        answer = await net.fetch(text, follows=False)
        for _ in range(5):
            location = answer.headers.get("Location", "")
            if answer.status not in (301, 302, 303, 307, 308):
                break
            if location.lower().startswith("magnet:"):  # indexers answer so, and it is no fetch any more
                return read_magnet(location)
            answer = await net.fetch(location if "://" in location else _joined(answer.url, location), follows=False)
        if answer.status != 200:
            raise BadAnswer(f"The address answered {answer.status}.", reason="status", status=answer.status)
        return await self.read(answer.body) if looks_like_torrent(answer.body) else answer.body

    async def fetch_post(self, caller: Caller, url: str) -> Torrent:
        """The NZB file at an address. Raises: Invalid, RefusedPost; Forbidden and the other failures of fetching."""
        if not url.lower().startswith(("http://", "https://")) or len(url) > LONGEST_URL:
            raise Invalid.one("name", "url", "This is no http address.")
        config = await self._configs.read()
        owner = f"acquire.add.{caller.user_id}"
        net = self._net.client(Trust.USER, owner=owner, limits=NZB, user_agent=config.nzb_user_agent or None)
        answer = await net.fetch(url)
        if answer.status != 200:
            raise BadAnswer(f"The address answered {answer.status}.", reason="status", status=answer.status)
        return await self.read(answer.body, file_name=named(answer))

    async def add(self, caller: Caller, torrent: Torrent, wanted: Wanted) -> Added:
        """Write it down and set out. What is known already gets the new category, and another try if it failed.

        Raises: NotAllowed without `acquire:write`; Invalid for a category, tag or path that may not be.
        """
        caller.require(Scope.ACQUIRE_WRITE)
        added = await self._db.write(self._add, torrent, wanted)
        self._queue.ring()
        return added

    async def verdict(self, added: Added, *, within: float = VERDICT_WITHIN) -> Verdict:
        """What the first provider says, if it says so in time."""
        if added.entry.state is not State.QUEUED or added.entry.is_paused:
            return Verdict.TAKEN
        return await self._verdicts.wait(added.entry.info_hash, within)

    def _add(self, unit: Unit, torrent: Torrent, wanted: Wanted) -> Added:
        config = self._configs.read_in(unit)
        category = self._category(unit, wanted.category, config)
        self._labels.add_tags(unit, tags := clean_tags(wanted.tags))
        known = self._entries.by_hash(unit, torrent.info_hash)
        if known is not None:
            return Added(entry=self._again(unit, known, wanted, category, tags, config), is_new=False)
        entry = self._made(unit, torrent, wanted, category, tags, config)
        entry = replace(entry, id=self._entries.insert(unit, entry))
        if torrent.content is not None:
            self._parts.put_torrent(unit, entry.id, torrent.content)
        unit.publish(EntryAdded(info_hash=entry.info_hash, title=entry.name, category=category))
        return Added(entry=entry, is_new=True)

    def _made(
        self, unit: Unit, torrent: Torrent, wanted: Wanted, category: str, tags: tuple[str, ...], config: Config
    ) -> Entry:
        now = self._clock.now()
        name = clean(wanted.name, 500) or torrent.name
        first, last = self._entries.positions(unit)
        return Entry(
            id=0,
            info_hash=torrent.info_hash,
            protocol=torrent.protocol,
            name=name,
            original_name=torrent.name,
            folder=folder_name(config, name=name, original=torrent.name, info_hash=torrent.info_hash),
            size_bytes=torrent.size_bytes,
            magnet=""
            if torrent.protocol == "nzb"
            else magnet_of(torrent, with_trackers=not wanted.options.rm_tracker_urls),
            category=category,
            tags=tags,
            is_paused=wanted.is_paused,
            is_forced=wanted.is_forced,
            position=first - 1 if wanted.is_first else last + 1,
            action=wanted.action or Action(config.default_download_action),
            save_path=self._save_path(unit, wanted.save_path, category, config),
            options=wanted.options,
            client=replace(wanted.client, trackers=torrent.trackers, comment=torrent.comment),
            added_at=now,
            updated_at=now,
        )

    def _again(
        self, unit: Unit, known: Entry, wanted: Wanted, category: str, tags: tuple[str, ...], config: Config
    ) -> Entry:
        """Shown again, in its new category; made anew when it has failed or what was made of it belongs elsewhere."""
        now = self._clock.now()
        values: dict[str, Any] = {"in_client": True, "updated_at": now, "tags": sorted({*known.tags, *tags})}
        save_path = self._save_path(unit, wanted.save_path, category, config)
        if category != known.category or save_path != known.save_path:
            values |= {"category": category, "save_path": save_path}
        if known.state in (State.FAILED, State.MISSING) or known.is_bad:
            values |= {"state": State.QUEUED.value, "error": "", "error_code": "", "retry_at": None, "is_bad": False}
        elif known.state is State.DONE:
            action = wanted.action or Action(config.default_download_action)
            values |= {"state": State.MOVING.value, "action": action.value, "moved_at": now, "retry_at": None}
        self._entries.update(unit, known.id, **values)
        found = self._entries.by_id(unit, known.id) or known
        unit.publish(
            EntryChanged(info_hash=found.info_hash, title=found.name, category=category, state=found.state.value)
        )
        return found

    def _category(self, unit: Unit, name: str, config: Config) -> str:
        name = clean(name, 100)
        if not name:
            return ""
        require_category(name)
        if name not in config.categories:
            self._labels.put_category(unit, name, "", only_new=True)
        return name

    def _save_path(self, unit: Unit, given: str, category: str, config: Config) -> str:
        return save_path_of(config, given or self._labels.save_path(unit, category), category)


def require_category(name: str) -> None:
    """Raises: Invalid."""
    if not is_folder_name(name):
        raise Invalid.one("category", "name", f"{name!r} cannot be the name of a category.")


def save_path_of(config: Config, given: str, category: str) -> str:
    """Where a category's folders lie: always below the download folder. Raises: Invalid."""
    root = Path(config.download_folder)
    try:
        if not given:
            return str(safe_path(root, category) if category else root)
        path = Path(given)
        relative = path.relative_to(root) if path.is_absolute() else path
        return str(safe_path(root, str(relative)))
    except (UnsafePath, ValueError) as error:
        raise Invalid.one("savepath", "outside", "This path is outside the download folder.") from error


def clean_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Without empty ones and doubles. Raises: Invalid for too many."""
    found = tuple(sorted({tag for text in tags if (tag := clean(text.replace(",", " "), TAG_CHARACTERS))}))
    if len(found) > TAGS:
        raise Invalid.one("tags", "too_many", f"An entry may have {TAGS} tags.")
    return found


def named(answer: Fetched) -> str:
    """What a fetched file calls itself: by its header, else by its address."""
    header = next((value for name, value in answer.headers.items() if name.lower() == "content-disposition"), "")
    found = re.search(r'filename="?([^";]{1,300})', header)
    return found[1] if found else unquote(answer.url.partition("?")[0].rpartition("/")[2])


def _joined(base: str, location: str) -> str:
    scheme, _, rest = base.partition("://")
    host = rest.partition("/")[0]
    return f"{scheme}://{host}/{location.lstrip('/')}"


__all__ = ["Added", "Adding", "Wanted", "clean_tags", "require_category", "save_path_of"]
