"""The arguments with which ffmpeg encodes pictures anew, one segment a fragment, at the boundaries of the plan."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from polycast.core.processes.allowed import file_word, input_words
from polycast.library.playback.model import VideoPlan
from polycast.library.playback.plan import SECOND, Plan

EARLY_US: Final = 5_000  # before a boundary, so that rounding never loses its frame
MOVFLAGS: Final = "+frag_keyframe+delay_moov+default_base_moof+frag_discont"
TONEMAP: Final = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
)
KEYS_AHEAD: Final = 4000  # forced entry points named at once; a film of four hours has 3,600


class Encoder(Struct, frozen=True, kw_only=True):
    """Which encoder there is, and how quick it should be."""

    name: str = "libx264"
    preset: str = "veryfast"
    crf: int = 23
    threads: int = 0
    device: str = ""  # "/dev/dri/renderD128"


def encode_argv(path: Path, plan: Plan, video: VideoPlan, first: int, encoder: Encoder) -> list[str]:
    """From segment `first` to the end of the film, pictures alone, on the output."""
    start = max(0, plan.start(first) - EARLY_US)
    words = ["-hide_banner", "-nostdin", "-loglevel", "error", "-copyts", "-start_at_zero"]
    words += _device_words(encoder)
    if first:
        words += ["-ss", _seconds(start)]
    words += [*input_words(protocols="file"), "-i", file_word(path)]
    words += _picture_words(video, encoder)
    words += ["-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]
    words += _codec_words(video, encoder)
    bounds = plan.starts_us[first : first + KEYS_AHEAD]
    words += ["-force_key_frames", ",".join(_seconds(bound) for bound in bounds)]
    words += ["-fps_mode", "passthrough", "-enc_time_base", "demux", "-avoid_negative_ts", "disabled"]
    return [*words, "-f", "mp4", "-movflags", MOVFLAGS, "pipe:1"]


def _picture_words(video: VideoPlan, encoder: Encoder) -> list[str]:
    chain = []
    if video.deinterlace:
        chain.append("yadif=deint=interlaced")
    if video.tonemap:
        chain.append(TONEMAP)
    chain.append(f"scale={video.width}:{video.height}:flags=bicubic")
    chain.append("format=yuv420p" if not encoder.name.endswith("_vaapi") else "format=nv12,hwupload")
    filters = ",".join(chain)
    if video.burn is None:
        return ["-map", f"0:{video.stream}", "-vf", filters]
    drawn = f"[0:{video.stream}][0:{video.burn}]overlay=eof_action=pass,{filters}[shown]"
    return ["-filter_complex", drawn, "-map", "[shown]"]


def _codec_words(video: VideoPlan, encoder: Encoder) -> list[str]:
    most = str(video.bitrate)
    words = ["-c:v", encoder.name, "-maxrate", most, "-bufsize", str(video.bitrate * 2), "-g", "9999"]
    if encoder.name == "libx264":
        words += ["-preset", encoder.preset, "-crf", str(encoder.crf), "-profile:v", "high", "-sc_threshold", "0"]
        words += ["-rc-lookahead", "10"]
    else:
        words += ["-b:v", str(video.bitrate * 3 // 4)]
    if encoder.name.endswith("_nvenc"):
        words += ["-no-scenecut", "1", "-forced-idr", "1"]
    if encoder.threads:
        words += ["-threads", str(encoder.threads)]
    return words


def _device_words(encoder: Encoder) -> list[str]:
    return ["-vaapi_device", encoder.device] if encoder.name.endswith("_vaapi") and encoder.device else []


def _seconds(us: int) -> str:
    return f"{us // SECOND}.{us % SECOND:06d}"


def level_of(height: int, width: int) -> Sequence[int]:
    """(profile, level) that H.264 of this size is announced with: High, and the level of its frame at 60 Hz at most."""
    area = height * width
    for most, level in ((414_720, 31), (983_040, 40), (2_228_224, 42), (9_437_184, 51)):
        if area <= most:
            return (100, level)
    return (100, 52)
