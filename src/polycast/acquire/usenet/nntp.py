"""One connection to a news server. Source: RFC 3977, RFC 4643."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from polycast.core.errors import Unavailable

READ_BYTES: Final = 256 * 1024
LONGEST_LINE: Final = 4096
LONGEST_BODY: Final = 16 * 1024 * 1024
HANDSHAKE_S: Final = 10.0
IDLE_S: Final = 60.0
END: Final = b"\r\n.\r\n"
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f]")


class NntpFailed(Unavailable):
    """The server did not do as asked. `status` is its number, 0 when it said nothing."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_login(self) -> bool:
        return self.status in (480, 481, 482)

    @property
    def is_full(self) -> bool:
        """Too many connections; fewer may work."""
        return self.status in {400, 502}


class NoArticle(Exception):
    """The server has no such article."""


class NntpConnection:
    """Signed in and ready. One command at a time; STAT is pipelined."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._held = bytearray()
        self.is_broken = False

    async def sign_in(self, username: str, password: str) -> None:
        """Take the greeting, and say who we are. Raises: NntpFailed."""
        async with _within(HANDSHAKE_S):
            status, text = await self._status()
            if status not in (200, 201):
                raise NntpFailed(f"The news server said {status} {text}", status=status)
            if not username:
                return
            status, text = await self._said(f"AUTHINFO USER {_word(username)}")
            if status == 381:
                status, text = await self._said(f"AUTHINFO PASS {_word(password)}")
            if status != 281:
                raise NntpFailed(f"The news server refused the sign-in: {status} {text}", status=status)
            self.is_broken = False

    async def body(self, message_id: str) -> bytes:
        """The body, without its last dot, dots at the beginning of lines still doubled.

        Raises: NoArticle; NntpFailed.
        """
        async with _within(IDLE_S):
            status, text = await self._said(f"BODY <{message_id}>")
            if status in (430, 423):
                self.is_broken = False
                raise NoArticle
            if status != 222:
                raise NntpFailed(f"The news server said {status} {text}", status=status)
            return await self._body()

    async def have(self, message_ids: Sequence[str]) -> list[bool]:
        """Which of these the server says it has; one round trip. Raises: NntpFailed."""
        async with _within(IDLE_S):
            self._send("".join(f"STAT <{one}>\r\n" for one in message_ids))
            found = []
            for _ in message_ids:
                status, text = await self._status()
                if status not in (223, 430, 423):
                    raise NntpFailed(f"The news server said {status} {text}", status=status)
                found.append(status == 223)
            self.is_broken = False
            return found

    async def ping(self) -> None:
        """Raises: NntpFailed."""
        async with _within(1.5):
            status, text = await self._said("DATE")
            if status != 111:
                raise NntpFailed(f"The news server said {status} {text}", status=status)
            self.is_broken = False

    def close(self) -> None:
        self.is_broken = True
        self._writer.close()

    async def _said(self, command: str) -> tuple[int, str]:
        self._send(command + "\r\n")
        return await self._status()

    def _send(self, text: str) -> None:
        self.is_broken = True  # until the answer is complete nobody else may use it
        self._writer.write(text.encode())

    async def _status(self) -> tuple[int, str]:
        while (at := self._held.find(b"\r\n")) < 0:
            if len(self._held) > LONGEST_LINE:
                raise NntpFailed("The news server talks nonsense.")
            await self._more()
        line = bytes(self._held[:at]).decode("utf-8", "replace")
        del self._held[: at + 2]
        if not re.match(r"\d{3}( |$)", line):
            raise NntpFailed("The news server talks nonsense.")
        return int(line[:3]), line[4:204]

    async def _body(self) -> bytes:
        searched = 0
        while (found := self._end(searched)) is None:
            searched = len(self._held)
            if searched > LONGEST_BODY:
                raise NntpFailed("An article is larger than any may be.")
            await self._more()
        rest = found + (len(END) if found else len(END) - 2)
        body = bytes(memoryview(self._held)[:found])
        del self._held[:rest]
        self.is_broken = False
        return body

    def _end(self, searched: int) -> int | None:
        """Where the body ends; None when the rest has not come."""
        if self._held.startswith(END[2:]):
            return 0
        found = self._held.find(END, max(searched - len(END) + 1, 0))
        return None if found < 0 else found

    async def _more(self) -> None:
        try:
            fresh = await self._reader.read(READ_BYTES)
        except OSError as error:
            raise NntpFailed("The connection to the news server was lost.") from error
        if not fresh:
            raise NntpFailed("The news server closed the connection.")
        self._held += fresh


class _within:  # noqa: N801 - reads like asyncio.timeout, whose failure it words
    def __init__(self, seconds: float) -> None:
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)  # type: ignore[arg-type]
        except TimeoutError as late:
            raise NntpFailed("The news server does not answer in time.") from late


def _word(text: str) -> str:
    if _CONTROL.search(text):
        raise NntpFailed("The user name or password holds a character that none may.", status=481)
    return text
