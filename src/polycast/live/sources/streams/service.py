"""Streams: lists of any size, and the ones people add themselves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.secrets import Secrets
from polycast.core.storage import Database, Unit
from polycast.live.preferences.groups import StreamSettings
from polycast.live.preferences.service import Preferences
from polycast.live.sources.accounts.checks import Problems
from polycast.live.sources.addresses import is_masked, masked
from polycast.live.sources.refresh.identity import hash_key, hash_keys, hasher
from polycast.live.sources.refresh.playlist import DEFAULT_GROUP, NAME_LIMIT, SCHEMES, URL_LIMIT
from polycast.live.sources.refresh.reading import DEFAULT_NAME, LOGO_LIMIT, TVG_LIMIT, tidy
from polycast.live.sources.streams.model import (
    FilterOptions,
    Order,
    Stream,
    StreamForm,
    StreamPage,
    StreamQuery,
)
from polycast.live.sources.streams.store import StreamStore
from polycast.live.sources.streams.store_query import StreamFinder
from polycast.live.tables import stream_profiles

COUNT_LIFE: Final = timedelta(seconds=10)
COUNTS_KEPT: Final = 256
IDS_PAGE: Final = 100_000  # ids of one read
ALWAYS_WRITABLE: Final = ("enabled", "stream_profile_id", "local_file", "logo_url")


class Streams:
    """The streams of all active accounts."""

    def __init__(
        self,
        *,
        db: Database,
        store: StreamStore,
        finder: StreamFinder,
        preferences: Preferences,
        secrets: Secrets,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._finder = finder
        self._preferences = preferences
        self._secrets = secrets
        self._clock = clock
        self._counts: dict[StreamQuery, tuple[timedelta, int]] = {}

    async def page(self, caller: Caller, query: StreamQuery, *, offset: int = 0, limit: int = 50) -> StreamPage:
        """A page in the order of the query. `count` may be ten seconds old. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        items = await self._db.read(self._page, query, offset, limit)
        return StreamPage(items=items, count=await self._count(query))

    async def ids(self, caller: Caller, query: StreamQuery) -> Sequence[int]:
        """The ids of all streams that match, in order. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        found: Sequence[int] = []
        while page := await self._db.read(self._finder.page, query, offset=len(found), limit=IDS_PAGE):
            found = [*found, *page]
            if len(page) < IDS_PAGE:
                break
        return found

    async def get(self, caller: Caller, stream_id: int) -> Stream:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._one, stream_id)

    async def by_ids(self, caller: Caller, ids: Sequence[int]) -> Sequence[Stream]:
        """In the order asked for, without those that do not exist. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._store.by_ids, ids)

    async def options(self, caller: Caller) -> FilterOptions:
        """What lists can be narrowed to. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._store.options)

    async def create(self, caller: Caller, form: StreamForm) -> Stream:
        """Add a custom stream. Raises: NotAllowed; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._create, form)

    async def change(self, caller: Caller, stream_id: int, form: StreamForm) -> Stream:
        """Change a stream; what a provider says of its streams stays. Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._change, stream_id, form)

    async def delete(self, caller: Caller, ids: Sequence[int]) -> int:
        """Remove streams; how many there were. A provider's come back with its next change. Raises: NotAllowed."""
        caller.require(Scope.LIVE_WRITE)
        self._counts.clear()

        def remove(unit: Unit, some: Sequence[int]) -> None:
            self._store.remove(unit, some)

        known = [stream.id for stream in await self._db.read(self._store.by_ids, ids)]
        return await self._db.write_bulk(remove, known)

    async def _count(self, query: StreamQuery) -> int:
        asked = replace(query, order=Order.NAME, descending=False)
        now = self._clock.monotonic()
        kept = self._counts.get(asked)
        if kept is not None and now - kept[0] < COUNT_LIFE:
            return kept[1]
        count = await self._db.read(self._finder.count, asked)
        if len(self._counts) >= COUNTS_KEPT:
            self._counts.clear()
        self._counts[asked] = (now, count)
        return count

    def _page(self, unit: Unit, query: StreamQuery, offset: int, limit: int) -> list[Stream]:
        return self._store.by_ids(unit, self._finder.page(unit, query, offset=offset, limit=limit))

    def _one(self, unit: Unit, stream_id: int) -> Stream:
        found = self._store.by_ids(unit, [stream_id])
        if not found:
            raise NotFound("The stream")
        return found[0]

    def _create(self, unit: Unit, form: StreamForm) -> Stream:
        problems = Problems()
        if not form.url or is_masked(form.url):
            problems.add("url", "required")
        values = self._checked(unit, form, problems, is_custom=True)
        problems.settle()
        now = self._clock.now()
        values["account_id"] = self._store.custom_account(unit)
        values.setdefault("name", DEFAULT_NAME)
        if values.get("group_id") is None:
            values["group_id"] = self._store.default_group(unit, DEFAULT_GROUP)
        stream_id = self._store.insert_custom(unit, values, now=now)
        self._seal(unit, stream_id, form)
        self._rehash(unit, stream_id, form.url or "")
        unit.after_commit(self._counts.clear)
        return self._one(unit, stream_id)

    def _change(self, unit: Unit, stream_id: int, form: StreamForm) -> Stream:
        stream = self._one(unit, stream_id)
        problems = Problems()
        values = self._checked(unit, form, problems, is_custom=stream.is_custom)
        problems.settle()
        if not stream.is_custom:
            self._store.update(unit, stream_id, values)
            return self._one(unit, stream_id)
        self._store.unlist(unit, stream)
        self._store.update(unit, stream_id, {**values, "updated_at": self._clock.now()})
        self._seal(unit, stream_id, form)
        sent = form.url if isinstance(form.url, str) and not is_masked(form.url) else None
        self._rehash(unit, stream_id, sent or self._store.plain_url(unit, stream_id, self._secrets))
        unit.after_commit(self._counts.clear)
        return self._one(unit, stream_id)

    def _checked(self, unit: Unit, form: StreamForm, problems: Problems, *, is_custom: bool) -> dict[str, Any]:
        """The columns that `form` sets; for a provider's stream only those that are ours."""
        values: dict[str, Any] = {}
        if form.name is not UNSET and is_custom:
            values["name"] = problems.name(form.name, limit=NAME_LIMIT)
        if isinstance(form.url, str) and is_custom and not is_masked(form.url):
            values |= self._address(form.url, problems)
        if form.tvg_id is not UNSET and is_custom:
            values["tvg_id"] = tidy(form.tvg_id or "", TVG_LIMIT)
        if form.group_id is not UNSET and is_custom:
            if form.group_id is not None and not self._store.group_name(unit, form.group_id):
                problems.add("channel_group", "does_not_exist", pk=form.group_id)
            values["group_id"] = form.group_id or self._store.default_group(unit, DEFAULT_GROUP)
        if form.is_adult is not UNSET and is_custom:
            values["is_adult"] = form.is_adult
        for name in ALWAYS_WRITABLE:
            if (value := getattr(form, name)) is not UNSET:
                values[name] = tidy(value or "", LOGO_LIMIT) if name == "logo_url" else value
        profile = values.get("stream_profile_id")
        if profile is not None and not self._store.has(unit, stream_profiles, profile):
            problems.add("stream_profile_id", "does_not_exist", pk=profile)
        return values

    def _address(self, sent: str, problems: Problems) -> dict[str, Any]:
        url = sent.strip()
        if len(url) > URL_LIMIT:
            problems.add("url", "max_length", max=URL_LIMIT)
        elif not url.startswith(SCHEMES) or not url.isprintable() or " " in url:
            problems.add("url", "invalid", "Enter a valid URL.")
        return {"url": masked(url), "url_sealed": None}

    def _seal(self, unit: Unit, stream_id: int, form: StreamForm) -> None:
        """An address with a credential is kept sealed; its row holds the masked one."""
        if not isinstance(form.url, str) or is_masked(form.url):
            return
        url = form.url.strip()
        if masked(url) != url:
            sealed = self._secrets.seal(url, context=f"live.stream:{stream_id}:url")
            self._store.update(unit, stream_id, {"url_sealed": sealed})

    def _rehash(self, unit: Unit, stream_id: int, url: str) -> None:
        stream = self._one(unit, stream_id)
        keys = hash_keys(self._preferences.group_in(unit, StreamSettings).m3u_hash_key)
        group = self._store.group_name(unit, stream.group_id)
        make = hasher(keys, account_id=stream.account_id, is_xtream=False)
        digest = make(stream.name, url.strip(), stream.tvg_id, group)
        if self._store.is_hash_taken(unit, stream.account_id, hash_key(digest), stream_id):
            raise Invalid.one("url", "unique", "A custom stream like this exists already.")
        self._store.list_custom(unit, stream_id, digest)
