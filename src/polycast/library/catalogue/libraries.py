"""Libraries: making, changing, removing them, and who may see them."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import UNSET, Struct, UnsetType

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User
from polycast.core.ids import Ids
from polycast.core.jobs import Job, Run, Tick
from polycast.core.storage import Database, Unit, clean, fold
from polycast.library.catalogue.model import Library, LibraryType, ScanMode, ScanStatus
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.events import LibraryChanged

MOST_PATHS: Final = 50
ROWS_AT_ONCE: Final = 200


class LibraryNew(Struct, frozen=True, kw_only=True):
    """A library to be made."""

    name: str
    type: LibraryType
    paths: list[str]
    enabled: bool = True
    language: str = "en"
    country: str = "US"
    scan_interval_minutes: int | None = None
    watch_enabled: bool = True
    prefer_local: bool = True
    trickplay: str = "on_demand"
    detect_intros: bool = True


class LibraryPatch(Struct, frozen=True, kw_only=True):
    """What to change. Absent keeps."""

    name: str | UnsetType = UNSET
    paths: list[str] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    language: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    scan_interval_minutes: int | None | UnsetType = UNSET
    watch_enabled: bool | UnsetType = UNSET
    prefer_local: bool | UnsetType = UNSET
    trickplay: str | UnsetType = UNSET
    detect_intros: bool | UnsetType = UNSET


class Grant(Struct, frozen=True, kw_only=True):
    """Who may see a library."""

    user: User
    granted_by: int | None
    created_at: Any


class ScanQueue(Protocol):
    """What we need of the scans."""

    def queue_in(
        self, unit: Unit, library: Library, mode: ScanMode, *, by: int | None, paths: Sequence[str] = (),
        priority: int = 0, adoptable: bool = False,
    ) -> Any:  # fmt: skip
        """Queue a scan in `unit`."""
        ...


class Libraries:
    """The libraries of this server."""

    def __init__(
        self, *, db: Database, store: LibraryStore, viewers: ViewerStore, identity: Identity,
        media_dirs: Callable[[], Sequence[Path]], clock: Clock, ids: Ids,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._viewers = viewers
        self._identity = identity
        self._media_dirs = media_dirs
        self._clock = clock
        self._ids = ids
        self._scans: ScanQueue | None = None

    def scan_with(self, scans: ScanQueue) -> None:
        """Whom to ask for scans; they need us first."""
        self._scans = scans

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [
            Job(name="library.drop_libraries", payload=Tick, run=self.drop_removed, every=timedelta(minutes=10),
                title="Drop what removed libraries have left")
        ]  # fmt: skip

    async def shown(self, caller: Caller) -> list[Library]:
        """Those that the caller may see."""
        return await self._db.read(lambda unit: self._store.shown(unit, self._viewers.of(unit, caller)))

    async def get(self, caller: Caller, nanoid: str) -> Library:
        """Raises: NotFound."""
        return await self._db.read(self.get_in, caller, nanoid)

    def get_in(self, unit: Unit, caller: Caller, nanoid: str) -> Library:
        """`get`, in `unit`."""
        found = self._store.get(unit, nanoid, self._viewers.of(unit, caller))
        if found is None:
            raise NotFound("The library")
        return found

    async def create(self, caller: Caller, new: LibraryNew) -> Library:
        """Make a library and queue its first scan. Raises: NotAllowed; Invalid; Conflict, when a folder is taken."""
        caller.require(Scope.LIBRARY_WRITE)
        paths = self._checked(new.paths)
        return await self._db.write(self._create, caller, new, paths)

    async def change(self, caller: Caller, nanoid: str, patch: LibraryPatch) -> Library:
        """Change a library; other folders queue a scan. Raises: NotAllowed; NotFound; Invalid; Conflict."""
        caller.require(Scope.LIBRARY_WRITE)
        paths = self._checked(patch.paths) if patch.paths is not UNSET else None
        return await self._db.write(self._change, caller, nanoid, patch, paths)

    async def remove(self, caller: Caller, nanoid: str) -> None:
        """Forget a library; its files stay where they are. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        await self._db.write(self._remove, caller, nanoid)

    async def grants(self, caller: Caller, nanoid: str) -> list[Grant]:
        """Who may see it. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        return await self._db.read(self._grants, caller, nanoid)

    async def grant(self, caller: Caller, nanoid: str, user: str) -> Grant:
        """Let somebody see it. Raises: NotAllowed; NotFound; Invalid for a user that nobody is."""
        caller.require(Scope.LIBRARY_WRITE)
        found = await self._identity.users.by_nanoid(user)
        if found is None:
            raise Invalid.one("userId", "does_not_exist", "No such user")
        return await self._db.write(self._grant, caller, nanoid, found)

    async def revoke(self, caller: Caller, nanoid: str, user: str) -> None:
        """Take it back, at once. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIBRARY_WRITE)
        found = await self._identity.users.by_nanoid(user)
        if found is None:
            raise NotFound("The user")
        await self._db.write(self._revoke, caller, nanoid, found)

    def browse(self, caller: Caller, path: str | None) -> "Browsed":
        """The folders of a folder, within what the host lets libraries use. Raises: NotAllowed; NotFound. Blocking."""
        caller.require(Scope.LIBRARY_WRITE)
        return browse(path, self._media_dirs())

    async def drop_removed(self, _tick: Tick, run: Run) -> None:
        """The job that deletes rows of removed libraries, a few at a time."""
        for library_id in await self._db.read(self._store.removed):
            while await self._db.write(self._store.drop_some, library_id, limit=ROWS_AT_ONCE):
                run.check()
            await self._db.write(self._store.delete, library_id)

    def _create(self, unit: Unit, caller: Caller, new: LibraryNew, paths: list[str]) -> Library:
        self._free(unit, paths, but=None)
        now = self._clock.now()
        library_id = self._store.insert(
            unit,
            paths,
            nanoid=self._ids.nanoid(),
            name=new.name,
            name_key=fold(new.name),
            type=new.type.value,
            enabled=new.enabled,
            language=new.language,
            country=new.country,
            scan_interval_minutes=new.scan_interval_minutes,
            watch_enabled=new.watch_enabled,
            prefer_local=new.prefer_local,
            trickplay=new.trickplay,
            detect_intros=new.detect_intros,
            scan_status=ScanStatus.IDLE.value,
            created_at=now,
            updated_at=now,
        )
        self._identity.audit.note(unit, caller, "library.create", target=f"library:{new.name}")
        self._queue(unit, caller, library_id)
        return self._told(unit, library_id, "created")

    def _change(self, unit: Unit, caller: Caller, nanoid: str, patch: LibraryPatch, paths: list[str] | None) -> Library:
        library = self.get_in(unit, caller, nanoid)
        values: dict[str, Any] = {
            name: value
            for name in LibraryPatch.__struct_fields__
            if name != "paths" and (value := getattr(patch, name)) is not UNSET
        }
        if "name" in values:
            values["name_key"] = fold(values["name"])
        self._store.update(unit, library.id, **values, updated_at=self._clock.now())
        if paths is not None and paths != library.paths:
            self._free(unit, paths, but=library.id)
            self._store.set_paths(unit, library.id, paths)
            self._queue(unit, caller, library.id)
        self._identity.audit.note(unit, caller, "library.update", target=f"library:{library.name}")
        return self._told(unit, library.id, "updated")

    def _queue(self, unit: Unit, caller: Caller, library_id: int) -> None:
        library = self._store.by_id(unit, library_id)
        if library is not None and self._scans is not None and library.enabled:
            try:
                self._scans.queue_in(unit, library, ScanMode.QUICK, by=caller.user_id, adoptable=True)
            except Conflict:  # one runs; what it has passed already, the next one finds
                return

    def _remove(self, unit: Unit, caller: Caller, nanoid: str) -> None:
        library = self.get_in(unit, caller, nanoid)
        self._store.update(unit, library.id, removed_at=self._clock.now())
        self._store.set_paths(unit, library.id, [])
        self._identity.audit.note(unit, caller, "library.delete", target=f"library:{library.name}")
        unit.publish(LibraryChanged(library_id=library.id, library=library.nanoid, change="removed"))
        unit.enqueue("library.drop_libraries", Tick())

    def _told(self, unit: Unit, library_id: int, change: str) -> Library:
        found = self._store.by_id(unit, library_id)
        if found is None:
            raise NotFound("The library")
        unit.publish(LibraryChanged(library_id=found.id, library=found.nanoid, change=change))
        return found

    def _grants(self, unit: Unit, caller: Caller, nanoid: str) -> list[Grant]:
        library = self.get_in(unit, caller, nanoid)
        found = []
        for row in self._store.grants(unit, library.id):
            user = self._identity.users.find_in(unit, row.user_id)
            if user is not None:
                found.append(Grant(user=user, granted_by=row.granted_by, created_at=row.created_at))
        return found

    def _grant(self, unit: Unit, caller: Caller, nanoid: str, user: User) -> Grant:
        library = self.get_in(unit, caller, nanoid)
        self._store.grant(unit, library.id, user.id, by=caller.user_id, at=self._clock.now())
        self._identity.audit.note(unit, caller, "library.grant", target=f"library:{library.name}",
                                  details={"user": user.username})  # fmt: skip
        unit.publish(LibraryChanged(library_id=library.id, library=library.nanoid, change="permissions"))
        row = next(one for one in self._store.grants(unit, library.id) if one.user_id == user.id)
        return Grant(user=user, granted_by=row.granted_by, created_at=row.created_at)

    def _revoke(self, unit: Unit, caller: Caller, nanoid: str, user: User) -> None:
        library = self.get_in(unit, caller, nanoid)
        if not self._store.revoke(unit, library.id, user.id):
            raise NotFound("The permission")
        self._identity.audit.note(unit, caller, "library.revoke", target=f"library:{library.name}",
                                  details={"user": user.username})  # fmt: skip
        unit.publish(LibraryChanged(library_id=library.id, library=library.nanoid, change="permissions"))

    def _checked(self, paths: Sequence[str]) -> list[str]:
        """Absolute folders that exist, none within another. Raises: Invalid, with all that is wrong."""
        problems: list[Problem] = []
        found: list[str] = []
        allowed = self._media_dirs()
        for place, path in enumerate(paths[:MOST_PATHS]):
            where, plain = f"paths.{place}", os.path.normpath(path) if path else ""
            if not path.startswith("/") or "\0" in path or clean(path, 4000) != path.strip():
                problems.append(Problem(where, "not_a_path", {}, "Path must be absolute"))
            elif not _readable(plain):
                problems.append(Problem(where, "not_readable", {}, "Path does not exist or is not readable"))
            elif allowed and not any(Path(plain).resolve().is_relative_to(root.resolve()) for root in allowed):
                problems.append(Problem(where, "outside", {}, "Path is outside the folders that libraries may use"))
            elif any(_within(plain, other) or _within(other, plain) for other in found):
                problems.append(Problem(where, "overlaps", {}, "Path lies in another path of this library"))
            else:
                found.append(plain)
        if problems:
            raise Invalid(problems)
        return found

    def _free(self, unit: Unit, paths: Sequence[str], *, but: int | None) -> None:
        for other in self._store.other_paths(unit, but=but):
            for path in paths:
                if _within(path, other) or _within(other, path):
                    raise Conflict(f"{path} belongs to another library.", reason="path_taken")


class Browsed(Struct, frozen=True, kw_only=True):
    """A folder and the folders in it: name, path, whether we may read it."""

    path: str
    parent: str | None
    entries: list[tuple[str, str, bool]]


def browse(path: str | None, roots: Sequence[Path]) -> Browsed:
    """The picker for folders of libraries. Raises: NotFound, also outside `roots`."""
    allowed = [root.resolve() for root in roots]
    if path is None and allowed:
        entries = [(str(root), str(root), os.access(root, os.R_OK | os.X_OK)) for root in allowed]
        return Browsed(path="/", parent=None, entries=entries)
    wanted = path or "/"
    if not wanted.startswith("/") or "\0" in wanted:
        raise NotFound("The folder")
    here = Path(wanted).resolve()
    if allowed and not any(here.is_relative_to(root) for root in allowed):
        raise NotFound("The folder")
    try:
        with os.scandir(here) as scan:
            names = sorted(one.name for one in scan if not one.name.startswith(".") and one.is_dir())
    except OSError as error:
        raise NotFound("The folder") from error
    entries = [(name, str(here / name), os.access(here / name, os.R_OK | os.X_OK)) for name in names[:2000]]
    is_top = here == here.parent or here in allowed
    return Browsed(path=str(here), parent=None if is_top else str(here.parent), entries=entries)


def _readable(path: str) -> bool:
    return Path(path).is_dir() and os.access(path, os.R_OK | os.X_OK)


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other.rstrip('/')}/")
