"""Codecs as browsers name them. Source: RFC 6381; the bindings of each codec to MP4."""

from typing import Final

from polycast.library.probing.model import ProbedStream

H264: Final = {
    "constrained baseline": "42E0",
    "baseline": "4200",
    "extended": "5800",
    "main": "4D40",
    "high": "6400",
    "high 10": "6E00",
    "high 10 intra": "6E10",
    "high 4:2:2": "7A00",
    "high 4:4:4 predictive": "F400",
}
AUDIO: Final = {
    "aac": "mp4a.40.2",
    "mp3": "mp4a.40.34",
    "ac3": "ac-3",
    "eac3": "ec-3",
    "opus": "opus",
    "libopus": "opus",
    "flac": "fLaC",
    "alac": "alac",
    "vorbis": "vorbis",
    "dts": "dtsc",
    "truehd": "mlpa",
}


def codec_word(stream: ProbedStream) -> str:
    """ "avc1.640028", "hvc1.2.4.L153.B0", "mp4a.40.2"; "" for what browsers have no name for."""
    depth = stream.bit_depth or 8
    match stream.codec:
        case "h264":
            return h264_word(stream.profile or "high", stream.level or 40)
        case "hevc":
            space, flags = ("2", "4") if depth > 8 or "10" in (stream.profile or "") else ("1", "6")
            return f"hvc1.{space}.{flags}.L{stream.level or 120}.B0"
        case "av1":
            level = stream.level if stream.level is not None and 0 <= stream.level < 24 else 8
            return f"av01.0.{level:02d}M.{depth:02d}"
        case "vp9":
            profile = "02" if depth > 8 else "00"
            return f"vp09.{profile}.{stream.level or 41}.{depth:02d}"
        case "vp8":
            return "vp8"
        case "aac" if "he" in (stream.profile or "").lower():
            return "mp4a.40.29" if "v2" in (stream.profile or "").lower() else "mp4a.40.5"
        case codec:
            return AUDIO.get(codec, "")


def h264_word(profile: str, level: int) -> str:
    """The name of H.264 of a profile (as ffmpeg words it) and a level (41 for 4.1)."""
    return f"avc1.{H264.get(profile.lower(), '6400')}{level:02X}"
