"""What the status pages say about child processes. Apart, because it knows `core/module`, which media children must not load."""

from polycast.core.errors import Unavailable
from polycast.core.module import HealthLine
from polycast.core.processes.confine import landlock_abi
from polycast.core.processes.running import Processes
from polycast.core.processes.tools import Sandbox


def health(processes: Processes) -> list[HealthLine]:
    """How well children are held, and which ffmpeg there is."""
    texts = {
        Sandbox.LANDLOCK: f"Media tools are confined by Landlock (version {landlock_abi()}).",
        Sandbox.BUBBLEWRAP: "Media tools are confined by bubblewrap.",
        Sandbox.NONE: "Media tools run WITHOUT a sandbox: this kernel has no Landlock. Use Linux 6.7 or newer, or "
        "install bubblewrap.",
    }
    lines = [HealthLine(name="sandbox", ok=processes.sandbox is not Sandbox.NONE, text=texts[processes.sandbox])]
    try:
        lines.append(HealthLine(name="ffmpeg", ok=True, text=f"ffmpeg is {processes.tools.ffmpeg.path.name}."))
    except Unavailable as error:
        lines.append(HealthLine(name="ffmpeg", ok=False, text=error.message))
    return lines
