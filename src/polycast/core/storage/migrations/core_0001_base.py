"""What the database knows about itself."""

import sqlalchemy as sa
from alembic import op

revision = "core_0001_base"
down_revision = None
branch_labels = ("core",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_core_meta"),
    )
