"""Sound whose pitch says where it comes from, and ears that hear which."""

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

RATE = 44100


def tone(hz: float, seconds: float, *, level: float = 0.3) -> np.ndarray:
    """Stereo, planar."""
    wave = level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


def packed(sound: np.ndarray, *, form: str = "mp3", kbps: int = 128) -> bytes:
    """A file of the sound: mp3, adts, ogg (Opus), flac, wav."""
    codec = {"mp3": "libmp3lame", "adts": "aac", "ogg": "libopus", "flac": "flac", "wav": "pcm_s16le"}[form]
    rate = 48000 if form == "ogg" else RATE
    sink = io.BytesIO()
    with av.open(sink, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=rate, layout="stereo")
        if form not in {"wav", "flac"}:
            stream.bit_rate = kbps * 1000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return sink.getvalue()


def write_tone(path: Path, hz: float, seconds: float, *, form: str = "mp3", level: float = 0.3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_tone_file(hz, seconds, form, level))
    return path


@cache
def _tone_file(hz: float, seconds: float, form: str, level: float) -> bytes:
    return packed(tone(hz, seconds, level=level), form=form)


def unpacked(data: bytes, form: str = "mp3") -> np.ndarray:
    """What a player would hear: mono samples. A broken frame is a failure, but for a last one that was cut off."""
    parts = []
    failed: av.error.FFmpegError | None = None
    with av.open(io.BytesIO(data), format=form) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        for packet in container.demux(audio=0):
            if failed is not None and packet.size:
                raise failed
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                failed = error
                continue
            for frame in frames:
                parts += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def pitches(sound: np.ndarray, *, window_s: float = 0.1) -> list[int]:
    """The loudest pitch of each window, to 10 Hz; 0 for silence."""
    size = int(window_s * RATE)
    found = []
    for at in range(0, len(sound) - size + 1, size):
        piece = sound[at : at + size]
        if float(np.sqrt(np.mean(piece**2))) < 0.003:
            found.append(0)
            continue
        spectrum = np.abs(np.fft.rfft(piece * np.hanning(size)))
        found.append(int(round(float(np.argmax(spectrum)) / window_s, -1)))
    return found


def heard(sound: np.ndarray, *, least: int = 3) -> list[int]:
    """The pitches in the order they came, without those of fewer than `least` windows in a row."""
    runs: list[list[int]] = []
    for pitch in pitches(sound):
        if runs and runs[-1][0] == pitch:
            runs[-1][1] += 1
        else:
            runs.append([pitch, 1])
    order: list[int] = []
    for pitch, count in runs:
        if count >= least and (not order or order[-1] != pitch):
            order.append(pitch)
    return order


def without_titles(data: bytes, metaint: int) -> tuple[bytes, list[str]]:
    """Cut an ICY stream at its metadata blocks: the sound, and the titles in the order they came."""
    sound, titles, at = bytearray(), list[str](), 0
    while at < len(data):
        sound += data[at : at + metaint]
        at += metaint
        if at >= len(data):
            break
        size = data[at] * 16
        block = data[at + 1 : at + 1 + size]
        if size:
            value = block.rstrip(b"\0").decode()
            titles.append(value.removeprefix("StreamTitle='").partition("';")[0])
        at += 1 + size
    return bytes(sound), titles


def silence_at_most(sound: np.ndarray, *, window_s: float = 0.02) -> float:
    """The longest silence, in seconds."""
    size = int(window_s * RATE)
    longest = run = 0
    for at in range(0, len(sound) - size + 1, size):
        is_silent = float(np.sqrt(np.mean(sound[at : at + size] ** 2))) < 0.003
        run = run + 1 if is_silent else 0
        longest = max(longest, run)
    return longest * window_s


def joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts)
