"""Children for these tests: this very Python, confined like a media tool."""

import sys
from pathlib import Path

import pytest

from polycast.core.processes import Processes, Sandbox, Tool, Tools


@pytest.fixture
def processes() -> Processes:
    return Processes(Tools())


@pytest.fixture
def landlocked() -> Processes:
    found = Processes(Tools())
    if found.sandbox is not Sandbox.LANDLOCK:
        pytest.skip("this kernel has no Landlock")
    return found


@pytest.fixture
def python() -> Tool:
    real = Path(sys.executable).resolve()
    return Tool("python", real, (real.parent.parent,))
