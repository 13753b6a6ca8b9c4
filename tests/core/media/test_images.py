"""Foreign pictures: made small and harmless once, kept within bounds, and never asked for in vain too often."""

import io
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from polycast.core.errors import NotFound, Unavailable
from polycast.core.media import Images, Media, Quarantine, sniff
from polycast.core.media.images import STEPS, step_for
from polycast.core.processes.forks import Forks, open_forks

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
async def forks() -> AsyncIterator[Forks]:
    async with open_forks("polycast.core.media.child", size=1) as found:
        yield found


@pytest.fixture
def media(forks: Forks, tmp_path: Path) -> Media:
    return Media(forks=forks, quarantine=Quarantine(tmp_path / "quarantine"))


@pytest.fixture
def images(media: Media, tmp_path: Path) -> Images:
    return Images(folder=tmp_path / "images", media=media)


class Source:
    """Where pictures come from, counting how often it is asked."""

    def __init__(self, content: bytes | Exception) -> None:
        self.content = content
        self.asked = 0

    async def __call__(self) -> bytes:
        self.asked += 1
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


def picture(form: str = "PNG", size: tuple[int, int] = (800, 400), mode: str = "RGB") -> bytes:
    packed = io.BytesIO()
    drawn = Image.linear_gradient("L").resize(size).convert(mode)
    if mode == "RGBA":
        drawn.putalpha(128)
    drawn.save(packed, form)
    return packed.getvalue()


class TestAPicture:
    @pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"])
    async def test_of_any_known_form_is_written_anew_and_smaller(self, images: Images, form: str) -> None:
        found = await images.get("poster", Source(picture(form)), 200)
        with Image.open(found.path) as small:
            assert (small.size, small.format) == ((256, 128), "JPEG")
        assert found.content_type == "image/jpeg"

    async def test_keeps_its_transparency(self, images: Images) -> None:
        found = await images.get("logo", Source(picture(mode="RGBA")), 64)
        with Image.open(found.path) as small:
            assert (small.mode, small.format) == ("RGBA", "WEBP")

    async def test_is_never_made_larger(self, images: Images) -> None:
        found = await images.get("poster", Source(picture(size=(100, 50))), 999_999)
        with Image.open(found.path) as small:
            assert small.size == (100, 50)

    async def test_is_fetched_once_and_found_again(self, images: Images) -> None:
        source = Source(picture())
        first = await images.get("poster", source, 200)
        assert await images.get("poster", source, 250) == first
        assert source.asked == 1

    async def test_can_be_forgotten(self, images: Images) -> None:
        source = Source(picture())
        await images.get("poster", source, 200)
        images.forget("poster")
        await images.get("poster", source, 200)
        assert source.asked == 2

    async def test_of_vectors_is_kept_as_it_is(self, images: Images) -> None:
        found = await images.get("logo", Source(SVG), 64)
        assert (found.content_type, found.path.read_bytes()) == ("image/svg+xml", SVG)


class TestAPictureThatIsNone:
    @pytest.mark.parametrize(
        "content",
        [b"", b"<html><svg></svg>", b"GIF89a" + bytes(50), b"\x89PNG\r\n\x1a\n" + b"x" * 99, b"BM" + bytes(10), picture()[:200],
         b"%PDF-1.4", b"\xff\xd8\xff" + b"\0" * 11_000_000, b"#EXTM3U\nfile:///etc/passwd", b"push graphic-context"],
    )  # fmt: skip
    async def test_is_not_found(self, images: Images, content: bytes) -> None:
        with pytest.raises(NotFound):
            await images.get("poster", Source(content), 200)

    async def test_with_a_billion_pixels_is_refused_before_decoding(self, images: Images) -> None:
        def part(kind: bytes, body: bytes) -> bytes:
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

        header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
        bomb = (
            b"\x89PNG\r\n\x1a\n"
            + part(b"IHDR", header)
            + part(b"IDAT", zlib.compress(bytes(1000)))
            + part(b"IEND", b"")
        )
        with pytest.raises(NotFound):
            await images.get("bomb", Source(bomb), 200)

    async def test_is_asked_for_again_after_five_minutes_only(self, media: Media, tmp_path: Path) -> None:
        at = 0.0
        images = Images(folder=tmp_path / "images", media=media, now=lambda: at)
        source = Source(Unavailable("down"))
        for _ in range(3):
            with pytest.raises(NotFound):
                await images.get("poster", source, 200)
        assert source.asked == 1
        at, source.content = 301.0, picture()
        await images.get("poster", source, 200)
        assert source.asked == 2


class TestTheCache:
    async def test_has_no_more_sizes_than_steps(self, images: Images, tmp_path: Path) -> None:
        source = Source(picture(size=(300, 100)))
        for width in range(1, 1000, 7):
            await images.get("poster", source, width)
        assert len(list((tmp_path / "images").glob("*/*"))) <= len(STEPS)
        assert (step_for(1), step_for(65), step_for(10**9), step_for(None), step_for(-5)) == (64, 128, 4096, 0, 0)

    async def test_lets_the_oldest_go(self, media: Media, tmp_path: Path) -> None:
        images = Images(folder=tmp_path / "images", media=media, limit_bytes=20_000)
        for number in range(20):
            await images.get(f"poster {number}", Source(picture(size=(400 + number, 400))), 384)
        held = sum(path.stat().st_size for path in (tmp_path / "images").glob("*/*"))
        assert 5_000 < held <= 20_000

    async def test_leaves_nothing_half_written(self, images: Images, tmp_path: Path) -> None:
        with pytest.raises(NotFound):
            await images.get("poster", Source(picture()[:500]), 200)
        assert list((tmp_path / "images").glob("*/*")) == []
        assert list((tmp_path / "images").glob("*/.*")) == []


class TestTheFirstBytes:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [(SVG, "image/svg+xml"), (b"\xef\xbb\xbf <SVG>", "image/svg+xml"), (picture("ICO"), "image/x-icon"), (picture("AVIF"), "image/avif"),
         (b"<!-- x --><svg/>", "image/svg+xml"), (b"<html>", None), (b"", None), (b"RIFF0000WAVE", None)],
    )  # fmt: skip
    def test_tell_the_kind(self, content: bytes, kind: str | None) -> None:
        assert sniff(content) == kind
