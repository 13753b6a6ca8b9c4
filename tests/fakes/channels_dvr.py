"""A Channels DVR server on a real loopback socket, written from its protocol (specs/monitor.md 4.1, 4.1.10).

`async with channels_dvr() as dvr:` then `dvr.watch(...)`, `dvr.schedule(...)`, `dvr.fault = "hang"`. Also
`python -m tests.fakes.channels_dvr --port 8089` for trying out.
"""

import argparse
import asyncio
import json
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

GIB = 1024**3
Handler = Callable[[str, dict[str, list[str]], bytes], Awaitable[Any] | Any]


class Status(Exception):
    """Another answer than 200."""

    def __init__(self, code: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.code, self.headers, self.body = code, headers or {}, body


class ChannelsDvr:
    """One server. Everything it knows may be changed by the test at any time."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.port = 0
        self.version = "2026.04.20.0213"
        self.name = "media-server"
        self.started_at = now() - 86_400
        self.path = "/shares/DVR"
        self.total, self.free = 2000 * GIB, 1160 * GIB
        self.disk_shape = "bytes"  # "text", "storage", "none"
        self.activity: dict[str, str] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.programs: dict[str, str] = {}
        self.channels: list[dict[str, Any]] = [
            {"id": "ESPN", "number": "206", "name": "ESPN", "logo_url": "https://img.invalid/espn.png", "hd": True},
            {"id": "NBC", "number": "512", "name": "NBC", "logo_url": "https://img.invalid/nbc.png"},
            {"id": "ACTION", "number": "13.1", "name": "ACTION NETWORK"},
        ]
        self.on_now: dict[str, str] = {"206": "SportsCenter", "512": "NBC Nightly News"}
        self.shows, self.movies, self.episodes = 85, 120, 940
        self.log_lines: deque[str] = deque(maxlen=5000)
        self.clients: list[dict[str, str]] = []
        self.devices: list[dict[str, Any]] = [
            {"Provider": "m3u", "DeviceID": "M3U-PBS", "FriendlyName": "PBS", "Channels": []}
        ]
        self.asked: list[str] = []  # "GET /dvr"
        self.open_streams = 0
        self.fault = ""  # "hang", "refuse", "429", "403", "500", "garbage", "silent", "html"
        self.retry_after = "1"
        self.close_after = 0  # events, then the stream is cut
        self.bare_json = False  # events without "data:"
        self.line_end = "\n"
        self.hides: set[str] = set()  # fields of jobs and files that are left out
        self.string_flags = False
        self.wrong_id = ""  # what /api/v1/recordings/<id> answers instead
        self.new_face = True  # has /api/v1/jobs and /api/v1/recordings
        self.skew = 0.0
        self.keys: set[str] = set()  # X-API-Key that were sent
        self.tls: ssl.SSLContext | None = None  # set before `start`: it is spoken to over https
        self._streams: set[asyncio.Queue[bytes | None]] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._next = 1000

    # scenario verbs

    def watch(self, number: str, name: str, device: str, ip: str = "192.168.1.45", source: str = "M3U-PBS") -> str:
        """Somebody tunes in; the key of the activity."""
        self._next += 1
        key = f"{self._next}-stream-{source}-{ip}"
        self.set_activity(key, f"Watching ch{number} {name} from {device} ({ip})")
        return key

    def stats(self, key: str, text: str = "buf=0% drop=0% timeouts=2") -> None:
        self.set_activity(key, f"{self.activity[key].partition(': buf')[0]}: {text}")

    def zap(self, key: str, number: str, name: str, device: str, ip: str = "192.168.1.45") -> None:
        self.set_activity(key, f"Watching ch{number} {name} from {device} ({ip})")

    def play(self, file_id: str, title: str, device: str, at: str = "0s", ip: str = "192.168.1.50") -> str:
        key = f"7B2A-file-{file_id}-{ip}"
        self.set_activity(key, f"Watching {title} from {device} at {at}")
        return key

    def stop(self, key: str) -> None:
        self.set_activity(key, "")

    def set_activity(self, key: str, text: str, *, silently: bool = False) -> None:
        if text:
            self.activity[key] = text
        else:
            self.activity.pop(key, None)
        if not silently:
            self.emit("activities.set", key, text)

    def schedule(
        self, job_id: str, title: str, *, starts_in: float, length: float = 1800, channel: str = "512",
        silently: bool = False, program_id: str = "",
    ) -> str:  # fmt: skip
        start = self.now() + self.skew + starts_in
        self.jobs[job_id] = {
            "id": job_id, "name": title, "start_time": int(start), "end_time": int(start + length), "duration": length,
            "channels": [channel], "skipped": False, "failed": False,
            "item": {"program_id": program_id or f"EP{job_id}", "title": title, "summary": f"About {title}.",
                     "image_url": "https://img.invalid/p.jpg"},
        }  # fmt: skip
        if not silently:
            self.emit("jobs.created", job_id)
        return job_id

    def cancel(self, job_id: str, *, silently: bool = False) -> None:
        self.jobs.pop(job_id, None)
        if not silently:
            self.emit("jobs.deleted", job_id)

    def skip(self, job_id: str) -> None:
        self.jobs[job_id]["skipped"] = True
        self.emit("jobs.updated", job_id)

    def fail(self, job_id: str, error: str) -> None:
        self.jobs[job_id] |= {"failed": True, "error": error}
        self.emit("jobs.updated", job_id)

    def start_recording(self, job_id: str, *, silently: bool = False) -> None:
        job = self.jobs.get(job_id, {"name": "Something", "channels": ["512"], "item": {"program_id": f"EP{job_id}"}})
        self.programs[job["item"]["program_id"]] = f"recording-{job_id}"
        self.set_activity(
            f"rec-{job_id}", f"Recording ch512 NBC for {job['name']} until 7:30 PM: buf=0% drop=0%", silently=silently
        )
        if not silently:
            self.emit("programs.set", job["item"]["program_id"], f"recording-{job_id}")

    def finish(
        self, job_id: str, *, file_id: str = "", processed: bool = True, silently: bool = False, **flags: Any
    ) -> str:
        """The recording ends and a file is there."""
        self._next += 1
        made = file_id or str(self._next)
        job = self.jobs.pop(job_id, {"name": "Something", "channels": ["512"], "item": {"program_id": f"EP{job_id}"}})
        program = job["item"]["program_id"]
        self.files[made] = {
            "id": made, "job_id": job_id, "title": job["name"], "program_id": program, "channel": job["channels"][0],
            "completed": True, "processed": processed, "cancelled": False, "delayed": False, "corrupted": False,
            "duration": 1805.6, "created_at": int(self.now() * 1000), "summary": "…", **flags,
        }  # fmt: skip
        self.programs[program] = f"recorded-{made}"
        self.set_activity(f"rec-{job_id}", "", silently=silently)
        if not silently:
            self.emit("programs.set", program, f"recorded-{made}")
            self.emit("jobs.deleted", job_id)
        return made

    def vanish(self, job_id: str, *, silently: bool = False) -> None:
        """A running recording is gone without a file."""
        self.jobs.pop(job_id, None)
        self.set_activity(f"rec-{job_id}", "", silently=silently)
        if not silently:
            self.emit("jobs.deleted", job_id)

    def emit(self, kind: str, name: str = "", value: str = "") -> None:
        self.emit_raw(json.dumps({"Type": kind, "Name": name, "Value": value}, ensure_ascii=False).encode())

    def emit_raw(self, body: bytes) -> None:
        line = body if self.bare_json else b"data: " + body
        for queue in self._streams:
            queue.put_nowait(line + self.line_end.encode() * 2)

    def cut_streams(self) -> None:
        for queue in list(self._streams):
            queue.put_nowait(None)

    # the server

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port or self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Stop listening and cut every connection; `start` brings it back on the same port."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._serve(reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split(" ", 2)
        headers = {k.strip().lower(): v.strip() for k, _, v in (x.partition(":") for x in head.split("\r\n")[1:]) if k}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        self.asked.append(f"{method} {parts.path}")
        if "x-api-key" in headers:
            self.keys.add(headers["x-api-key"])
        if self.fault == "hang":
            await asyncio.sleep(3600)
        if parts.path == "/dvr/events/subscribe" and not self.fault.isdigit():
            await self._events(writer)
            return False
        try:
            if self.fault.isdigit():
                raise Status(int(self.fault), {"Retry-After": self.retry_after} if self.fault == "429" else {})
            if self.fault == "html":
                raise Status(200, {}, b"<!DOCTYPE html><html></html>")
            answer = self._route(method, unquote(parts.path), parse_qs(parts.query), body)
            content = b"}garbage{" if self.fault == "garbage" else answer
            self._write(writer, 200, content, {})
        except Status as status:
            self._write(writer, status.code, status.body, status.headers)
        await writer.drain()
        return True

    def _write(self, writer: asyncio.StreamWriter, code: int, body: bytes, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", "Content-Type: application/json"]
        lines.append(f"Date: {formatdate(self.now() + self.skew, usegmt=True)}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def _events(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._streams.add(queue)
        self.open_streams += 1
        sent = 0
        try:
            if self.fault != "silent":
                hello = b'{"Type":"hello","Name":"hello","Value":"ready"}'
                queue.put_nowait((hello if self.bare_json else b"data: " + hello) + b"\n\n")
            while (line := await queue.get()) is not None:
                writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
                await writer.drain()
                sent += 1
                if self.close_after and sent >= self.close_after:
                    return
        finally:
            self.open_streams -= 1
            self._streams.discard(queue)

    def _route(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> bytes:
        if method != "GET":
            return self._change(method, path, body)
        simple: dict[str, Callable[[], Any]] = {
            "/status": self._status,
            "/system": lambda: {"pwd": "/opt/channels-dvr"},
            "/dvr": self._dvr,
            "/dvr/jobs": lambda: [self._old_job(one) for one in self.jobs.values()],
            "/api/v1/channels": lambda: self.channels,
            "/api/v1/shows": lambda: [{"id": str(n), "name": f"Show {n}"} for n in range(self.shows)],
            "/api/v1/movies": lambda: [{"id": str(n)} for n in range(self.movies)],
            "/api/v1/episodes": lambda: [{"id": str(n)} for n in range(self.episodes)],
            "/devices": lambda: self.devices,
            "/dvr/lineups": lambda: {"M3U-PBS": "X-M3U"},
            "/dvr/clients/info": lambda: self.clients,
            "/dvr/guide/channels": lambda: [{"Number": one["number"], "Name": one["name"]} for one in self.channels],
            "/devices/ANY/guide/now": self._guide_now,
            "/devices/ANY/guide": self._guide_now,
            "/api/v1/all": lambda: self._all(query),
        }
        if path in simple:
            return json.dumps(simple[path](), ensure_ascii=False).encode()
        if path == "/log":
            return "\n".join(list(self.log_lines)[-int(query.get("n", ["5000"])[0]) :]).encode()
        if path == "/devices/ANY/guide/xmltv":
            return self._xmltv()
        return json.dumps(self._one(path), ensure_ascii=False).encode()

    def _one(self, path: str) -> Any:
        *_, _, key = path.split("/")
        if self.new_face and path == "/api/v1/jobs":
            return [self._shown(one) for one in self.jobs.values()]
        if self.new_face and path.startswith("/api/v1/jobs/") and key in self.jobs:
            return self._shown(self.jobs[key])
        if path.startswith("/dvr/files/") and key in self.files:
            return self._old_file(self.files[key])
        if self.new_face and path.startswith("/api/v1/recordings/") and key in self.files:
            shown = self._recording(self.files[key])
            return shown | {"id": self.wrong_id} if self.wrong_id else shown
        if path.startswith("/dvr/programs/") and key in self.programs:
            return {"ID": key, "Value": self.programs[key]}
        raise Status(404)

    def _change(self, method: str, path: str, body: bytes) -> bytes:
        if method == "POST" and path == "/dvr/jobs/new":
            sent = json.loads(body)
            job_id = f"{sent['Time']}-{sent['Channels'][0]}"
            self.schedule(job_id, sent["Name"], starts_in=sent["Time"] - self.now(), length=sent["Duration"])
            return json.dumps({"ID": job_id}).encode()
        job_id = path.split("/")[3] if path.startswith("/dvr/jobs/") else ""
        if job_id not in self.jobs:
            raise Status(404)
        self.skip(job_id) if path.endswith("/skip") else self.cancel(job_id)
        return b"true"

    def _status(self) -> dict[str, Any]:
        started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started_at))
        found = {"version": self.version, "os": "linux", "arch": "x86_64", "name": self.name, "start_time": started}
        return {k: v for k, v in found.items() if k not in self.hides}

    def _dvr(self) -> dict[str, Any]:
        found: dict[str, Any] = {"path": self.path, "busy": bool(self.activity), "activity": self.activity or None}
        if self.disk_shape == "bytes":
            found["disk"] = {"free": self.free, "total": self.total, "used": self.total - self.free}
        elif self.disk_shape == "text":
            found["disk"] = {"free": f"{self.free / GIB:.0f} GB", "total": f"{self.total / GIB:.0f} GB"}
        elif self.disk_shape == "storage":
            found["ServerStorage"] = {"Available": self.free, "Total": self.total}
        return {k: v for k, v in found.items() if k not in self.hides}

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        found = {k: v for k, v in one.items() if k not in self.hides}
        if self.string_flags:
            found = {k: str(v).lower() if isinstance(v, bool) else v for k, v in found.items()}
        return found

    def _old_job(self, one: dict[str, Any]) -> dict[str, Any]:
        item = one["item"]
        return {
            "ID": one["id"], "Name": one["name"], "Time": one["start_time"], "Duration": one["duration"],
            "Channels": one["channels"], "RuleID": "231", "Skipped": one["skipped"], "Failed": one["failed"],
            "Airing": {"Source": "tms", "Channel": one["channels"][0], "Time": one["start_time"], "Title": item["title"],
                       "ProgramID": item["program_id"], "Image": item["image_url"], "Summary": item["summary"]},
        }  # fmt: skip

    def _old_file(self, one: dict[str, Any]) -> dict[str, Any]:
        found = {
            "ID": one["id"], "JobID": one["job_id"], "Duration": one["duration"], "Completed": one["completed"],
            "Processed": one["processed"], "Cancelled": one["cancelled"], "Delayed": one["delayed"],
            "Corrupted": one["corrupted"], "Airing": {"Title": one["title"], "ProgramID": one["program_id"]},
        }  # fmt: skip
        return {k: v for k, v in found.items() if k not in self.hides}

    def _recording(self, one: dict[str, Any]) -> dict[str, Any]:
        found = {k: v for k, v in one.items() if k != "job_id"}  # the public recording names no job
        return self._shown(found)

    def _all(self, query: dict[str, list[str]]) -> Any:
        if wanted := query.get("id"):
            return [self._recording(self.files[one]) for one in wanted if one in self.files]
        newest = sorted(self.files.values(), key=lambda one: one["created_at"], reverse=True)
        return [self._recording(one) for one in newest]

    def _guide_now(self) -> Any:
        start = int(self.now()) - 600
        return [
            {"Channel": {"Number": number, "Name": number}, "Airings": [
                {"Channel": number, "Time": start, "Duration": 3600, "Title": title, "Image": f"https://img.invalid/{number}.jpg"}]}
            for number, title in self.on_now.items()
        ]  # fmt: skip

    def _xmltv(self) -> bytes:
        stamp = time.strftime("%Y%m%d%H%M%S +0000", time.gmtime(self.now() - 600))
        stop = time.strftime("%Y%m%d%H%M%S +0000", time.gmtime(self.now() + 3000))
        rows = "".join(
            f'<channel id="{one["id"]}"><display-name>{one["name"]}</display-name><lcn>{one["number"]}</lcn></channel>'
            for one in self.channels
        )
        rows += "".join(
            f'<programme start="{stamp}" stop="{stop}" channel="{one["id"]}"><title>{self.on_now.get(one["number"], "")}</title></programme>'
            for one in self.channels
        )
        return f"<?xml version='1.0' encoding='utf-8'?><tv>{rows}</tv>".encode()


@asynccontextmanager
async def channels_dvr(
    port: int = 0, *, now: Callable[[], float] = time.time, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ChannelsDvr]:
    """A running server for the length of the block."""
    dvr = ChannelsDvr(now=now)
    dvr.tls = tls
    await dvr.start(port)
    try:
        yield dvr
    finally:
        await dvr.die()


async def _main(port: int) -> None:
    async with channels_dvr(port) as dvr:
        print(f"http://127.0.0.1:{dvr.port}")  # noqa: T201
        key = dvr.watch("206", "ESPN", "Apple TV")
        while True:
            await asyncio.sleep(2)
            dvr.stats(key)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8089)
    asyncio.run(_main(parser.parse_args().port))
