"""Posts of news servers."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "acquire_0002_posts"
down_revision = "acquire_0001_start"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acquire_posts",
        sa.Column("id", Key, primary_key=True),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("acquire_entries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("holes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_acquire_posts_entry_id")),
    )
    op.create_table(
        "acquire_post_files",
        sa.Column("id", Key, primary_key=True),
        sa.Column("entry_id", sa.BigInteger(), sa.ForeignKey("acquire_entries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("part_bytes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("message_ids", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("entry_id", "position", name=op.f("uq_acquire_post_files_entry_id_position")),
    )
