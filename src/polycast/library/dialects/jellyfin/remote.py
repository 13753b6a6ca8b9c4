"""One device of somebody's asks another: play this, pause, say that. Source: specs/library.md 4.10."""

from typing import Any, Final

import msgspec

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.library.dialects.jellyfin.asked import Asked, asked_of, plain_id
from polycast.library.dialects.jellyfin.names import nanoid_of, without_none
from polycast.library.dialects.jellyfin.rooms import Face, nothing, part
from polycast.library.playback.events import DeviceTold
from polycast.library.playback.store_browse import Device

ORDERS: Final = frozenset({"PlayNow", "PlayNext", "PlayLast", "PlayInstantMix", "PlayShuffle"})
STATES: Final = frozenset({
    "Stop", "Pause", "Unpause", "NextTrack", "PreviousTrack", "Seek", "Rewind", "FastForward", "PlayPause",
})  # fmt: skip
COMMANDS: Final = frozenset({
    "Back", "ChannelDown", "ChannelUp", "DisplayContent", "DisplayMessage", "GoHome", "GoToSearch", "GoToSettings",
    "Guide", "MoveDown", "MoveLeft", "MoveRight", "MoveUp", "Mute", "NextLetter", "PageDown", "PageUp", "Play",
    "PlayMediaSource", "PlayNext", "PlayState", "PlayTrailers", "PreviousLetter", "Select", "SendKey", "SendString",
    "SetAudioStreamIndex", "SetMaxStreamingBitrate", "SetPlaybackOrder", "SetRepeatMode", "SetShuffleQueue",
    "SetSubtitleStreamIndex", "SetVolume", "TakeScreenshot", "ToggleContextMenu", "ToggleFullscreen", "ToggleMute",
    "ToggleOsd", "ToggleOsdMenu", "ToggleStats", "Unmute", "VolumeDown", "VolumeUp",
})  # fmt: skip
MOST_ITEMS: Final = 500
LONGEST: Final = 1000


class RemoteRoutes:
    """`/Sessions/{id}/...`: what is asked is on its way when the answer comes; nobody knows whether the device obeys."""

    def __init__(self, face: Face) -> None:
        self._face = face

    async def play(self, request: Request, caller: Caller) -> Response:
        """Play titles. Raises: NotFound, Invalid."""
        asked = await asked_of(request)
        command = _known(asked.text("playcommand"), ORDERS, "playCommand")
        titles = [one for one in asked.ids("itemids") if len(one) == 32][:MOST_ITEMS]
        if not titles:
            raise Invalid([Problem(path="itemIds", code="required")])
        numbers = {
            "StartPositionTicks": asked.number("startpositionticks"),
            "AudioStreamIndex": asked.number("audiostreamindex"),
            "SubtitleStreamIndex": asked.number("subtitlestreamindex"),
            "StartIndex": asked.number("startindex"),
            "MediaSourceId": asked.id("mediasourceid") or None,
        }
        return await self._tell(request, caller, "Play", {"ItemIds": titles, "PlayCommand": command} | numbers)

    async def state(self, request: Request, caller: Caller) -> Response:
        """Pause, go to a place, stop. Raises: NotFound, Invalid."""
        asked = await asked_of(request)
        command = _known(part(request, "command"), STATES, "command")
        at = asked.number("seekpositionticks")
        return await self._tell(request, caller, "Playstate", {"Command": command, "SeekPositionTicks": at})

    async def general(self, request: Request, caller: Caller) -> Response:
        """Anything else; the word is in the path or in the body. Raises: NotFound, Invalid."""
        asked = await asked_of(request)
        name = _known(part(request, "command") or asked.text("name"), COMMANDS, "name")
        return await self._tell(request, caller, "GeneralCommand", {"Name": name, "Arguments": _arguments(asked)})

    async def message(self, request: Request, caller: Caller) -> Response:
        """Words on the screen. Raises: NotFound, Invalid."""
        asked = await asked_of(request)
        if not asked.text("text"):
            raise Invalid([Problem(path="Text", code="required")])
        words = {"Header": asked.text("header"), "Text": asked.text("text"), "TimeoutMs": asked.text("timeoutms")}
        shown = {name: text[:LONGEST] for name, text in words.items() if text}
        return await self._tell(request, caller, "GeneralCommand", {"Name": "DisplayMessage", "Arguments": shown})

    async def _tell(self, request: Request, caller: Caller, kind: str, body: dict[str, Any]) -> Response:
        face = self._face
        device = await self._device(caller, part(request, "session"))
        me = await face.me(caller)
        told = without_none(body | {"ControllingUserId": plain_id(me.uuid)})
        face.events.tell(
            DeviceTold(user_id=device.user_id, device=device.nanoid, kind=kind, body=msgspec.json.encode(told).decode())
        )
        return nothing()

    async def _device(self, caller: Caller, name: str) -> Device:
        """One's own; an administrator's any. Raises: NotFound."""
        nanoid = nanoid_of(plain_id(name))
        found = await self._face.db.read(self._face.devices.by_nanoid, nanoid) if nanoid else None
        if found is None or (found.user_id != caller.user_id and not caller.has(Scope.CORE_ADMIN)):
            raise NotFound("The session")
        return found


def _known(word: str, known: frozenset[str], name: str) -> str:
    """`word` as Jellyfin writes it; clients differ in its case. Raises: Invalid."""
    found = next((one for one in known if one.lower() == word.lower()), None)
    if found is None:
        raise Invalid([Problem(path=name, code="choice")])
    return found


def _arguments(asked: Asked) -> dict[str, str]:
    given = asked.body.get("arguments")
    if not isinstance(given, dict):
        return {}
    return {str(name)[:100]: str(value)[:LONGEST] for name, value in list(given.items())[:20]}
