"""Small real media for the tests, made by ffmpeg once a run and copied: the shortest films there are."""

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

OLD = 1_700_000_000  # seconds; long before any test, so that no scan takes a file for unfinished


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="polycast-library-media-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def film(name: str = "film.mkv", *, seconds: int = 2, words: tuple[str, ...] = (), tone: int = 440) -> Path:
    """A film of a few seconds: H.264 64x36 and AAC, in the container that the name asks for. `tone` makes it unlike others."""
    place = _folder() / f"{seconds}-{tone}-{abs(hash(words))}-{name}"
    subprocess.run(
        [
            get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y",
            "-f", "lavfi", "-i", f"testsrc=size=64x36:rate=10:duration={seconds}",
            "-f", "lavfi", "-i", f"sine=frequency={tone}:duration={seconds}",
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k",
            *words, str(place),
        ],
        check=True,
    )  # fmt: skip
    return place


def put(root: Path, relative: str, source: Path | None = None, *, content: bytes | None = None) -> Path:
    """A file of a library at its place, with a time long gone."""
    place = root / relative
    place.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        place.write_bytes(content)
    else:
        shutil.copyfile(source or film(), place)
    age(place)
    return place


def age(place: Path) -> None:
    """Set a file's time to long ago."""
    os.utime(place, (OLD, OLD))
