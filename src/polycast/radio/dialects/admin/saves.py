"""Backups: now, by schedule, downloaded, restored. Source: `specs/radio.md` 3.3, 5.5."""

from msgspec import UNSET

from polycast.core.errors import Invalid, NotAllowed, NotSignedIn
from polycast.core.files import FileAnswer
from polycast.core.http import Route, get, post
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.service import Identity
from polycast.radio.accounts.model import Kind
from polycast.radio.accounts.service import Accounts
from polycast.radio.accounts.who import Who, who_of
from polycast.radio.dialects.admin import wire
from polycast.radio.dialects.admin.policies import ENTRY, WRITE
from polycast.radio.dialects.admin.sent import BackupSent
from polycast.radio.dialects.admin.views import Views
from polycast.radio.saves.service import Saves


@post("/api/v1/broadcasters/{pk}/backup/", policy=WRITE, sent=BackupSent)
async def backup(
    caller: Caller, pk: int, sent: BackupSent, saves: Saves, accounts: Accounts, views: Views
) -> wire.Broadcaster:
    """`backup` now, `save` when, or `restore`."""
    who = who_of(caller)
    who.require(Kind.ADMIN, Kind.RESELLER)
    before = await accounts.get(who, Kind.BROADCASTER, pk)
    if sent.action == "backup":
        await saves.ask(who, pk, quick=sent.backup_quick is True)
    elif sent.action == "save":
        when = before.backup.auto_when if sent.when is UNSET or sent.when is None else sent.when
        kind = before.backup.auto_type if sent.type is UNSET or sent.type is None else sent.type
        await saves.schedule(who, pk, when=when, kind=kind, everybody=sent.all is True)
    elif sent.action == "restore":
        await saves.ask_back(who, pk, sent.file)
    else:
        raise Invalid.one("action", "invalid_choice")
    return await views.broadcaster(await accounts.get(who, Kind.BROADCASTER, pk))


@post("/api/v1/broadcasters/{pk}/backup_token/", policy=WRITE)
async def ticket(caller: Caller, pk: int, saves: Saves, accounts: Accounts) -> wire.Token:
    """A token for this one download, good for ten minutes."""
    who = who_of(caller)
    who.require(Kind.ADMIN, Kind.RESELLER)
    await accounts.get(who, Kind.BROADCASTER, pk)
    return wire.Token(token=saves.ticket(pk))


@get("/api/v1/broadcasters/{pk}/download_backup/", policy=ENTRY)
async def download(
    caller: Caller, pk: int, saves: Saves, accounts: Accounts, identity: Identity, t: str = ""
) -> FileAnswer:
    """The archive, in ranges too. `t`: a login token, or one for this download."""
    who = Who(id=None, kind=Kind.ADMIN, caller=SYSTEM)
    if not saves.is_ticket(t, pk):
        try:
            who = who_of(await identity.authenticate_token(t, address=caller.address))
        except NotSignedIn as error:
            raise NotAllowed from error
        who.require(Kind.ADMIN, Kind.RESELLER)
    await accounts.get(who, Kind.BROADCASTER, pk)
    path, name = await saves.file(who, pk)
    return FileAnswer(path, content_type="application/gzip", name=name, attachment=True)


def routes() -> list[Route]:
    return [backup, ticket, download]
