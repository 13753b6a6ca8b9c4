"""Foreign text becomes a name or is refused; it never becomes a way out."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polycast.core.errors import NotFound
from polycast.core.files import Root, UnsafePath, safe_name, safe_path, walk

ESCAPES = [
    "..", "../", "../x", "a/../../x", "a/..", "/etc/passwd", "//etc/passwd", "\\..\\x", "..\\x", "a\\b", "C:", "C:/x", "c:x",
    "a\0b", "\0", "a/\0", "a\nb", "a\rb", "a\x7fb", "...", "a/.../b", ".. ", ". .", " ", "a/ /b", "./..", "a/./../..",
    "x" * 300, "a/" * 3000, "\ud800", "....//", "a/..;/x".replace(";", ""), "..//..//x", "/", "/.", "~/../..",
]  # fmt: skip
HARMLESS = ["", ".", "a", "a/b", "a//b", "./a", "..%2f", "%2e%2e/", "%00", "..a", "a..", "ä/ö", "a b", "-x", "~", "..%252f",
            "\uff0e\uff0e/x", "\u2025/x", "..\u2215x", "..\u2044x", "..;/x", "con", "$HOME", "`id`", "a?b", "*"]  # fmt: skip


class TestAPathFromOutside:
    @pytest.mark.parametrize("text", ESCAPES)
    def test_that_leads_out_is_refused(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(UnsafePath):
            safe_path(tmp_path, text)

    @pytest.mark.parametrize("text", HARMLESS)
    def test_that_stays_inside_is_taken_as_it_is(self, tmp_path: Path, text: str) -> None:
        assert safe_path(tmp_path, text).is_relative_to(tmp_path)

    @settings(deadline=None)
    @given(st.lists(st.text(max_size=40), max_size=4))
    def test_is_inside_or_refused_whatever_it_is(self, parts: list[str]) -> None:
        root = Path("/usr/share")
        try:
            found = safe_path(root, *parts)
        except UnsafePath:
            return
        assert found.is_relative_to(root.resolve())

    def test_through_a_link_that_leads_out_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "root").mkdir()
        (tmp_path / "root" / "link").symlink_to(tmp_path)
        (tmp_path / "root" / "loop").symlink_to(tmp_path / "root" / "loop")
        with pytest.raises(UnsafePath):
            safe_path(tmp_path / "root", "link/x")
        with pytest.raises(UnsafePath):
            safe_path(tmp_path / "root", "loop")


class TestANameFromOutside:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Film (2020).mkv", "Film (2020).mkv"),
            ("../../etc/passwd", "_.._etc_passwd"),
            (".hidden", "hidden"),
            ("-rf", "rf"),
            ("  a  b  ", "a b"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com1.tar.gz", "_com1.tar.gz"),
            ("", "unnamed"),
            ("...", "unnamed"),
            (". -", "unnamed"),
            ("a\0b\nc", "ab c"),
            ("trailing. . .", "trailing"),
            ("e\u0301", "é"),
            ("a\u202egpj.exe", "agpj.exe"),
            ("a\u2215b", "a_b"),
            ("\ud800x", "?x"),
        ],
    )
    def test_is_cleaned(self, text: str, name: str) -> None:
        assert safe_name(text) == name

    def test_keeps_only_endings_that_are_allowed(self) -> None:
        assert safe_name("clip.mkv", extensions={"mkv"}) == "clip.mkv"
        assert safe_name("clip.php", extensions={"mkv"}) == "clip_php"

    def test_keeps_its_ending_when_it_is_cut(self) -> None:
        name = safe_name("ö" * 500 + ".mkv")
        assert len(name.encode()) <= 180
        assert name.endswith("ö.mkv")

    @given(st.text(max_size=400))
    def test_is_one_plain_segment_whatever_it_was(self, text: str) -> None:
        name = safe_name(text)
        assert name
        assert name[0] not in ".- "
        assert not set(name) & set("/\\:\0\n")
        assert len(name.encode()) <= 180
        assert safe_path(Path("/usr/share"), name).parent == Path("/usr/share")


class TestAFolderOpenedForForeignNames:
    def test_gives_and_makes_files_below_it(self, tmp_path: Path) -> None:
        with Root(tmp_path) as root:
            with root.create("a/b", "c.txt") as file:
                file.write(b"x")
            with root.open("a/b/c.txt") as file:
                assert file.read() == b"x"
            with pytest.raises(FileExistsError):
                root.create("a/b/c.txt")
            root.delete("a/b/c.txt")
            with pytest.raises(NotFound):
                root.open("a/b/c.txt")

    def test_follows_no_link_on_the_way_or_at_the_end(self, tmp_path: Path) -> None:
        (tmp_path / "canary").write_text("secret")
        (tmp_path / "root").mkdir()
        (tmp_path / "root" / "file").symlink_to(tmp_path / "canary")
        (tmp_path / "root" / "folder").symlink_to(tmp_path)
        with Root(tmp_path / "root") as root:
            for name in ("file", "folder/canary", "."):
                with pytest.raises((NotFound, UnsafePath)):
                    root.open(name)
            with pytest.raises(NotFound):
                root.create("folder/new")
            with pytest.raises(FileExistsError):
                root.create("file")

    def test_gives_no_device_and_waits_for_no_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with Root(tmp_path) as root, pytest.raises(NotFound):
            root.open("pipe")


class TestAWalk:
    def test_tells_every_file_in_order(self, tmp_path: Path) -> None:
        for name in ("b/z", "b/a/x", "a", "c"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(name)
        assert [(found.path, found.size_bytes) for found in walk(tmp_path)] == [
            ("a", 1),
            ("c", 1),
            ("b/z", 3),
            ("b/a/x", 5),
        ]

    def test_follows_links_only_into_declared_folders(self, tmp_path: Path) -> None:
        for name in ("root", "other", "secret"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "file").touch()
        (tmp_path / "root" / "good").symlink_to(tmp_path / "other")
        (tmp_path / "root" / "bad").symlink_to(tmp_path / "secret")
        (tmp_path / "root" / "round").symlink_to(tmp_path / "root")
        found = [file.path for file in walk(tmp_path / "root", inside=[tmp_path / "other"])]
        assert found == ["file", "good/file"]
