"""The steps of the first run."""

import sqlalchemy as sa
from alembic import op

revision = "hub_0001_welcome"
down_revision = None
branch_labels = ("hub",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_first_steps",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
    )
