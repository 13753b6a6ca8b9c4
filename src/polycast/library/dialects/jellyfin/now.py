"""Devices that are signed in, and what each of them plays."""

from collections.abc import Sequence
from typing import Any, Final

from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.identity.users.model import User
from polycast.core.storage import Unit
from polycast.library.catalogue.model import PlayableFile
from polycast.library.dialects.jellyfin.items_dto import item_dto
from polycast.library.dialects.jellyfin.names import source_id, ticks, without_none
from polycast.library.dialects.jellyfin.rooms import Face
from polycast.library.dialects.jellyfin.users_dto import session_dto
from polycast.library.playback.browse import Entry
from polycast.library.playback.model import Decision, Delivery, Mode
from polycast.library.playback.store import SessionRow
from polycast.library.playback.store_browse import Device

EVERYBODY: Final = Scope.CORE_ADMIN
WATCHED: Final = frozenset({"playing", "paused"})
Played = tuple[SessionRow, PlayableFile | None]


async def sessions_of(face: Face, caller: Caller, *, device_id: str = "") -> list[dict[str, Any]]:
    """Devices that are signed in, everybody's for administrators, the newest first; only one when `device_id` names it."""

    def work(unit: Unit) -> list[tuple[Device, User]]:
        found = []
        for device in face.devices.of_user(unit, None if caller.has(EVERYBODY) else caller.user_id):
            user = face.identity.users.find_in(unit, device.user_id)
            if user is not None and device_id in ("", device.device_id):
                found.append((device, user))
        return found

    devices = await face.db.read(work)
    active = [one for one in await face.playback.sessions.active(caller) if one[0].state in WATCHED]
    playing: dict[int | None, Played] = {one[0].credential_id: one for one in active}
    keys = [row.item_id for row, _ in playing.values()]
    titles = {entry.item.id: entry for entry in await face.browse.of_ids(caller, keys)}
    return [
        session_dto(device, user, face.server_id, now=_now(face, playing.get(device.credential_id), titles))
        for device, user in devices
    ]


def _now(face: Face, played: Played | None, titles: dict[int, Entry]) -> dict[str, Any]:
    """What a device plays. A title that the caller may not see is not named."""
    if played is None or played[0].item_id not in titles:
        return {}
    row, playable = played
    decision = row.facts.decision
    state = {
        "PositionTicks": ticks(row.position_ms),
        "CanSeek": True,
        "IsPaused": row.state == "paused",
        "IsMuted": False,
        "AudioStreamIndex": decision.audio.stream if decision.audio else None,
        "SubtitleStreamIndex": decision.subtitle,
        "MediaSourceId": source_id(playable.file) if playable else None,
        "PlayMethod": method_of(decision),
        "RepeatMode": "RepeatNone",
        "PlaybackOrder": "Default",
    }
    found = {"NowPlayingItem": item_dto(titles[row.item_id], face.server_id), "PlayState": without_none(state)}
    return found if decision.mode is Mode.DIRECT_PLAY else found | {"TranscodingInfo": _transcoding(decision)}


def method_of(decision: Decision) -> str:
    """Jellyfin's three words for how a file reaches a player."""
    if decision.mode is Mode.DIRECT_PLAY:
        return "DirectPlay"
    return "Transcode" if decision.mode is Mode.TRANSCODE_HLS else "DirectStream"


def _transcoding(decision: Decision) -> dict[str, Any]:
    video, audio = decision.video, decision.audio
    return without_none(
        {
            "AudioCodec": audio.codec if audio else None,
            "VideoCodec": video.codec if video else None,
            "Container": decision.container,
            "IsVideoDirect": video is not None and video.delivery is Delivery.COPY,
            "IsAudioDirect": audio is not None and audio.delivery is Delivery.COPY,
            "TranscodeReasons": _reasons(decision.reasons),
        }
    )


def _reasons(words: Sequence[str]) -> list[str]:
    """Ours that Jellyfin's clients have an enum for."""
    return [word for word in dict.fromkeys(words) if word.endswith(("NotSupported", "ExceedsLimit"))]
