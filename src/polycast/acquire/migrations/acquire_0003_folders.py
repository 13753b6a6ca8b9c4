"""Entries are found by the folder that shows them."""

from alembic import op

revision = "acquire_0003_folders"
down_revision = "acquire_0002_posts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_acquire_entries_folder", "acquire_entries", ["folder"])
