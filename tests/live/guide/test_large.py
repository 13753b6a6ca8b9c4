"""A guide of two gigabytes: it passes through, in no more memory than a small one."""

import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from polycast.live.guide.reading import GuideReader

SIZE = 2 * 1024**3
TEXT = b"word " * 100_000  # few programmes with much to say: quick to make and to read
START = datetime(2026, 11, 21, tzinfo=UTC)
MOST_MIB = 150


def guide() -> Iterator[bytes]:
    """Two channels; every 64th programme is of the first one."""
    yield b'<?xml version="1.0" encoding="UTF-8"?><tv>'
    yield b"".join(b'<channel id="%s"><display-name>%s</display-name></channel>' % (one, one) for one in (b"a", b"b"))
    for number in range(SIZE // len(TEXT)):
        start = START + timedelta(minutes=number)
        times = tuple(f"{at:%Y%m%d%H%M%S} +0000".encode() for at in (start, start + timedelta(minutes=1)))
        channel = b"b" if number % 64 else b"a"
        yield b'<programme start="%s" stop="%s" channel="%s"><title>T%d</title><desc>' % (*times, channel, number)
        yield TEXT
        yield b"</desc></programme>"
    yield b"</tv>"


@pytest.mark.slow
class TestAGuideOfTwoGigabytes:
    def test_is_read_in_flat_memory(self, tmp_path: Path) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with GuideReader({"a"}, folder=tmp_path, check=lambda _: None) as reader:
            reader.read(guide())
            grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            wanted = -(-(SIZE // len(TEXT)) // 64)
            assert (sorted(reader.channels), reader.programmes, reader.warnings) == (["a", "b"], wanted, [])
            [run] = reader.runs()
            assert [airing.title for airing in run.airings()][:2] == ["T0", "T64"]
        assert grown_mib < MOST_MIB
