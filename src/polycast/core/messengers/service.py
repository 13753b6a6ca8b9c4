"""Our side: lends a child one end of a socket pair, and makes the requests that it may not make itself."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from polycast.core.errors import PolycastError
from polycast.core.messengers.frames import FRAME_BYTES
from polycast.core.messengers.model import Ask, Message, Outcome, Send, Sent, Told
from polycast.core.net import API, Body, Forbidden, Outbound
from polycast.core.processes.forks import Crashed, Forks, open_forks
from polycast.core.processes.wire import FRAME

CHILD: Final = "polycast.core.messengers.child"
PATIENCE: Final = timedelta(seconds=45)
REQUESTS: Final = 20  # of one message; some services sign in first, none needs more
LIMITS: Final = replace(API, size_bytes=1024 * 1024, attempts=1, total=timedelta(seconds=20))
LONGEST_URL: Final = 4096  # characters
DROPPED: Final = frozenset({"content-length", "transfer-encoding", "connection", "host", "accept-encoding"})
OWN_ROADS: Final = {  # ways out that are not http: mail and MQTT we send ourselves, the others have no business here
    "mailto": "mail", "mailtos": "mail", "mqtt": "MQTT", "mqtts": "MQTT",
    "syslog": "syslog", "rsyslog": "syslog", "dbus": "the desktop", "gnome": "the desktop", "glib": "the desktop",
    "windows": "the desktop", "macosx": "the desktop", "kde": "the desktop", "qt": "the desktop", "smpp": "SMPP", "smpps": "SMPP",
    "growl": "Growl", "aprs": "APRS", "xmpp": "XMPP", "xmpps": "XMPP", "irc": "IRC", "ircs": "IRC",
}  # fmt: skip


class Messengers:
    """Sends messages to Apprise addresses."""

    def __init__(self, forks: Forks) -> None:
        self._forks = forks

    async def send(self, url: str, message: Message, *, out: Outbound) -> Sent:
        """Say `message` at the Apprise address `url`; `out` judges, and makes, each request that this takes.

        Never raises for what is outside us: the outcome says it.
        """
        scheme = url.partition("://")[0].strip().lower()
        if len(url) > LONGEST_URL or not scheme or scheme == url.lower():
            return Sent(ok=False, service="", reason="address", text="This is no notification address.")
        if scheme in OWN_ROADS:
            return Sent(ok=False, service="", reason="address", text=f"{OWN_ROADS[scheme]} has a form of its own here.")
        near, far = socket.socketpair()
        near.setblocking(False)
        with near, far:
            serving = _Serving(near, out)
            task = asyncio.create_task(serving.run())
            try:
                answer = await self._forks.ask(
                    msgspec.msgpack.encode(Send(url=url, message=message)), fds=[far.fileno()], timeout=PATIENCE
                )
            except Crashed as crashed:
                text = "The service took too long." if crashed.was_killed else "The notification program failed."
                return Sent(ok=False, service="", reason="failed", text=text)
            finally:
                task.cancel()
                await asyncio.wait([task])
        return serving.sent(msgspec.msgpack.decode(answer, type=Outcome))


class _Serving:
    """Makes one message's requests, and remembers why the last one failed."""

    def __init__(self, near: socket.socket, out: Outbound) -> None:
        self._near = near
        self._out = out
        self._reason = ""
        self._text = ""

    def sent(self, outcome: Outcome) -> Sent:
        if outcome.ok:
            return Sent(ok=True, service=outcome.service)
        if not outcome.service:
            return Sent(ok=False, service="", reason="address", text="No service understands this address.")
        return Sent(
            ok=False,
            service=outcome.service,
            reason=self._reason or "failed",
            text=self._text or "The service did not take the message.",
        )

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(EOFError, OSError):
            for _ in range(REQUESTS):
                ask = msgspec.msgpack.decode(await _received(loop, self._near), type=Ask)
                told = msgspec.msgpack.encode(await self._fetch(ask))
                await loop.sock_sendall(self._near, FRAME.pack(len(told)) + told)

    async def _fetch(self, ask: Ask) -> Told:
        headers = {name: value for name, value in ask.headers.items() if name.lower() not in DROPPED}
        body = Body(data=ask.body) if ask.body else Body()
        try:
            got = await self._out.fetch(ask.url, method=ask.method, headers=headers, body=body, limits=LIMITS)
        except PolycastError as error:
            self._reason = "refused" if isinstance(error, Forbidden) else "unreachable"
            self._text = error.message
            return Told(status=0, text=error.message)
        if got.status >= 400:
            self._reason, self._text = "status", f"The service answered {got.status}."
        plain = {name: value for name, value in got.headers.items() if name.lower() != "content-encoding"}
        return Told(status=got.status, headers=plain, body=got.body)


async def _received(loop: asyncio.AbstractEventLoop, near: socket.socket) -> bytes:
    (size,) = FRAME.unpack(await _exactly(loop, near, FRAME.size))
    if size > FRAME_BYTES:
        raise EOFError
    return await _exactly(loop, near, size)


async def _exactly(loop: asyncio.AbstractEventLoop, near: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        fresh = await loop.sock_recv(near, min(size - len(found), 256 * 1024))
        if not fresh:
            raise EOFError
        found += fresh
    return bytes(found)


@asynccontextmanager
async def open_messengers() -> AsyncIterator[Messengers]:
    """For the length of the block; no child is made before the first message, and it goes when it is idle."""
    async with open_forks(CHILD, size=2) as forks:
        yield Messengers(forks)
