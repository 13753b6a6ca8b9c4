from polycast.core.secrets import is_signature, signature


def test_it_is_hmac_sha256() -> None:
    """RFC 4231, test case 2."""
    made = signature("Jefe", b"what do ya want for nothing?")
    assert made.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert is_signature(b"Jefe", b"what do ya want for nothing?", made)
    assert not is_signature(b"Jefe", b"what do ya want for nothing!", made)
