"""Notifications in the app, and who has put them away."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage.types import Key

revision = "core_0007_notify"
down_revision = "core_0006_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_notifications",
        sa.Column("id", Key, primary_key=True),
        sa.Column("key", sa.Text),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("scope", sa.Text),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("tenant_id", sa.BigInteger),
        sa.UniqueConstraint("key", name="uq_core_notifications_key"),
    )
    op.create_index("ix_core_notifications_at", "core_notifications", ["at"])
    op.create_table(
        "core_dismissals",
        sa.Column("notification_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("notification_id", "user_id", name="pk_core_dismissals"),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["core_notifications.id"],
            name="fk_core_dismissals_notification_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_users.id"], name="fk_core_dismissals_user_id", ondelete="CASCADE"),
    )
