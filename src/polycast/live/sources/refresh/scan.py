"""From raw entries to what has to be written: filters, groups, identity, order. Most entries are unchanged and end early.

`content_key` of a row is a fingerprint of the entry's raw text. While the settings that shape an import are the same,
an entry whose fingerprint is known needs no look inside; under changed settings it is read only to be judged anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from polycast.core.errors import PolycastError
from polycast.live.regexes import Budget, Pattern, TooSlow
from polycast.live.sources.addresses import Hider
from polycast.live.sources.refresh.identity import Hasher, content_key, hash_key
from polycast.live.sources.refresh.playlist import EntryReader, RawEntry
from polycast.live.sources.refresh.reading import GroupNames, Parsed, Reading, of_raw, texts

GAP: Final = 64  # between the positions of neighbours: room for what comes in between later
POSITION_BITS: Final = 28
POSITION_MASK: Final = (1 << POSITION_BITS) - 1
TOLD_EVERY: Final = 2_000  # entries between two looks at cancellation; they share the time of the filters, too


class TooManySlow(PolycastError):
    """The filters of an account time out again and again."""

    code = "regex_too_slow"


class Candidate(NamedTuple):
    """A stream that is new or may have changed. From `name` on it is in the order of the table's columns."""

    group: str
    hash_key: int
    name: str
    url: str
    tvg_id: str
    logo_url: str
    provider_id: int | None
    number: int | None  # thousandths
    position: int
    is_adult: int
    is_catchup: int
    catchup_days: int
    attributes: str | None  # JSON
    hash: bytes
    content_key: int


class Moved(NamedTuple):
    """A stream that is unchanged but for its place."""

    stream_id: int
    position: int


class Filter(Struct, frozen=True):
    """One rule of an account; the first that matches decides."""

    kind: str  # group, name, url
    pattern: Pattern
    exclude: bool


class Groups:
    """Which groups of the account are wanted, and which have been met."""

    def __init__(self, enabled: Mapping[str, bool], *, enable_new: bool) -> None:
        self.enabled = dict(enabled)
        self.met: set[str] = set()
        self._enable_new = enable_new
        self._names = GroupNames()

    def name(self, raw: str) -> str:
        """The group's name as we keep it."""
        return self._names.clean(raw)

    def wants(self, name: str) -> bool:
        """Whether streams of the group are imported; a new group is as the account says."""
        self.met.add(name)
        wanted = self.enabled.get(name)
        if wanted is None:
            wanted = self.enabled[name] = self._enable_new
        return wanted


class Progress(Struct):
    """How far a scan is; written by its thread, read by others."""

    entries: int = 0
    unchanged: int = 0
    filtered: int = 0
    duplicates: int = 0
    slow: int = 0  # matches of filters that timed out


class Scan:
    """One pass over the entries of an account. Used by one thread at a time.

    `known` maps the fingerprint of each present stream to `id << 28 | position`; what is left in it at the end was not
    met. `trusts` says that the settings are those of the last import.
    """

    def __init__(
        self,
        *,
        known: dict[int, int],
        groups: Groups,
        filters: Sequence[Filter],
        hasher: Hasher,
        hider: Hider | None,
        trusts: bool,
        check: Callable[[], None],
    ) -> None:
        self.known = known
        self.groups = groups
        self.progress = Progress()
        self._filters = filters
        self._hasher = hasher
        self._hider = hider
        self._trusts = trusts
        self._check = check
        self._taken: set[int] = set()  # identities met among candidates
        self._last = 0
        self._fresh = not known
        self._budget = Budget()

    def watch(self, look: Callable[[], None]) -> None:
        """Have `look` called, too, each time the scan looks whether to go on."""
        check = self._check

        def both() -> None:
            check()
            look()

        self._check = both

    def playlist(self, raws: Iterable[RawEntry]) -> Iterator[Candidate | Moved]:
        """What has to be written for a playlist. Raises: TooManySlow; what `check` raises."""
        reader, hide = EntryReader(), self._hider.hide if self._hider else None
        for text, raw in texts(raws, hide):
            key = content_key(text)
            packed = self._known_as(key)
            if packed is not None and self._trusts:
                item: Candidate | Moved | None = self._unchanged(key, packed)
            else:
                item = self._weigh(key, packed, of_raw(reader, raw))
            if item is not None:
                yield item

    def parsed(self, parts: Iterable[Sequence[Parsed]]) -> Iterator[Candidate | Moved]:
        """What has to be written for a playlist that was read elsewhere (`parsed`), in parts."""
        for part in parts:
            for one in part:
                item = self._weigh(one.key, self._known_as(one.key), one, one.digest)
                if item is not None:
                    yield item

    def read(self, items: Iterable[tuple[str, Callable[[], Reading]]]) -> Iterator[Candidate | Moved]:
        """What has to be written for entries of any kind: their raw text, and how to read them when that is needed."""
        for text, read in items:
            key = content_key(text)
            packed = self._known_as(key)
            if packed is not None and self._trusts:
                item: Candidate | Moved | None = self._unchanged(key, packed)
            else:
                item = self._weigh(key, packed, read())
            if item is not None:
                yield item

    def _known_as(self, key: int) -> int | None:
        progress = self.progress
        progress.entries += 1
        if not progress.entries % TOLD_EVERY:
            self._check()
            self._budget = Budget()
        return self.known.get(key)

    def _unchanged(self, key: int, packed: int) -> Moved | None:
        del self.known[key]
        self.progress.unchanged += 1
        position = packed & POSITION_MASK
        if position >= self._last:
            self._last = position
            return None
        self._last += 1
        return Moved(packed >> POSITION_BITS, self._last)

    def _weigh(
        self, key: int, packed: int | None, reading: Reading, digest: bytes | None = None
    ) -> Candidate | Moved | None:
        group = self.groups.name(reading.group)
        if not self.groups.wants(group) or (self._filters and not self._passes(reading, group)):
            self.progress.filtered += 1
            return None
        if packed is not None:
            return self._unchanged(key, packed)
        if digest is None:
            digest = self._hasher(reading.name, reading.identity, reading.tvg_id, group)
        short = hash_key(digest)
        if short in self._taken:
            self.progress.duplicates += 1
            return None
        self._taken.add(short)
        self._last = min(self._last + (GAP if self._fresh else 1), POSITION_MASK)
        return Candidate(
            group,
            short,
            reading.name,
            reading.url,
            reading.tvg_id,
            reading.logo_url,
            reading.provider_id,
            reading.number,
            self._last,
            reading.is_adult,
            reading.is_catchup,
            reading.catchup_days,
            reading.attributes,
            digest,
            key,
        )

    def _passes(self, reading: Reading, group: str) -> bool:
        for rule in self._filters:
            subject = {"group": group, "name": reading.name, "url": reading.url}.get(rule.kind, "")
            try:
                if rule.pattern.matches(subject, self._budget):
                    return not rule.exclude
            except TooSlow as error:
                self.progress.slow += 1
                if self.progress.slow > 20:
                    raise TooManySlow(f"A filter takes too long: {rule.pattern.text[:80]}") from error
        return True
