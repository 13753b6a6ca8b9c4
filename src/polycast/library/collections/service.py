"""Collections: by hand, by rules, and those that are always there."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotAllowed, NotFound, PolycastError, Problem
from polycast.core.events import Listener
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.jobs import Job, Run, Tick
from polycast.core.storage import Database, Unit, sort_key
from polycast.library.catalogue.model import Kind, Viewer
from polycast.library.catalogue.query import Sort, TitleQuery
from polycast.library.catalogue.store_lists import ListStore
from polycast.library.catalogue.titles import Title, Titles
from polycast.library.collections.model import Collection, CollectionNew
from polycast.library.collections.rules import check_rules
from polycast.library.collections.store import CollectionStore
from polycast.library.collections.store_rules import condition
from polycast.library.events import ItemsChanged

QUIET: Final = timedelta(seconds=5)
MOST_MEMBERS: Final = 20_000
SAMPLE: Final = 10
BUILT_IN: Final = (
    ("recently-added", "Recently added", "addedAt"),
    ("continue-watching", "Continue watching", "lastPlayedAt"),
)
KINDS: Final = {"movie": Kind.MOVIE, "show": Kind.SHOW, "episode": Kind.EPISODE}


class WrongType(PolycastError):
    """A collection that rules fill is not filled by hand, and the other way round."""

    code = "wrong_type"


class Member(Struct, frozen=True, kw_only=True):
    """A title named by a client."""

    media_type: str
    media_id: str


class Seen(Struct, frozen=True, kw_only=True):
    """A collection with how much of it the caller may see."""

    collection: Collection
    count: int
    is_mine: bool = False


class Refresh(Struct, frozen=True):
    """Payload: fill collections by their rules; all with 0."""

    collection_id: int = 0


class Collections:
    """The collections of this server."""

    def __init__(
        self, *, db: Database, store: CollectionStore, titles: Titles, lists: ListStore, clock: Clock, ids: Ids
    ) -> None:
        self._db = db
        self._store = store
        self._titles = titles
        self._lists = lists
        self._clock = clock
        self._ids = ids

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.refresh_collections", payload=Refresh, run=self.refresh_all, one_per="collection_id",
                title="Fill collections by their rules"),
            Job(name="library.refresh_collections_daily", payload=Tick, run=self.refresh_daily, cron="20 3 * * *",
                title="Fill collections whose rules speak of time"),
        ]  # fmt: skip

    def listeners(self) -> list[Listener]:
        """Titles that changed may belong elsewhere now."""
        return [Listener(name="library.refresh_collections", event=ItemsChanged, once=self.changed_in)]

    def changed_in(self, unit: Unit, _event: ItemsChanged) -> None:
        """Fill the ruled collections anew, when it has been quiet for a while."""
        if self._store.ruled(unit):
            unit.enqueue("library.refresh_collections", Refresh(), due=self._clock.now() + QUIET)

    async def page(
        self, caller: Caller, *, after: tuple[str, int] | None, limit: int
    ) -> list[tuple[Seen, tuple[str, int]]]:
        """By name."""

        await self.make_built_in()

        def work(unit: Unit) -> list[tuple[Seen, tuple[str, int]]]:
            viewer = self._titles.viewer_in(unit, caller)
            rows = self._store.page(unit, caller.user_id, after=after, limit=limit)
            counts = self._counts(unit, [one for one, _ in rows], viewer)
            return [(_seen(one, counts, caller), place) for one, place in rows]

        return await self._db.read(work)

    async def get(self, caller: Caller, nanoid: str) -> Seen:
        """Raises: NotFound."""
        return await self._db.read(self._get, caller, nanoid)

    async def create(self, caller: Caller, new: CollectionNew) -> Seen:
        """Raises: NotAllowed, for all to see without `library:write`; Invalid; Conflict for a name one has already."""
        self._may_publish(caller, new.visibility)
        if new.type != "manual":
            check_rules(new.rules)

        def work(unit: Unit) -> Seen:
            self._free(unit, new.name, caller, but=None)
            now = self._clock.now()
            key = self._store.insert(
                unit, nanoid=self._ids.nanoid(), uuid=self._ids.uuid().replace("-", ""), name=new.name,
                name_key=sort_key(new.name), description=new.description, type=new.type, match_mode=new.match_mode,
                media_scope=new.media_scope, rules=list(new.rules), sort_by=new.sort_by, sort_order=new.sort_order,
                item_limit=new.item_limit, visibility=new.visibility, created_by=caller.user_id, created_at=now,
                updated_at=now,
            )  # fmt: skip
            return self._filled(unit, caller, key)

        return await self._db.write(work)

    async def change(self, caller: Caller, nanoid: str, values: dict[str, Any]) -> Seen:
        """`values`: fields of `CollectionNew`. Raises: NotFound; NotAllowed; Invalid; Conflict."""
        if "rules" in values:
            check_rules(values["rules"])
        if "visibility" in values:
            self._may_publish(caller, values["visibility"])

        def work(unit: Unit) -> Seen:
            one = self._mine(unit, caller, nanoid)
            if "name" in values:
                self._free(unit, values["name"], caller, but=one.id)
            told = values | ({"name_key": sort_key(values["name"])} if "name" in values else {})
            self._store.update(unit, one.id, **told, updated_at=self._clock.now())
            return self._filled(unit, caller, one.id)

        return await self._db.write(work)

    async def remove(self, caller: Caller, nanoid: str) -> None:
        """Raises: NotFound; NotAllowed, also for those that are always there."""
        await self._db.write(lambda unit: self._store.delete(unit, self._mine(unit, caller, nanoid).id))

    async def items(
        self, caller: Caller, nanoid: str, *, after: tuple[Any, int] | None, limit: int
    ) -> list[tuple[Title, tuple[Any, int]]]:
        """Titles in the collection's order. Raises: NotFound."""

        def work(unit: Unit) -> list[tuple[Title, tuple[Any, int]]]:
            viewer = self._titles.viewer_in(unit, caller)
            one = self._get(unit, caller, nanoid).collection
            if one.type == "builtin":
                return self._built_in(unit, viewer, one, limit)
            rows = self._store.members(unit, one, viewer, after=after, limit=limit)
            shown = self._titles.of_ids_in(unit, viewer, [item_id for item_id, _ in rows])
            places = dict(rows)
            return [(title, places[title.item.id]) for title in shown]

        return await self._db.read(work)

    async def add(self, caller: Caller, nanoid: str, members: Sequence[Member]) -> tuple[int, list[int], list[int]]:
        """How many were added, indexes of those that were there, indexes of those that nobody knows.

        Raises: NotFound; NotAllowed; WrongType.
        """

        def work(unit: Unit) -> tuple[int, list[int], list[int]]:
            one = self._by_hand(unit, caller, nanoid)
            there = self._store.member_ids(unit, one.id)
            known, fresh, skipped, wrong = set(there), list[int](), list[int](), list[int]()
            for place, member in enumerate(members):
                key = self._key(unit, caller, member)
                if key is None:
                    wrong.append(place)
                elif key in known:
                    skipped.append(place)
                else:
                    known.add(key)
                    fresh.append(key)
            self._store.add(unit, one.id, fresh, start=len(there), at=self._clock.now())
            self._count(unit, one.id)
            return len(fresh), skipped, wrong

        return await self._db.write(work)

    async def take_out(self, caller: Caller, nanoid: str, member: Member) -> None:
        """Raises: NotFound; NotAllowed; WrongType."""

        def work(unit: Unit) -> None:
            one = self._by_hand(unit, caller, nanoid)
            key = self._key(unit, caller, member)
            if key is None or not self._store.remove(unit, one.id, [key]):
                raise NotFound("The title")
            self._count(unit, one.id)

        await self._db.write(work)

    async def order(self, caller: Caller, nanoid: str, members: Sequence[Member]) -> int:
        """A new order; those not named keep theirs at the end. Raises: NotFound; Invalid for what is not in it."""

        def work(unit: Unit) -> int:
            one = self._by_hand(unit, caller, nanoid)
            there = self._store.member_ids(unit, one.id)
            keys = [self._key(unit, caller, member) for member in members]
            wrong = [place for place, key in enumerate(keys) if key is None or key not in there]
            if wrong:
                raise Invalid(
                    [Problem(f"items.{place}", "does_not_exist", {}, "Not in this collection") for place in wrong]
                )
            first = list(dict.fromkeys(key for key in keys if key is not None))
            rest = [key for key in there if key not in set(first)]
            self._store.place(unit, one.id, first + rest, self._clock.now())
            self._store.update(unit, one.id, sort_by="custom", sort_order="asc", updated_at=self._clock.now())
            return len(first)

        return await self._db.write(work)

    async def refresh(self, caller: Caller, nanoid: str) -> tuple[int, int, int]:
        """Fill a collection by its rules: added, removed, how many now. Raises: NotFound; NotAllowed; WrongType."""

        def work(unit: Unit) -> tuple[int, int, int]:
            one = self._mine(unit, caller, nanoid)
            if one.type not in ("auto", "smart"):
                raise WrongType("Only a collection with rules can be refreshed.")
            return self._fill(unit, one)

        return await self._db.write(work)

    async def preview(self, caller: Caller, rules: Sequence[Any], *, match: str, scope: str) -> tuple[int, list[Title]]:
        """How many titles rules would find, and some of them. Raises: Invalid."""
        check_rules(rules)

        def work(unit: Unit) -> tuple[int, list[Title]]:
            viewer = self._titles.viewer_in(unit, caller)
            wanted = condition(rules, match=match, scope=scope, viewer=viewer, now=self._clock.now())
            count = self._store.count_matching(unit, wanted, viewer)
            some = self._store.matching(unit, wanted, viewer, limit=SAMPLE)
            return count, self._titles.of_ids_in(unit, viewer, some)

        return await self._db.read(work)

    async def refresh_all(self, payload: Refresh, run: Run) -> None:
        """The job."""
        for one in await self._db.read(self._store.ruled):
            run.check()
            if payload.collection_id in (0, one.id):
                await self._db.write(self._fill, one)

    async def refresh_daily(self, _tick: Tick, run: Run) -> None:
        """The job for rules that speak of time."""
        await self.refresh_all(Refresh(), run)

    async def make_built_in(self) -> None:
        """Those that are always there, made when they are first looked for."""
        if await self._db.read(lambda unit: all(self._store.get(unit, name, None) for name, *_ in BUILT_IN)):
            return

        def work(unit: Unit) -> None:
            now = self._clock.now()
            for name, title, sort_by in BUILT_IN:
                if self._store.get(unit, name, None) is None:
                    self._store.insert(
                        unit, nanoid=name, uuid=self._ids.uuid().replace("-", ""), name=title, name_key=sort_key(title),
                        type="builtin", match_mode="all", media_scope="both", rules=[], sort_by=sort_by,
                        sort_order="desc", visibility="server", created_at=now, updated_at=now,
                    )  # fmt: skip

        await self._db.write(work)

    def _get(self, unit: Unit, caller: Caller, nanoid: str) -> Seen:
        one = self._store.get(unit, nanoid, caller.user_id)
        if one is None:
            raise NotFound("The collection")
        return _seen(one, self._counts(unit, [one], self._titles.viewer_in(unit, caller)), caller)

    def _mine(self, unit: Unit, caller: Caller, nanoid: str) -> Collection:
        one = self._get(unit, caller, nanoid).collection
        if one.type == "builtin":
            raise NotAllowed("builtin", "Built-in collections cannot be changed")
        if one.created_by != caller.user_id or one.visibility == "server":
            caller.require(Scope.LIBRARY_WRITE)
        return one

    def _by_hand(self, unit: Unit, caller: Caller, nanoid: str) -> Collection:
        one = self._mine(unit, caller, nanoid)
        if one.type != "manual":
            raise WrongType("Rules fill this collection; its items cannot be changed by hand.")
        return one

    def _may_publish(self, caller: Caller, visibility: str) -> None:
        if visibility == "server":
            caller.require(Scope.LIBRARY_WRITE)

    def _free(self, unit: Unit, name: str, caller: Caller, *, but: int | None) -> None:
        if self._store.has_name(unit, sort_key(name), caller.user_id, but=but):
            raise Conflict("There is a collection of this name already.", reason="name")

    def _filled(self, unit: Unit, caller: Caller, key: int) -> Seen:
        one = self._store.by_id(unit, key)
        if one is None:
            raise NotFound("The collection")
        if one.type in ("auto", "smart"):
            self._fill(unit, one)
        return self._get(unit, caller, one.nanoid)

    def _fill(self, unit: Unit, one: Collection) -> tuple[int, int, int]:
        """Rules that speak of a person's state are judged as its maker."""
        viewer = self._titles.viewer_in(unit, replace(SYSTEM, user_id=one.created_by))
        wanted = condition(one.rules, match=one.match_mode, scope=one.media_scope, viewer=viewer, now=self._clock.now())
        limit = min(one.item_limit or MOST_MEMBERS, MOST_MEMBERS)
        found = self._store.matching(
            unit, wanted, viewer, limit=limit, sort_by=one.sort_by, descending=one.sort_order == "desc"
        )
        there = set(self._store.member_ids(unit, one.id))
        gone, fresh = there - set(found), [key for key in found if key not in there]
        self._store.remove(unit, one.id, sorted(gone))
        self._store.add(unit, one.id, fresh, start=len(there), at=self._clock.now())
        self._store.update(unit, one.id, item_count=len(found), last_refreshed_at=self._clock.now())
        return len(fresh), len(gone), len(found)

    def _count(self, unit: Unit, key: int) -> None:
        self._store.update(unit, key, item_count=len(self._store.member_ids(unit, key)), updated_at=self._clock.now())

    def _counts(self, unit: Unit, found: Sequence[Collection], viewer: Viewer) -> dict[int, int]:
        counts = self._store.visible_count(unit, [one.id for one in found if one.type != "builtin"], viewer)
        for one in found:
            if one.type == "builtin":
                counts[one.id] = self._lists.count(unit, viewer, _query(one))
        return counts

    def _built_in(self, unit: Unit, viewer: Viewer, one: Collection, limit: int) -> list[tuple[Title, tuple[Any, int]]]:
        keys = self._lists.ids(unit, viewer, _query(one), limit=min(limit, 100))
        shown = self._titles.of_ids_in(unit, viewer, keys)
        return [(title, (0, title.item.id)) for title in shown]

    def _key(self, unit: Unit, caller: Caller, member: Member) -> int | None:
        kind = KINDS.get(member.media_type)
        if kind is None:
            return None
        try:
            return self._titles.item_in(unit, caller, member.media_id, kind)[1].id
        except NotFound:
            return None


def _query(one: Collection) -> TitleQuery:
    if one.sort_by == "lastPlayedAt":
        return TitleQuery(kinds=("movie", "episode"), in_progress=True, sort=Sort.LAST_PLAYED_AT, descending=True)
    return TitleQuery(kinds=("movie", "show"), sort=Sort.ADDED_AT, descending=True)


def _seen(one: Collection, counts: dict[int, int], caller: Caller) -> Seen:
    return Seen(collection=one, count=counts.get(one.id, 0), is_mine=one.created_by == caller.user_id)
