"""Tar archives of ours and of others."""

import io
import tarfile
from pathlib import Path

import pytest

from polycast.core.errors import TooLarge
from polycast.core.files import BadArchive, Growth, open_tar, write_tar


def foreign(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    """An archive as anybody may write it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as packed:
        for member, content in members:
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    made.seek(0)
    return made


def named(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


class TestOurs:
    def test_comes_back_as_it_was_and_other_programs_read_it(self, tmp_path: Path) -> None:
        target, song = tmp_path / "a.tar.gz", tmp_path / "song"
        song.write_bytes(b"m" * 300_000)
        with target.open("wb") as file, write_tar(file) as packed, song.open("rb") as music:
            packed.add_bytes("manifest.json", b"{}")
            packed.add_file("media/Привет.mp3", music, size_bytes=300_000)
        (tmp_path / "out").mkdir()
        with open_tar(target) as found:
            assert found.extract(tmp_path / "out") == 2
        assert (tmp_path / "out/media/Привет.mp3").read_bytes() == song.read_bytes()
        with tarfile.open(target) as other:
            assert other.getnames() == ["manifest.json", "media/Привет.mp3"]


HOSTILE = {
    "a name that leads out": [(named("../x"), b"1")],
    "an absolute name": [(named("/etc/x"), b"1")],
    "a backslash": [(named("a\\..\\x"), b"1")],
    "a link": [(named("a", tarfile.SYMTYPE, "/etc"), b""), (named("a/x"), b"1")],
    "a hard link": [(named("a"), b"1"), (named("b", tarfile.LNKTYPE, "a"), b"")],
    "a device": [(named("a", tarfile.CHRTYPE), b"")],
    "a pipe": [(named("a", tarfile.FIFOTYPE), b"")],
    "a name twice": [(named("A"), b"1"), (named("a"), b"2")],
    "a file in the way of a folder": [(named("a"), b"1"), (named("a/b"), b"2")],
}


class TestForeign:
    @pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
    def test_what_breaks_a_rule_is_refused(self, tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        staging = tmp_path / "staging"
        staging.mkdir()
        with pytest.raises(BadArchive), open_tar(foreign(*members)) as found:
            found.extract(staging)
        assert [path.name for path in tmp_path.iterdir()] == ["staging"]

    def test_growth_is_bounded(self, tmp_path: Path) -> None:
        bomb = foreign((named("a"), bytes(60_000_000)))
        with pytest.raises(TooLarge), open_tar(bomb) as found:
            found.extract(tmp_path)

    def test_the_sum_is_bounded(self, tmp_path: Path) -> None:
        with pytest.raises(TooLarge), open_tar(foreign((named("a"), b"12345")), growth=Growth(size_bytes=4)) as found:
            found.extract(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x1f\x8b\x08\x00broken"])
    def test_garbage_is_no_archive(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(BadArchive), open_tar(io.BytesIO(content)) as found:
            found.extract(tmp_path)
