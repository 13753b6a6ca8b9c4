"""Which outside programs there are, and how a call of one is confined."""

import os
import shutil
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import imageio_ffmpeg
from msgspec import Struct

from polycast.core.errors import Unavailable
from polycast.core.processes.confine import knows_syscalls, landlock_abi

GIB: Final = 1024**3
BUBBLEWRAP: Final = Path("/usr/bin/bwrap")


class Tool(Struct, frozen=True):
    """A program on this machine."""

    name: str  # "ffmpeg"
    path: Path  # absolute
    needs: tuple[Path, ...] = ()  # what it reads and runs besides itself and the system's folders
    starts_children: bool = False  # a tool that has to start processes of its own


class Limits(Struct, frozen=True, kw_only=True):
    """What one call may take."""

    memory_bytes: int = 4 * GIB  # of address space
    file_bytes: int = 64 * GIB  # the size of any file it writes
    open_files: int = 256
    cpu: timedelta | None = None
    wall: timedelta | None = None  # the whole group is killed after it
    processes: int = 4096  # of the whole user, threads counted; the kernel does not hold root to it
    nice: int = 0


class Sandbox(StrEnum):
    """What holds a child in its place, besides limits."""

    LANDLOCK = "landlock"
    BUBBLEWRAP = "bubblewrap"
    NONE = "none"


def best_sandbox() -> Sandbox:
    """The strongest this machine offers: Landlock that knows about TCP, else bubblewrap, else nothing."""
    if landlock_abi() >= 4 or (landlock_abi() and knows_syscalls()):
        return Sandbox.LANDLOCK
    return Sandbox.BUBBLEWRAP if BUBBLEWRAP.exists() else Sandbox.NONE


class Tools:
    """The programs Polycast may run. Paths come from the host's configuration or from the package itself."""

    def __init__(self, *, ffmpeg: str = "") -> None:
        self._ffmpeg = ffmpeg

    @property
    def ffmpeg(self) -> Tool:
        """Raises: Unavailable, when the configured one is not there."""
        path = Path(self._ffmpeg or imageio_ffmpeg.get_ffmpeg_exe())
        if not path.is_absolute():
            path = Path(shutil.which(str(path)) or path)
        if not os.access(path, os.X_OK):
            raise Unavailable("ffmpeg was not found; set its path in the configuration of the host.")
        return Tool("ffmpeg", path.resolve())

    @property
    def ffprobe(self) -> Tool | None:
        """The system's, for diagnosis only; the package brings none, and Polycast itself probes with PyAV."""
        return self.find("ffprobe")

    def find(self, name: str) -> Tool | None:
        """A program of the system by its plain name, None when it is not installed."""
        path = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
        return Tool(name, Path(path).resolve()) if path else None


def bubblewrap(
    tool: Tool, *, read: Sequence[Path], write: Sequence[Path], devices: Sequence[Path], network: bool
) -> list[str]:
    """The words before a tool's own that let bubblewrap hold it where the kernel has no Landlock."""
    words = [str(BUBBLEWRAP), "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    if network:
        words.append("--share-net")
    for system in ("/usr", "/lib", "/lib64", "/bin", "/etc/fonts"):
        words += ["--ro-bind-try", system, system]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - its own, empty one
    for path in (tool.path, *tool.needs, *read):
        words += ["--ro-bind", str(path), str(path)]
    for path in write:
        words += ["--bind", str(path), str(path)]
    for path in devices:
        words += ["--dev-bind", str(path), str(path)]
    return [*words, "--setenv", "LC_ALL", "C.UTF-8", "--"]
