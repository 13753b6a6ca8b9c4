"""The door for secrets: key files, sealing at rest, random tokens, signatures, masking."""

from polycast.core.secrets.aes import aes_cbc
from polycast.core.secrets.fernet import FernetFile, fernet_opens
from polycast.core.secrets.keys import BadKeys, Key, Keys, open_keys
from polycast.core.secrets.mask import MASK, is_mask, masked, unmask
from polycast.core.secrets.seal import Secrets, Unsealable
from polycast.core.secrets.shared import is_signature, signature
from polycast.core.secrets.tokens import LEEWAY, BadSignature, TokenForm, Tokens

__all__ = [
    "LEEWAY",
    "MASK",
    "BadKeys",
    "BadSignature",
    "FernetFile",
    "Key",
    "Keys",
    "Secrets",
    "TokenForm",
    "Tokens",
    "Unsealable",
    "aes_cbc",
    "fernet_opens",
    "is_mask",
    "is_signature",
    "masked",
    "open_keys",
    "signature",
    "unmask",
]
