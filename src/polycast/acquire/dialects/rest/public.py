"""Version, configuration, tokens."""

from typing import Any, Final

from msgspec.structs import replace

from polycast.acquire.arrs.model import ArrForm, ArrKind
from polycast.acquire.config.document import MASK
from polycast.acquire.dialects.asked import read
from polycast.acquire.dialects.rest.answers import json
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.acquire.dialects.rest.wire import arr_of
from polycast.core.errors import Invalid, NotAllowed, NotFound
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.keys.model import ApiKey, ApiKeyMade, ApiKeyNew
from polycast.core.secrets import TokenForm
from polycast.core.storage import Unit

KEY_NAME: Final = "acquire"


class Public:
    """What belongs to the program as a whole."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def version(self, request: Request, caller: Caller) -> Response:
        return json({"version": self._rooms.version, "channel": "stable"})

    async def config(self, request: Request, caller: Caller) -> Response:
        reveal = bool((await read(request)).flag("reveal"))
        shown = await self._rooms.configs.document(caller, reveal=reveal)
        arrs = await self._rooms.arrs.shown(caller)
        shown["arrs"] = [arr_of(arr, reveal=reveal) for arr in arrs]
        shown["api_token"] = await self._token(caller) if reveal else MASK
        shown["auth_username"] = caller.username
        return json(shown)

    async def change(self, request: Request, caller: Caller) -> Response:
        sent = (await read(request)).json
        if not isinstance(sent, dict):
            raise Invalid.one("", "not_an_object", "The configuration is a JSON object.")
        changed = await self._rooms.configs.change(caller, sent)
        keys = list(changed.keys)
        if isinstance(sent.get("arrs"), list):
            await self._set_arrs(caller, sent["arrs"])
            keys.append("arrs")
        workers = [key for key in keys if key in ("debrids", "usenet", "mount")]
        shown: dict[str, Any] = {
            "status": "success",
            "restarted": False,
            "changed": keys,
            "restarted_workers": workers,
        }
        if changed.ignored:
            shown["ignored"] = changed.ignored
        return json(shown)

    async def _set_arrs(self, caller: Caller, rows: list[Any]) -> None:
        """The list replaces the one that is there; rows without name, host or token are dropped."""
        kept = set()
        for row in rows:
            if not isinstance(row, dict) or not (row.get("name") and row.get("host") and row.get("token")):
                continue
            kept.add(str(row["name"]))
            await self._rooms.arrs.put(caller, form_of(row), source="config")
        for arr in await self._rooms.arrs.all():
            if arr.name not in kept:
                await self._rooms.arrs.remove(caller, arr.id)

    async def refresh_token(self, request: Request, caller: Caller) -> Response:
        keys = self._rooms.identity.keys
        if caller.user_id is None or caller.credential in (Credential.DEVICE, Credential.SIGNED):
            raise NotAllowed("scope", "Only a user has a token.")
        rows = await keys.list(caller)
        if caller.credential is Credential.API_KEY:
            old = next((row for row in rows if row.id == caller.credential_id), None)
        else:
            old = next((row for row in rows if row.name == KEY_NAME), None)
        made = await self._rooms.db.write(self._replace, caller, caller.user_id, old)
        return json({"api_token": made.key, "token": made.key, "message": "The old token no longer works."})

    def _replace(self, unit: Unit, caller: Caller, user_id: int, old: ApiKey | None) -> ApiKeyMade:
        """The key that made the call, or the caller's own for this API: revoked and made in one commit."""
        keys = self._rooms.identity.keys
        if old is not None:
            keys.revoke_in(unit, caller, old.id)
        name = old.name if old else KEY_NAME
        new = ApiKeyNew(name=name, form=TokenForm.HEX, is_shown_again=True, made_by="acquire")
        return keys.create_in(unit, caller, new, user_id, scopes=old.scopes if old else None)

    async def _token(self, caller: Caller) -> str:
        """The caller's token for this API, made the first time it is asked for."""
        keys = self._rooms.identity.keys
        for row in await keys.list(caller):
            if row.name == KEY_NAME and row.can_show:
                return await keys.show(caller, row.id)
        new = ApiKeyNew(name=KEY_NAME, form=TokenForm.HEX, is_shown_again=True, made_by="acquire")
        return (await keys.create(caller, new)).key

    async def arrs(self, request: Request, caller: Caller) -> Response:
        return json([arr_of(arr) for arr in await self._rooms.arrs.shown(caller)])

    async def refuse_setup(self, request: Request, caller: Caller) -> Response:
        """The original's wizard: ours is the server's own, and it has run when there is an owner."""
        if await self._rooms.identity.users.any():
            raise NotAllowed("switched_off", "This server is set up already.")
        raise NotFound("The set-up page")


def form_of(row: dict[str, Any]) -> ArrForm:
    """A row of the original's `arrs`."""
    uncached = row.get("download_uncached")
    kind = row.get("type")
    form = ArrForm(
        name=str(row["name"]),
        host=str(row["host"]),
        token=str(row["token"]),
        skip_repair=bool(row.get("skip_repair")),
        download_uncached="" if uncached is None else ("yes" if uncached else "no"),
        selected_debrid=str(row.get("selected_debrid") or ""),
    )
    return replace(form, kind=ArrKind(kind)) if kind in set(ArrKind) else form
