"""Small pieces of real music, made once a run."""

import subprocess
from functools import cache

import imageio_ffmpeg


@cache
def song(*, seconds: int = 2, title: str = "", artist: str = "", tone: int = 440) -> bytes:
    """An MP3 with a tone in it and the tags that are given."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi"]
    argv += ["-i", f"sine=frequency={tone}:duration={seconds}:sample_rate=44100", "-b:a", "128k"]
    for name, value in (("title", title), ("artist", artist)):
        argv += ["-metadata", f"{name}={value}"] if value else []
    return subprocess.run([*argv, "-f", "mp3", "-"], check=True, capture_output=True).stdout
