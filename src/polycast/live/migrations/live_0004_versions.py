"""What the line-up's lists are made of is counted with each write, by the database itself, so that no writer forgets.

On PostgreSQL each connection counts in a row of its own: in one row, writers at the same time would refuse each other.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "live_0004_versions"
down_revision = "live_0003_first_rows"
branch_labels = None
depends_on = None

WHOLE: Final = ("live_channels", "live_channel_overrides", "live_channel_streams", "live_channel_profile_members")
# Of these only what a channel shows: an import writes other columns of every stream.
PARTS: Final = (("live_streams", ("name", "account_id")), ("live_accounts", ("name",)))
COUNTED: Final = "INSERT INTO live_lineup_versions (writer, version) VALUES ({writer}, 1) ON CONFLICT (writer) DO UPDATE SET version = live_lineup_versions.version + 1"


def upgrade() -> None:
    op.create_table(
        "live_lineup_versions",
        sa.Column("writer", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    count = f"BEGIN {COUNTED.format(writer=0)}; END"
    for table in WHOLE:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_{verb.lower()}_counted AFTER {verb} ON {table} {count}")
    for table, columns in PARTS:
        changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)
        named = f"AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {changed}"
        op.execute(f"CREATE TRIGGER {table}_update_counted {named} {count}")


def _postgresql() -> None:
    count = COUNTED.format(writer="pg_backend_pid()")
    body = f"BEGIN {count}; RETURN NULL; END"
    op.execute(f"CREATE FUNCTION live_count_lineup() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    done = "EXECUTE FUNCTION live_count_lineup()"
    for table in WHOLE:
        events = "AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
        op.execute(f"CREATE TRIGGER {table}_counted {events} ON {table} FOR EACH STATEMENT {done}")
    for table, columns in PARTS:
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)
        named = f"AFTER UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW WHEN ({changed})"
        op.execute(f"CREATE TRIGGER {table}_update_counted {named} {done}")
