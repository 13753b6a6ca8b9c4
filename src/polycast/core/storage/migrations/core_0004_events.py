"""The outbox, the cursors of its listeners, and the leases."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage.types import Key

revision = "core_0004_events"
down_revision = "core_0003_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_events",
        sa.Column("id", Key, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("scope", sa.Text),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("tenant_id", sa.BigInteger),
    )
    op.create_index("ix_core_events_name_id", "core_events", ["name", "id"])
    op.create_index("ix_core_events_at", "core_events", ["at"])
    op.create_table(
        "core_cursors",
        sa.Column("listener", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("parked_at", sa.BigInteger),
    )
    op.create_table(
        "core_leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("life", sa.Text, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
    )
