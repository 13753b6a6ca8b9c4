"""Archives in the original's form, out and in. Source: specs/monitor.md 3.10, 4.10."""

import tempfile
from pathlib import Path
from typing import Final

from polycast.core.errors import TooLarge
from polycast.core.http import BadBody, Docs, Request, Response, Route, get, parts_of, post
from polycast.core.identity.caller import Caller
from polycast.monitor.backups.model import MOST_BYTES, BadArchive, TooNew
from polycast.monitor.backups.service import Backups, Restored
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import ADMIN, reads, writes

TAGS = Docs(tags=["Backup"])
SENT_IN: Final = "x-backup-passphrase"
ENVELOPE: Final = 64 * 1024  # bytes that multipart adds
SHORTEST: Final = 8


@get("/api/v1/backup/download", policy=reads(ADMIN), docs=TAGS)
async def download(request: Request, caller: Caller, backups: Backups) -> Response:
    """An archive of settings and history; with `X-Backup-Passphrase` its secrets and their wrapped key are in it."""
    passphrase = request.headers.get(SENT_IN, "")
    if passphrase and len(passphrase) < SHORTEST:
        raise Refused("BACKUP_CREATE_FAILED", 422, f"The passphrase needs {SHORTEST} characters at least.")
    async with backups.made(caller, passphrase=passphrase) as (name, place):
        body = place.read_bytes()
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="application/zip", headers=headers)


@post("/api/v1/backup/restore", policy=writes(ADMIN), body_limit=MOST_BYTES + ENVELOPE, docs=TAGS)
async def restore(request: Request, caller: Caller, backups: Backups) -> Restored:
    """Take over an archive (multipart `file`), also one of the original: all of it, or nothing."""
    with tempfile.TemporaryDirectory(prefix="polycast-monitor-") as folder:
        place = Path(folder) / "sent.zip"
        try:
            await _save(request, place)
            return await backups.restore(caller, place, passphrase=request.headers.get(SENT_IN, ""))
        except (BadArchive, TooLarge) as error:
            raise Refused("RESTORE_INVALID_ZIP", 400, str(error)) from error
        except TooNew as error:
            raise Refused("RESTORE_SCHEMA_AHEAD", 409, str(error), remediation="Update Polycast first.") from error


async def _save(request: Request, place: Path) -> None:
    """The field `file`, as it comes. Raises: BadArchive, without one; TooLarge."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise BadArchive("The archive is sent as the field `file` of a multipart form.")
    has_come = False
    try:
        async for part in parts_of(request.receive, kind, MOST_BYTES + ENVELOPE):
            if part.name == "file" and not has_come:
                has_come = True
                with place.open("wb") as file:
                    async for piece in part.chunks:
                        file.write(piece)
    except BadBody as error:
        raise BadArchive("The multipart form is not well formed.") from error
    if not has_come:
        raise BadArchive("The form has no field `file`.")


def routes() -> list[Route]:
    """For the dialect."""
    return [download, restore]
