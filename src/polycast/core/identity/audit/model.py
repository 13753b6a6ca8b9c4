"""What the audit log holds."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct


class AuditEntry(Struct, frozen=True, kw_only=True):
    """Who did what, from where, and how it ended. Written once, never changed."""

    id: int
    at: datetime
    user_id: int | None = None
    username: str = ""
    address: str = ""
    action: str  # "sign_in", "user.create", "api_key.revoke", "denied" ...
    target: str = ""  # "user:7", "api_key:12"
    result: str = "ok"  # or the code of the refusal
    request_id: str = ""
    details: Mapping[str, str] | None = None
