"""What all routes of this dialect work with."""

import uuid
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import NotFound
from polycast.core.events import Events
from polycast.core.house import Core
from polycast.core.http import Request, Response
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import User
from polycast.core.ids import Ids
from polycast.core.secrets import Tokens
from polycast.core.storage import Database
from polycast.library.catalogue.model import Library
from polycast.library.dialects.jellyfin.asked import plain_id
from polycast.library.dialects.jellyfin.names import library_id, made_id, nanoid_of
from polycast.library.metadata.artwork import Artwork
from polycast.library.playback.browse import Browse, Entry
from polycast.library.playback.room import Playback
from polycast.library.playback.store_browse import DeviceStore
from polycast.library.scanning.scans import Scans

VERSION: Final = "10.11.6"
PRODUCT: Final = "Jellyfin Server"
_encoder: Final = msgspec.json.Encoder()


class Face(Struct, frozen=True, kw_only=True):
    """The rooms behind the face."""

    db: Database
    identity: Identity
    tokens: Tokens
    clock: Clock
    ids: Ids
    events: Events
    browse: Browse
    playback: Playback
    devices: DeviceStore
    artwork: Artwork
    scans: Scans
    server_id: str
    server_name: str

    async def me(self, caller: Caller) -> User:
        """Who asks. Raises: NotFound, for the server itself."""
        if caller.user_id is None:
            raise NotFound("The user")
        return await self.identity.users.get(SYSTEM, caller.user_id)

    async def user(self, caller: Caller, name: str) -> User:
        """A user by id, oneself unless one may see others. Raises: NotFound."""
        mine = await self.me(caller)
        wanted = plain_id(name)
        if not wanted or wanted == plain_id(mine.uuid):
            return mine
        try:
            found = await self.identity.users.by_uuid(str(uuid.UUID(wanted)))
        except ValueError as error:
            raise NotFound("The user") from error
        if found is None:
            raise NotFound("The user")
        return await self.identity.users.get(caller, found.id)

    async def library(self, caller: Caller, name: str) -> Library | None:
        """A library by id, when it is one."""
        wanted = plain_id(name)
        return next((one for one in await self.browse.libraries(caller) if library_id(one) == wanted), None)

    async def entry(self, caller: Caller, name: str) -> Entry:
        """A title by its own id, or by that of one of its files. Raises: NotFound."""
        wanted = plain_id(name)
        try:
            return await self.browse.get(caller, wanted)
        except NotFound:
            found = await self.browse.by_file(caller, nanoid_of(wanted))
            if found is None:
                raise
            return found


def face_of(core: Core, playback: Playback, artwork: Artwork, scans: Scans, *, server_name: str) -> Face:
    """The rooms behind the face."""
    return Face(
        db=core.db,
        identity=core.identity,
        tokens=core.tokens,
        clock=core.clock,
        ids=core.ids,
        events=core.events,
        browse=playback.browse,
        playback=playback,
        devices=DeviceStore(),
        artwork=artwork,
        scans=scans,
        server_id=server_id(core.tokens),
        server_name=server_name,
    )


def server_id(tokens: Tokens) -> str:
    """This server's name, the same for ever."""
    return made_id("server", tokens.mac("server", purpose="library.jellyfin").hex())


def answer(found: Any, status: int = 200) -> Response:
    """JSON."""
    return Response(_encoder.encode(found), status_code=status, media_type="application/json")


def nothing() -> Response:
    """204."""
    return Response(status_code=204)


def page(items: list[Any], total: int | None = None, start: int = 0) -> Response:
    """A list as Jellyfin wraps it."""
    return answer({"Items": items, "TotalRecordCount": len(items) if total is None else total, "StartIndex": start})


def part(request: Request, name: str) -> str:
    """A part of the path."""
    return str(request.path_params.get(name, ""))
