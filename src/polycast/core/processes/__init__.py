"""Child processes: the only door to them."""

from asyncio.subprocess import DEVNULL, PIPE

from polycast.core.processes.profiles import profile_argv
from polycast.core.processes.running import Finished, Processes, Running
from polycast.core.processes.tools import Limits, Sandbox, Tool, Tools

__all__ = ["DEVNULL", "PIPE", "Finished", "Limits", "Processes", "Running", "Sandbox", "Tool", "Tools", "profile_argv"]
