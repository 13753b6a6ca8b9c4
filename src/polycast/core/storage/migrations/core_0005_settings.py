"""What people changed in the UI's settings."""

import sqlalchemy as sa
from alembic import op

revision = "core_0005_settings"
down_revision = "core_0004_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_settings",
        sa.Column("path", sa.String(200), primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
