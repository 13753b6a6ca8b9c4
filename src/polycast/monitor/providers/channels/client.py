"""Asking a Channels DVR server. Read-only; never the full list of files."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.net import BadAnswer, Limits, Outbound
from polycast.monitor.providers.channels import wire

MIB: Final = 1024 * 1024
QUICK: Final = Limits(
    connect=timedelta(seconds=3), first_byte=timedelta(seconds=5), total=timedelta(seconds=8), size_bytes=8 * MIB,
    counts_answers=False,
)  # fmt: skip
LISTS: Final = Limits(
    connect=timedelta(seconds=5), first_byte=timedelta(seconds=15), total=timedelta(seconds=60), size_bytes=64 * MIB,
    counts_answers=False,
)  # fmt: skip
# No read timeout: an idle server says nothing for hours, and one that breaks off every few seconds helps nobody.
STREAM: Final = Limits(
    connect=timedelta(seconds=10), first_byte=timedelta(seconds=10), idle=timedelta(days=365), total=None,
    size_bytes=None, counts_answers=False, per_host=0,
)  # fmt: skip
LINE_BYTES: Final = 1024 * 1024
NEWEST_BYTES: Final = 512 * 1024
STREAM_HEADERS: Final = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}


class Line(Struct, frozen=True, kw_only=True):
    """One event of the stream."""

    type: str
    name: str = ""
    value: str = ""


class ChannelsClient:
    """One server. All methods raise Unreachable, BadAnswer, Forbidden, Busy."""

    def __init__(self, out: Outbound, url: str, *, key: str, clock: Clock) -> None:
        self._out = out
        self._url = url
        self._headers: Mapping[str, str] = {"X-API-Key": key} if key else {}
        self._clock = clock
        self.skew = timedelta()  # how far its clock is ahead of ours

    async def status(self) -> wire.Status:
        """Version, name, start; also learns how far the server's clock is off."""
        got = await self._out.fetch(self._url + "/status", headers=self._headers, limits=QUICK, follows=False)
        if got.status != 200:
            raise BadAnswer(f"The server answered with status {got.status}.", reason="status", status=got.status)
        self._learn_skew(got.headers.get("Date", ""))
        return wire.read_status(_json(got.body))

    async def dvr(self) -> wire.Dvr:
        return wire.read_dvr(await self._ask("/dvr"))

    async def jobs(self) -> list[wire.Job]:
        """All that is planned or runs."""
        body = await self._ask("/api/v1/jobs", limits=LISTS, missing=True)
        if body is None:
            body = await self._ask("/dvr/jobs", limits=LISTS)
        return [job for one in wire.listed(body) if (job := wire.read_job(one)) is not None]

    async def job(self, job_id: str) -> wire.Job | None:
        """One job; None when it is gone."""
        if not _is_id(job_id):
            return None
        body = await self._ask(f"/api/v1/jobs/{job_id}", missing=True)
        found = wire.read_job(body)
        if found is not None and found.id == job_id:
            return found
        return next((job for job in await self.jobs() if job.id == job_id), None)

    async def recorded(self, file_id: str) -> wire.Recorded | None:
        """A file by its id; what answers for another id is not believed."""
        if not file_id.isdigit():
            return None
        found = wire.read_recorded(await self._ask(f"/api/v1/recordings/{file_id}", missing=True))
        if found is None or found.id != file_id:
            body = await self._ask("/api/v1/all", params={"id": file_id}, limits=LISTS, missing=True)
            listed = wire.listed(body) or [body]
            same = (one for raw in listed if (one := wire.read_recorded(raw)) is not None and one.id == file_id)
            found = next(same, None)
        return found

    async def file(self, file_id: str) -> wire.Recorded | None:
        """The file's own record, which names the job it comes from; None when it is gone."""
        if not file_id.isdigit():
            return None
        found = wire.read_recorded(await self._ask(f"/dvr/files/{file_id}", missing=True))
        return found if found is not None and found.id == file_id else None

    async def channels(self) -> list[wire.Channel]:
        return wire.read_channels(await self._ask("/api/v1/channels", limits=LISTS))

    async def now(self, at: datetime) -> dict[str, wire.Airing]:
        """What airs, by channel number."""
        return wire.read_now(await self._ask("/devices/ANY/guide/now", limits=LISTS), at)

    async def count(self, what: str) -> int:
        """How many `shows`, `movies` or `episodes` the library has."""
        return len(wire.listed(await self._ask(f"/api/v1/{what}", limits=LISTS)))

    async def devices(self) -> Any:
        """Sources with their channels, as they are told."""
        return await self._ask("/devices", limits=LISTS)

    async def log(self, lines: int) -> str:
        """The end of its log."""
        got = await self._out.fetch(
            self._url + "/log", params={"n": str(lines)}, headers=self._headers, limits=QUICK, follows=False
        )
        return got.body.decode("utf-8", "replace") if got.status == 200 else ""

    async def reaches(self, path: str) -> bool:
        """Whether `path` answers with 200; its body is not read to the end."""
        async with self._out.stream("GET", self._url + path, headers=self._headers, limits=QUICK, follows=False) as got:
            return got.status == 200

    async def newest(self, most: int = 40) -> list[wire.Recorded]:
        """The last files made, newest first. Of the long list only the beginning is read."""
        params = {"sort": "date_added", "order": "desc"}
        taken = b""
        async with self._out.stream(
            "GET", self._url + "/api/v1/all", params=params, headers=self._headers, limits=LISTS, follows=False
        ) as got:
            if got.status != 200:
                raise BadAnswer(f"The server answered with status {got.status}.", reason="status", status=got.status)
            async for piece in got.chunks():
                taken += piece
                if len(taken) >= NEWEST_BYTES:
                    break
        return [one for raw in first_items(taken, most) if (one := wire.read_recorded(raw)) is not None]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[Line | None]]:
        """The event stream for the length of the block; None for a line that is no event.

        Raises, besides: BadAnswer ("status") with what the server asks us to wait.
        """
        headers = {**STREAM_HEADERS, **self._headers}
        url = self._url + "/dvr/events/subscribe"
        async with self._out.stream("GET", url, headers=headers, limits=STREAM, follows=False) as got:
            if got.status != 200:
                raise BadAnswer(
                    f"The server answered with status {got.status}.",
                    reason="status",
                    status=got.status,
                    retry_after=retry_after(got.headers.get("Retry-After", ""), self._clock.now()),
                )
            yield _read_lines(got.chunks())

    async def _ask(
        self, path: str, *, params: Mapping[str, str] | None = None, limits: Limits = QUICK, missing: bool = False
    ) -> Any:
        got = await self._out.fetch(
            self._url + path, params=params, headers=self._headers, limits=limits, follows=False
        )
        if got.status == 404 and missing:
            return None
        if got.status != 200:
            raise BadAnswer(f"The server answered with status {got.status}.", reason="status", status=got.status)
        return _json(got.body)

    def _learn_skew(self, text: str) -> None:
        try:
            theirs = parsedate_to_datetime(text)
        except ValueError:
            return
        if theirs.tzinfo is not None:
            skew = theirs - self._clock.now()
            self.skew = skew if abs(skew) > timedelta(seconds=5) else timedelta()


async def lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines without their ends; one longer than LINE_BYTES is dropped to its end."""
    rest, is_dropping = b"", False
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if not is_dropping:
                yield line.rstrip(b"\r")
            is_dropping = False
        if len(rest) > LINE_BYTES:
            rest, is_dropping = b"", True


async def _read_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[Line | None]:
    async for raw in lines_of(chunks):
        yield read_line(raw)


def first_items(body: bytes, most: int) -> Iterator[Any]:
    """The first elements of a JSON array of which only the beginning may be there."""
    depth, start, in_text, is_escaped = 0, 0, False, False
    for index, byte in enumerate(body):
        if in_text:
            in_text = is_escaped or byte != 0x22
            is_escaped = byte == 0x5C and not is_escaped
        elif byte == 0x22:
            in_text = True
        elif byte in (0x7B, 0x5B):
            depth += 1
            start = index if depth == 2 and byte == 0x7B else start
        elif byte in (0x7D, 0x5D):
            depth -= 1
            if depth == 1 and byte == 0x7D:
                with suppress(BadAnswer):
                    yield _json(body[start : index + 1])
                most -= 1
                if not most:
                    return


def read_line(raw: bytes) -> Line | None:
    """`data: {...}` or the bare JSON; None for comments, blanks, other fields and what cannot be read."""
    text = raw.strip()
    if text.startswith(b"data:"):
        text = text[5:].strip()
    if not text.startswith(b"{"):
        return None
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            found = msgspec.json.decode(text.decode("utf-8", "replace"))
        except (msgspec.DecodeError, RecursionError):
            return None
    if not isinstance(found, dict) or not isinstance(found.get("Type"), str):
        return None
    name = found.get("Name") or found.get("ID") or ""
    value = found.get("Value")
    return Line(type=found["Type"][:100], name=str(name)[:300], value=value if isinstance(value, str) else "")


def retry_after(text: str, now: datetime) -> int | None:
    """Seconds to wait, 0 to 60, of a number or a date."""
    if text.strip().isdecimal():
        return min(int(text.strip()[:6]), 60)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0, min(round((at - now).total_seconds()), 60)) if at.tzinfo is not None else None


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return msgspec.json.decode(body.decode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadAnswer("The server's answer is not what was expected.", reason="shape") from error


def _is_id(text: str) -> bool:
    return bool(text) and len(text) <= 200 and not any(ch in text for ch in "/?#%\\ ") and ".." not in text
