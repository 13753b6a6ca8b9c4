import hashlib
import zipfile  # hostile archives are made here, never read
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from polycast.core.backups import BadBackup, Kind, Making, Shelf
from polycast.core.backups.sealing import PIECE, TAG, Sealer, new_sealing, unsealed
from polycast.core.errors import Invalid, PolycastError, Storage
from polycast.core.files import open_zip
from polycast.core.storage import Branch, StorageSettings
from tests.core.backups.world import MAKING, NOW, covers, fill, house, seen
from tests.engines import connected

Members = dict[str, bytes]


def members_of(path: Path) -> Members:
    with open_zip(path) as packed:
        return {entry.name: packed.read(entry.name) for entry in packed.entries}


def packed_again(path: Path, members: Members) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)


def manifest(members: Members, change: Callable[[dict[str, Any]], object]) -> None:
    found = msgspec.json.decode(members["manifest.json"])
    change(found)
    members["manifest.json"] = msgspec.json.encode(found)


def lose_a_row(members: Members) -> None:
    lines = members["tables/shop_films.jsonl"].splitlines(keepends=True)
    members["tables/shop_films.jsonl"] = b"".join(lines[:-1])


def change_a_row(members: Members) -> None:
    members["tables/shop_films.jsonl"] = members["tables/shop_films.jsonl"].replace(b"Stalker", b"Stolker")


def lose_a_row_and_tell_it_in_the_hash(members: Members) -> None:
    lose_a_row(members)
    content = members["tables/shop_films.jsonl"]

    def tell(found: dict[str, Any]) -> None:
        [entry] = [each for each in found["tables"] if each["name"] == "shop_films"]
        entry |= {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    manifest(members, tell)


def lead_out(members: Members) -> None:
    manifest(members, lambda found: found["files"][0].update(path="shop/covers/../../../evil.txt"))


def lie_outside(members: Members) -> None:
    manifest(members, lambda found: found["files"][0].update(path="keys/seal.key"))


def tell_less(members: Members) -> None:
    manifest(members, lambda found: found["files"].clear())


DAMAGES = {
    "a table is gone": lambda members: members.pop("tables/shop_films.jsonl"),
    "a row is gone": lose_a_row,
    "a row is changed": change_a_row,
    "a row is gone and the hash knows it": lose_a_row_and_tell_it_in_the_hash,
    "the files are gone": lambda members: members.pop("files.bin"),
    "a file is changed": lambda members: members.update({"files.bin": b"the odd cover"}),
    "files are cut off": lambda members: members.update({"files.bin": b"the"}),
    "there is more than told": tell_less,
    "a name leads out": lead_out,
    "a name lies outside the folders": lie_outside,
    "the manifest is gone": lambda members: members.pop("manifest.json"),
    "the manifest is no JSON": lambda members: members.update({"manifest.json": b"{"}),
    "the manifest is another product's": lambda members: manifest(members, lambda found: found.update(product="other")),
    "the form is newer": lambda members: manifest(members, lambda found: found.update(format=2)),
    "the cover is gone": lambda members: members.pop("backup.json"),
}


def proved(shelf: Shelf, path: Path) -> Members:
    """What can be read of the backup; nothing when it is refused."""
    try:
        shelf.verify(path, "")
    except PolycastError:
        return {}
    return members_of(path)


@pytest.fixture
async def shelf(on_sqlite: StorageSettings, branch: Branch) -> Shelf:
    async with connected(on_sqlite) as db:
        await db.write(fill)
    return Shelf(house(on_sqlite, branch))


class TestADamagedBackup:
    @pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
    async def test_is_refused_and_changes_nothing(
        self, on_sqlite: StorageSettings, shelf: Shelf, damage: Callable[[Members], object]
    ) -> None:
        async with connected(on_sqlite) as db:
            before = await db.read(seen)
        path = shelf.make(MAKING)
        members = members_of(path)
        damage(members)
        packed_again(path, members)
        with pytest.raises(Invalid):
            shelf.restore(path, MAKING, passphrase="", with_credentials=False)
        async with connected(on_sqlite) as db:
            assert await db.read(seen) == before
        assert covers(on_sqlite.data_dir) == {"stalker": "the old cover"}
        assert list((on_sqlite.data_dir / "restore").iterdir()) == []
        assert not (on_sqlite.data_dir.parent / "evil.txt").exists()

    # Some bytes of a zip mean nothing to its reader (a date, the first of two copies of a length).
    @pytest.mark.parametrize("position", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])
    async def test_is_refused_or_unharmed_wherever_a_byte_is_wrong(self, shelf: Shelf, position: float) -> None:
        path = shelf.make(MAKING)
        whole = members_of(path)
        content = bytearray(path.read_bytes())
        content[int(len(content) * position)] ^= 0xFF
        path.write_bytes(content)
        assert proved(shelf, path) in ({}, whole)

    async def test_is_listed_with_its_problem(self, shelf: Shelf) -> None:
        path = shelf.make(MAKING)
        path.write_bytes(b"not a zip")
        [backup] = shelf.all()
        assert (backup.name, backup.problem) == (path.name, "archive: This is no zip archive, or it is damaged.")

    async def test_that_fits_its_manifest_but_not_the_schema_is_refused(
        self, on_sqlite: StorageSettings, shelf: Shelf
    ) -> None:
        path = shelf.make(MAKING)
        members = members_of(path)

        def rename(found: dict[str, Any]) -> None:
            [entry] = [each for each in found["tables"] if each["name"] == "shop_films"]
            entry["name"] = "shop_ghosts"

        manifest(members, rename)
        members["tables/shop_ghosts.jsonl"] = members.pop("tables/shop_films.jsonl")
        packed_again(path, members)
        async with connected(on_sqlite) as db:
            before = await db.read(seen)
            with pytest.raises(BadBackup, match="shop_ghosts"):
                shelf.restore(path, MAKING, passphrase="", with_credentials=False)
            assert await db.read(seen) == before


ODD_ROWS = {
    "too short": b"[1]",
    "too long": b"[1,2,3,4,5,6,7,8]",
    "no row": b'"[1]"',
    "no JSON": b"[1,",
    "an object": b'[2,{"a":1},null,null,null,null]',
    "a number beyond 64 bits": b'[9999999999999999999999,"x",null,null,null,null]',
    "no title": b"[2,null,null,null,null,null]",
    "the same id": b'[1,"x",null,null,null,null]',
    "no base64": b'[2,"x","*",null,null,null]',
    "its sequel is nowhere": b'[2,"x",null,null,404,null]',
}


class TestRowsThatDoNotFit:
    @pytest.mark.parametrize("row", ODD_ROWS.values(), ids=ODD_ROWS)
    async def test_are_refused_and_change_nothing(self, settings: StorageSettings, branch: Branch, row: bytes) -> None:
        shelf = Shelf(house(settings, branch))
        path = shelf.make(MAKING)
        members = members_of(path)
        content = members["tables/shop_films.jsonl"] + row + b"\n"
        members["tables/shop_films.jsonl"] = content

        def tell(found: dict[str, Any]) -> None:
            [entry] = [each for each in found["tables"] if each["name"] == "shop_films"]
            entry |= {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            entry["dumped"]["rows"] += 1

        manifest(members, tell)
        packed_again(path, members)
        async with connected(settings) as db:
            before = await db.read(seen)
            with pytest.raises(Storage) as refused:
                shelf.restore(path, MAKING, passphrase="", with_credentials=False)
            assert refused.value.reason == "broken"
            assert await db.read(seen) == before


class TestASealedStream:
    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
    def test_comes_back(self, size: int) -> None:
        plain = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        assert b"".join(unsealed([sealed(plain)], SEALING, "word")) == plain

    @pytest.mark.parametrize(
        "change",
        [
            lambda s: s[: PIECE + TAG],
            lambda s: s[:-1],
            lambda s: s[PIECE + TAG :],
            lambda s: s[PIECE + TAG : 2 * (PIECE + TAG)] + s[: PIECE + TAG] + s[2 * (PIECE + TAG) :],
            lambda s: s + s[-100:],
            lambda s: b"\x00" + s[1:],
            lambda s: b"",
        ],
        ids=["cut after a piece", "cut", "begin lost", "pieces swapped", "more", "changed", "empty"],
    )
    def test_that_was_changed_is_refused(self, change: Callable[[bytes], bytes]) -> None:
        changed = change(sealed(b"x" * (2 * PIECE + 100)))
        with pytest.raises(BadBackup):
            for _ in unsealed([changed], SEALING, "word"):
                pass

    @pytest.mark.parametrize("wrong", [{"n": 2**30}, {"n": 3}, {"r": 1000}, {"p": 0}])
    def test_may_not_cost_what_it_likes(self, wrong: dict[str, int]) -> None:
        greedy = msgspec.structs.replace(SEALING, **wrong)
        with pytest.raises(BadBackup):
            list(unsealed([b""], greedy, "word"))


SEALING = msgspec.structs.replace(new_sealing(), n=2**4)


def sealed(plain: bytes) -> bytes:
    made = bytearray()
    sealer = Sealer(made.extend, SEALING, "word")
    for start in range(0, len(plain), 700_000):
        sealer.write(plain[start : start + 700_000])
    sealer.close()
    return bytes(made)


class TestAKeyFileInABackup:
    async def test_that_is_damaged_is_refused(self, on_sqlite: StorageSettings, shelf: Shelf) -> None:
        keys = on_sqlite.data_dir / "keys"
        keys.mkdir()
        (keys / "seal.key").write_text("nonsense\n")
        (keys / "sign.key").write_text("nonsense\n")
        path = shelf.make(Making(kind=Kind.MANUAL, at=NOW, passphrase="word"))
        with pytest.raises(BadBackup, match="keys"):
            shelf.restore(path, MAKING, passphrase="word", with_credentials=True)
