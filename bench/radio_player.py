"""What a station's player costs: one core's share and memory, with music that crossfades, levelled, as MP3 at 128 kbit/s."""

import asyncio
import io
import os
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

from polycast.radio.engine.players import open_players
from polycast.radio.player import wire

SECONDS = 30.0
RATE = 44100
SEED = 20261121


def music(seconds: float, seed: int) -> bytes:
    """Something with a spectrum like music's: chords over pink noise, with a beat."""
    draws = np.random.default_rng(seed)
    count = int(seconds * RATE)
    time_s = np.arange(count) / RATE
    sound = np.zeros((2, count))
    for hz in draws.uniform(80, 4000, 12):
        sound += 0.03 * np.sin(2 * np.pi * hz * time_s + draws.uniform(0, 6, (2, 1)))
    spectrum = np.fft.rfft(draws.standard_normal((2, count)))
    spectrum[:, 1:] /= np.sqrt(np.arange(1, spectrum.shape[1]))
    noise = np.fft.irfft(spectrum, count)
    sound += 0.2 * noise / np.abs(noise).max() * (1 + np.sin(2 * np.pi * 2 * time_s))
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="stereo")
        stream.bit_rate = 192_000
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return sink.getvalue()


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> tuple[float, float]:
    """Resident and proportional size, MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(lines["Rss"].split()[0]) / 1024, int(lines["Pss"].split()[0]) / 1024


async def measure(seconds: float, stations: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = []
        for number in range(3):
            path = Path(name) / f"{number}.mp3"
            path.write_bytes(await asyncio.to_thread(music, 12.0, SEED + number))
            files.append(path)
        async with open_players() as players, asyncio.TaskGroup() as tasks:
            lines = [await players.start() for _ in range(stations)]
            for line in lines:
                setup = wire.Setup(outputs=[wire.Output(number=0, format="mp3", kbps=128)], crossfade_s=3.0)
                line.tell(wire.pack(setup))
                tasks.create_task(listen(line, files))
            await asyncio.sleep(4)
            before, at = sum(cpu_of(line.pid) for line in lines), time.monotonic()
            await asyncio.sleep(seconds)
            share = (sum(cpu_of(line.pid) for line in lines) - before) / (time.monotonic() - at) / stations
            resident, proportional = (max(each) for each in zip(*(memory_of(line.pid) for line in lines), strict=True))
            print(
                f"player: {share * 100:.2f}% of a core, {resident:.0f} MB resident, {proportional:.0f} MB proportional"
            )
            for line in lines:
                line.close()


async def listen(line: object, files: list[Path]) -> None:
    """Give it the next piece whenever it asks."""
    number = 0
    async for body in line.frames():  # type: ignore[attr-defined]
        if body[0] == wire.SAID and isinstance(wire.report(body), wire.Want):
            descriptor = os.open(files[number % len(files)], os.O_RDONLY)
            number += 1
            line.tell(wire.pack(wire.Cue(id=number, gain_db=-3.0)), (descriptor,))  # type: ignore[attr-defined]
            os.close(descriptor)


if __name__ == "__main__":
    asyncio.run(
        measure(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    )
