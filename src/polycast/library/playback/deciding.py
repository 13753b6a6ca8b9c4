"""How a file is played on a device: a pure function, and a reason for every no."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from polycast.library.playback.model import (
    LADDER,
    RUNGS,
    Asked,
    AudioPlan,
    AudioRule,
    Decision,
    Delivery,
    Mode,
    Profile,
    VideoPlan,
)
from polycast.library.probing.model import Probed, ProbedStream

# Codecs that fragmented MP4 holds and that players of HLS read there.
SEGMENT_VIDEO: Final = frozenset({"h264", "hevc", "av1", "vp9"})
SEGMENT_AUDIO: Final = frozenset({"aac", "ac3", "eac3", "opus", "flac", "mp3"})
TEXT_SUBTITLES: Final = frozenset({"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"})
STYLED: Final = frozenset({"ass", "ssa"})
STEREO_BPS: Final = 192_000
SURROUND_BPS: Final = 384_000
UNKNOWN_BPS: Final = 8_000_000
AROUND_BPS: Final = 1_000_000  # what sound and container may add


def container_word(probed: Probed, path: PurePath) -> str:
    """The container as devices call it: "mp4", "mkv", "webm", "ts", "avi" ..."""
    names = probed.container.split(",")
    if "mp4" in names or "mov" in names:
        return "mp4"
    if "matroska" in names:
        return "webm" if path.suffix.lower() == ".webm" else "mkv"
    return {"mpegts": "ts", "mpeg": "mpg", "asf": "wmv"}.get(names[0], names[0])


def is_text(codec: str) -> bool:
    """Whether subtitles of this codec are words and no pictures."""
    return codec in TEXT_SUBTITLES


def decide(probed: Probed, path: PurePath, profile: Profile, asked: Asked, *, has_index: bool = True) -> Decision:
    """The cheapest way to play a file on a device. `has_index`: whether its pictures can be entered for copying."""
    judge = _Judge(probed, path, profile, asked)
    video, audio = probed.video, judge.chosen_audio
    judge.look_at_container()
    judge.look_at_audio()
    judge.look_at_subtitles()
    judge.look_at_video()
    if judge.video_ok and judge.audio_ok and judge.container_ok and asked.can_direct:
        return judge.decision(Mode.DIRECT_PLAY, Delivery.COPY, Delivery.COPY)
    sound = Delivery.COPY if judge.audio_ok else Delivery.TRANSCODE
    if judge.video_ok and video is not None and not profile.hls:
        if judge.container_ok and not judge.audio_ok:
            return judge.decision(Mode.DIRECT_AUDIO, Delivery.COPY, Delivery.TRANSCODE)
        return judge.decision(Mode.REMUX if judge.audio_ok else Mode.REMUX_AUDIO, Delivery.COPY, sound)
    if judge.audio_ok and audio is not None and audio.codec not in SEGMENT_AUDIO:
        judge.no("AudioCodecNotSupported")
        sound = Delivery.TRANSCODE
    copyable = judge.video_ok and video is not None and video.codec in SEGMENT_VIDEO
    if judge.video_ok and video is not None and not copyable:
        judge.no("VideoCodecNotSupported")
    if copyable and not has_index:
        judge.no("NoIndex")
        copyable = False
    if video is None and audio is not None:
        copyable = True
    if copyable:
        return judge.decision(Mode.REMUX_HLS if sound is Delivery.COPY else Mode.REMUX_HLS_AUDIO, Delivery.COPY, sound)
    return judge.decision(Mode.TRANSCODE_HLS, Delivery.TRANSCODE, sound)


class _Judge:
    """Collects the reasons on the way."""

    def __init__(self, probed: Probed, path: PurePath, profile: Profile, asked: Asked) -> None:
        self._probed = probed
        self._profile = profile
        self._asked = asked
        self._reasons: list[str] = []
        self.container = container_word(probed, path)
        self.container_ok = self.video_ok = self.audio_ok = True
        self.chosen_audio = _chosen(probed.audio, asked.audio_track)
        self._subtitle: ProbedStream | None = None
        self._subtitle_delivery: Delivery | None = None
        self._height, self._cap = self._limits()

    def no(self, reason: str) -> None:
        if reason not in self._reasons:
            self._reasons.append(reason)

    def look_at_container(self) -> None:
        if self.container not in self._profile.containers and "*" not in self._profile.containers:
            self.container_ok = False
            self.no("ContainerNotSupported")

    def look_at_audio(self) -> None:
        audio = self.chosen_audio
        if audio is None:
            return
        rule = self._profile.audio_rule(audio.codec)
        if rule is None:
            self.audio_ok = False
            self.no("AudioCodecNotSupported")
        elif rule.max_channels is not None and (audio.channels or 2) > rule.max_channels:
            self.audio_ok = False
            self.no("AudioChannelsNotSupported")
        is_first = not self._probed.audio or audio.index == self._probed.audio[0].index
        if not is_first and "*" not in self._profile.containers:
            self.container_ok = False
            self.no("SecondaryAudioNotSupported")

    def look_at_subtitles(self) -> None:
        wanted = self._asked.subtitle_track
        stream = next((one for one in self._probed.subtitles if one.index == wanted), None)
        if stream is None:
            return
        self._subtitle = stream
        if is_text(stream.codec) or stream.codec in self._profile.subtitles or "*" in self._profile.subtitles:
            self._subtitle_delivery = Delivery.EXTERNAL
            return
        self._subtitle_delivery = Delivery.BURN
        self.video_ok = False
        self.no("SubtitleCodecNotSupported")

    def look_at_video(self) -> None:
        video = self._probed.video
        if video is None:
            return
        rule = self._profile.video_rule(video.codec)
        if not self._asked.can_copy:
            self._refuse("DirectPlayError")
        if rule is None:
            self._refuse("VideoCodecNotSupported")
        else:
            if rule.max_level is not None and (video.level or 0) > rule.max_level:
                self._refuse("VideoLevelNotSupported")
            if rule.max_height is not None and (video.height or 0) > rule.max_height:
                self._refuse("VideoResolutionNotSupported")
            if rule.bit_depth is not None and (video.bit_depth or 8) > rule.bit_depth:
                self._refuse("VideoBitDepthNotSupported")
            if rule.profiles is not None and (video.profile or "").lower() not in rule.profiles:
                self._refuse("VideoProfileNotSupported")
        if video.hdr is not None and video.hdr not in self._profile.hdr and "*" not in self._profile.hdr:
            self._refuse("VideoRangeTypeNotSupported")
        if self._height is not None and (video.height or 0) > self._height:
            self._refuse("VideoResolutionNotSupported")
        if self._cap is not None and self._bitrate() > self._cap:
            self._refuse("ContainerBitrateExceedsLimit")

    def decision(self, mode: Mode, picture: Delivery, sound: Delivery) -> Decision:
        return Decision(
            mode=mode,
            reasons=tuple(self._reasons),
            container=self.container,
            video=self._video_plan(picture),
            audio=self._audio_plan(sound),
            subtitle=None if self._subtitle is None else self._subtitle.index,
            subtitle_delivery=self._subtitle_delivery,
            quality="original" if picture is Delivery.COPY else self._quality(),
        )

    def _refuse(self, reason: str) -> None:
        self.video_ok = False
        self.no(reason)

    def _limits(self) -> tuple[int | None, int | None]:
        """(lines, bits a second) that quality and device allow."""
        caps = [cap for cap in (self._asked.max_bitrate, self._profile.max_bitrate) if cap]
        rung = RUNGS.get(self._asked.quality)
        if rung is not None:
            caps.append(rung.most + AROUND_BPS)
        return (rung.height if rung else None), (min(caps) if caps else None)

    def _bitrate(self) -> int:
        if self._probed.bitrate_bps:
            return self._probed.bitrate_bps
        duration = self._probed.duration
        if duration and duration.total_seconds() > 0:
            return int(self._probed.size_bytes * 8 / duration.total_seconds())
        return UNKNOWN_BPS

    def _video_plan(self, delivery: Delivery) -> VideoPlan | None:
        video = self._probed.video
        if video is None:
            return None
        width, height = video.width or 1280, video.height or 720
        if delivery is Delivery.COPY:
            rate = video.bitrate_bps or self._bitrate()
            return VideoPlan(
                stream=video.index, delivery=delivery, codec=video.codec, height=height, width=width, bitrate=rate
            )
        target = self._target_height(height)
        rung = next((one for one in LADDER if one.height >= target), LADDER[-1])
        most = rung.most
        if self._cap is not None:
            most = max(200_000, min(most, self._cap - STEREO_BPS))
        return VideoPlan(
            stream=video.index,
            delivery=delivery,
            codec="h264",
            height=target,
            width=_even(width * target / height),
            bitrate=most,
            tonemap=video.hdr is not None,
            burn=self._subtitle.index if self._subtitle and self._subtitle_delivery is Delivery.BURN else None,
            deinterlace=bool(video.is_interlaced),
        )

    def _target_height(self, height: int) -> int:
        rule = self._profile.video_rule("h264")
        bounds = [height, 2160]
        if self._height is not None:
            bounds.append(self._height)
        if rule is not None and rule.max_height is not None:
            bounds.append(rule.max_height)
        if self._cap is not None:
            fitting = [one.height for one in LADDER if one.average + STEREO_BPS <= self._cap]
            bounds.append(fitting[-1] if fitting else LADDER[0].height)
        return max(2, _even(min(bounds)))

    def _quality(self) -> str:
        video = self._probed.video
        height = self._target_height(video.height or 720) if video else 720
        return next((one.name for one in LADDER if one.height >= height), LADDER[-1].name)

    def _audio_plan(self, delivery: Delivery) -> AudioPlan | None:
        audio = self.chosen_audio
        if audio is None:
            return None
        channels = audio.channels or 2
        if delivery is Delivery.COPY:
            rate = audio.bitrate_bps or (STEREO_BPS if channels <= 2 else SURROUND_BPS)
            return AudioPlan(stream=audio.index, delivery=delivery, codec=audio.codec, channels=channels, bitrate=rate)
        codec, count = sound_target(self._profile.audio, channels)
        return AudioPlan(
            stream=audio.index,
            delivery=delivery,
            codec=codec,
            channels=count,
            bitrate=STEREO_BPS if count <= 2 else SURROUND_BPS,
        )


def sound_target(rules: Sequence[AudioRule], channels: int) -> tuple[str, int]:
    """(codec, channels) that sound is encoded to: surround where the device takes it, else stereo AAC."""
    if channels > 2:
        for codec in ("eac3", "ac3", "aac"):
            rule = next((one for one in rules if one.codec == codec), None)
            if rule is not None and (rule.max_channels is None or rule.max_channels >= 6):
                return codec, 6
    return "aac", 1 if channels == 1 else 2


def ladder_for(height: int, bitrate: int) -> list[tuple[str, int, int]]:
    """(name, lines, bits a second) of what may be chosen below the original, the best first."""
    return [
        (rung.name, rung.height, rung.most)
        for rung in reversed(LADDER)
        if rung.height < height or (rung.height == height and rung.most < bitrate)
    ]


def _chosen(streams: Sequence[ProbedStream], wanted: int | None) -> ProbedStream | None:
    if wanted is not None:
        found = next((one for one in streams if one.index == wanted), None)
        if found is not None:
            return found
    return next((one for one in streams if one.is_default and not one.is_comment), streams[0] if streams else None)


def _even(value: float) -> int:
    return int(value) // 2 * 2
