"""Signing in, and what clients want to know of a server before and after. Phase L of specs/library.md 4.10."""

from datetime import timedelta
from typing import Any, Final

from polycast.core.errors import NotFound, NotSignedIn
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.identity.sessions.model import SessionKind
from polycast.core.secrets.tokens import TokenForm
from polycast.core.storage import Unit
from polycast.library.dialects.jellyfin.asked import Asked, asked_of
from polycast.library.dialects.jellyfin.gate import client_of
from polycast.library.dialects.jellyfin.names import moment
from polycast.library.dialects.jellyfin.now import sessions_of
from polycast.library.dialects.jellyfin.remote import COMMANDS
from polycast.library.dialects.jellyfin.rooms import PRODUCT, VERSION, Face, answer, nothing, part
from polycast.library.dialects.jellyfin.users_dto import session_dto, user_dto

_ADMIN: Final = Scope.CORE_ADMIN
KIND: Final = SessionKind(name="jellyfin", idle=timedelta(days=60), form=TokenForm.LETTERS)
QUICK: Final = timedelta(minutes=10)
DIGITS: Final = 6
MEDIA: Final = frozenset({"Video", "Audio", "Photo", "Book"})


class SystemRoutes:
    """System, users, sessions, QuickConnect."""

    def __init__(self, face: Face) -> None:
        self._face = face

    async def public_info(self, request: Request, caller: Caller) -> Response:
        """What anybody may know."""
        return answer(self._info(request))

    async def info(self, request: Request, caller: Caller) -> Response:
        """The same and more, for those who are signed in: clients test their token here."""
        more = {
            "OperatingSystemDisplayName": "",
            "HasPendingRestart": False,
            "IsShuttingDown": False,
            "SupportsLibraryMonitor": True,
            "WebSocketPortNumber": 0,
            "CompletedInstallations": [],
            "CanSelfRestart": False,
            "CanLaunchWebBrowser": False,
            "HasUpdateAvailable": False,
            "EncoderLocation": "Custom",
            "SystemArchitecture": "X64",
        }
        return answer(self._info(request) | more)

    async def ping(self, request: Request, caller: Caller) -> Response:
        return answer(PRODUCT)

    async def endpoint(self, request: Request, caller: Caller) -> Response:
        is_local = self._face.playback.networks.is_local(caller.address)
        return answer({"IsLocal": caller.address in {"127.0.0.1", "::1"}, "IsInNetwork": is_local})

    async def public_users(self, request: Request, caller: Caller) -> Response:
        """Nobody is shown to those who have not signed in."""
        return answer([])

    async def branding(self, request: Request, caller: Caller) -> Response:
        return answer({"LoginDisclaimer": "", "CustomCss": "", "SplashscreenEnabled": False})

    async def by_name(self, request: Request, caller: Caller) -> Response:
        """Sign in by name (or address) and password. Raises: NotSignedIn, TooMany."""
        asked = await asked_of(request)
        face, client = self._face, client_of(request.scope)
        name, password = asked.text("username"), asked.text("pw") or asked.text("password")
        signed_in = await face.identity.sign_in(
            name, password, kind=KIND.name, address=caller.address, device=client.get("device", "")
        )
        return await self._signed_in(signed_in.user.id, signed_in.session.id, signed_in.token, client)

    async def logout(self, request: Request, caller: Caller) -> Response:
        """The token is good no more."""
        if caller.credential_id is not None and caller.credential.value == "session":
            await self._face.identity.sessions.end(caller, caller.credential_id)
        return nothing()

    async def me(self, request: Request, caller: Caller) -> Response:
        return answer(user_dto(await self._face.me(caller), self._face.server_id))

    async def user(self, request: Request, caller: Caller) -> Response:
        return answer(user_dto(await self._face.user(caller, part(request, "user")), self._face.server_id))

    async def users(self, request: Request, caller: Caller) -> Response:
        """All for those who manage users, else oneself."""
        face = self._face
        me = await face.me(caller)
        found = [me]
        if caller.has(_ADMIN):
            found = await face.identity.users.list(caller, limit=500)
        return answer([user_dto(one, face.server_id) for one in found])

    async def capabilities(self, request: Request, caller: Caller) -> Response:
        """What a client can do. Said in the body (`/full`) or in the query."""
        asked = await asked_of(request)
        told: dict[str, Any] = {
            "playablemediatypes": _listed(asked, "playablemediatypes", MEDIA),
            "supportedcommands": _listed(asked, "supportedcommands", COMMANDS),
            "supportsmediacontrol": bool(asked.flag("supportsmediacontrol")),
        }
        if caller.credential_id is not None:
            credential = caller.credential_id
            await self._face.db.write(
                lambda unit: self._face.devices.change(
                    unit, credential, capabilities=told, seen_at=self._face.clock.now()
                )
            )
        return nothing()

    async def sessions(self, request: Request, caller: Caller) -> Response:
        """Clients that are signed in: everybody's for administrators."""
        asked = await asked_of(request)
        return answer(await sessions_of(self._face, caller, device_id=asked.text("deviceid")))

    async def quick_enabled(self, request: Request, caller: Caller) -> Response:
        return answer(True)

    async def quick_begin(self, request: Request, caller: Caller) -> Response:
        """A code to be typed where somebody is signed in."""
        face, client = self._face, client_of(request.scope)
        secret, now = face.tokens.new(TokenForm.HEX), face.clock.now()
        code = f"{int.from_bytes(face.tokens.hash(secret)[:8]) % 10**DIGITS:0{DIGITS}}"

        def work(unit: Unit) -> None:
            face.devices.add_quick(
                unit, drop_before=now - QUICK, secret_hash=face.tokens.hash(secret), code=code,
                device_id=client.get("deviceid", "")[:200], device=client.get("device", "")[:200],
                client=client.get("client", "")[:200], version=client.get("version", "")[:50], created_at=now,
            )  # fmt: skip

        await face.db.write(work)
        return answer(self._quick(secret, code, client, now, approved=False))

    async def quick_look(self, request: Request, caller: Caller) -> Response:
        """Whether somebody has said yes. Raises: NotFound for an unknown secret."""
        asked = await asked_of(request)
        secret = asked.text("secret")
        row = await self._quick_row(secret)
        client = {"deviceid": row.device_id, "device": row.device, "client": row.client, "version": row.version}
        return answer(self._quick(secret, row.code, client, row.created_at, approved=row.user_id is not None))

    async def quick_approve(self, request: Request, caller: Caller) -> Response:
        """Let the device with a code in, as oneself. Raises: NotFound; TooMany for those who guess."""
        face, asked = self._face, await asked_of(request)
        user, since = await face.me(caller), face.clock.now() - QUICK
        code = asked.text("code")

        def work(unit: Unit) -> bool:
            row = face.devices.quick(unit, code=code, since=since) if len(code) == DIGITS else None
            if row is not None:
                face.devices.approve_quick(unit, row.id, user.id)
            return row is not None

        if not await face.db.write(work):
            raise NotFound("The code")
        return answer(True)

    async def by_quick(self, request: Request, caller: Caller) -> Response:
        """Sign in by a secret that somebody has said yes to. Raises: NotFound, NotSignedIn."""
        face, asked = self._face, await asked_of(request)
        row = await self._quick_row(asked.text("secret"))
        user = None if row.user_id is None else await face.db.read(face.identity.users.find_in, row.user_id)
        if user is None or not user.is_active:
            raise NotSignedIn("bad_login", "Nobody has said yes.")
        client = {"deviceid": row.device_id, "device": row.device, "client": row.client, "version": row.version}
        signed_in = await face.identity.sessions.open(user, KIND.name, address=caller.address, device=row.device)
        await face.db.write(lambda unit: face.devices.drop_quick(unit, row.id))
        return await self._signed_in(user.id, signed_in.session.id, signed_in.token, client)

    async def preferences(self, request: Request, caller: Caller) -> Response:
        """What a client keeps here: read, or written anew."""
        face, asked = self._face, await asked_of(request)
        user = await face.me(caller)
        name, client = part(request, "name")[:100], asked.text("client")[:100]
        if request.method == "POST":
            body = {key: value for key, value in asked.body.items() if key == "customprefs"}
            prefs = body.get("customprefs")
            kept = (
                {str(k)[:200]: str(v)[:2000] for k, v in list(prefs.items())[:200]} if isinstance(prefs, dict) else {}
            )
            document = {
                "CustomPrefs": kept,
                "SortBy": asked.text("sortby")[:50],
                "SortOrder": asked.text("sortorder")[:20],
            }
            await face.db.write(face.devices.keep_preferences, user.id, name, client, document)
            return nothing()
        found = await face.db.read(face.devices.preferences, user.id, name, client) or {}
        return answer(
            {
                "Id": name,
                "SortBy": found.get("SortBy") or "SortName",
                "RememberIndexing": False,
                "PrimaryImageHeight": 250,
                "PrimaryImageWidth": 250,
                "CustomPrefs": found.get("CustomPrefs") or {},
                "ScrollDirection": "Horizontal",
                "ShowBackdrop": True,
                "RememberSorting": False,
                "SortOrder": found.get("SortOrder") or "Ascending",
                "ShowSidebar": False,
                "Client": client,
            }
        )

    async def _signed_in(self, user_id: int, session_id: int, token: str, client: dict[str, str]) -> Response:
        face = self._face

        def work(unit: Unit) -> list[int]:
            return face.devices.keep(
                unit, nanoid=face.ids.nanoid(), user_id=user_id, credential_id=session_id,
                device_id=client.get("deviceid", "")[:200], device=client.get("device", "")[:200],
                client=client.get("client", "")[:200], version=client.get("version", "")[:50], capabilities={},
                seen_at=face.clock.now(),
            )  # fmt: skip

        replaced = await face.db.write(work)
        user = await face.db.read(face.identity.users.require_in, user_id)
        mine = await face.identity.authenticate_token(token, address="")
        if client.get("deviceid"):
            for old in replaced:
                try:
                    await face.identity.sessions.end(mine, old, reason="replaced")
                except NotFound:
                    continue
        device = await face.db.read(face.devices.of_credential, session_id)
        return answer(
            {
                "User": user_dto(user, face.server_id),
                "SessionInfo": session_dto(device, user, face.server_id) if device else {},
                "AccessToken": token,
                "ServerId": face.server_id,
            }
        )

    async def _quick_row(self, secret: str) -> Any:
        face = self._face
        since = face.clock.now() - QUICK
        row = await face.db.read(lambda unit: face.devices.quick(unit, secret=face.tokens.hash(secret), since=since))
        if row is None:
            raise NotFound("The secret")
        return row

    @staticmethod
    def _quick(secret: str, code: str, client: dict[str, str], at: Any, *, approved: bool) -> dict[str, Any]:
        return {
            "Authenticated": approved,
            "Secret": secret,
            "Code": code,
            "DeviceId": client.get("deviceid", ""),
            "DeviceName": client.get("device", ""),
            "AppName": client.get("client", ""),
            "AppVersion": client.get("version", ""),
            "DateAdded": moment(at),
        }

    def _info(self, request: Request) -> dict[str, Any]:
        return {
            "LocalAddress": str(request.base_url).rstrip("/"),
            "ServerName": self._face.server_name,
            "Version": VERSION,
            "ProductName": PRODUCT,
            "OperatingSystem": "",
            "Id": self._face.server_id,
            "StartupWizardCompleted": True,
        }


def _listed(asked: Asked, name: str, known: frozenset[str]) -> list[str]:
    """Words of a list in the body, or with commas in the query, as far as Jellyfin has them."""
    given = asked.body.get(name)
    words = given if isinstance(given, list) else asked.words(name)
    return [word for word in dict.fromkeys(str(one) for one in words[:200]) if word in known]
