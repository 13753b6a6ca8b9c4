"""What the administrator's routes send and read."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from polycast.core.identity.scopes import Role
from polycast.library.dialects.v1.titles_shapes import Card
from polycast.library.dialects.v1.wire import Out, Paged, Sent

Days = Annotated[int, Meta(ge=1, le=365)]
ROLES = {"admin": Role.ADMIN, "member": Role.MEMBER, "guest": Role.GUEST}
ACTIONS = {
    "sign_in": "login", "sign_out": "login", "session": "login", "user.create": "user_create",
    "user.delete": "user_delete", "backup": "data_export", "denied": "data_access", "settings": "config",
    "library.delete": "data_delete",
}  # fmt: skip
SHOWN_ROLES = {Role.OPERATOR: "admin"}


class UserTop(Out, frozen=True, kw_only=True):
    """Somebody who watches much."""

    user: dict[str, str]
    movies: int
    episodes: int
    plays: int
    seconds: int


class TitleTop(Out, frozen=True, kw_only=True):
    """Something that is watched much."""

    media: Card
    plays: int
    viewers: int


class ScanOut(Out, frozen=True, kw_only=True):
    """A scan that runs."""

    library_id: str
    workflow_id: str
    phase: str
    current: int
    total: int | None
    eta_seconds: int | None
    errors: int


class DashboardOut(Out, frozen=True, kw_only=True):
    """Everything at a glance."""

    now_playing: list[Any]
    system: dict[str, Any]
    bandwidth: dict[str, Any]
    play_history: list[dict[str, Any]]
    top_users: list[UserTop]
    most_played: dict[str, list[TitleTop]]
    counts: dict[str, int]
    scans: list[ScanOut]
    queue: dict[str, Any]
    alerts: list[dict[str, str]]


class UserOut(Out, frozen=True, kw_only=True):
    """Somebody with an account."""

    id: str
    name: str
    email: str
    role: str
    is_active: bool
    image: str | None
    last_login_at: str | None
    created_at: str
    library_ids: list[str]
    profile_count: int
    session_count: int
    watch_seconds30d: int


class UserChange(Sent, frozen=True, kw_only=True):
    """What to change of somebody."""

    role: Literal["admin", "member", "guest"] | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    library_ids: Annotated[list[str], Meta(max_length=500)] | UnsetType = UNSET


class AuditOut(Out, frozen=True, kw_only=True):
    """Something that was done."""

    id: str
    created_at: str
    action: str
    target: str
    result: str
    user: dict[str, Any] | None
    ip_address: str
    details: dict[str, Any]


class AuditAsked(Paged, frozen=True, kw_only=True):
    """What to look for."""

    action: Annotated[str, Meta(max_length=50)] | None = None
    user_id: Annotated[str, Meta(max_length=64)] | None = None
    from_: datetime | None = field(name="from", default=None)
    to: datetime | None = None
    search: Annotated[str, Meta(max_length=200)] = ""


class FlagOut(Out, frozen=True, kw_only=True):
    """A flag."""

    key: str
    description: str
    enabled: bool
    overrides: list[Any] | UnsetType = UNSET


class FlagIn(Sent, frozen=True, kw_only=True):
    """On or off."""

    enabled: bool


class JobOut(Out, frozen=True, kw_only=True):
    """A step of work."""

    id: str
    name: str
    queue: str
    status: str
    attempt: int
    max_attempts: int
    run_at: str
    created_at: str
    error: str | None


class JobsAsked(Paged, frozen=True, kw_only=True):
    """Which jobs."""

    status: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None
    queue: Annotated[str, Meta(max_length=50)] | None = None


class ProgressOut(Out, frozen=True, kw_only=True):
    """How far it is."""

    phase: str
    current: int
    total: int | None
    percent: float | None
    eta_seconds: int | None


class WorkflowOut(Out, frozen=True, kw_only=True):
    """A run of long work."""

    id: str
    type: str
    title: str
    status: str
    progress: ProgressOut
    input: Any
    result: Any
    error: str | None
    attempts: int
    children: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    duration_ms: int | None


class WorkflowsAsked(Paged, frozen=True, kw_only=True):
    """Which runs."""

    status: Literal["pending", "running", "waiting", "completed", "failed", "cancelled"] | None = None
    type: Annotated[str, Meta(max_length=50)] | None = None


class WorkflowPage(Out, frozen=True, kw_only=True):
    """Runs, and how many there are of each kind."""

    items: list[WorkflowOut]
    counts: dict[str, int]
    next_cursor: str | None
    has_more: bool


class InviteIn(Sent, frozen=True, kw_only=True):
    """An invitation to be made."""

    role: Literal["admin", "member", "guest"] = "member"
    library_ids: Annotated[list[str], Meta(max_length=500)] = []
    expires_at: datetime | None = None


class InviteOut(Out, frozen=True, kw_only=True):
    """An invitation."""

    id: str
    code: str
    url: str
    role: str
    library_ids: list[str]
    expires_at: str | None
    used_at: str | None
    created_at: str
