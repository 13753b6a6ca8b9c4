"""`/api/backups/`: archives of everything. Source: `specs/live.md` 3.10."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct, UnsetType

from polycast.core.backups import Backup, Backups
from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, NotSignedIn, Problem
from polycast.core.files import FileAnswer
from polycast.core.http import Docs, Envelope, Request, Route, delete, get, parts_of, post, put
from polycast.core.identity.caller import SYSTEM, Caller, Policy
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import Queue
from polycast.core.jobs.schedule import next_cron
from polycast.core.secrets import BadSignature, Tokens
from polycast.core.settings.book import SettingsService
from polycast.live.dialects.rest.levels import SETTINGS, USERS
from polycast.live.dialects.rest.lists import Lists
from polycast.live.preferences.groups import BackupSettings
from polycast.live.preferences.service import Preferences

ROOT = "/api/backups/"
TAGS = Docs(tags=["backups"])
OURS: Final = "polycast-backup-"
PREFIX: Final = "polycast-live-backup-"
THEIRS: Final = "dispatcharr-backup-"
UPLOAD_BYTES: Final = 64 * 1024**3
STATUS_LIFE: Final = timedelta(days=1)
DOWNLOAD_LIFE: Final = timedelta(minutes=10)
WITH_TOKEN: Final = Policy(anonymous=True)
JOB: Final = "core.create_backup"
STATES: Final = {
    "waiting": "pending",
    "running": "started",
    "done": "completed",
    "failed": "failed",
    "cancelled": "failed",
}


class BackupOut(Struct, frozen=True, kw_only=True):
    """An archive."""

    name: str
    size: int  # bytes
    created: datetime

    @classmethod
    def of(cls, backup: Backup) -> "BackupOut":
        return cls(name=_shown(backup.name), size=backup.size_bytes, created=backup.made_at)


class Begun(Struct, frozen=True, kw_only=True):
    """An archive is being made; the token lets anybody ask how far it is."""

    detail: str
    task_id: str
    task_token: str


class Progress(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far an archive is."""

    state: str  # pending, started, completed, failed
    result: dict[str, Any] | UnsetType = UNSET
    error: str | UnsetType = UNSET


class Uploaded(Struct, frozen=True, kw_only=True):
    """An archive was taken in."""

    detail: str
    filename: str


class Detail(Struct, frozen=True):
    """Something was begun."""

    detail: str


class DownloadToken(Struct, frozen=True):
    """Lets anybody fetch one archive, for ten minutes."""

    token: str


class Schedule(Struct, frozen=True, kw_only=True):
    """When archives are made; absent keeps."""

    enabled: bool | UnsetType = UNSET
    frequency: str | UnsetType = UNSET
    time: str | UnsetType = UNSET
    day_of_week: int | UnsetType = UNSET
    retention_count: int | UnsetType = UNSET
    cron_expression: str | UnsetType = UNSET


def routes() -> list[Route]:
    """Archives and their schedule."""
    return [many, create, status, upload, schedule, set_schedule, download_token, download, remove, restore]


@get(ROOT, policy=SETTINGS, docs=TAGS)
async def many(
    caller: Caller, request: Request, backups: Backups, lists: Lists
) -> list[BackupOut] | Envelope[BackupOut]:
    """All archives, the youngest first."""
    return await lists.bare(request, [BackupOut.of(backup) for backup in await backups.list(caller)])


@post(f"{ROOT}create/", policy=SETTINGS, status=202, docs=TAGS)
async def create(caller: Caller, backups: Backups, tokens: Tokens) -> Begun:
    """Have an archive made."""
    job = str(await backups.enqueue(caller))
    token = tokens.sign(job, purpose="live.backup_status", life=STATUS_LIFE)
    return Begun(detail="Backup started", task_id=job, task_token=token)


@get(f"{ROOT}status/{{task_id}}/", policy=WITH_TOKEN, docs=TAGS)
async def status(caller: Caller, task_id: int, queue: Queue, tokens: Tokens, token: str = "") -> Progress:
    """How far an archive is, with its token or as an administrator."""
    _admit(caller, tokens, token, str(task_id), purpose="live.backup_status")
    job = await queue.get(task_id)
    if job.name != JOB:
        raise NotFound("The task")
    state = STATES[job.state]
    result: Any = {"detail": "Backup created"} if state == "completed" else UNSET
    return Progress(state=state, result=result, error=job.error or "Failed" if state == "failed" else UNSET)


@post(f"{ROOT}upload/", policy=USERS, status=201, body_limit=UPLOAD_BYTES, docs=TAGS)
async def upload(caller: Caller, request: Request, backups: Backups) -> Uploaded:
    """Take in an archive, as a form with the field `file`."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise Invalid.one("file", "required")
    async for part in parts_of(request.receive, kind, UPLOAD_BYTES):
        if part.name == "file" and part.filename is not None:
            added = await backups.add(caller, _inner(part.filename), part.chunks)
            return Uploaded(detail="Backup uploaded successfully", filename=_shown(added.name))
    raise Invalid.one("file", "required")


@get(f"{ROOT}schedule/", policy=SETTINGS, docs=TAGS)
async def schedule(preferences: Preferences) -> BackupSettings:
    """When archives are made."""
    return await preferences.group(BackupSettings)


@put(f"{ROOT}schedule/update/", policy=SETTINGS, sent=Schedule, docs=TAGS)
async def set_schedule(
    caller: Caller, sent: Schedule, preferences: Preferences, settings_service: SettingsService, clock: Clock
) -> BackupSettings:
    """Say when archives are made."""
    values = {name: getattr(sent, name) for name in sent.__struct_fields__}
    given = {name: value for name, value in values.items() if value is not UNSET}
    if cron := given.get("cron_expression"):
        _check_cron(str(cron), clock)
    try:
        await preferences.change(caller, "backup_settings", given)
    except Invalid as error:
        told = [Problem(one.path.removeprefix("value."), one.code, one.params, one.text) for one in error.problems]
        raise Invalid(told) from error
    wanted = await preferences.group(BackupSettings)
    # There is one schedule for archives of everything: the server's own.
    kept = max(wanted.retention_count, 1)
    await settings_service.change(caller, {"backup.cron": _cron(wanted), "backup.keep": kept})
    return wanted


@get(f"{ROOT}{{name}}/download-token/", policy=SETTINGS, docs=TAGS)
async def download_token(caller: Caller, name: str, backups: Backups, tokens: Tokens) -> DownloadToken:
    """A link's token for one archive."""
    await backups.get(caller, _inner(name))
    return DownloadToken(tokens.sign(_inner(name), purpose="live.backup_download", life=DOWNLOAD_LIFE))


@get(f"{ROOT}{{name}}/download/", policy=WITH_TOKEN, docs=TAGS)
async def download(caller: Caller, name: str, backups: Backups, tokens: Tokens, token: str = "") -> FileAnswer:
    """The archive, with its token or as an administrator."""
    whoever = _admit(caller, tokens, token, _inner(name), purpose="live.backup_download")
    path = backups.path(whoever, _inner(name))
    return FileAnswer(path, content_type="application/zip", name=_shown(path.name), attachment=True)


@delete(f"{ROOT}{{name}}/delete/", policy=SETTINGS, status=204, docs=TAGS)
async def remove(caller: Caller, name: str, backups: Backups) -> None:
    """Remove an archive."""
    await backups.delete(caller, _inner(name))


@post(f"{ROOT}{{name}}/restore/", policy=USERS, status=202, docs=TAGS)
async def restore(caller: Caller, name: str, backups: Backups) -> Detail:
    """Make everything what it was in an archive; the server then starts again."""
    await backups.restore(caller, _inner(name))
    return Detail("Restore completed; the server starts again")


def _admit(caller: Caller, tokens: Tokens, token: str, what: str, *, purpose: str) -> Caller:
    """Who acts: the server itself for a good token. Raises: NotSignedIn for a wrong one; NotAllowed without the right."""
    if not token:
        caller.require(Scope.CORE_WRITE)
        return caller
    try:
        signed = tokens.verify(token, purpose=purpose)
    except BadSignature as error:
        raise NotSignedIn("bad_token", "This token is not valid.") from error
    if not tokens.same(signed, what):
        raise NotSignedIn("bad_token", "This token is not valid.")
    return SYSTEM


def _shown(name: str) -> str:
    """Clients of the original look for a name of this API's own."""
    return PREFIX + name.removeprefix(OURS) if name.startswith(OURS) else name


def _inner(name: str) -> str:
    """What an archive is called on disk, by any of the names it may come with."""
    for prefix in (PREFIX, THEIRS):
        if name.startswith(prefix):
            return OURS + name.removeprefix(prefix)
    return name


def _check_cron(cron: str, clock: Clock) -> None:
    try:
        next_cron(cron, after=clock.now(), zone=ZoneInfo("UTC"))
    except Invalid as error:
        raise Invalid.one("cron_expression", "invalid", "Enter five cron fields, like 0 3 * * *.") from error


def _cron(wanted: BackupSettings) -> str:
    """Five fields; "" for never."""
    if not wanted.enabled or wanted.cron_expression:
        return wanted.cron_expression if wanted.enabled else ""
    hour, _, minute = wanted.time.partition(":")
    day = wanted.day_of_week if wanted.frequency == "weekly" else "*"
    return f"{int(minute)} {int(hour)} * * {day}"
