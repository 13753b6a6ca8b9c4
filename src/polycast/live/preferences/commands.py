"""Whether a command line of a profile may be run: asked when it is written, so that nobody finds out while watching."""

from polycast.core.processes import profile_argv


def check_command(command: str, parameters: str) -> None:
    """Raises: Invalid at `command` or `parameters`, with the reason in words."""
    profile_argv(command, parameters, {})
