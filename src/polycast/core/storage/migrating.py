"""Bringing the schema to what this version of Polycast expects.

Each start takes a quick look: the revisions that the database has (a row of `core_meta`) against the names of the files
in the branches' folders. Alembic, which takes a tenth of a second to import, is only loaded when they differ.
"""

import importlib
import logging
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, MetaData, inspect, select
from sqlalchemy.exc import DBAPIError

from polycast.core.errors import Storage
from polycast.core.storage.adapter import Adapter
from polycast.core.storage.opening import StorageSettings, adapter_for
from polycast.core.storage.tables import meta_table

if TYPE_CHECKING:
    from types import ModuleType

CORE_FOLDER = Path(__file__).parent / "migrations"
FILE_NAME = re.compile(r"([a-z]+)_(\d{4})_[a-z0-9_]+")
UPGRADER = "polycast.core.storage.upgrading"
APPLIED = "revisions"  # the key in core_meta: JSON list of all revision ids that were applied

log = logging.getLogger("polycast.core.storage")


class Branch(Struct, frozen=True):
    """One module's line of revisions: files `<name>_<NNNN>_<what>.py`, each named as its `revision`, in one chain."""

    name: str
    folder: Path

    def revisions(self) -> list[str]:
        """The revision ids, oldest first, by the names of the files. Raises: ValueError for a name out of order."""
        found = sorted(path.stem for path in self.folder.glob("*.py") if path.stem != "__init__")
        for name in found:
            match = FILE_NAME.fullmatch(name)
            if match is None or match[1] != self.name:
                raise ValueError(f"{name}.py in {self.folder} is no revision of the branch {self.name}")
        return found


CORE = Branch("core", CORE_FOLDER)


class Migrated(Struct, frozen=True, kw_only=True):
    """What `migrate` did."""

    applied: Sequence[str]  # revision ids, in order; empty when nothing was due
    was_new: bool  # the database was empty before


def migrate(
    settings: StorageSettings, branches: Sequence[Branch], *, backup: Callable[[], object] | None = None
) -> Migrated:
    """Apply what is due, one transaction a revision; `branches` are the modules', core's comes by itself.

    `backup` is called before the first change of a database that holds something. Blocking; nothing stays open.

    Raises: Storage with reason `newer_schema`, when the database is from a newer version; whatever `backup` raises, with
    nothing changed.
    """
    adapter = adapter_for(settings)
    adapter.prepare()
    try:
        engine = adapter.migrator()
        try:
            with engine.connect() as connection, adapter.sole(connection):
                return _migrate(connection, adapter, with_core(branches), backup)
        except DBAPIError as error:
            raise adapter.refusal(error) or error from error
        finally:
            engine.dispose()
    finally:
        adapter.close()


def with_core(branches: Sequence[Branch]) -> list[Branch]:
    """`branches` behind core's own, which they may depend on."""
    return [CORE, *(branch for branch in branches if branch.name != CORE.name)]


def _migrate(
    connection: Connection, adapter: Adapter, branches: Sequence[Branch], backup: Callable[[], object] | None
) -> Migrated:
    known = {name for branch in branches for name in branch.revisions()}
    with connection.begin():
        applied = applied_revisions(connection)
    refuse_newer(applied, known)
    was_new = not applied
    if known == set(applied):
        return Migrated(applied=(), was_new=False)
    if backup is not None and not was_new:
        log.info("the schema is about to change; making a backup first")
        backup()
    done = upgrade(connection, adapter, branches, applied)
    log.info("the schema is up to date: %d changes applied", len(done))
    return Migrated(applied=done, was_new=was_new)


def upgrade(
    connection: Connection,
    adapter: Adapter,
    branches: Sequence[Branch],
    applied: Sequence[str],
    only: Collection[str] | None = None,
) -> Sequence[str]:
    """`upgrading.upgrade`. Not an import at the top: that would load Alembic at every start."""
    upgrading: ModuleType = importlib.import_module(UPGRADER)
    return cast("Sequence[str]", upgrading.upgrade(connection, adapter, branches, applied, only))


def applied_revisions(connection: Connection) -> list[str]:
    """The revision ids that this database has, in order of application; empty for a new one."""
    meta = meta_table(MetaData())
    if not inspect(connection).has_table(meta.name):
        return []
    value = connection.execute(select(meta.c.value).where(meta.c.key == APPLIED)).scalar()
    return [] if value is None else msgspec.json.decode(value, type=list[str])


def refuse_newer(applied: Sequence[str], known: set[str]) -> None:
    """Raises: Storage, when the database has revisions that this version does not know."""
    unknown = [name for name in applied if name not in known]
    if unknown:
        raise Storage(
            f"The database was changed by a newer version of Polycast ({', '.join(unknown[:3])}). "
            "Start that version again, or restore a backup made with this one.",
            reason="newer_schema",
        )
