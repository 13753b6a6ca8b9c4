"""Containers and decoders that media tools may use. What is not named here never meets foreign bytes."""

from pathlib import Path
from typing import Final

# Left out on purpose: those that open other files or addresses (hls, dash, concat, image2, sdp, rtsp, imf, tty, lavfi),
# and formats nobody keeps films or music in.
FORMATS: Final = (
    "matroska", "webm", "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "mpegts", "mpegtsraw", "mpeg", "mpegvideo", "avi", "asf", "flv",
    "live_flv", "ogg", "mp3", "aac", "ac3", "eac3", "dts", "dtshd", "truehd", "flac", "wav", "w64", "aiff", "caf", "ape", "wv",
    "tta", "mpc", "mpc8", "rm", "vob", "h264", "hevc", "m4v", "ivf", "obu", "av1", "mxf", "gxf", "nut", "dv", "wtv", "amr", "au",
    "srt", "ass", "webvtt", "sup", "loas",
)  # fmt: skip

DECODERS: Final = (
    "h264", "hevc", "vvc", "mpeg1video", "mpeg2video", "mpegvideo", "mpeg4", "msmpeg4", "msmpeg4v1", "msmpeg4v2", "h263", "h263p",
    "flv", "vp6", "vp6f", "vp7", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "libaom-av1", "theora", "vc1", "wmv1",
    "wmv2", "wmv3", "prores", "dnxhd", "dvvideo", "ffv1", "mjpeg", "rv30", "rv40", "svq3",
    "aac", "aac_fixed", "aac_latm", "ac3", "ac3_fixed", "eac3", "dca", "truehd", "mlp", "mp1", "mp1float", "mp2", "mp2float", "mp3",
    "mp3float", "flac", "alac", "vorbis", "opus", "libopus", "wmav1", "wmav2", "wmapro", "wmalossless", "ape", "wavpack", "tta",
    "mpc7", "mpc8", "cook", "amrnb", "amrwb", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le",
    "pcm_u8", "pcm_alaw", "pcm_mulaw", "pcm_bluray", "pcm_dvd", "adpcm_ima_wav", "adpcm_ms",
    "ass", "ssa", "srt", "subrip", "webvtt", "mov_text", "dvbsub", "dvb_subtitle", "dvdsub", "dvd_subtitle", "pgssub",
    "hdmv_pgs_subtitle", "cc_dec", "libzvbi_teletextdec", "png", "bmp", "gif", "webp",
)  # fmt: skip


def input_words(*, protocols: str = "pipe,fd", formats: tuple[str, ...] = FORMATS) -> list[str]:
    """The options that stand before each `-i` of an ffmpeg call; `protocols` is "file" for inputs named by `file_word`."""
    return [
        "-protocol_whitelist",
        protocols,
        "-format_whitelist",
        ",".join(formats),
        "-codec_whitelist",
        ",".join(DECODERS),
    ]


def file_word(path: Path) -> str:
    """A path as ffmpeg takes it, whatever its name looks like: never an option, a protocol or a pattern."""
    return f"file:{path.absolute()}"
