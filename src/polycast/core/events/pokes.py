"""Pokes: small frames that wake the other processes after a commit. They may be lost; whoever waits also looks."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Final, Protocol

LONGEST_FRAME: Final = 32 * 1024  # bytes; a longer one is not sent, its topic alone is
FRAMES_A_READ: Final = 256  # then the loop gets its turn
BETWEEN: Final = b"\x1f"  # topic and payload; both are text, so that NOTIFY can carry them

Heard = Callable[[bytes], None]


def link_pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a link, for the supervisor to hand out before it forks; nameless, it never leaves the machine.

    Sequenced packets keep a frame whole, so a process that dies in the middle of a read leaves no half frame to its
    successor; their queue is bounded in bytes (plain datagrams stop at ten).
    """
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Notices(Protocol):
    """The way to other nodes, where there are any."""

    def send(self, topic: str, payload: bytes) -> None:
        """Hand a poke over; never blocks, may drop it. Called on the loop."""
        ...

    async def run(self, heard: Callable[[str, bytes], None]) -> None:
        """Deliver the pokes of other nodes until cancelled."""
        ...


class Bell:
    """One waiter's own memory of a topic: a poke between two waits is not forgotten."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the waiter. Only on the loop."""
        self._rung.set()

    async def wait(self, timeout: timedelta) -> bool:
        """True as soon as it has been rung since the last wait, False after `timeout`."""
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Pokes:
    """Topics and small payloads, told to this process, to the processes at `links`, and to other nodes.

    `links` are file descriptors of `link_pair` ends. With `relay` a frame from one link also goes to the others and to
    other nodes: the web process stands in the middle of its workers, and their only way out. In one process (tests)
    there are no links.
    """

    def __init__(self, links: Sequence[int] = (), *, relay: bool = False, notices: Notices | None = None) -> None:
        self._links = list(links)
        self._relay = relay
        self._notices = notices if relay or not links else None
        self._bells: dict[str, list[Bell]] = {}
        self._ears: dict[str, list[Heard]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread: int | None = None
        for link in self._links:
            os.set_blocking(link, False)

    def poke(self, topic: str, payload: bytes = b"", *, far: bool = True) -> None:
        """Wake everybody who waits for `topic`, here and, if `far`, on other nodes. From any thread; never blocks.

        After a commit `far` is the database's own doing (`Unit.notify`). `payload` is UTF-8; one that is too long for
        a frame stays in this process, and the others get the topic alone.
        """
        frame = _frame(topic, payload)
        _send_all(self._links, frame)
        self.on_loop(self._here_and_far if far else self._here, topic, payload)

    @contextmanager
    def bell(self, topic: str) -> Iterator[Bell]:
        """A bell that rings at each poke of `topic` while the block lasts. Only on the loop."""
        self._attach()
        bell = Bell()
        self._bells.setdefault(topic, []).append(bell)
        try:
            yield bell
        finally:
            self._bells[topic].remove(bell)

    async def wait(self, topic: str, timeout: timedelta) -> bool:
        """True at the first poke of `topic` from now on, False after `timeout`."""
        with self.bell(topic) as bell:
            return await bell.wait(timeout)

    @contextmanager
    def hear(self, topic: str, heard: Heard) -> Iterator[None]:
        """Call `heard` on the loop with the payload of each poke of `topic`, our own too, while the block lasts."""
        self._attach()
        self._ears.setdefault(topic, []).append(heard)
        try:
            yield
        finally:
            self._ears[topic].remove(heard)

    async def run(self) -> None:
        """Listen to the links and to other nodes until cancelled."""
        self._attach()
        with ExitStack() as stack:
            for link in self._links:
                stack.enter_context(self._reading(link))
            if self._notices is None:
                await asyncio.Event().wait()
            else:
                await self._notices.run(self._from_afar)

    def _attach(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()

    def on_loop(self, fn: Callable[..., None], *args: object) -> bool:
        """Call `fn` on the loop, from any thread; at once when we are there. False when nobody has listened yet."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        if self._loop_thread == threading.get_ident():
            fn(*args)
        else:
            with suppress(RuntimeError):  # closed this moment
                loop.call_soon_threadsafe(fn, *args)
        return True

    def later(self, wait: timedelta, fn: Callable[[], None]) -> asyncio.TimerHandle:
        """Call `fn` after `wait`. Only on the loop."""
        return asyncio.get_running_loop().call_later(wait.total_seconds(), fn)

    def _here_and_far(self, topic: str, payload: bytes) -> None:
        self._here(topic, payload)
        if self._notices is not None:
            self._notices.send(topic, payload)

    def _here(self, topic: str, payload: bytes) -> None:
        for bell in self._bells.get(topic, ()):
            bell.ring()
        for heard in tuple(self._ears.get(topic, ())):
            heard(payload)

    def _from_afar(self, topic: str, payload: bytes) -> None:
        _send_all(self._links, _frame(topic, payload))
        self._here(topic, payload)

    @contextmanager
    def _reading(self, link: int) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_reader(link, self._read, link)
        try:
            yield
        finally:
            loop.remove_reader(link)

    def _read(self, link: int) -> None:
        for _ in range(FRAMES_A_READ):
            try:
                frame = os.read(link, LONGEST_FRAME + 1)
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:
                frame = b""
            if not frame:  # every other end is closed; a silent link must not spin the loop
                asyncio.get_running_loop().remove_reader(link)
                return
            topic, payload = _parts(frame)
            if self._relay:
                _send_all((other for other in self._links if other != link), frame)
                if self._notices is not None and payload:  # without one it is a commit's, which the database tells
                    self._notices.send(topic, payload)
            self._here(topic, payload)


def _frame(topic: str, payload: bytes) -> bytes:
    frame = topic.encode() + BETWEEN + payload
    return frame if len(frame) <= LONGEST_FRAME else topic.encode() + BETWEEN


def _parts(frame: bytes) -> tuple[str, bytes]:
    topic, _, payload = frame.partition(BETWEEN)
    return topic.decode("utf-8", "replace"), payload


def _send(link: int, frame: bytes) -> None:
    try:
        os.write(link, frame)
    except OSError:  # full, or nobody at the other end: it looks by itself within a second
        return


def _send_all(links: Iterable[int], frame: bytes) -> None:
    for link in links:
        _send(link, frame)
