"""The parent process: forks the web process and the workers, restarts what dies, stops all when asked.

It opens no file and starts no thread of its own, so that a fork copies nothing but imported code: three processes
then share their imports. Listening sockets are opened here and inherited; while a web process is being restarted,
new connections wait in the kernel instead of being refused.
"""

import ctypes
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from msgspec import Struct

log = logging.getLogger("polycast.supervisor")

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15  # 15 bytes, seen in ps and /proc/<pid>/comm
STOP_GRACE_S = 12.0  # the web process gives itself 10
STEADY_S = 30.0  # a process that lived this long has earned a restart without wait
LONGEST_WAIT_S = 10.0


class Duty(Struct, frozen=True, kw_only=True):
    """A kind of child: its name in logs, what it runs, its niceness."""

    name: str
    run: Callable[[], int]  # returns the exit code
    nice: int = 0


class _Child(Struct):
    duty: Duty
    pid: int
    started: float
    failures: int = 0


class Supervisor:
    """Keeps one process for each duty alive until SIGTERM or SIGINT."""

    def __init__(self, duties: list[Duty], *, prepare: Callable[[], int]) -> None:
        """`prepare` runs in a child of its own before the duties start; a code other than 0 ends everything."""
        self._duties = duties
        self._prepare = prepare
        self._children: dict[int, _Child] = {}
        self._stopping = False
        self._again = False

    def run(self) -> int:
        """Prepare, fork, watch, restart. SIGHUP stops all and begins again. Returns 0 after an orderly stop."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._restart)
        gc.collect()
        gc.freeze()  # the children's collectors leave what they share with us alone, so it stays shared
        while not self._is_stopping():
            code = wait_for(fork_child(self._prepare))
            if code:
                return 0 if self._is_stopping() else code
            self._again = False
            for duty in self._duties:
                self._start(duty, failures=0)
            while self._children and not self._is_stopping() and not self._again:
                self._reap_one()
            self._end_all()
        return 0

    def _is_stopping(self) -> bool:
        """Asked each time: a signal may have come in between."""
        return self._stopping

    def _stop(self, *_: object) -> None:
        self._stopping = True
        self._tell_all()

    def _restart(self, *_: object) -> None:
        self._again = True
        self._tell_all()

    def _tell_all(self) -> None:
        """Wakes `os.wait` too, which goes on after a signal until a child has ended."""
        for pid in list(self._children):
            _kill(pid, signal.SIGTERM)

    def _start(self, duty: Duty, *, failures: int) -> None:
        pid = fork_child(duty.run, name=f"poly-{duty.name}", nice=duty.nice)
        self._children[pid] = _Child(duty, pid, time.monotonic(), failures)

    def _reap_one(self) -> None:
        try:
            pid, status = os.wait()
        except InterruptedError:
            return
        except ChildProcessError:
            return
        child = self._children.pop(pid, None)
        if child is None or self._stopping or self._again:
            return
        lived = time.monotonic() - child.started
        failures = 0 if lived > STEADY_S else child.failures + 1
        log.error("%s ended (%s) after %.1f s; starting it again", child.duty.name, _how(status), lived)
        if failures > 1:
            self._wait(min(LONGEST_WAIT_S, 0.25 * 2.0 ** (failures - 2)))
        if not self._stopping:
            self._start(child.duty, failures=failures)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def _end_all(self) -> None:
        self._tell_all()
        end = time.monotonic() + STOP_GRACE_S
        while self._children and time.monotonic() < end:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid:
                self._children.pop(pid, None)
            else:
                time.sleep(0.02)
        for pid in self._children:
            log.error("process %d did not stop in %.0f s; killed", pid, STOP_GRACE_S)
            _kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._children.clear()


def ask_restart() -> None:
    """From a child: have every process start again, through `prepare`."""
    os.kill(os.getppid(), signal.SIGHUP)


def fork_child(run: Callable[[], int], *, name: str = "polycast", nice: int = 0) -> int:
    """Fork; the child runs `run` and ends with its code, and dies when its parent does. `name` is what `ps` shows."""
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        _be_child(run, parent, name, nice)
    return pid


def _be_child(run: Callable[[], int], parent: int, name: str, nice: int) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the group; the parent passes on what it means
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(PR_SET_NAME, name.encode()[:15])
        if os.getppid() == parent:
            if nice:
                os.nice(nice)
            code = run()
    except KeyboardInterrupt:
        code = 130
    except Exception:
        log.exception("a child process failed")
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def wait_for(pid: int) -> int:
    """Exit code of a child, as a shell counts."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
