import stat
from pathlib import Path

import pytest

from polycast.core.secrets import BadKeys, open_keys
from polycast.core.secrets.keys import SEAL_FILE, SIGN_FILE


class TestFirstStart:
    def test_the_folder_and_its_files_are_ours_alone(self, tmp_path: Path) -> None:
        open_keys(tmp_path)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
        assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
        assert modes == {SEAL_FILE: 0o600, SIGN_FILE: 0o600}
        assert [path.name for path in tmp_path.iterdir()] == ["keys"]

    def test_two_installations_share_nothing(self, tmp_path: Path) -> None:
        one, other = open_keys(tmp_path / "one"), open_keys(tmp_path / "other")
        assert len({key.secret for key in (*one.seal, one.sign, *other.seal, other.sign)}) == 4

    def test_the_next_start_finds_the_same_keys(self, tmp_path: Path) -> None:
        first, second = open_keys(tmp_path), open_keys(tmp_path)
        assert (first.seal, first.sign) == (second.seal, second.sign)

    def test_an_empty_folder_made_by_hand_is_filled(self, tmp_path: Path) -> None:
        (tmp_path / "keys").mkdir(mode=0o755)
        open_keys(tmp_path)
        assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


class TestAKeyFileIsNotAsItShouldBe:
    @pytest.mark.parametrize("name", [SEAL_FILE, SIGN_FILE])
    def test_a_missing_one_stops_the_start_and_is_not_made_anew(self, tmp_path: Path, name: str) -> None:
        open_keys(tmp_path)
        (tmp_path / "keys" / name).unlink()
        with pytest.raises(BadKeys, match=f"{name} is missing"):
            open_keys(tmp_path)
        assert not (tmp_path / "keys" / name).exists()

    @pytest.mark.parametrize("name", [SEAL_FILE, SIGN_FILE])
    @pytest.mark.parametrize(
        "damage",
        [
            lambda raw: b"",
            lambda raw: raw[:-6],
            lambda raw: raw[:12] + bytes([raw[12] ^ 1]) + raw[13:],
            lambda raw: raw + b"rubbish\n",
            lambda raw: b"\xff" + raw,
        ],
        ids=["empty", "cut", "one bit", "a line more", "not text"],
    )
    def test_a_damaged_one_stops_the_start(self, tmp_path: Path, name: str, damage) -> None:
        open_keys(tmp_path)
        path = tmp_path / "keys" / name
        path.write_bytes(damage(path.read_bytes()))
        with pytest.raises(BadKeys, match=r"damaged|cannot be read"):
            open_keys(tmp_path)

    def test_an_unreadable_one_stops_the_start(self, tmp_path: Path) -> None:
        open_keys(tmp_path)
        path = tmp_path / "keys" / SIGN_FILE
        path.unlink()
        path.mkdir()  # root reads everything but this
        with pytest.raises(BadKeys, match="cannot be read"):
            open_keys(tmp_path)

    def test_one_that_others_could_read_is_closed_again(self, tmp_path: Path) -> None:
        open_keys(tmp_path)
        path = tmp_path / "keys" / SEAL_FILE
        path.chmod(0o644)
        open_keys(tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_key_never_shows_itself_in_a_log(self, tmp_path: Path) -> None:
        keys = open_keys(tmp_path)
        assert repr(keys.sign.secret) not in repr(keys.sign)
