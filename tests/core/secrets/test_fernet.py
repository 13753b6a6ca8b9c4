from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from polycast.core.secrets import FernetFile, Unsealable, fernet_opens


class TestAKeyFile:
    def test_opens_what_it_sealed_also_for_another_program(self, tmp_path: Path) -> None:
        path = tmp_path / "monitor" / "encryption.key"
        token = FernetFile(path).seal("s3cret")
        assert FernetFile(path).open(token) == "s3cret"
        assert Fernet(path.read_bytes()).decrypt(token.encode()) == b"s3cret"
        assert fernet_opens(path.read_bytes(), token) == "s3cret"
        assert path.stat().st_mode & 0o777 == 0o600
        assert [one.name for one in path.parent.iterdir()] == ["encryption.key"]

    def test_that_others_may_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "key"
        path.write_bytes(Fernet.generate_key())
        path.chmod(0o644)
        kept = FernetFile(path)
        assert not kept.is_safe
        with pytest.raises(Unsealable, match="0600"):
            kept.seal("x")

    @pytest.mark.parametrize("content", [b"", b"too short", b"!" * 44])
    def test_that_is_none(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "key"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(Unsealable):
            FernetFile(path).open("gAAAA")
        with pytest.raises(Unsealable):
            fernet_opens(content, "gAAAA")

    @pytest.mark.parametrize("token", ["", "gAAAA", "not a token", "\u00e4"])
    def test_does_not_open_what_it_did_not_seal(self, tmp_path: Path, token: str) -> None:
        with pytest.raises(Unsealable):
            FernetFile(tmp_path / "key").open(token)
