"""Events of the house as messages of Jellyfin's socket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from polycast.core.errors import NotFound
from polycast.core.events import Sent
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.library.dialects.jellyfin.asked import plain_id
from polycast.library.dialects.jellyfin.items_dto import user_data
from polycast.library.dialects.jellyfin.names import id_of
from polycast.library.dialects.jellyfin.rooms import Face
from polycast.library.events import ItemsChanged
from polycast.library.playback.events import DeviceTold, SessionCommand, WatchStateChanged

AT_ONCE: Final = 200  # titles in one message
REMEMBERED: Final = 20_000
STATES: Final = {"pause": "Pause", "play": "Unpause", "stop": "Stop", "seek": "Seek"}


class Words:
    """What one client is told."""

    def __init__(self, face: Face, caller: Caller, *, since: datetime) -> None:
        self._face = face
        self._caller = caller
        self._since = since
        self._told: set[int] = set()  # new titles that the client has heard of

    async def states(self, changed: Sequence[WatchStateChanged]) -> dict[str, Any] | None:
        """`UserDataChanged` of one's own marks; None when there is nothing that one may know."""
        mine = [one.item for one in changed if one.profile_id == (self._caller.profile_id or 0)]
        entries = await self._face.browse.named(self._caller, list(dict.fromkeys(mine))[-AT_ONCE:])
        if not entries:
            return None
        user = await self._face.me(self._caller)
        states = [user_data(entry) for entry in entries]
        return _message("UserDataChanged", {"UserId": plain_id(user.uuid), "UserDataList": states})

    async def titles(self, event: ItemsChanged) -> dict[str, Any] | None:
        """`LibraryChanged`; None when no title is one that the client may know of."""
        found = await self._face.browse.changed(self._caller, event.item_ids)
        if not found:
            return None
        libraries = {one.id: id_of(one.nanoid) for one in await self._face.browse.libraries(self._caller)}
        gone = [one.uuid for one in found if not one.is_available]
        new = {one.id for one in found if one.is_available and one.added_at >= self._since} - self._told
        self._told = (self._told if len(self._told) < REMEMBERED else set()) | new
        added = [one.uuid for one in found if one.id in new]
        kept = [one.uuid for one in found if one.is_available and one.id not in new]
        touched = sorted({libraries[one.library_id] for one in found if one.library_id in libraries})
        return _message(
            "LibraryChanged",
            {
                "FoldersAddedTo": touched if added else [],
                "FoldersRemovedFrom": touched if gone else [],
                "ItemsAdded": added,
                "ItemsRemoved": gone,
                "ItemsUpdated": kept,
                "CollectionFolders": touched,
                "IsEmpty": False,
            },
        )

    async def order(self, message: Sent) -> dict[str, Any] | None:
        """What another device, or a page of ours, wants of this one; None when another is meant."""
        if message.name == DeviceTold.name:
            told = msgspec.json.decode(message.body, type=DeviceTold)
            return _message(told.kind, msgspec.json.decode(told.body)) if await self._is_me(told.device) else None
        command = msgspec.json.decode(message.body, type=SessionCommand)
        if not await self._plays(command.session):
            return None
        if command.command == "message":
            return _message("GeneralCommand", {"Name": "DisplayMessage", "Arguments": {"Text": command.text}})
        if command.command not in STATES:
            return None
        body: dict[str, Any] = {"Command": STATES[command.command]}
        if command.position is not None:
            body["SeekPositionTicks"] = int(command.position * 10_000_000)
        return _message("Playstate", body)

    async def _is_me(self, device: str) -> bool:
        if self._caller.credential_id is None:
            return False
        mine = await self._face.db.read(self._face.devices.of_credential, self._caller.credential_id)
        return mine is not None and mine.nanoid == device

    async def _plays(self, session: str) -> bool:
        try:
            row = await self._face.playback.sessions.get(SYSTEM, session)
        except NotFound:
            return False
        return row.credential_id is not None and row.credential_id == self._caller.credential_id


def _message(kind: str, body: Any) -> dict[str, Any]:
    return {"MessageType": kind, "Data": body}
