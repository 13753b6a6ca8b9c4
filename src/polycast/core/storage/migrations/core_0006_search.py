"""What can be found, the vocabulary, and each engine's own full-text index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from polycast.core.storage.types import Key

revision = "core_0006_search"
down_revision = "core_0005_settings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Ranges of code points ask for the same order on both engines.
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "core_search",
        sa.Column("id", Key, primary_key=True),
        sa.Column("ref", text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("subtitle", sa.Text, nullable=False),
        sa.Column("image", sa.Text, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("title_key", text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("scope", sa.Text),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("tenant_id", sa.BigInteger),
        sa.UniqueConstraint("ref", name="uq_core_search_ref"),
    )
    op.create_index("ix_core_search_title_key", "core_search", ["title_key"])
    op.create_table("core_search_words", sa.Column("word", text, primary_key=True), sqlite_with_rowid=False)
    op.create_table(
        "core_search_grams",
        sa.Column("gram", text, primary_key=True),
        sa.Column("length", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("word", text, primary_key=True),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "core_search_texts",
            sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("words", TSVECTOR, nullable=False),
        )
        op.create_index(
            "ix_core_search_texts_words",
            "core_search_texts",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )
    else:
        op.execute(
            "CREATE VIRTUAL TABLE core_search_fts USING fts5("
            "title, rest, content='', contentless_delete=1, prefix='2,3', tokenize='unicode61 remove_diacritics 0')"
        )
