"""Users and everything that proves who somebody is."""

import sqlalchemy as sa
from alembic import op

from polycast.core.storage.types import Key

revision = "core_0002_identity"
down_revision = "core_0001_base"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _users()
    _sessions()
    _api_keys()
    _device_passwords()
    op.create_table(
        "core_throttle",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.PrimaryKeyConstraint("key", name="pk_core_throttle"),
    )
    op.create_index("ix_core_throttle_since", "core_throttle", ["since"])
    _audit()


def _users() -> None:
    op.create_table(
        "core_users",
        sa.Column("id", Key, primary_key=True),
        sa.Column("nanoid", sa.Text, nullable=False),
        sa.Column("uuid", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("username_key", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.BigInteger),
        sa.Column("is_active", sa.SmallInteger, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("password_changed_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("last_sign_in_at", sa.BigInteger),
        sa.UniqueConstraint("nanoid", name="uq_core_users_nanoid"),
        sa.UniqueConstraint("uuid", name="uq_core_users_uuid"),
        sa.UniqueConstraint("username_key", name="uq_core_users_username_key"),
        sa.UniqueConstraint("email", name="uq_core_users_email"),
    )
    op.create_index("ix_core_users_role", "core_users", ["role"])
    op.create_index("ix_core_users_tenant_id", "core_users", ["tenant_id", "id"])


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["core_users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE")


def _sessions() -> None:
    op.create_table(
        "core_sessions",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text),
        sa.Column("profile_id", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("fresh_at", sa.BigInteger),
        sa.UniqueConstraint("token_hash", name="uq_core_sessions_token_hash"),
        _owner("core_sessions"),
    )
    op.create_index("ix_core_sessions_user_id", "core_sessions", ["user_id"])
    op.create_index("ix_core_sessions_ends_at", "core_sessions", ["ends_at"])


def _api_keys() -> None:
    op.create_table(
        "core_api_keys",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("role", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("scopes", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("ends_at", sa.BigInteger),
        sa.UniqueConstraint("key_hash", name="uq_core_api_keys_key_hash"),
        _owner("core_api_keys"),
    )
    op.create_index("ix_core_api_keys_user_id", "core_api_keys", ["user_id"])


def _device_passwords() -> None:
    op.create_table(
        "core_device_passwords",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary),
        sa.Column("password_hash", sa.Text),
        sa.Column("scopes", sa.Text),
        sa.Column("networks", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("ends_at", sa.BigInteger),
        sa.UniqueConstraint("user_id", "name", name="uq_core_device_passwords_user_id_name"),
        _owner("core_device_passwords"),
    )


def _audit() -> None:
    op.create_table(
        "core_audit",
        sa.Column("id", Key, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("details", sa.Text),
    )
    op.create_index("ix_core_audit_at", "core_audit", ["at"])
    op.create_index("ix_core_audit_user_id", "core_audit", ["user_id", "id"])
    op.create_index("ix_core_audit_action", "core_audit", ["action", "id"])
