"""Archives by programs we did not write, and by our own hand from the descriptions: every mapped byte is compared."""

import random
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from polycast.acquire.archives.model import Stored, Unmappable, Why
from polycast.acquire.archives.rar import map_rar
from polycast.acquire.archives.seven_zip import map_seven_zip
from polycast.acquire.archives.zip_file import map_zip
from polycast.core.secrets import aes_cbc
from tests.fakes.rar_writer import rar4, rar5

FILM = random.Random(1).randbytes(300_007)
SHORT = random.Random(2).randbytes(1_234)
MEMBERS = [("Film (2020)/film.mkv", FILM), ("Film (2020)/sample.mkv", SHORT)]


class Held:
    """A volume in memory that counts what was asked of it."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data
        self.size_bytes = len(data)
        self.read_bytes = 0

    async def read_at(self, offset: int, length: int) -> bytes:
        self.read_bytes += length
        return self.data[offset : offset + length]


def held(volumes: Sequence[bytes], name: str = "x.part{:02d}.rar") -> list[Held]:
    return [Held(name.format(number + 1), data) for number, data in enumerate(volumes)]


def content(member: Stored, volumes: Sequence[Held]) -> bytes:
    raw = b"".join(volumes[one.volume].data[one.start : one.start + one.length] for one in member.extents)
    if member.cipher is not None:
        raw = aes_cbc(member.cipher.key, member.cipher.iv, raw[: len(raw) // 16 * 16])
    return raw[member.skip : member.skip + member.size_bytes]


def contents(members: Sequence[Stored], volumes: Sequence[Held]) -> dict[str, bytes]:
    return {member.name: content(member, volumes) for member in members}


@pytest.mark.parametrize("make", [rar4, rar5])
class TestRar:
    @pytest.mark.parametrize("volume_bytes", [0, 50_000, 100_000])
    @pytest.mark.parametrize(("password", "seals_headers"), [("", False), ("sesam", False), ("sesam", True)])
    async def test_every_byte_is_found(self, make, volume_bytes: int, password: str, seals_headers: bool) -> None:
        volumes = held(make(MEMBERS, volume_bytes=volume_bytes, password=password, seals_headers=seals_headers))
        assert contents(await map_rar(volumes, password), volumes) == dict(MEMBERS)

    async def test_volumes_may_come_in_any_order_under_any_name(self, make) -> None:
        volumes = held(make(MEMBERS, volume_bytes=60_000), "{:02d}")
        for volume in volumes:
            volume.name = "".join(random.Random(volume.name).choices("0123456789abcdef", k=12))
        if make is rar5:  # its headers number the volumes; those of format 4 do so only at the end
            random.Random(3).shuffle(volumes)
        assert contents(await map_rar(volumes, ""), volumes) == dict(MEMBERS)

    async def test_only_headers_are_read(self, make) -> None:
        volumes = held(make(MEMBERS, volume_bytes=100_000))
        await map_rar(volumes, "")
        assert sum(volume.read_bytes for volume in volumes) < 20_000

    async def test_missing_volumes_are_noticed(self, make) -> None:
        volumes = held(make([("a.mkv", FILM)], volume_bytes=50_000))
        for lost in (0, 2, len(volumes) - 1):
            with pytest.raises(Unmappable) as refused:
                await map_rar([one for at, one in enumerate(volumes) if at != lost], "")
            assert refused.value.why is Why.INCOMPLETE

    async def test_compressed_is_refused(self, make) -> None:
        volumes = held(make(MEMBERS, method=3 if make is rar5 else 0x33))
        with pytest.raises(Unmappable, match="compressed") as refused:
            await map_rar(volumes, "")
        assert refused.value.why is Why.COMPRESSED

    @pytest.mark.parametrize("seals_headers", [False, True])
    async def test_a_password_that_is_missing_or_wrong(self, make, seals_headers: bool) -> None:
        volumes = held(make(MEMBERS, password="sesam", seals_headers=seals_headers))
        with pytest.raises(Unmappable) as refused:
            await map_rar(volumes, "")
        assert refused.value.why is Why.ENCRYPTED
        if make is rar5 or seals_headers:
            with pytest.raises(Unmappable) as refused:
                await map_rar(volumes, "simsim")
            assert refused.value.why is Why.BAD_PASSWORD

    async def test_damage_is_told_not_raised_from_the_depths(self, make) -> None:
        (whole,) = make(MEMBERS)
        chance = random.Random(4)
        for _ in range(300):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 4)):
                damaged[chance.randrange(200)] = chance.randrange(256)
            try:
                await map_rar(held([bytes(damaged[: chance.randint(20, len(damaged))])]), "x")
            except Unmappable:
                continue

    @pytest.mark.needs_tool("bsdtar")
    def test_libarchive_reads_what_our_writer_makes(self, make, tmp_path: Path) -> None:
        (tmp_path / "x.rar").write_bytes(make(MEMBERS)[0])
        subprocess.run(["bsdtar", "-xf", "x.rar"], cwd=tmp_path, check=True, capture_output=True)
        assert (tmp_path / MEMBERS[0][0]).read_bytes() == FILM


@pytest.mark.needs_tool("7z")
class TestSevenZip:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        for name, data in MEMBERS:
            (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "in" / name).write_bytes(data)
        (tmp_path / "in" / "empty.txt").write_bytes(b"")
        return tmp_path

    def packed(self, folder: Path, *options: str) -> list[Held]:
        subprocess.run(
            ["7z", "a", "-mx0", *options, "../x.7z", "."], cwd=folder / "in", check=True, capture_output=True
        )
        return [Held(path.name, path.read_bytes()) for path in sorted(folder.glob("x.7z*"))]

    @pytest.mark.parametrize(
        "options",
        [(), ("-mhc=off",), ("-v90k",), ("-ms=off",), ("-psesam",), ("-psesam", "-mhe"), ("-psesam", "-mhe", "-v50k")],
    )
    async def test_every_byte_is_found(self, folder: Path, options: tuple[str, ...]) -> None:
        volumes = self.packed(folder, *options)
        assert contents(await map_seven_zip(volumes, "sesam"), volumes) == dict(MEMBERS)

    async def test_what_cannot_be_served_is_refused(self, folder: Path) -> None:
        with pytest.raises(Unmappable) as refused:
            await map_seven_zip(self.packed(folder, "-psesam", "-mhe")[:1], "simsim")
        assert refused.value.why is Why.BAD_PASSWORD
        with pytest.raises(Unmappable) as refused:
            await map_seven_zip([Held("x", Path(folder / "x.7z").read_bytes()[:-10])], "sesam")
        assert refused.value.why is Why.INCOMPLETE

    async def test_compressed_is_refused(self, folder: Path) -> None:
        (folder / "in" / "text.txt").write_bytes(b"again and again " * 10_000)
        subprocess.run(["7z", "a", "-mx5", "../y.7z", "text.txt"], cwd=folder / "in", check=True, capture_output=True)
        with pytest.raises(Unmappable) as refused:
            await map_seven_zip([Held("y", (folder / "y.7z").read_bytes())], "")
        assert refused.value.why is Why.COMPRESSED

    async def test_damage_is_told(self, folder: Path) -> None:
        whole = self.packed(folder, "-mhc=off")[0].data
        chance = random.Random(5)
        for _ in range(200):
            damaged = bytearray(whole)
            damaged[chance.randrange(len(whole) - 300, len(whole))] = chance.randrange(256)
            with pytest.raises(Unmappable):
                await map_seven_zip([Held("x", bytes(damaged[: chance.randint(1, len(whole) - 1)]))], "")


class TestZip:
    def zipped(self, tmp_path: Path, method: int = zipfile.ZIP_STORED) -> Held:
        with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as packed:
            packed.comment = b"with a comment"
            for name, data in MEMBERS:
                packed.writestr(name, data)
        return Held("x.zip", (tmp_path / "x.zip").read_bytes())

    async def test_every_byte_is_found(self, tmp_path: Path) -> None:
        whole = self.zipped(tmp_path)
        cut = [Held("x.001", whole.data[:111_111]), Held("x.002", whole.data[111_111:])]
        assert contents(await map_zip([whole]), [whole]) == dict(MEMBERS)
        assert contents(await map_zip(cut), cut) == dict(MEMBERS)

    async def test_compressed_and_cut_ones_are_refused(self, tmp_path: Path) -> None:
        whole = self.zipped(tmp_path)
        with pytest.raises(Unmappable) as refused:
            await map_zip([Held("x", whole.data[:-200])])
        assert refused.value.why in (Why.INCOMPLETE, Why.DAMAGED)
        with zipfile.ZipFile(tmp_path / "y.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a.txt", "again " * 1000)
        with pytest.raises(Unmappable) as refused:
            await map_zip([Held("y", (tmp_path / "y.zip").read_bytes())])
        assert refused.value.why is Why.COMPRESSED
