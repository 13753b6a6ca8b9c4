"""What players fetch: playlists, segments, files, subtitles."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import PurePath
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.core.errors import NotFound
from polycast.core.storage import Database
from polycast.library.playback import playlists
from polycast.library.playback.deciding import SEGMENT_AUDIO, SURROUND_BPS, decide, sound_target
from polycast.library.playback.model import LADDER, RUNGS, AudioPlan, Decision, Delivery, Profile, VideoPlan
from polycast.library.playback.model_session import Opened
from polycast.library.playback.playlists import Variant, Words
from polycast.library.playback.service import Sessions
from polycast.library.playback.settings import TranscodingSettings
from polycast.library.playback.supply import Film, Supply
from polycast.library.probing.model import Probed, ProbedStream
from polycast.library.tracks.languages import language_name
from polycast.library.tracks.model import SubtitleTrack
from polycast.library.tracks.service import Tracks, label_of

SEGMENT: Final = re.compile(r"seg-(\d{1,6})\.m4s")
SUBTITLE: Final = re.compile(r"(\d{1,4})(?:-(\d{1,5}))?\.(vtt|m3u8|ass)")
AUDIO: Final = re.compile(r"audio-(\d{1,4})")


class Content(Struct, frozen=True, kw_only=True):
    """Bytes and what they are."""

    body: bytes
    kind: str
    is_lasting: bool = False  # may be kept by the player for a while


class Parts(Struct, frozen=True, kw_only=True):
    """A session at the level of its streams."""

    opened: Opened
    film: Film
    decision: Decision

    @property
    def probed(self) -> Probed:
        return self.opened.probed

    @property
    def viewer(self) -> str:
        return self.opened.row.nanoid


PLAYLIST: Final = "application/vnd.apple.mpegurl"
VTT: Final = "text/vtt; charset=utf-8"


class Streams:
    """Bytes of sessions."""

    def __init__(
        self,
        *,
        db: Database,
        sessions: Sessions,
        supply: Supply,
        tracks: Tracks,
        settings: Callable[[], TranscodingSettings],
    ) -> None:
        self._db = db
        self._sessions = sessions
        self._supply = supply
        self._tracks = tracks
        self._settings = settings

    async def master(self, opened: Opened, query: str, *, base: str = "") -> Content:
        """The master playlist; `query` goes onto every address in it, `base` before it."""
        parts = await self.parts(opened)
        subtitles = [_words(one, opened) for one in await self.subtitles(opened) if one.is_text]
        sounds = [(one, sound_label(one)) for one in parts.probed.audio]
        text = playlists.master(self._variants(parts), sounds, subtitles, query, base=base)
        return Content(body=text.encode(), kind=PLAYLIST)

    async def playlist(self, opened: Opened, quality: str, query: str) -> Content:
        """All segments of one quality. Raises: NotFound."""
        parts = await self.parts(opened)
        self._plans(parts, quality)
        return Content(body=playlists.media(parts.film.plan, query).encode(), kind=PLAYLIST)

    async def piece(self, opened: Opened, quality: str, name: str) -> Content:
        """`init.mp4` or `seg-N.m4s`. Raises: NotFound; Busy, Unavailable, and what cutting raises."""
        parts = await self.parts(opened)
        video, audio = self._plans(parts, quality)
        kind = "audio/mp4" if video is None else "video/mp4"
        if name == "init.mp4":
            at = parts.film.plan.at(timedelta(milliseconds=opened.row.position_ms))
            body = await self._supply.init(parts.film, video, audio, at, parts.viewer)
            return Content(body=body, kind=kind, is_lasting=True)
        found = SEGMENT.fullmatch(name)
        if found is None or int(found[1]) >= parts.film.plan.count:
            raise NotFound("The segment")
        body = await self._supply.segment(parts.film, video, audio, int(found[1]), parts.viewer)
        return Content(body=body, kind=kind, is_lasting=True)

    async def progressive(self, opened: Opened, start: timedelta) -> AsyncIterator[bytes]:
        """One endless MP4 from the segment that shows `start`, for players that know no HLS. Raises: as `piece`."""
        parts = await self.parts(opened)
        decision, plan = parts.decision, parts.film.plan
        first = plan.at(start)
        yield await self._supply.init(parts.film, decision.video, decision.audio, first, parts.viewer)
        for number in range(first, plan.count):
            yield await self._supply.segment(parts.film, decision.video, decision.audio, number, parts.viewer)

    async def subtitle(self, opened: Opened, name: str, query: str) -> Content:
        """`4.vtt`, `4-12.vtt` (its 13th minute), `4.m3u8`, `4.ass`. Raises: NotFound, and what reading raises."""
        found = SUBTITLE.fullmatch(name)
        if found is None:
            raise NotFound("The subtitles")
        track = next((one for one in await self.subtitles(opened) if one.index == int(found[1])), None)
        if track is None or not track.is_text:
            raise NotFound("The subtitles")
        path, probed = opened.playable.path, opened.probed
        if found[3] == "m3u8":
            length = (probed.duration or timedelta()).total_seconds()
            return Content(body=playlists.subtitles(found[1], length, query).encode(), kind=PLAYLIST)
        if found[3] == "ass":
            return Content(body=(await self._tracks.raw_ass(path, track)).encode(), kind="text/x-ssa; charset=utf-8")
        if found[2] is not None:
            text = await self._tracks.segment(path, probed, track, int(found[2]))
            return Content(body=text.encode(), kind=VTT, is_lasting=True)
        return Content(body=(await self._tracks.whole(path, probed, track)).encode(), kind=VTT)

    async def subtitles(self, opened: Opened) -> list[SubtitleTrack]:
        """All subtitles of a session's file."""
        row = opened.row
        return await self._db.read(self._tracks.of_in, opened.probed, row.file_id, row.item_id)

    async def parts(self, opened: Opened) -> Parts:
        """A session with its plan; one that plays the file as it is gets a decision for HLS."""
        film = await self._sessions.judges.film(opened)
        facts = opened.row.facts
        decision = facts.decision
        if not decision.mode.is_hls:
            asked = replace(facts.asked, can_direct=False)
            profile = replace(facts.profile, hls=True)
            path = PurePath(opened.playable.path)
            decision = decide(opened.probed, path, profile, asked, has_index=film.keyframes is not None)
        return Parts(opened=opened, film=film, decision=decision)

    def _variants(self, parts: Parts) -> list[Variant]:
        decision = parts.decision
        found = [self._variant(parts, decision.quality, decision.video, decision.audio)]
        settings = self._settings()
        video = decision.video
        if settings.multi_quality and video is not None and parts.opened.row.facts.asked.quality == "auto":
            for rung in reversed(LADDER):
                smaller = rung.height < video.height and rung.most < video.bitrate
                if smaller and len(found) < settings.tiers:
                    found.append(self._variant(parts, rung.name, _rung(parts, rung.name), decision.audio))
        return found

    @staticmethod
    def _variant(parts: Parts, name: str, video: VideoPlan | None, audio: AudioPlan | None) -> Variant:
        sound = next((one for one in parts.probed.audio if audio and one.index == audio.stream), None)
        return Variant(name=name, video=video, audio=audio, source=parts.probed.video, sound=sound)

    @staticmethod
    def _plans(parts: Parts, quality: str) -> tuple[VideoPlan | None, AudioPlan | None]:
        """The pictures and the sound of a quality. Raises: NotFound."""
        decision = parts.decision
        if quality == decision.quality:
            return decision.video, decision.audio
        if (found := AUDIO.fullmatch(quality)) is not None:
            stream = next((one for one in parts.probed.audio if one.index == int(found[1])), None)
            if stream is not None:
                return None, sound_plan(stream, parts.opened.row.facts.profile)
        source = parts.probed.video
        if quality in RUNGS and source is not None and RUNGS[quality].height <= (source.height or 0):
            return _rung(parts, quality), decision.audio
        raise NotFound("The quality")


def sound_plan(stream: ProbedStream, profile: Profile) -> AudioPlan:
    """How another sound track than the chosen one is delivered."""
    channels = stream.channels or 2
    rule = profile.audio_rule(stream.codec)
    fits = rule is not None and (rule.max_channels is None or channels <= rule.max_channels)
    if fits and stream.codec in SEGMENT_AUDIO:
        rate = stream.bitrate_bps or SURROUND_BPS
        return AudioPlan(
            stream=stream.index, delivery=Delivery.COPY, codec=stream.codec, channels=channels, bitrate=rate
        )
    codec, count = sound_target(profile.audio, channels)
    rate = SURROUND_BPS if count > 2 else SURROUND_BPS // 2
    return AudioPlan(stream=stream.index, delivery=Delivery.TRANSCODE, codec=codec, channels=count, bitrate=rate)


def sound_label(stream: ProbedStream) -> str:
    """What people choose by: "English (EAC3 5.1)"."""
    name = language_name(stream.language or "") or stream.language or "Unknown"
    channels = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}.get(stream.channels or 0, f"{stream.channels or '?'} ch")
    title = f" - {stream.title}" if stream.title else ""
    return f"{name} ({stream.codec.upper()} {channels}){title}"


def _rung(parts: Parts, name: str) -> VideoPlan | None:
    source, decision = parts.probed.video, parts.decision
    if source is None or decision.video is None:
        return None
    rung = RUNGS[name]
    width, height = source.width or 1280, source.height or 720
    return VideoPlan(
        stream=source.index,
        delivery=Delivery.TRANSCODE,
        codec="h264",
        height=rung.height,
        width=width * rung.height // height // 2 * 2,
        bitrate=rung.most,
        tonemap=source.hdr is not None,
        burn=decision.video.burn,
        deinterlace=bool(source.is_interlaced),
    )


def _words(track: SubtitleTrack, opened: Opened) -> Words:
    return Words(
        name=str(track.index),
        label=label_of(track),
        language=track.language,
        is_default=track.index == opened.row.facts.asked.subtitle_track,
        is_forced=track.is_forced,
        is_hearing_impaired=track.is_hearing_impaired,
    )
