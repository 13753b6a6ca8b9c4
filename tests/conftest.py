"""What may be skipped, and how it is counted.

`needs_data` (the third-party files beside the project) and `needs_kernel` may skip anywhere. A missing system package
skips on a developer's machine and fails where `CI=true`.
"""

import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest

from polycast.core.processes.confine import landlock_abi
from tests.house.reached import keep, note_routes

DATA = Path(__file__).parents[2] / "shared" / "data"
LONGEST_TEST_S = 900
REACHED = note_routes()
IS_CI = os.environ.get("CI") == "true"


@cache
def has_namespaces() -> bool:
    """Whether this machine lets us make network namespaces and move into them."""
    return shutil.which("unshare") is not None and (
        subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_data") and not DATA.is_dir():
        pytest.skip("needs_data: ../shared/data is not here")
    if item.get_closest_marker("needs_kernel") and not (landlock_abi() and has_namespaces()):
        pytest.skip("needs_kernel: no Landlock or no network namespaces")
    for marker in item.iter_markers("needs_tool"):
        tool = str(marker.args[0])
        if tool == "postgresql" or shutil.which(tool):  # PostgreSQL is asked by the fixture that uses it
            continue
        if IS_CI:
            pytest.fail(f"{tool} is not installed; tools/packages should have installed it")
        pytest.skip(f"needs_tool: {tool} is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that stands still fails, so that the others are heard."""

    def late(*_: object) -> None:
        raise TimeoutError(f"{item.nodeid} stood still for {LONGEST_TEST_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST_TEST_S)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def pytest_sessionfinish() -> None:
    if REACHED:
        keep(REACHED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {count}: {reason.removeprefix('Skipped: ')}")
