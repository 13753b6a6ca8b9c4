"""A news server on a real socket, and the posting of files to it: yEnc and NZB made from their descriptions."""

import asyncio
import random
import re
from binascii import crc32
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from html import escape

CRITICAL = re.compile(rb"[\x00\n\r=]")
ENCODE = bytes((value + 42) & 255 for value in range(256))
LINE = 128


def yenc(data: bytes, *, name: str, part: int, parts: int, start: int, size: int) -> bytes:
    """The body of an article, lines ended by CRLF, dots not yet doubled."""
    shifted = CRITICAL.sub(lambda found: b"=" + bytes([(found[0][0] + 64) & 255]), data.translate(ENCODE))
    lines, at = [], 0
    while at < len(shifted):
        end = at + LINE
        if shifted[end - 1 : end] == b"=":  # an escape is not torn apart
            end += 1
        lines.append(shifted[at:end])
        at = end
    head = f"=ybegin part={part} total={parts} line={LINE} size={size} name={name}\r\n"
    head += f"=ypart begin={start + 1} end={start + len(data)}\r\n"
    tail = f"=yend size={len(data)} part={part} pcrc32={crc32(data):08x}\r\n"
    return head.encode() + b"".join(line + b"\r\n" for line in lines) + tail.encode()


class News:
    """What the server has and how it behaves."""

    def __init__(self) -> None:
        self.port = 0
        self.articles: dict[str, bytes] = {}
        self.users: dict[str, str] = {}
        self.lies_about: set[str] = set()  # STAT says yes, BODY no
        self.most_connections = 1000
        self.open = 0
        self.commands: list[str] = []
        self.cut_after: int | None = None  # bytes of a body, then the connection is lost (once)
        self.latency_s = 0.0
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def asked_bodies(self) -> int:
        return sum(command.startswith("BODY") for command in self.commands)

    def post(
        self, name: str, data: bytes, *, part_bytes: int = 7_000, subject: str = "", yenc_name: str = ""
    ) -> "PostedFile":
        """Put a file into articles."""
        chance = random.Random(f"{name}{len(data)}{subject}")
        parts = max(1, -(-len(data) // part_bytes))
        segments = []
        for number in range(parts):
            piece = data[number * part_bytes : (number + 1) * part_bytes]
            body = yenc(
                piece, name=yenc_name or name, part=number + 1, parts=parts, start=number * part_bytes, size=len(data)
            )
            message_id = f"{chance.getrandbits(80):020x}@news.test"
            self.articles[message_id] = body
            segments.append((message_id, len(body)))
        return PostedFile(subject or f'[1/1] "{name}" yEnc (1/{parts})', segments)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.open += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            self.open -= 1
            self.tasks.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.open > self.most_connections:
            writer.write(b"502 too many connections\r\n")
            await writer.drain()
            return
        writer.write(b"200 news.test ready\r\n")
        user, known = "", not self.users
        while True:
            line = (await reader.readuntil(b"\r\n")).decode().strip()
            self.commands.append(line)
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            verb, _, rest = line.partition(" ")
            if verb == "AUTHINFO":
                kind, _, word = rest.partition(" ")
                if kind == "USER":
                    user = word
                    writer.write(b"381 password required\r\n")
                else:
                    known = self.users.get(user) == word
                    writer.write(b"281 welcome\r\n" if known else b"481 wrong\r\n")
            elif verb == "QUIT":
                writer.write(b"205 bye\r\n")
                return
            elif not known:
                writer.write(b"480 authentication required\r\n")
            elif verb == "DATE":
                writer.write(b"111 20261121120000\r\n")
            elif verb in {"STAT", "BODY"}:
                if not await self._article(verb, rest.strip("<>"), writer):
                    return
            else:
                writer.write(b"500 what?\r\n")
            await writer.drain()

    async def _article(self, verb: str, message_id: str, writer: asyncio.StreamWriter) -> bool:
        body = self.articles.get(message_id)
        if body is None and not (verb == "STAT" and message_id in self.lies_about):
            writer.write(b"430 no such article\r\n")
            return True
        if verb == "STAT" or body is None:
            writer.write(f"223 0 <{message_id}>\r\n".encode())
            return True
        stuffed = re.sub(rb"^\.", b"..", body, flags=re.MULTILINE)
        whole = f"222 0 <{message_id}>\r\n".encode() + stuffed + b".\r\n"
        if self.cut_after is not None:
            writer.write(whole[: self.cut_after])
            await writer.drain()
            self.cut_after = None
            return False
        writer.write(whole)
        return True


class PostedFile:
    """A file in an NZB."""

    def __init__(self, subject: str, segments: Sequence[tuple[str, int]]) -> None:
        self.subject = subject
        self.segments = list(segments)

    def xml(self) -> str:
        lines = [
            f'<segment bytes="{size}" number="{number}">{escape(message_id)}</segment>'
            for number, (message_id, size) in enumerate(self.segments, 1)
        ]
        return (
            f'<file poster="ada" date="1700000000" subject="{escape(self.subject, quote=True)}">'
            f"<groups><group>alt.test</group></groups><segments>{''.join(lines)}</segments></file>"
        )


def nzb(files: Sequence[PostedFile], **meta: str) -> bytes:
    """The document."""
    head = "".join(f'<meta type="{kind}">{escape(text)}</meta>' for kind, text in meta.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE nzb PUBLIC "-//newzBin//DTD NZB 1.1//EN" "http://www.newzbin.com/DTD/nzb/nzb-1.1.dtd">\n'
        f'<nzb xmlns="http://www.newzbin.com/DTD/2003/nzb"><head>{head}</head>{"".join(f.xml() for f in files)}</nzb>'
    ).encode()


@asynccontextmanager
async def news_server(**users: str) -> AsyncIterator[News]:
    """Runs for the length of the block."""
    news = News()
    news.users = users
    server = await asyncio.start_server(news.serve, "127.0.0.1", 0)
    news.port = server.sockets[0].getsockname()[1]
    try:
        yield news
    finally:
        server.close()
        for task in list(news.tasks):
            task.cancel()
        await asyncio.gather(*news.tasks, return_exceptions=True)
