"""How loud a piece is, judged by ffmpeg's own EBU R 128."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from polycast.radio.player.measuring import Measured, Meter, Unmeasurable, measure
from tests.fakes.radio_sounds import packed, tone


def measured(path: Path) -> Measured | Unmeasurable:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return measure(descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.needs_tool("ffmpeg")
@pytest.mark.parametrize(
    "source", ["sine=frequency=997", "sine=frequency=60", "anoisesrc=color=pink:amplitude=0.3:seed=7"]
)
def test_agrees_with_ffmpeg(tmp_path: Path, source: str) -> None:
    path = tmp_path / "a.wav"
    quiet = "volume=enable='between(t,4,6)':volume=0.02"
    graph = f"{source}:duration=12:r=44100"
    words = ["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", graph]
    subprocess.run([*words, "-af", quiet, "-ac", "2", str(path)], check=True)
    told = subprocess.run(
        ["ffmpeg", "-nostdin", "-i", str(path), "-af", "ebur128", "-f", "null", "-"], check=True, capture_output=True
    ).stderr.decode()
    theirs = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])
    found = measured(path)
    assert isinstance(found, Measured)
    assert abs(found.lufs - theirs) < 0.3


def test_tells_where_sound_begins_and_ends(tmp_path: Path) -> None:
    gap = np.zeros((2, 44100), dtype=np.float32)
    path = tmp_path / "a.flac"
    path.write_bytes(packed(np.concatenate([gap, tone(440, 2.0), gap, gap], axis=1), form="flac"))
    found = measured(path)
    assert isinstance(found, Measured)
    assert (found.start_s, found.end_s, round(found.length_s, 1)) == (1.0, 3.0, 5.0)
    assert abs(found.peak_db - -10.5) < 0.2


def test_silence_and_nothing(tmp_path: Path) -> None:
    meter = Meter()
    assert meter.result().lufs == -70.0
    meter.add(np.zeros((2, 44100), dtype=np.float32))
    assert meter.result().lufs == -70.0


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"ID3" + b"x" * 3000, b"RIFF\x04\0\0\0WAVE"])
def test_what_is_no_sound_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    assert isinstance(measured(path), Unmeasurable)
