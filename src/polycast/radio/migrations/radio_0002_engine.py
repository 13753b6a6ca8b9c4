"""What the engine keeps of those who listen."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage import Key

revision = "radio_0002_engine"
down_revision = "radio_0001_start"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, number = sa.Text(), sa.BigInteger()
    op.create_table(
        "radio_sessions",
        sa.Column("id", Key, primary_key=True),
        sa.Column("station_id", number, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("channel_id", number, sa.ForeignKey("radio_channels.id", ondelete="SET NULL")),
        *(
            sa.Column(name, text, nullable=False, server_default=sa.text("''"))
            for name in ("address", "country", "agent", "player", "referer")
        ),
        sa.Column("at", number, nullable=False),
        sa.Column("length_ms", number, nullable=False, server_default=sa.text("0")),
        sa.Column("sent_bytes", number, nullable=False, server_default=sa.text("0")),
        sa.Column("ended", text, nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_radio_sessions_station_id", "radio_sessions", ["station_id", "at"])
    op.create_index("ix_radio_sessions_at", "radio_sessions", ["at"])
    op.create_table(
        "radio_minutes",
        sa.Column("station_id", number, sa.ForeignKey("radio_stations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", number, nullable=False),
        sa.Column("listeners", number, nullable=False, server_default=sa.text("0")),
        sa.Column("unique_listeners", number, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("station_id", "at"),
    )
    op.create_index("ix_radio_minutes_at", "radio_minutes", ["at"])
