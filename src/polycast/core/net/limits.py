"""How much one outward exchange may take. Every limit of specs/security.md 3.2 that concerns fetching stands here."""

from datetime import timedelta
from typing import Final

from msgspec import Struct

MIB: Final = 1024 * 1024
REDIRECTS: Final = 5
RATIO_LIMIT: Final = 200  # decoded to received bytes
RATIO_FREE: Final = 10 * MIB  # decoded bytes that may come in any ratio


class Limits(Struct, frozen=True, kw_only=True):
    """Times and sizes of one kind of exchange."""

    connect: timedelta = timedelta(seconds=5)  # name look-up, and again for TCP and TLS
    first_byte: timedelta = timedelta(seconds=15)  # from the connection to the answer's head
    idle: timedelta = timedelta(seconds=20)  # between two pieces of the body
    total: timedelta | None  # None: no end, for live streams
    size_bytes: int | None  # decoded body; None: no end
    attempts: int = 1  # of a request that may be repeated
    counts_answers: bool = True  # False: only a failed connection counts against the host, not what it answers
    per_host: int | None = (
        None  # exchanges at once with a host; None: the setting `connections_per_host`, 0: any number
    )


API: Final = Limits(total=timedelta(seconds=30), size_bytes=64 * MIB, attempts=3)
IMAGE: Final = Limits(total=timedelta(seconds=120), size_bytes=10 * MIB, attempts=2, counts_answers=False)
FEED: Final = Limits(total=timedelta(seconds=120), size_bytes=32 * MIB, attempts=2)
PLAYLIST: Final = Limits(total=timedelta(minutes=15), size_bytes=512 * MIB, attempts=2)
GUIDE: Final = Limits(total=timedelta(minutes=15), size_bytes=4096 * MIB, attempts=2)
TORRENT: Final = Limits(total=timedelta(seconds=30), size_bytes=10 * MIB, attempts=2)
NZB: Final = Limits(total=timedelta(seconds=120), size_bytes=256 * MIB, attempts=2)
LIVE: Final = Limits(total=None, size_bytes=None, counts_answers=False, per_host=0)
