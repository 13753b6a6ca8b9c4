"""What download clients ask every second or two is answered from an index alone."""

from alembic import op

revision = "acquire_0004_board"
down_revision = "acquire_0003_folders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_acquire_entries_board", "acquire_entries", ["in_client", "protocol", "updated_at", "id"])
