"""Runs revisions with Alembic. Loaded by `migrating` only when one is due."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import msgspec
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationInfo, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert

from polycast.core.errors import Storage
from polycast.core.storage.adapter import Adapter
from polycast.core.storage.migrating import APPLIED, CORE_FOLDER, Branch
from polycast.core.storage.tables import VERSIONS, meta_table


def upgrade(
    connection: Connection,
    adapter: Adapter,
    branches: Sequence[Branch],
    applied: Sequence[str],
    only: Collection[str] | None = None,
) -> list[str]:
    """Apply what `applied` lacks, branch after branch, each revision in a transaction of its own; the ids in order.

    In a transaction that is open already, everything happens in that one. With `only`, no other revisions are applied.

    Raises: Storage, when a revision would leave rows that refer to nothing; whatever a revision raises. Revisions
    before the failing one stay applied.
    """
    script = ScriptDirectory(str(CORE_FOLDER), version_locations=[str(branch.folder) for branch in branches])
    journal = _Journal(adapter, applied)
    _make_version_table(connection)
    for branch in branches:
        if names := [name for name in branch.revisions() if only is None or name in only]:
            _upgrade_to(connection, script, names[-1], journal)
    return journal.done


class _Journal:
    """Keeps the list of revisions that the quick look reads, in each revision's own transaction."""

    def __init__(self, adapter: Adapter, applied: Sequence[str]) -> None:
        self._adapter = adapter
        self._meta = meta_table(MetaData())
        self._applied = list(applied)
        self.done: list[str] = []

    def remember(
        self, ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
    ) -> None:
        """The last thing in a revision's transaction: check its outcome, and write it down."""
        if ctx.connection is None or step.up_revision_id is None:
            raise Storage("A change of the schema ran without a connection.", reason="broken")
        self._adapter.check(ctx.connection)
        now = msgspec.json.encode([*self._applied, step.up_revision_id]).decode()
        ctx.connection.execute(delete(self._meta).where(self._meta.c.key == APPLIED))
        ctx.connection.execute(insert(self._meta).values(key=APPLIED, value=now))
        self._applied.append(step.up_revision_id)
        self.done.append(step.up_revision_id)


def _upgrade_to(connection: Connection, script: ScriptDirectory, target: str, journal: _Journal) -> None:
    def steps(revision: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        return script._upgrade_revs(target, revision)  # type: ignore[arg-type] # what Alembic's own `upgrade` command does

    is_guest = connection.in_transaction()
    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            version_table=VERSIONS,
            transaction_per_migration=True,
            transactional_ddl=True,  # Alembic thinks SQLite cannot; with a BEGIN of our own it can
            on_version_apply=journal.remember,
        )
        environment.run_migrations()
    if not is_guest:
        # Its look at the present heads leaves a transaction open, which the next run would take for a host's.
        connection.rollback()


def _make_version_table(connection: Connection) -> None:
    """Alembic would make it with 32 characters, which PostgreSQL holds it to; our names are longer."""
    table = Table(VERSIONS, MetaData(), Column("version_num", String(255), primary_key=True))
    with nullcontext() if connection.in_transaction() else connection.begin():
        table.create(connection, checkfirst=True)
