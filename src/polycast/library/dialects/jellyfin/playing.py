"""Playing and reporting. Phase P of specs/library.md 4.10."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from msgspec.structs import replace

from polycast.core.errors import NotFound
from polycast.core.files import FileAnswer
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller
from polycast.library.dialects.jellyfin.asked import Asked, asked_of, plain_id
from polycast.library.dialects.jellyfin.gate import client_of, token_of
from polycast.library.dialects.jellyfin.items_dto import source_dto, state_dto
from polycast.library.dialects.jellyfin.names import nanoid_of, source_id, ticks
from polycast.library.dialects.jellyfin.rooms import Face, answer, nothing, part
from polycast.library.playback.browse import Entry
from polycast.library.playback.model import Asked as Wish
from polycast.library.playback.model import Mode
from polycast.library.playback.model_session import Beat, Judged, Opened, Start
from polycast.library.playback.playlists import token_query
from polycast.library.playback.profiles import EVERYTHING
from polycast.library.playback.profiles_jellyfin import profile_of
from polycast.library.playback.streams import PLAYLIST
from polycast.library.playback.trickplay import WIDTH
from polycast.library.playback.types import content_type_of

SEGMENTS: Final = {
    "intro": "Intro",
    "credits": "Outro",
    "recap": "Recap",
    "preview": "Preview",
    "commercial": "Commercial",
}
UNLIMITED: Final = 2_000_000_000  # bits a second; what Kodi says when it has no limit
LARGEST_TEST: Final = 100_000_000
TEST_PIECE: Final = bytes(range(256)) * 256


class PlayRoutes:
    """What players call."""

    def __init__(self, face: Face) -> None:
        self._face = face

    async def playback_info(self, request: Request, caller: Caller) -> Response:
        """How a title can be played on this device, with a session for it."""
        asked, face = await asked_of(request), self._face
        entry = await face.entry(caller, part(request, "item"))
        start = self._start(asked, entry, request)
        started = await face.playback.sessions.start(caller, start)
        row, playable = started.row, started.playable
        decision = row.facts.decision
        source = source_dto(playable.file, started.subtitles, entry.item.uuid)
        is_direct = decision.mode is Mode.DIRECT_PLAY
        source |= {
            "SupportsDirectPlay": is_direct,
            "SupportsDirectStream": is_direct,
            "DefaultAudioStreamIndex": decision.audio.stream
            if decision.audio
            else source.get("DefaultAudioStreamIndex"),
        }
        if decision.subtitle is not None:
            source["DefaultSubtitleStreamIndex"] = decision.subtitle
        if not is_direct:
            words = {
                "DeviceId": client_of(request.scope).get("deviceid", ""),
                "MediaSourceId": source["Id"],
                "VideoCodec": decision.video.codec if decision.video else "",
                "AudioCodec": decision.audio.codec if decision.audio else "",
                "PlaySessionId": row.nanoid,
                "ApiKey": token_of(request.scope),
                "TranscodeReasons": ",".join(decision.reasons),
            }
            source |= {
                "TranscodingUrl": f"/videos/{entry.item.uuid}/master.m3u8?{urlencode(words)}",
                "TranscodingSubProtocol": "hls",
                "TranscodingContainer": "mp4",
            }
        others = [source_dto(one, [], entry.item.uuid) for one in playable.versions if one.id != playable.file.id]
        return answer({"MediaSources": [source, *others], "PlaySessionId": row.nanoid})

    async def file(self, request: Request, caller: Caller) -> Any:
        """A file as it lies on the disk."""
        asked = await asked_of(request)
        entry = await self._face.entry(caller, part(request, "item"))
        judged = await self._found(caller, entry, asked)
        path = judged.playable.path
        return FileAnswer(path, content_type=content_type_of(path))

    async def download(self, request: Request, caller: Caller) -> Any:
        """The same, to keep."""
        entry = await self._face.entry(caller, part(request, "item"))
        judged = await self._found(caller, entry, Asked({}, {}))
        path = judged.playable.path
        return FileAnswer(path, content_type=content_type_of(path), name=path.name, attachment=True)

    async def master(self, request: Request, caller: Caller) -> Response:
        """The master playlist of a session; without one, of a new one made from what the query says."""
        asked, face = await asked_of(request), self._face
        sessions = face.playback.sessions
        opened = await self._opened(caller, asked)
        if opened is None:
            entry = await face.entry(caller, part(request, "item"))
            start = self._start(asked, entry, request, direct=False)
            started = await sessions.start(caller, start)
            opened = await sessions.opened(caller, started.row.nanoid)
        else:
            opened = await self._as_edited(caller, opened, asked)
        nanoid = opened.row.nanoid
        token, _ = face.playback.tokens.make(await face.playback.user_nanoid(opened.row.user_id), nanoid)
        found = await face.playback.streams.master(opened, token_query(token), base=f"/api/stream/{nanoid}/")
        return Response(found.body, media_type=PLAYLIST, headers={"cache-control": "no-store"})

    async def subtitles(self, request: Request, caller: Caller) -> Response:
        """`Stream.vtt`, `Stream.srt`, `Stream.ass` of a track."""
        face = self._face
        entry = await face.entry(caller, part(request, "item"))
        index, form = part(request, "index"), part(request, "name").rpartition(".")[2].lower()
        wanted = Asked({"mediasourceid": part(request, "source")}, {})
        judged = await self._found(caller, entry, wanted)
        file = judged.playable.file
        if file.probed is None or not index.isdecimal():
            raise NotFound("The subtitles")
        tracks = await face.db.read(face.playback.tracks.of_in, file.probed, file.id, entry.item.id)
        track = next((one for one in tracks if one.index == int(index)), None)
        if track is None or not track.is_text:
            raise NotFound("The subtitles")
        if form in {"ass", "ssa"}:
            text, kind = await face.playback.tracks.raw_ass(file.path, track), "text/x-ssa; charset=utf-8"
        elif form == "srt":
            text, kind = await face.playback.tracks.as_srt(file.path, file.probed, track), "application/x-subrip"
        elif form == "vtt":
            text, kind = await face.playback.tracks.whole(file.path, file.probed, track), "text/vtt; charset=utf-8"
        else:
            raise NotFound("The subtitles")
        return Response(text.encode(), media_type=kind)

    async def tile(self, request: Request, caller: Caller) -> FileAnswer:
        """A sheet of small pictures for the seek bar. Raises: NotFound."""
        entry = await self._face.entry(caller, part(request, "item"))
        number = part(request, "name").removesuffix(".jpg")
        judged = await self._found(caller, entry, await asked_of(request))
        probed = judged.playable.file.probed
        if probed is None or not number.isdecimal() or len(number) > 4 or part(request, "width") != str(WIDTH):
            raise NotFound("The pictures")
        place = await self._face.playback.trickplay.sheet(judged.playable.file, probed, int(number))
        return FileAnswer(place, content_type="image/jpeg", cache="private, max-age=31536000")

    async def segments(self, request: Request, caller: Caller) -> Response:
        """Intros and credits."""
        asked = await asked_of(request)
        entry = await self._face.entry(caller, part(request, "item"))
        wanted = {word.lower() for word in asked.words("includesegmenttypes")}
        marks = await self._face.db.read(self._face.playback.looks.marks, entry.item.id)
        found = [
            {
                "Id": one.uuid,
                "ItemId": entry.item.uuid,
                "Type": SEGMENTS[one.kind],
                "StartTicks": ticks(one.start_ms),
                "EndTicks": ticks(one.end_ms),
            }
            for one in marks
            if one.kind in SEGMENTS and (not wanted or SEGMENTS[one.kind].lower() in wanted)
        ]
        return answer({"Items": found, "TotalRecordCount": len(found), "StartIndex": 0})

    async def bitrate_test(self, request: Request, caller: Caller) -> Response:
        """Exactly so many bytes."""
        asked = await asked_of(request)
        size = max(0, min(asked.number("size") or 102_400, LARGEST_TEST))
        content = (TEST_PIECE * (size // len(TEST_PIECE) + 1))[:size]
        return Response(content, media_type="application/octet-stream", headers={"cache-control": "no-store"})

    async def playing(self, request: Request, caller: Caller) -> Response:
        """A player has begun, or tells where it is."""
        await self._report(caller, await asked_of(request), paused=None)
        return nothing()

    async def ping(self, request: Request, caller: Caller) -> Response:
        """A player lives."""
        asked = await asked_of(request)
        try:
            await self._face.playback.sessions.beat(caller, asked.text("playsessionid"), Beat())
        except NotFound:
            return nothing()
        return nothing()

    async def stopped(self, request: Request, caller: Caller) -> Response:
        """A player has stopped."""
        asked = await asked_of(request)
        await self._report(caller, asked, paused=True)
        try:
            await self._face.playback.sessions.end(caller, asked.text("playsessionid"))
        except NotFound:
            return nothing()
        return nothing()

    async def end_encodings(self, request: Request, caller: Caller) -> Response:
        """A player needs a session no more."""
        asked = await asked_of(request)
        try:
            await self._face.playback.sessions.end(caller, asked.text("playsessionid"))
        except NotFound:
            return nothing()
        return nothing()

    async def played(self, request: Request, caller: Caller) -> Response:
        """Mark as seen (POST), or not (DELETE)."""
        entry = await self._face.entry(caller, part(request, "item"))
        progress = self._face.playback.progress
        state = await progress.set_watched(
            caller, entry.item.id, watched=request.method == "POST", source="jellyfin_client"
        )
        return answer(state_dto(state, entry.item.uuid, entry.item.duration_ms))

    async def favorite(self, request: Request, caller: Caller) -> Response:
        """A heart (POST), or none (DELETE)."""
        entry = await self._face.entry(caller, part(request, "item"))
        progress = self._face.playback.progress
        state = await progress.set_favorite(caller, entry.item.id, favorite=request.method == "POST")
        return answer(state_dto(state, entry.item.uuid, entry.item.duration_ms))

    async def user_data(self, request: Request, caller: Caller) -> Response:
        """What is known of it; POST writes a position, or what counts as seen."""
        asked, progress = await asked_of(request), self._face.playback.progress
        entry = await self._face.entry(caller, part(request, "item"))
        state = entry.state
        if request.method == "POST":
            at = asked.number("playbackpositionticks")
            if at is not None:
                state = await progress.set_position(
                    caller, entry.item.id, position=_span(at), duration=None, source="jellyfin_client"
                )
            if (played := asked.flag("played")) is not None:
                state = await progress.set_watched(caller, entry.item.id, watched=played, source="jellyfin_client")
        return answer(state_dto(state, entry.item.uuid, entry.item.duration_ms))

    async def _report(self, caller: Caller, asked: Asked, *, paused: bool | None) -> None:
        at = asked.number("positionticks")
        position = None if at is None or at < 0 else _span(at)
        is_paused = bool(asked.flag("ispaused")) if paused is None else paused
        beat = Beat(position=position, paused=is_paused, source="jellyfin_client")
        try:
            await self._face.playback.sessions.beat(caller, asked.text("playsessionid"), beat)
        except NotFound:
            # A player that plays directly reports sessions of its own naming: where it is counts all the same.
            if position is None or not asked.id("itemid"):
                return
            entry = await self._face.entry(caller, asked.id("itemid"))
            await self._face.playback.progress.set_position(
                caller, entry.item.id, position=position, duration=None, source="jellyfin_client"
            )

    async def _opened(self, caller: Caller, asked: Asked) -> Opened | None:
        name = asked.text("playsessionid")
        if not name:
            return None
        try:
            return await self._face.playback.sessions.opened(caller, name)
        except NotFound:
            return None

    async def _as_edited(self, caller: Caller, opened: Opened, asked: Asked) -> Opened:
        """A session as its player has rewritten the address: Kodi puts the chosen tracks and its bandwidth there."""
        wish, decision = opened.row.facts.asked, opened.row.facts.decision
        audio, words = asked.number("audiostreamindex"), asked.number("subtitlestreamindex")
        rates = [asked.number(name) or 0 for name in ("videobitrate", "audiobitrate")]
        current = (decision.audio.stream if decision.audio else None, decision.subtitle)
        chosen = (
            audio if audio is not None and audio >= 0 else current[0],
            words if words is not None and words >= 0 else current[1],
        )
        most = sum(rates) if rates[0] > 0 and sum(rates) < (wish.max_bitrate or UNLIMITED) else wish.max_bitrate
        if chosen == current and most == wish.max_bitrate:
            return opened
        fresh = replace(wish, audio_track=chosen[0], subtitle_track=chosen[1], max_bitrate=most)
        await self._face.playback.sessions.change(caller, opened.row.nanoid, fresh)
        return await self._face.playback.sessions.opened(caller, opened.row.nanoid)

    async def _found(self, caller: Caller, entry: Entry, asked: Asked) -> Judged:
        start = Start(item=entry.item.id, file=_file_of(entry, asked), profile=EVERYTHING)
        return await self._face.playback.sessions.judge(caller, start)

    def _start(self, asked: Asked, entry: Entry, request: Request, *, direct: bool = True) -> Start:
        client = client_of(request.scope)
        profile = profile_of(asked.body.get("deviceprofile")) or EVERYTHING
        at = asked.number("starttimeticks")
        audio, subtitle = asked.number("audiostreamindex"), asked.number("subtitlestreamindex")
        may_direct = direct and asked.flag("enabledirectplay") is not False
        wish = Wish(
            quality="auto",
            max_bitrate=asked.number("maxstreamingbitrate") or asked.number("videobitrate"),
            audio_track=audio if audio is not None and audio >= 0 else None,
            subtitle_track=subtitle if subtitle is not None and subtitle >= 0 else None,
            can_direct=may_direct,
            can_copy=asked.flag("allowvideostreamcopy") is not False,
        )
        return Start(
            item=entry.item.id,
            file=_file_of(entry, asked),
            asked=wish,
            profile=profile,
            position=None if at is None or at < 0 else _span(at),
            client=client.get("client", "")[:80],
            device=client.get("device", "")[:80],
        )


def _file_of(entry: Entry, asked: Asked) -> str | None:
    """The file that is meant; the first one when the title itself was named."""
    wanted = plain_id(asked.text("mediasourceid"))
    if not wanted or wanted == entry.item.uuid:
        return None
    if any(source_id(one) == wanted for one in entry.files):
        return nanoid_of(wanted)
    return None


def _span(count: int) -> timedelta:
    return timedelta(microseconds=min(count, 10**15) // 10)
