"""Big playlists are read by another process: to the same end, and with the same manners when it goes wrong."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from polycast.core.errors import Unavailable
from polycast.live.sources.addresses import Hider, Login
from polycast.live.sources.refresh.apart import APART_FROM, CHILD, Ask, read_apart, suits
from polycast.live.sources.refresh.identity import hasher
from polycast.live.sources.refresh.playlist import Tally, raw_entries
from polycast.live.sources.refresh.scan import Groups, Scan
from polycast.live.tables import streams
from tests.live.sources.world import SourcesWorld

LOGIN = Login("anna", "geheim")
ODD = (
    b'#EXTM3U x-tvg-url="http://guide.example/a.xml"\n'
    b'#EXTINF:-1 tvg-id="one.uk" tvg-logo="http://l.example/1.png" group-title="News",One\nhttp://tv.example/live/anna/geheim/1.ts\n'
    b'#EXTINF:-1 tvg-chno="7.5" catchup-days="3" timeshift="3" group-title="N\xe9ws",Caf\xe9\nhttp://tv.example/2.ts\n'
    b"#EXTINF:-1,Nothing follows\n"
    b"#EXTINF:-1 group-title='Odd',Three\n#EXTVLCOPT:http-user-agent=X\nudp://@239.0.0.1:5000\n"
    b"#EXTINF:-1,Elsewhere\nftp://tv.example/4.ts\n"
)


def scan(keys: tuple[str, ...]) -> Scan:
    return Scan(
        known={},
        groups=Groups({}, enable_new=True),
        filters=[],
        hasher=hasher(keys, account_id=7, is_xtream=False),
        hider=Hider(LOGIN),
        trusts=False,
        check=lambda: None,
    )


class TestAPlaylistIsReadApart:
    @pytest.mark.parametrize("keys", [("url",), ("group", "name", "tvg_id")])
    async def test_it_says_what_reading_it_here_says(self, tmp_path: Path, keys: tuple[str, ...]) -> None:
        path = tmp_path / "list.m3u"
        path.write_bytes(ODD)
        here, apart = Tally(), Tally()
        wanted = list(scan(keys).playlist(raw_entries([ODD], here)))
        async with read_apart(path, Ask(7, keys, LOGIN), apart) as parts:
            found = list(scan(keys).parsed(parts))
        assert found == wanted
        assert len(found) == 3
        assert apart == here
        assert here.rejected == {"no_address": 1, "scheme": 1}
        assert "geheim" not in str(found)

    async def test_who_leaves_in_the_middle_leaves_nobody_behind(self, tmp_path: Path) -> None:
        path = tmp_path / "list.m3u"
        path.write_text("#EXTM3U\n" + "".join(entries(30_000)))
        with pytest.raises(KeyError):
            async with read_apart(path, Ask(7, ("url",), None), Tally()) as parts:
                assert len(next(parts)) == 1000
                raise KeyError
        assert readers() == []

    async def test_a_reader_that_dies_is_no_end_of_the_list(self, tmp_path: Path) -> None:
        path = tmp_path / "list.m3u"
        path.write_text("#EXTM3U\n" + "".join(entries(60_000)))
        with pytest.raises(Unavailable):
            async with read_apart(path, Ask(7, ("url",), None), Tally()) as parts:
                next(parts)
                [server] = readers()
                for child in children(server):
                    os.kill(child, signal.SIGKILL)
                assert sum(len(part) for part in parts) < 59_000

    def test_what_is_small_or_packed_is_read_here(self, tmp_path: Path) -> None:
        path = tmp_path / "list"
        for start, entries_in_it, is_apart in (
            (b"#EXTM3U", APART_FROM, True),
            (b"#EXTM3U", 10, False),
            (b"\x1f\x8b", APART_FROM, False),
        ):
            path.write_bytes(start)
            assert suits(path, entries_in_it) is is_apart


class TestABigAccount:
    async def test_is_imported_whole(self, world: SourcesWorld) -> None:
        account = await world.file_account(("#EXTM3U\n" + "".join(entries(APART_FROM))).encode() + ODD)
        done = await world.refresh(account)
        assert (done.streams_created, done.rejected) == (APART_FROM + 2, 2)  # one address stands there twice
        stored = await world.db.read(lambda unit: [row.url for row in unit.execute(streams.select().limit(3))])
        assert stored == [f"http://tv.example/{number}.ts" for number in range(3)]


def entries(count: int) -> Iterator[str]:
    for number in range(count):
        yield f'#EXTINF:-1 tvg-id="{number}" group-title="G{number % 50}",Channel {number}\nhttp://tv.example/{number}.ts\n'


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def readers() -> list[int]:
    """Fork servers for readers that this process has started."""
    found = []
    for pid in children(os.getpid()):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if CHILD.encode() in words:
            found.append(pid)
    return found
