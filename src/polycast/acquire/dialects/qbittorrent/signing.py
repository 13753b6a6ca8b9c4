"""`auth/login` and `auth/logout`. Source: `specs/acquire.md` 3.6.1."""

from polycast.acquire.dialects.asked import read
from polycast.acquire.dialects.gate import ARR_SCOPES, address
from polycast.acquire.dialects.qbittorrent.answers import FAILS, OK, empty, text
from polycast.acquire.dialects.qbittorrent.errors import Answered
from polycast.acquire.dialects.qbittorrent.rooms import Rooms
from polycast.core.errors import NotAllowed, NotSignedIn, TooMany
from polycast.core.http import Request, Response
from polycast.core.identity.caller import SYSTEM, Caller, Credential
from polycast.core.identity.scopes import SCOPES_OF_ROLE
from polycast.core.identity.sessions.model import SID, SignedIn


class SigningIn:
    """Users by name, and approved Arrs by their own address and key."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def login(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        name, password = asked.text("username"), asked.text("password")
        if not caller.is_anonymous and caller.credential is Credential.INTERNAL:
            return text(OK)  # the owner has opened these routes
        where = address(request.scope)
        try:
            signed_in = await self._signed_in(name, password, where)
        except NotSignedIn:
            return text(FAILS)
        except (TooMany, NotAllowed) as error:
            raise Answered(403, error.message) from error
        answer = text(OK)
        secure = request.url.scheme == "https"
        answer.headers["set-cookie"] = self._rooms.identity.sessions.cookie(signed_in, secure=secure).header()
        return answer

    async def _signed_in(self, name: str, password: str, where: str) -> SignedIn:
        """Raises: NotSignedIn; NotAllowed; TooMany."""
        identity = self._rooms.identity
        if name.lower().startswith(("http://", "https://")):
            arr = await self._rooms.gate.knock(name, password, where)
            if arr is None:
                raise NotSignedIn("bad_login")
            user = await identity.users.get(SYSTEM, arr.user_id)
            return await identity.sessions.open(
                user, SID.name, address=where, device=f"{arr.name} ({arr.host})", scopes=ARR_SCOPES & user.scopes
            )
        known = await identity.sign_ins.basic(name, password, address=where)
        if known.user_id is None:
            raise NotSignedIn("bad_login")
        user = await identity.users.get(SYSTEM, known.user_id)
        whole = known.scopes == SCOPES_OF_ROLE[user.role]
        return await identity.sessions.open(
            user, SID.name, address=where, device="qBittorrent client", scopes=None if whole else known.scopes
        )

    async def logout(self, request: Request, caller: Caller) -> Response:
        identity = self._rooms.identity
        if caller.credential is Credential.SESSION and caller.credential_id is not None:
            await identity.sessions.end(caller, caller.credential_id)
        answer = empty()
        secure = request.url.scheme == "https"
        answer.headers["set-cookie"] = identity.sessions.end_cookie(SID.name, secure=secure).header()
        return answer
