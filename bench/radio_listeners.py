"""A thousand listeners of one station: what they cost, how many fail, how long until the first byte; icecast2 beside us.

The listeners are a process of their own that reads and throws away; the source is a file of MP3 sent at its own pace.
"""

import asyncio
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from polycast.core.net import listen
from polycast.radio.edge.connection import Connection
from polycast.radio.edge.door import Door
from polycast.radio.edge.frames import Cut, silent_mp3
from polycast.radio.edge.model import Guest, Manner, MountSpec, Refusal, Title
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.office import Office

LISTENERS = 1000
SECONDS = 60
KBPS = 128


class OneMount:
    """A port with one mount that everybody may hear."""

    manner = Manner.ICECAST
    takes_listeners = True

    def __init__(self, mount: Mount) -> None:
        self._mount = mount

    def mount(self, path: str) -> Mount | None:
        return self._mount if path == "/stream" else None

    def mounts(self) -> list[Mount]:
        return [self._mount]

    def admit(self, mount: Mount, guest: Guest) -> Refusal | str | None:
        return None

    def source(self, offer: Any, hangup: Any) -> Refusal:
        return Refusal(403, "none")

    def knows(self, address: str, user: str, password: str) -> bool:
        return False

    def is_admin(self, address: str, user: str, password: str) -> bool:
        return False

    def is_refused(self, address: str) -> bool:
        return False

    def retitle(self, path: str, user: str, password: str, title: Title) -> bool:
        return False

    def charset(self, user: str, password: str) -> str:
        return ""

    def kill_source(self, path: str) -> bool:
        return False


def now() -> datetime:
    return datetime.now(UTC)


async def serve(port: int, seconds: float) -> None:
    """Our edge with one mount, fed like a player feeds it; tells its own cost at the end."""
    mount = Mount(MountSpec(id=1, station_id=1, path="/stream"), clock=time.monotonic, started_at=now())
    office = Office(now=now, gone=lambda listener, why: None, intro=lambda mount, guest: b"")
    door = Door(office, most_per_peer=100_000)
    loop = asyncio.get_running_loop()
    for one in listen("127.0.0.1", port):
        await loop.create_server(lambda: Connection(OneMount(mount), door), sock=one, backlog=2048)
    frames = silent_mp3(KBPS)
    per_block = len(frames) // 10
    seconds_of_block = per_block * 1152 / 44100
    block = b"".join(frames[:per_block])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    began, due, titles = time.monotonic(), time.monotonic() - 2, 0
    used, at = -1.0, began
    while time.monotonic() - began < seconds:
        while due <= time.monotonic():
            mount.feed(Cut(block, seconds_of_block))
            due += seconds_of_block
        mount.tick()
        if int((time.monotonic() - began) / 10) > titles:
            titles += 1
            mount.retitle(Title(f"Somebody - Song {titles}"))
        if used < 0 and len(mount.listeners) >= LISTENERS:
            used, at = time.process_time(), time.monotonic()
        await asyncio.sleep(0.05)
    cpu = (time.process_time() - used) / (time.monotonic() - at) if used >= 0 else -1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{cpu:.4f} {peak:.0f} {len(mount.listeners)} {mount.slow_count}\n")
    sys.stdout.flush()


class Ear(asyncio.Protocol):
    """A listener who remembers when something came, and checks that titles come where they must."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.asked = 0.0
        self.first_s = -1.0
        self.count = 0
        self.last = 0.0
        self.gap_s = 0.0
        self.failed = ""

    def connection_made(self, transport: Any) -> None:
        self.asked = time.monotonic()
        transport.write(f"GET {self._path} HTTP/1.0\r\nHost: x\r\nIcy-MetaData: 1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        if self.first_s < 0:
            if b"200 OK" not in data[:40]:
                self.failed = data[:60].decode("latin-1")
            self.first_s = at - self.asked
        else:
            self.gap_s = max(self.gap_s, at - self.last)
        self.last = at
        self.count += len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.failed = self.failed or "closed"


async def hear(port: int, count: int, seconds: float) -> None:
    """Many listeners; what they saw, in one line."""
    loop = asyncio.get_running_loop()
    ears: list[Ear] = []
    refused = 0
    for number in range(count):
        try:
            _, ear = await loop.create_connection(lambda: Ear("/stream"), "127.0.0.1", port)
            ears.append(ear)
        except OSError:
            refused += 1
        if number % 20 == 0:
            await asyncio.sleep(0.02)
    await asyncio.sleep(seconds)
    failed = refused + sum(1 for ear in ears if ear.failed or ear.count < KBPS * 125 * (seconds - 3))
    firsts = sorted(ear.first_s for ear in ears if ear.first_s >= 0)
    p99 = firsts[int(len(firsts) * 0.99)] if firsts else -1
    gap = max((ear.gap_s for ear in ears if not ear.failed), default=-1)
    sys.stdout.write(f"{failed} {p99 * 1000:.1f} {gap:.2f}\n")
    sys.stdout.flush()


def raise_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


async def _spawn(*words: str) -> Any:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.radio_listeners", *words, stdout=asyncio.subprocess.PIPE
    )


async def ours(port: int, seconds: float) -> dict[str, float]:
    server = await _spawn("serve", str(port), str(seconds + 12))
    await server.stdout.readline()
    ears = await _spawn("hear", str(port), str(LISTENERS), str(seconds))
    heard = (await ears.stdout.readline()).split()
    told = (await server.stdout.readline()).split()
    await ears.wait()
    await server.wait()
    return {
        "cpu": float(told[0]),
        "memory_mb": float(told[1]),
        "failed": float(heard[0]),
        "first_ms": float(heard[1]),
        "gap_s": float(heard[2]),
    }


CONFIG = """<icecast><limits><clients>1100</clients><sources>2</sources><queue-size>524288</queue-size>
<client-timeout>30</client-timeout><header-timeout>15</header-timeout><source-timeout>10</source-timeout>
<burst-size>131072</burst-size></limits><authentication><source-password>pw</source-password>
<admin-user>admin</admin-user><admin-password>pw</admin-password></authentication>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>{folder}</basedir><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
<adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>a.log</accesslog><errorlog>e.log</errorlog><loglevel>1</loglevel></logging>
<security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>"""


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def icecast(port: int, seconds: float) -> dict[str, float] | None:
    """The peer, fed with the same bytes at the same pace."""
    if shutil.which("icecast2") is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "icecast.xml").write_text(CONFIG.format(port=port, folder=folder))
        server = await asyncio.create_subprocess_exec(
            "icecast2",
            "-c",
            str(folder / "icecast.xml"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            return await _measured(server.pid, port, seconds)
        finally:
            server.terminate()
            await server.wait()


async def _measured(pid: int, port: int, seconds: float) -> dict[str, float]:
    reader, writer = await _connected(port)
    writer.write(
        b"SOURCE /stream HTTP/1.0\r\nAuthorization: Basic c291cmNlOnB3\r\nContent-Type: audio/mpeg\r\nice-public: 0\r\n\r\n"
    )
    await reader.readline()
    feeding = asyncio.ensure_future(_feed(writer))
    await asyncio.sleep(3)
    ears = await _spawn("hear", str(port), str(LISTENERS), str(seconds))
    await asyncio.sleep(6)
    before, at = _cpu_of(pid), time.monotonic()
    heard = (await ears.stdout.readline()).split()
    cpu = (_cpu_of(pid) - before) / (time.monotonic() - at)
    status = Path(f"/proc/{pid}/status").read_text()
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    feeding.cancel()
    await ears.wait()
    return {
        "cpu": cpu,
        "memory_mb": memory,
        "failed": float(heard[0]),
        "first_ms": float(heard[1]),
        "gap_s": float(heard[2]),
    }


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(50):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("icecast2 does not listen")


async def _feed(writer: Any) -> None:
    frames = silent_mp3(KBPS)
    due = time.monotonic() - 9
    while True:
        while due <= time.monotonic():
            writer.write(frames[0])
            due += 1152 / 44100
        await writer.drain()
        await asyncio.sleep(0.05)


async def measure(seconds: float = SECONDS, rounds: int = 1) -> dict[str, dict[str, float]]:
    """Medians of the rounds, ours and theirs."""
    raise_files()
    found: dict[str, list[dict[str, float]]] = {"ours": [], "icecast2": []}
    for _ in range(rounds):
        probe = listen("127.0.0.1", 0)
        port = probe[0].getsockname()[1]
        for one in probe:
            one.close()
        found["ours"].append(await ours(port, seconds))
        theirs = await icecast(port, seconds)
        if theirs is not None:
            found["icecast2"].append(theirs)
    return {
        who: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for who, runs in found.items()
        if runs
    }


def main() -> None:
    raise_files()
    uvloop.install()
    match sys.argv[1:]:
        case ["serve", port, seconds]:
            asyncio.run(serve(int(port), float(seconds)))
        case ["hear", port, count, seconds]:
            asyncio.run(hear(int(port), int(count), float(seconds)))
        case [*rest]:
            length, rounds = float(rest[0]) if rest else SECONDS, int(rest[1]) if len(rest) > 1 else 1
            for who, figures in asyncio.run(measure(length, rounds)).items():
                print(
                    f"{who}: {figures['cpu'] * 100:.2f}% of a core, {figures['memory_mb']:.0f} MB, "
                    f"{figures['failed']:.0f} failed, first byte {figures['first_ms']:.0f} ms (p99), "
                    f"longest gap {figures['gap_s']:.2f} s"
                )


if __name__ == "__main__":
    main()
