"""What an NZB says, and what we know of its posts once we have looked at them."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from polycast.core.errors import PolycastError


class Reason(StrEnum):
    """Why an NZB is refused; stands in front of the text that people read."""

    COMPRESSED = "archive_compressed"
    ENCRYPTED = "archive_encrypted"
    BAD_PASSWORD = "archive_bad_password"  # noqa: S105 - a word for it
    INCOMPLETE = "archive_incomplete"
    MISSING = "missing_articles"
    DEAD = "dead_post"
    NOTHING = "no_eligible_files"
    CORRUPT = "content_corrupt"
    INVALID = "nzb_invalid"


class RefusedPost(PolycastError):
    """This post cannot be served."""

    code = "refused_post"

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(f"{reason.value}: {text}")
        self.reason = reason


class Segment(Struct, frozen=True, gc=False):
    """One article of a posted file."""

    number: int
    message_id: str
    encoded_bytes: int


class Posted(Struct, frozen=True, kw_only=True):
    """A file as it was posted, by what the NZB says."""

    subject: str
    name: str  # from the subject; "" when it holds none
    groups: tuple[str, ...]
    segments: tuple[Segment, ...]  # in order, each number once
    expected: int = 0  # how many there should be; 0 when nobody says

    @property
    def encoded_bytes(self) -> int:
        return sum(segment.encoded_bytes for segment in self.segments)

    @property
    def has_gaps(self) -> bool:
        last = max(self.expected, self.segments[-1].number if self.segments else 0)
        return len(self.segments) < last


class Nzb(Struct, frozen=True, kw_only=True):
    """A whole document."""

    name: str
    password: str
    category: str
    posted_at: int  # unix seconds of the youngest file; 0 when not given
    files: tuple[Posted, ...]


class Run(Struct, frozen=True, gc=False):
    """A stretch of a posted file."""

    file: int  # position among the posted files
    start: int
    length: int


class Cipher(Struct, frozen=True, kw_only=True):
    """AES in CBC mode over a member's whole stretch."""

    key: bytes
    iv: bytes


class Member(Struct, frozen=True, kw_only=True):
    """A file that can be read: stretches of posted files, one after another."""

    name: str  # with the folders it has inside its archive
    size_bytes: int
    runs: tuple[Run, ...]
    cipher: Cipher | None = None
    skip: int = 0  # plain bytes before it in an enciphered stretch

    @property
    def stored_bytes(self) -> int:
        return sum(run.length for run in self.runs)


class Geometry(Struct, frozen=True, kw_only=True):
    """Where the articles of a posted file lie in it: all of one size but the last."""

    message_ids: Sequence[str]
    part_bytes: int
    size_bytes: int

    def segment_at(self, offset: int) -> int:
        return min(offset // self.part_bytes, len(self.message_ids) - 1)

    def span(self, index: int) -> tuple[int, int]:
        """First byte and the one after the last."""
        start = index * self.part_bytes
        return start, min(start + self.part_bytes, self.size_bytes)
