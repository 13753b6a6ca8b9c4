"""How frames between the server and its forked children are made."""

import struct
from typing import Final

FRAME: Final = struct.Struct("!I")
DESCRIPTORS: Final = 4  # beside one frame at most
