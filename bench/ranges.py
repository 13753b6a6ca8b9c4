"""Bytes a second from one file on one connection: `python -m bench.ranges [MIB]`. Whole, and in ranges of 8 MiB."""

import socket
import sys
import tempfile
import time
from pathlib import Path

from bench.serving import cpu_seconds, served
from polycast.core.files import FileAnswer

MIB = 1024 * 1024
RANGE = 8 * MIB


def whole(port: int, size: int) -> float:
    """Bytes a second of one plain GET."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        started = time.perf_counter()
        _get(client, size, "")
        return size / (time.perf_counter() - started)


def ranged(port: int, size: int) -> float:
    """Bytes a second of ranges, one after the other on one connection."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        started = time.perf_counter()
        for at in range(0, size, RANGE):
            _get(client, min(RANGE, size - at), f"Range: bytes={at}-{min(at + RANGE, size) - 1}\r\n")
        return size / (time.perf_counter() - started)


def _get(client: socket.socket, expected: int, header: str) -> None:
    client.sendall(f"GET / HTTP/1.1\r\nHost: bench\r\n{header}\r\n".encode())
    buffer = bytearray(4 * MIB)
    got = client.recv_into(buffer)
    while (end := buffer.find(b"\r\n\r\n", 0, got)) < 0:
        got += client.recv_into(memoryview(buffer)[got:])
    left = expected - (got - end - 4)
    while left > 0:
        left -= client.recv_into(buffer)


def main() -> None:
    """Print a line for each way."""
    size = (int(sys.argv[1]) if len(sys.argv) > 1 else 1024) * MIB
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mkv"
        with path.open("wb") as file:
            for _ in range(size // MIB):
                file.write(bytes(MIB))
        with served(lambda: FileAnswer(path, content_type="video/x-matroska")) as (port, pid):
            for name, measure in (("whole file", whole), ("ranges of 8 MiB", ranged)):
                rates = sorted(measure(port, size) for _ in range(3))
                print(f"ranges: {name}: {rates[1] / 1e9:.2f} GB/s on one connection (median of 3, {size // MIB} MiB)")
            print(f"ranges: server CPU {cpu_seconds(pid) / 6 / size * 1e9:.2f} s a GB")


if __name__ == "__main__":
    main()
