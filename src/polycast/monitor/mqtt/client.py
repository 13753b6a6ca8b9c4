"""A connection to a broker: messages out, each acknowledged, and signs of life in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

from polycast.core.net import Outbound, Unreachable
from polycast.monitor.mqtt import wire

ANSWER_S: Final = 10.0
WINDOW: Final = 20  # messages that may wait for their acknowledgement


class Publisher:
    """Made by `connected_to`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._next = 0
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._room = asyncio.Semaphore(WINDOW)
        self._pinged = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def publish(self, message: wire.Message) -> None:
        """Return once the broker has it. Raises: Unreachable."""
        async with self._room:
            self._next = self._next % 65_535 + 1
            number, done = self._next, asyncio.get_running_loop().create_future()
            self._waiting[number] = done
            try:
                async with asyncio.timeout(ANSWER_S):
                    self._writer.write(wire.publish(message, number))
                    await self._writer.drain()
                    await asyncio.wait({done, self.ended}, return_when=asyncio.FIRST_COMPLETED)
            except (TimeoutError, OSError) as error:
                raise Unreachable("The broker does not answer.", reason="silent") from error
            finally:
                self._waiting.pop(number, None)
            if not done.done():
                raise Unreachable("The connection to the broker was lost.", reason="lost")

    async def listen(self) -> None:
        """Take what the broker says, until it ends the connection."""
        try:
            while True:
                packet = await wire.read_packet(self._reader)
                self._pinged = False
                number = wire.acked(packet)
                if number is not None and (done := self._waiting.get(number)) is not None and not done.done():
                    done.set_result(None)
        except (OSError, EOFError, wire.Refused):
            pass
        finally:
            if not self.ended.done():
                self.ended.set_result(None)

    async def ping(self) -> None:
        """A sign of life. Raises: Unreachable, when the last one was not answered."""
        if self._pinged or self.ended.done():
            raise Unreachable("The connection to the broker was lost.", reason="lost")
        self._pinged = True
        try:
            self._writer.write(wire.ping())
            await self._writer.drain()
        except OSError as error:
            raise Unreachable("The connection to the broker was lost.", reason="lost") from error

    async def leave(self) -> None:
        """In good order: the will is not spoken."""
        with suppress(OSError):
            self._writer.write(wire.disconnect())
            await self._writer.drain()


@asynccontextmanager
async def connected_to(
    out: Outbound, host: str, port: int, hello: wire.Hello, *, tls: bool, answer: timedelta
) -> AsyncIterator[Publisher]:
    """A broker that has let us in. Raises: Forbidden; Unreachable; wire.Refused."""
    async with out.connected(host, port, tls=tls) as (reader, writer):
        try:
            async with asyncio.timeout(answer.total_seconds()):
                writer.write(wire.connect(hello))
                await writer.drain()
                wire.check_connack(await wire.read_packet(reader))
        except (TimeoutError, OSError, EOFError) as error:
            raise Unreachable("The broker does not answer.", reason="silent") from error
        publisher = Publisher(reader, writer)
        listening = asyncio.ensure_future(publisher.listen())
        try:
            yield publisher
        finally:
            listening.cancel()
            await asyncio.wait({listening})
