"""Archives and compressed files give what they hold within bounds, and nothing else."""

import gzip
import io
import lzma
import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from polycast.core.errors import TooLarge
from polycast.core.files import BadArchive, Damaged, Growth, open_compressed, open_zip, write_atomic, write_zip

TEXT = b"#EXTM3U\n" + b"#EXTINF:-1,News\nhttp://a.example/1\n" * 1000


def zipped(*names: str, content: bytes = TEXT, **changed: object) -> bytes:
    """A zip with files of these names; `changed` sets fields of each entry's header."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for field, value in changed.items():
                setattr(info, field, value)
            archive.writestr(info, content)
    return packed.getvalue()


def read(packed: bytes, growth: Growth | None = None) -> bytes:
    with open_compressed(io.BytesIO(packed), growth=growth) as plain:
        return plain.read()


class TestACompressedFile:
    @pytest.mark.parametrize(
        "packed",
        [TEXT, gzip.compress(TEXT), gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]), lzma.compress(TEXT),
         lzma.compress(TEXT[:99]) + b"\0" * 8 + lzma.compress(TEXT[99:]), zipped("list.m3u")],
        ids=["plain", "gzip", "two-gzips", "xz", "two-xz", "zip"],
    )  # fmt: skip
    def test_is_told_by_its_magic(self, packed: bytes) -> None:
        assert read(packed) == TEXT

    def test_is_read_from_disk_line_by_line(self, tmp_path: Path) -> None:
        (tmp_path / "list").write_bytes(gzip.compress(TEXT))
        with open_compressed(tmp_path / "list") as plain:
            assert next(iter(plain)) == b"#EXTM3U\n"

    @pytest.mark.parametrize(
        "packed",
        [gzip.compress(TEXT)[:-40], lzma.compress(TEXT)[:-40], b"\x1f\x8b" + b"x" * 40, zipped("a", "b"), zipped("a")[:-30],
         gzip.compress(TEXT)[:60] + b"\xff" * 20 + gzip.compress(TEXT)[80:], b"\xfd7zXZ\x00" + b"y" * 60],
    )  # fmt: skip
    def test_that_is_broken_says_so(self, packed: bytes) -> None:
        with pytest.raises(Damaged):
            read(packed)

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lambda data: zipped("a", content=data)])
    def test_that_is_a_bomb_stops_early(self, pack: object) -> None:
        bomb = pack(bytes(60_000_000))  # type: ignore[operator]
        seen: list[int] = []
        with pytest.raises(TooLarge), open_compressed(io.BytesIO(bomb)) as plain:
            seen.extend(len(piece) for piece in iter(lambda: plain.read(65536), b""))
        assert sum(seen) < 20_000_000

    def test_of_any_kind_ends_at_the_size_limit(self) -> None:
        with pytest.raises(TooLarge):
            read(TEXT, Growth(size_bytes=len(TEXT) - 1))
        assert read(TEXT, Growth(size_bytes=len(TEXT))) == TEXT


class TestAForeignArchive:
    def test_is_extracted_as_files_and_folders(self, tmp_path: Path) -> None:
        with open_zip(io.BytesIO(zipped("a.txt", "folder/b.txt"))) as packed:
            assert packed.extract(tmp_path) == 2
            assert packed.read("a.txt") == TEXT
        assert (tmp_path / "folder" / "b.txt").read_bytes() == TEXT

    @pytest.mark.parametrize(
        "names",
        [["../x"], ["a/../../x"], ["/etc/x"], ["//x"], ["C:/x"], ["c:x"], ["a\\b"], ["..\\x"], ["a", "A"], ["a", "a/b"],
         ["a/b", "A/B"], ["ß", "ss"], ["./a"], ["a//b"], ["a/./b"], [".."], ["..."], [" "], ["a\nb"], ["e\u0301", "é"],
         ["x" * 300], ["a/b", "a"], ["."], ["/"], ["a", "./a"], ["\u212a", "k"]],
    )  # fmt: skip
    def test_with_a_name_that_leads_astray_is_refused(self, tmp_path: Path, names: list[str]) -> None:
        with pytest.raises(BadArchive), open_zip(io.BytesIO(zipped(*names))) as packed:
            packed.extract(tmp_path)
        assert not (tmp_path.parent / "x").exists()

    @pytest.mark.parametrize(
        "kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR]
    )
    def test_with_something_else_than_files_is_refused(self, kind: int) -> None:
        with pytest.raises(BadArchive), open_zip(io.BytesIO(zipped("a", external_attr=(kind | 0o777) << 16))):
            pass

    def test_with_a_name_cut_by_nul_is_refused(self) -> None:
        packed = zipped("a_.._b").replace(b"a_.._b", b"a\0.._b")
        with pytest.raises(BadArchive), open_zip(io.BytesIO(packed)):
            pass

    def test_whose_entries_share_bytes_is_refused(self) -> None:
        packed = bytearray(zipped("a", "b"))
        second = packed.rfind(b"PK\x01\x02")
        packed[second + 42 : second + 46] = bytes(4)  # the second entry points at the first one's bytes
        with pytest.raises(BadArchive), open_zip(io.BytesIO(bytes(packed))):
            pass

    def test_that_would_grow_too_much_is_refused_unread(self) -> None:
        bomb = zipped("a", content=bytes(60_000_000))
        with pytest.raises(TooLarge), open_zip(io.BytesIO(bomb)):
            pass

    def test_that_lies_about_its_size_is_stopped(self) -> None:
        packed = bytearray(zipped("a"))
        for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            at = packed.find(magic) + offset
            packed[at : at + 4] = (10).to_bytes(4, "little")
        with open_zip(io.BytesIO(bytes(packed))) as archive, pytest.raises(BadArchive):
            archive.read("a")

    def test_with_a_wrong_sum_is_refused(self) -> None:
        packed = zipped("a").replace(zlib.crc32(TEXT).to_bytes(4, "little"), b"abcd")
        with open_zip(io.BytesIO(packed)) as archive, pytest.raises(BadArchive):
            archive.read("a")

    def test_is_not_extracted_over_anything(self, tmp_path: Path) -> None:
        (tmp_path / "old").touch()
        with open_zip(io.BytesIO(zipped("a"))) as packed, pytest.raises(BadArchive):
            packed.extract(tmp_path)

    @pytest.mark.parametrize("packed", [b"", b"PK", b"no zip at all" * 9, zipped("a")[:50]])
    def test_that_is_none_says_so(self, packed: bytes) -> None:
        with pytest.raises(BadArchive), open_zip(io.BytesIO(packed)):
            pass


class TestAnArchiveOfOurs:
    def test_comes_back_whole(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(TEXT)
        with write_atomic(tmp_path / "backup.zip") as file, write_zip(file) as packed:
            packed.add_file("files/list", tmp_path / "file")
            packed.add_bytes("manifest.json", b"{}")
            with packed.open("rows") as member:
                member.write(b"1\n")
                member.write(b"2\n")
        with open_zip(tmp_path / "backup.zip") as archive:
            contents = {entry.name: archive.read(entry.name) for entry in archive.entries}
        assert contents == {"files/list": TEXT, "manifest.json": b"{}", "rows": b"1\n2\n"}


class TestAFileWrittenAtOnce:
    def test_replaces_the_old_one_only_when_all_is_well(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_text("old")
        with pytest.raises(ZeroDivisionError), write_atomic(tmp_path / "f") as file:
            file.write(b"half")
            raise ZeroDivisionError
        assert (tmp_path / "f").read_text() == "old"
        with write_atomic(tmp_path / "f", mode=0o600) as file:
            file.write(b"new")
        assert (tmp_path / "f").read_text() == "new"
        assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["f"]

    def test_does_not_write_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "target").write_text("old")
        (tmp_path / "link").symlink_to(tmp_path / "target")
        with write_atomic(tmp_path / "link") as file:
            file.write(b"new")
        assert (tmp_path / "target").read_text() == "old"
