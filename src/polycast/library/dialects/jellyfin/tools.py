"""What programs beside the apps call: Seerr's keys, and the word of Sonarr and Radarr that a file has come."""

from typing import Any, Final

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.core.identity.keys.model import ApiKey, ApiKeyNew
from polycast.core.secrets.tokens import TokenForm
from polycast.library.catalogue.model import ScanMode
from polycast.library.dialects.jellyfin.asked import Asked, asked_of
from polycast.library.dialects.jellyfin.names import moment
from polycast.library.dialects.jellyfin.rooms import Face, nothing, page, part

MADE_BY: Final = "library.jellyfin"
MOST: Final = 500


class ToolRoutes:
    """Keys, scans, devices."""

    def __init__(self, face: Face) -> None:
        self._face = face

    async def keys(self, request: Request, caller: Caller) -> Response:
        """Keys that were made here, the newest last: Seerr takes the last one of its name."""
        found = []
        for key in sorted(await self._mine(caller), key=lambda one: one.id):
            text = await self._face.identity.keys.show(caller, key.id)
            found.append(
                {
                    "Id": key.id,
                    "AccessToken": text,
                    "AppName": key.name,
                    "DateCreated": moment(key.created_at),
                    "IsActive": True,
                }
            )
        return page(found)

    async def new_key(self, request: Request, caller: Caller) -> Response:
        """Make a key in one's own name, to be shown again by `keys`. Raises: Invalid, Conflict."""
        asked = await asked_of(request)
        name = asked.text("app").strip()[:100]
        if not name:
            raise Invalid([Problem(path="app", code="required")])
        new = ApiKeyNew(name=name, made_by=MADE_BY, form=TokenForm.HEX, is_shown_again=True)
        await self._face.identity.keys.create(caller, new)
        return nothing()

    async def drop_key(self, request: Request, caller: Caller) -> Response:
        """Raises: NotFound."""
        wanted = part(request, "key")
        for key in await self._mine(caller):
            if await self._face.identity.keys.show(caller, key.id) == wanted:
                await self._face.identity.keys.revoke(caller, key.id)
                return nothing()
        raise NotFound("The key")

    async def refresh(self, request: Request, caller: Caller) -> Response:
        """Look through all libraries."""
        await self._face.scans.start_all(caller, ScanMode.QUICK)
        return nothing()

    async def updated(self, request: Request, caller: Caller) -> Response:
        """Files have come, changed or gone: look just there. Raises: Invalid."""
        asked = await asked_of(request)
        await self._face.scans.arrived(_paths(asked), priority=10)
        return nothing()

    async def devices(self, request: Request, caller: Caller) -> Response:
        """Everything that is signed in."""
        face = self._face
        found = []
        for device in await face.db.read(face.devices.of_user, None):
            user = await face.db.read(face.identity.users.find_in, device.user_id)
            found.append(
                {
                    "Name": device.device,
                    "Id": device.device_id,
                    "LastUserName": user.username if user else "",
                    "AppName": device.client,
                    "AppVersion": device.version,
                    "DateLastActivity": moment(device.seen_at),
                }
            )
        return page(found)

    async def drop_device(self, request: Request, caller: Caller) -> Response:
        """Sign a device out, of whomever. Raises: NotFound."""
        face, asked = self._face, await asked_of(request)
        wanted = asked.text("id")
        found = [one for one in await face.db.read(face.devices.of_user, None) if wanted and one.device_id == wanted]
        if not found:
            raise NotFound("The device")
        for device in found:
            await face.identity.sessions.end(caller, device.credential_id, reason="revoked")
        return nothing()

    async def _mine(self, caller: Caller) -> list[ApiKey]:
        return [one for one in await self._face.identity.keys.list(caller) if one.made_by == MADE_BY and one.can_show]


def _paths(asked: Asked) -> list[str]:
    """`{"Updates": [{"Path": ...}]}`. Raises: Invalid."""
    given: Any = asked.body.get("updates")
    if not isinstance(given, list) or not given:
        raise Invalid([Problem(path="Updates", code="required")])
    told = [one.get("Path") or one.get("path") for one in given[:MOST] if isinstance(one, dict)]
    return [one for one in told if isinstance(one, str) and one.startswith("/") and "\0" not in one]
