"""Half a minute of real television, drawn once per machine, that goes on for ever with clocks that never jump back."""

import os
import subprocess
import tempfile
from bisect import bisect_right
from pathlib import Path

import imageio_ffmpeg

from polycast.core.media.ts import PACKET, STARTS, TsScan, payload, read_pcr

SECONDS = 32  # whole pictures and whole sound frames: 800 and 1500
VERSION = 3
PCR_PERIOD = SECONDS * 27_000_000
PTS_PERIOD = SECONDS * 90_000


def reel_path() -> Path:
    """The drawn file: 640x360 at 25 pictures a second, a keyframe each second, H.264 and AAC, about 1 Mbit/s."""
    path = Path(tempfile.gettempdir()) / f"polycast-test-reel-{VERSION}-{os.getuid()}.ts"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        draw(part, seconds=SECONDS)
        part.replace(path)
    return path


def draw(path: Path, *, seconds: float, codecs: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast")) -> None:
    """A test picture with a clock and a tone, as a transport stream."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    command += [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=640x360:rate=25",
        "-f",
        "lavfi",
        "-i",
        f"sine=frequency=440:sample_rate=48000:duration={seconds - 1024 / 48000}",
    ]
    command += [
        "-t",
        str(seconds),
        *codecs,
        "-g",
        "25",
        "-bf",
        "0",
        "-pix_fmt",
        "yuv420p",
        "-b:v",
        "900k",
        "-c:a",
        "aac",
        "-b:a",
        "96k",
    ]
    command += ["-metadata", "service_name=Test", "-mpegts_flags", "pat_pmt_at_frames", "-f", "mpegts", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class Reel:
    """The endless stream as bytes by time. Position 0 is second 0; each turn's clocks and counters follow the last."""

    def __init__(self, path: Path | None = None) -> None:
        self.data = (path or reel_path()).read_bytes()
        scan = TsScan()
        scanned = scan.scan(self.data)
        assert scan.programme is not None
        self._clock_pid = scan.programme.pcr_pid
        self._packets: dict[int, int] = {}
        self._patches: list[tuple[int, str]] = []
        self._read()
        self._times, self._offsets = self._read_clocks()
        # A second starts at the tables in front of its keyframe.
        self.starts = [self.data.rfind(b"\x47\x40\x00", 0, at) for at in scanned.keyframes]
        self._turns: dict[int, bytes] = {0: self.data}

    @property
    def size(self) -> int:
        return len(self.data)

    def position(self, seconds: float) -> int:
        """How many bytes were on air when `seconds` have passed since the beginning; whole packets."""
        turn, rest = divmod(seconds, SECONDS)
        index = max(0, bisect_right(self._times, rest) - 1)
        return int(turn) * self.size + self._offsets[index]

    def read(self, start: int, end: int) -> bytes:
        """The bytes of these positions, over as many turns as it takes."""
        pieces = []
        while start < end:
            turn, at = divmod(start, self.size)
            piece = self._turn(turn)[at : at + end - start]
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)

    def second(self, number: int) -> bytes:
        """One second, beginning with tables and a keyframe."""
        return self.read(self._start(number), self._start(number + 1))

    def _start(self, number: int) -> int:
        turn, second = divmod(number, len(self.starts))
        return turn * self.size + self.starts[second]

    def _turn(self, number: int) -> bytes:
        if number not in self._turns:
            if len(self._turns) > 3:
                del self._turns[min(key for key in self._turns if key)]
            self._turns[number] = self._shifted(number)
        return self._turns[number]

    def _shifted(self, turn: int) -> bytes:
        out = bytearray(self.data)
        steps = {pid: count * turn & 0x0F for pid, count in self._packets.items()}
        for at in range(0, len(out), PACKET):
            step = steps[(out[at + 1] & 0x1F) << 8 | out[at + 2]]
            if step:
                out[at + 3] = (out[at + 3] & 0xF0) | (out[at + 3] + step) & 0x0F
        for at, kind in self._patches:
            if kind == "pcr":
                raw = int.from_bytes(out[at : at + 6], "big")
                base = ((raw >> 15) + PTS_PERIOD * turn) & ((1 << 33) - 1)
                out[at : at + 6] = (base << 15 | raw & 0x7FFF).to_bytes(6, "big")
            else:
                out[at : at + 5] = _later(out[at : at + 5], PTS_PERIOD * turn)
        return bytes(out)

    def _read(self) -> None:
        """Where the clocks are, and how many packets with payload each pid has."""
        data = self.data
        for at in range(0, len(data), PACKET):
            pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
            self._packets[pid] = self._packets.get(pid, 0) + (1 if data[at + 3] & 0x10 else 0)
            if read_pcr(data, at) is not None:
                self._patches.append((at + 6, "pcr"))
            body = payload(data, at) if STARTS[data[at + 1]] else b""
            if body[:3] == b"\x00\x00\x01" and len(body) > 19:
                begin = at + PACKET - len(body)
                self._patches += [(begin + 9, "pts")] if body[7] & 0x80 else []
                self._patches += [(begin + 14, "pts")] if body[7] & 0x40 else []

    def _read_clocks(self) -> tuple[list[float], list[int]]:
        times, offsets = [0.0], [0]
        first: int | None = None
        for at in range(0, len(self.data), PACKET):
            clock = read_pcr(self.data, at)
            pid = (self.data[at + 1] & 0x1F) << 8 | self.data[at + 2]
            if clock is None or pid != self._clock_pid:
                continue
            first = clock if first is None else first
            times.append((clock - first) / 27_000_000)
            offsets.append(at)
        return times, offsets


def _later(stamp: bytes | bytearray, ticks: int) -> bytes:
    value = (stamp[0] & 0x0E) << 29 | stamp[1] << 22 | (stamp[2] & 0xFE) << 14 | stamp[3] << 7 | stamp[4] >> 1
    value = (value + ticks) & ((1 << 33) - 1)
    return bytes(
        [
            stamp[0] & 0xF1 | value >> 29 & 0x0E,
            value >> 22 & 0xFF,
            value >> 14 & 0xFE | 1,
            value >> 7 & 0xFF,
            value << 1 & 0xFE | 1,
        ]
    )
