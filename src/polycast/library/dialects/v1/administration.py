"""Dashboard, users, audit log, flags, jobs, runs, invitations. Source: specs/library.md 3.16."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta

from polycast.core.errors import NotAllowed, NotFound
from polycast.core.http import Answer, Response, Route, delete, get, patch, post
from polycast.core.identity.audit.model import AuditEntry
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Role
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User, UserPatch
from polycast.core.jobs import JobState, Queue
from polycast.library.administration.dashboard import Dashboards, Top
from polycast.library.administration.flags import Flags
from polycast.library.administration.members import Members
from polycast.library.administration.trail import AuditTrail, Trail, Wanted
from polycast.library.dialects.v1.administration_wire import (
    AuditAsked,
    AuditOut,
    DashboardOut,
    FlagIn,
    FlagOut,
    InviteIn,
    InviteOut,
    JobOut,
    JobsAsked,
    ProgressOut,
    ScanOut,
    TitleTop,
    UserChange,
    UserOut,
    UserTop,
    WorkflowOut,
    WorkflowPage,
    WorkflowsAsked,
)
from polycast.library.dialects.v1.playback import active
from polycast.library.dialects.v1.policies import ADMIN, PEOPLE, USER
from polycast.library.dialects.v1.titles_wire import card
from polycast.library.dialects.v1.wire import Cursors, Paged, PageOf, iso, iso_or_none
from polycast.library.people.invites import Invite, Invites
from polycast.library.playback.service import Sessions
from polycast.library.workflows.service import Seen, Workflows

CSV_LINES = 10_000
FORMULA = ("=", "+", "-", "@", "\t")
Days = Annotated[int, Meta(ge=1, le=365)]
ROLES = {"admin": Role.ADMIN, "member": Role.MEMBER, "guest": Role.GUEST}
ACTIONS = {
    "sign_in": "login", "sign_out": "login", "session": "login", "user.create": "user_create",
    "user.delete": "user_delete", "backup": "data_export", "denied": "data_access", "settings": "config",
    "library.delete": "data_delete",
}  # fmt: skip
SHOWN_ROLES = {Role.OPERATOR: "admin"}


@get("/v1/admin/dashboard", policy=ADMIN)
async def dashboard(
    caller: Caller,
    sessions: Sessions,
    identity: Identity, dashboards: Dashboards, historyDays: Days = 30, topDays: Days = 7  # noqa: N803 - as clients spell it
) -> DashboardOut:  # fmt: skip
    """Everything at a glance."""
    found = await dashboards.look(caller, history_days=historyDays, top_days=topDays)
    playing = await active.handler(caller, sessions, identity)
    rates = [one.bandwidth or one.bitrate or 0 for one in playing.items]
    machine = found.machine
    alerts = [
        {"level": "warning", "code": "disk_low", "message": f"Little room is left on {path}"}
        for path, free, _ in machine.disks
        if free < 10 * 1024**3
    ]
    return DashboardOut(
        now_playing=playing.items,
        system={
            "uptime": machine.uptime_s, "cpuPercent": machine.cpu_percent, "cpuCores": machine.cores,
            "memory": {"used": machine.memory_used, "total": machine.memory_total},
            "disk": [{"path": path, "free": free, "total": total} for path, free, total in machine.disks],
        },
        bandwidth={"currentBps": sum(rates), "activeStreams": len(rates), "history": []},
        play_history=[{"date": name, "movies": films, "shows": shows} for name, films, shows in found.days],
        top_users=[
            UserTop(user={"id": one.nanoid, "name": one.name}, movies=one.movies, episodes=one.plays - one.movies,
                    plays=one.plays, seconds=one.seconds)
            for one in found.users
        ],
        most_played={"movies": _tops(found.movies), "shows": _tops(found.shows)},
        counts={"movies": found.counts.get("movie", 0), "shows": found.counts.get("show", 0),
                "episodes": found.counts.get("episode", 0)},
        scans=[_scan(library, seen) for library, seen in found.scans],
        queue={"healthy": found.failed == 0, "pending": found.waiting, "running": found.running, "failed": found.failed},
        alerts=alerts,
    )  # fmt: skip


@get("/v1/admin/users", policy=PEOPLE, query=Paged)
async def users(caller: Caller, members: Members, cursors: Cursors, query: Paged) -> PageOf[UserOut]:
    """Everybody with an account."""
    start = cursors.read(query.cursor, int, "users") or 0
    rows = await members.page(caller, offset=start, limit=query.limit + 1)
    shown = [_user(one.user, one.libraries, one.profiles, one.sessions, one.seconds) for one in rows]
    return cursors.page(shown, limit=query.limit, place=lambda index: start + index + 1, filters="users")


@patch("/v1/admin/users/{user_id}", policy=PEOPLE, sent=UserChange)
async def change_user(caller: Caller, identity: Identity, members: Members, user_id: str, sent: UserChange) -> UserOut:
    """Change somebody's role, libraries, or whether they may come in."""
    user = await _found(identity, user_id)
    if user.role is Role.OWNER and (sent.role is not UNSET or sent.is_active is False):
        raise NotAllowed("owner", "The owner stays the owner")
    patch_ = UserPatch(
        role=ROLES[sent.role] if sent.role is not UNSET else UNSET,
        is_active=sent.is_active if sent.is_active is not UNSET else UNSET,
    )
    await identity.users.update(caller, user.id, patch_)
    if sent.library_ids is not UNSET:
        await members.set_libraries(caller, user.id, sent.library_ids)
    one = await members.one(caller, user.id)
    return _user(one.user, one.libraries, one.profiles, one.sessions, one.seconds)


@delete("/v1/admin/users/{user_id}", policy=PEOPLE, status=204)
async def remove_user(caller: Caller, identity: Identity, user_id: str) -> None:
    """Remove somebody and all that is theirs."""
    user = await _found(identity, user_id)
    if user.role is Role.OWNER:
        raise NotAllowed("owner", "The owner cannot be removed")
    await identity.users.delete(caller, user.id)


@get("/v1/audit-logs", policy=PEOPLE, query=AuditAsked)
async def audit(
    caller: Caller, identity: Identity, members: Members, audit_trail: AuditTrail, cursors: Cursors, query: AuditAsked
) -> dict[str, Any]:
    """What was done, by whom, from where. `from` and `to` are times, both included."""
    bound = ("audit", query.action, query.user_id, query.search, str(query.from_), str(query.to))
    found = await _trail(caller, identity, audit_trail, query, before=cursors.read(query.cursor, int, bound))
    names = await members.nanoids([one.user_id for one in found.entries if one.user_id is not None])
    more = None if found.next_before is None else cursors.write(found.next_before, bound)
    items = [_audit(one, names) for one in found.entries]
    return {"items": items, "counts": found.counts, "nextCursor": more, "hasMore": more is not None}


@get("/v1/audit-logs/export.csv", policy=PEOPLE, query=AuditAsked)
async def audit_csv(caller: Caller, identity: Identity, audit_trail: AuditTrail, query: AuditAsked) -> Response:
    """The same as a table, ten thousand entries at most."""
    lines, before = [("time", "action", "event", "target", "result", "user", "address")], None
    while len(lines) <= CSV_LINES:
        found = await _trail(caller, identity, audit_trail, query, before=before, limit=500)
        lines += [
            (iso(one.at), category(one.action), one.action, one.target, one.result, one.username, one.address)
            for one in found.entries
        ]
        before = found.next_before
        if before is None:
            break
    headers = {"content-disposition": 'attachment; filename="audit.csv"', "cache-control": "no-store"}
    return Response(csv_text(lines).encode(), media_type="text/csv; charset=utf-8", headers=headers)


async def _trail(
    caller: Caller, identity: Identity, trail: AuditTrail, query: AuditAsked, *, before: int | None, limit: int = 0
) -> Trail:
    user = await _found(identity, query.user_id) if query.user_id else None
    wanted = Wanted(
        category=query.action, user_id=user.id if user else None, since=_aware(query.from_), until=_aware(query.to),
        search=query.search,
    )  # fmt: skip
    return await trail.page(caller, wanted, before=before, limit=limit or query.limit)


def _aware(at: datetime | None) -> datetime | None:
    """A time without a zone is UTC."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def csv_text(lines: Sequence[Sequence[str]]) -> str:
    """RFC 4180; a field that a spreadsheet would take for a formula gets a `'` before it."""
    told = io.StringIO()
    safe = [[f"'{word}" if word[:1] in FORMULA else word for word in line] for line in lines]
    csv.writer(told).writerows(safe)
    return told.getvalue()


@get("/v1/feature-flags", policy=USER)
async def flags_(caller: Caller, flags: Flags) -> PageOf[FlagOut]:
    """What is switched on."""
    is_manager = ADMIN.scope is not None and caller.has(ADMIN.scope)
    return PageOf(
        items=[
            FlagOut(key=key, description=text, enabled=enabled, overrides=[] if is_manager else UNSET)
            for key, text, enabled in await flags.all()
        ]
    )


@patch("/v1/feature-flags/{key}", policy=ADMIN, sent=FlagIn)
async def set_flag(caller: Caller, flags: Flags, key: str, sent: FlagIn) -> FlagOut:
    """Switch something on or off for everybody."""
    name, text, enabled = await flags.set(caller, key, sent.enabled)
    return FlagOut(key=name, description=text, enabled=enabled, overrides=[])


@get("/v1/jobs", policy=ADMIN, query=JobsAsked)
async def jobs(work_queue: Queue, cursors: Cursors, query: JobsAsked) -> PageOf[JobOut]:
    """Steps of work, the youngest first."""
    bound = ("jobs", query.status, query.queue)
    before = cursors.read(query.cursor, int, bound)
    states = {"pending": JobState.WAITING, "completed": JobState.DONE}
    state = None if query.status is None else [states.get(query.status, query.status)]
    rows = await work_queue.list(states=state, limit=query.limit + 1, before=before)
    words = {JobState.WAITING: "pending", JobState.DONE: "completed"}
    shown = [
        JobOut(
            id=str(row.id), name=row.name, queue=row.lane.value, status=words.get(row.state, row.state.value),
            attempt=row.attempt, max_attempts=row.attempts, run_at=iso(row.due_at), created_at=iso(row.created_at),
            error=row.error or None,
        )
        for row in rows
    ]  # fmt: skip
    return cursors.page(shown, limit=query.limit, place=lambda index: rows[index].id, filters=bound)


@get("/v1/workflows", policy=ADMIN, query=WorkflowsAsked)
async def workflows_(caller: Caller, workflows: Workflows, cursors: Cursors, query: WorkflowsAsked) -> WorkflowPage:
    """Runs of long work, the youngest first."""
    bound = ("workflows", query.status, query.type)
    before = cursors.read(query.cursor, int, bound)
    rows = await workflows.page(caller, status=query.status, kind=query.type, before=before, limit=query.limit + 1)
    shown = [workflow_out(one) for one in rows]
    page = cursors.page(shown, limit=query.limit, place=lambda index: rows[index].workflow.id, filters=bound)
    return WorkflowPage(
        items=page.items, counts=await workflows.counts(), next_cursor=page.next_cursor, has_more=page.has_more
    )


@get("/v1/workflows/{workflow_id}", policy=ADMIN)
async def workflow(caller: Caller, workflows: Workflows, workflow_id: str) -> WorkflowOut:
    """One run."""
    return workflow_out(await workflows.get(caller, workflow_id))


@post("/v1/workflows/{workflow_id}/cancel", policy=ADMIN, status=202)
async def cancel(caller: Caller, workflows: Workflows, workflow_id: str) -> Answer[dict[str, bool]]:
    """Stop a run."""
    await workflows.cancel(caller, workflow_id)
    return Answer({"cancelled": True})


@post("/v1/workflows/{workflow_id}/retry", policy=ADMIN, status=202)
async def retry(caller: Caller, workflows: Workflows, workflow_id: str) -> Answer[dict[str, str]]:
    """Run a failed one again."""
    await workflows.retry(caller, workflow_id)
    return Answer({"workflowId": workflow_id})


@get("/v1/invites", policy=PEOPLE)
async def invites_(caller: Caller, invites: Invites) -> PageOf[InviteOut]:
    """All invitations."""
    return PageOf(items=[_invite(one) for one in await invites.all(caller)])


@post("/v1/invites", policy=PEOPLE, sent=InviteIn, status=201)
async def invite(caller: Caller, invites: Invites, sent: InviteIn) -> InviteOut:
    """Invite somebody."""
    made = await invites.create(caller, role=sent.role, libraries=sent.library_ids, expires_at=sent.expires_at)
    return _invite(made)


@delete("/v1/invites/{invite_id}", policy=PEOPLE, status=204)
async def uninvite(caller: Caller, invites: Invites, invite_id: str) -> None:
    """Take an invitation back."""
    await invites.revoke(caller, invite_id)


def category(action: str) -> str:
    """The original's kinds of entries."""
    for begin, word in ACTIONS.items():
        if action == begin or action.startswith(f"{begin}."):
            return word
    return "config"


def workflow_out(seen: Seen) -> WorkflowOut:
    one, progress = seen.workflow, seen.progress
    percent = round(100 * progress.current / progress.total, 1) if progress.total else None
    took = one.finished_at - one.started_at if one.finished_at and one.started_at else None
    return WorkflowOut(
        id=one.nanoid, type=one.type, title=one.title, status=seen.status.value,
        progress=ProgressOut(phase=progress.phase, current=progress.current, total=progress.total, percent=percent,
                             eta_seconds=None),
        input=one.input, result=one.result, error=one.error or None, attempts=seen.attempts, children=seen.children,
        created_at=iso(one.created_at), started_at=iso_or_none(one.started_at), finished_at=iso_or_none(one.finished_at),
        duration_ms=round(took.total_seconds() * 1000) if took else None,
    )  # fmt: skip


def _scan(library: str, seen: Seen) -> ScanOut:
    progress = seen.progress
    return ScanOut(library_id=library, workflow_id=seen.workflow.nanoid, phase=progress.phase or "discover",
                   current=progress.current, total=progress.total, eta_seconds=None, errors=0)  # fmt: skip


def _tops(found: list[Top]) -> list[TitleTop]:
    return [TitleTop(media=card(one.title), plays=one.plays, viewers=one.viewers) for one in found if one.title]


def _user(user: User, libraries: list[str], profiles: int, sessions: int, seconds: int) -> UserOut:
    return UserOut(
        id=user.nanoid, name=user.name or user.username, email=user.shown_email,
        role=SHOWN_ROLES.get(user.role, user.role.value), is_active=user.is_active, image=None,
        last_login_at=iso_or_none(user.last_sign_in_at), created_at=iso(user.created_at), library_ids=libraries,
        profile_count=profiles, session_count=sessions, watch_seconds30d=seconds,
    )  # fmt: skip


def _audit(one: AuditEntry, names: dict[int, str]) -> AuditOut:
    who = {"id": names.get(one.user_id), "name": one.username} if one.user_id is not None else None
    return AuditOut(
        id=str(one.id), created_at=iso(one.at), action=category(one.action), target=one.target or one.action,
        result=one.result, user=who, ip_address=one.address, details={"event": one.action, **(one.details or {})},
    )  # fmt: skip


def _invite(one: Invite) -> InviteOut:
    return InviteOut(
        id=one.nanoid, code=one.code, url=f"/app/join?code={one.code}", role=one.role, library_ids=one.libraries,
        expires_at=iso_or_none(one.expires_at), used_at=iso_or_none(one.used_at), created_at=iso(one.created_at),
    )  # fmt: skip


async def _found(identity: Identity, nanoid: str) -> User:
    user = await identity.users.by_nanoid(nanoid)
    if user is None:
        raise NotFound("The user")
    return user


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        dashboard, users, change_user, remove_user, audit_csv, audit, flags_, set_flag, jobs, workflows_, workflow, cancel, retry,
        invites_, invite, uninvite,
    ]  # fmt: skip
