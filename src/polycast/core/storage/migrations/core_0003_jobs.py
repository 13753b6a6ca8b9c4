"""The queue, its workers and its schedules."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage.types import Key

revision = "core_0003_jobs"
down_revision = "core_0002_identity"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
LIVING = sa.text("state IN ('waiting', 'running')")
RUNNING = sa.text("state = 'running'")
ENDED = sa.text("ended_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "core_jobs",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("saved", sa.Text),
        sa.Column("by_user_id", sa.BigInteger),
        sa.Column("worker_id", sa.BigInteger),
        sa.Column("cancel", sa.SmallInteger, nullable=False),
    )
    _index("ix_core_jobs_next", ["lane", sa.text("priority DESC"), "due_at", "id"], WAITING)
    _index("uq_core_jobs_key", ["key"], LIVING, unique=True)
    _index("ix_core_jobs_worker_id", ["worker_id"], RUNNING)
    _index("ix_core_jobs_ended_at", ["ended_at"], ENDED)
    op.create_index("ix_core_jobs_state_id", "core_jobs", ["state", "id"])
    op.create_table(
        "core_workers",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "core_schedules",
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("fired_at", sa.BigInteger),
    )


def _index(name: str, columns: list[str | sa.TextClause], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(name, "core_jobs", columns, unique=unique, sqlite_where=where, postgresql_where=where)
