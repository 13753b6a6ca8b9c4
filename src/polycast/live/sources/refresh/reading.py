"""An entry of any kind of source in our terms, and how entries of playlists become one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct, field

from polycast.core.storage import clean
from polycast.live.sources.refresh.identity import Hasher, content_key
from polycast.live.sources.refresh.playlist import DEFAULT_GROUP, NAME_LIMIT, Entry, EntryReader, RawEntry

GROUP_LIMIT: Final = 255
NAMES_LIMIT: Final = 100_000
TVG_LIMIT: Final = 255
LOGO_LIMIT: Final = 2048
YES: Final = frozenset({"1", "true", "yes", "on"})
IN_COLUMNS: Final = frozenset({"tvg-id", "tvg-logo", "group-title"})
PLAIN: Final = IN_COLUMNS | {"tvg-name"}
DEFAULT_NAME: Final = "Default Stream"
Hide = Callable[[str], str]


class Reading(Struct, gc=False):
    """An entry of any kind of source, in our terms."""

    name: str
    url: str
    identity: str  # what stands for the address in the hash: the address, or the provider's id
    group: str  # as the source spells it
    tvg_id: str = ""
    logo_url: str = ""
    provider_id: int | None = None
    number: int | None = None  # thousandths
    is_adult: int = 0
    is_catchup: int = 0
    catchup_days: int = 0
    attributes: str | None = None


class GroupNames:
    """Groups' names as we keep them; remembered, since some hundred names come half a million times."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def clean(self, raw: str) -> str:
        known = self._known.get(raw)
        if known is None:
            known = clean(raw, GROUP_LIMIT) or DEFAULT_GROUP
            if len(self._known) < NAMES_LIMIT:
                self._known[raw] = known
        return known


class Parsed(Reading, array_like=True, gc=False):
    """A reading on its way from the process that made it, with what it made of it."""

    key: int = 0  # fingerprint of the raw text
    digest: bytes = b""  # identity


def parsed(raws: Iterable[RawEntry], hide: Hide | None, make: Hasher) -> Iterator[Parsed]:
    """The entries of a playlist, read and hashed: all that can be done for them without knowing what is there."""
    reader, names = EntryReader(), GroupNames()
    for text, raw in texts(raws, hide):
        found = of_raw(reader, raw)
        digest = make(found.name, found.identity, found.tvg_id, names.clean(found.group))
        yield Parsed(
            found.name,
            found.url,
            found.identity,
            found.group,
            found.tvg_id,
            found.logo_url,
            found.provider_id,
            found.number,
            found.is_adult,
            found.is_catchup,
            found.catchup_days,
            found.attributes,
            content_key(text),
            digest,
        )


def texts(raws: Iterable[RawEntry], hide: Hide | None) -> Iterator[tuple[str, RawEntry]]:
    """Each entry as one text, with the login hidden, and the entry."""
    for raw in raws:
        extinf, url, extras = raw
        text = f"{extinf}\n{url}" if not extras else "\n".join((extinf, url, *extras))
        if hide is not None and (hidden := hide(text)) is not text:
            lines = hidden.split("\n")
            yield hidden, RawEntry(lines[0], lines[1], tuple(lines[2:]))
        else:
            yield text, raw


def of_raw(reader: EntryReader, raw: RawEntry) -> Reading:
    """Most entries have an id, a name, a logo and a group, nothing else: they take the short way."""
    extinf, url, extras = raw
    if extras or "|" in url or url[:3] == "udp":
        return of_entry(reader.read(raw))
    name, given = reader.parts(extinf, url)
    group = given.get("group-title") or DEFAULT_GROUP
    if not given.keys() <= PLAIN or given.get("tvg-name", name) != name:
        return of_entry(Entry(name, url, group, given, [], [], ""))
    return Reading(
        tidy(name, NAME_LIMIT) or DEFAULT_NAME,
        url,
        url,
        group,
        tidy(given.get("tvg-id", ""), TVG_LIMIT),
        tidy(given.get("tvg-logo", ""), LOGO_LIMIT),
    )


def of_entry(entry: Entry) -> Reading:
    get = entry.attributes.get
    days = first_whole(get("tv_archive_duration") or get("catchup-days") or get("timeshift") or "")
    has_archive = get("tv_archive") in YES or bool(get("catchup")) or (days > 0 and "timeshift" in entry.attributes)
    name = tidy(entry.name, NAME_LIMIT) or DEFAULT_NAME
    return Reading(
        name,
        entry.url,
        entry.url,
        entry.group,
        tidy(get("tvg-id", ""), TVG_LIMIT),
        tidy(get("tvg-logo", ""), LOGO_LIMIT),
        None,
        thousandths(get("tvg-chno") or get("channel-number") or ""),
        int(get("is_adult", "0") in YES),
        int(has_archive),
        days if has_archive else 0,
        _attributes(entry, name),
    )


class _Kept(Struct, omit_defaults=True):
    vlc_opts: list[str] = field(default_factory=list)
    kodi_props: list[str] = field(default_factory=list)
    headers: str = ""


def _attributes(entry: Entry, name: str) -> str | None:
    """What has no column of its own, as JSON; None when there is nothing."""
    given = entry.attributes
    if (
        given.keys() <= PLAIN
        and given.get("tvg-name", name) == name
        and not (entry.options or entry.properties or entry.headers)
    ):
        return None
    kept: dict[str, object] = {
        key: value
        for key, value in given.items()
        if key not in IN_COLUMNS and not (key == "tvg-name" and value == name)
    }
    if entry.options or entry.properties or entry.headers:
        more = _Kept(entry.options, entry.properties, entry.headers)
        kept |= msgspec.to_builtins(more)
    return msgspec.json.encode(kept).decode() if kept else None


def tidy(text: str, limit: int) -> str:
    """`clean`, with a short way for what is clean already."""
    if text.isascii() and text.isprintable():
        return text.strip()[:limit]
    return clean(text, limit)


def first_whole(text: str) -> int:
    """The leading integer of `text`, 0 when there is none; at most 365 (days)."""
    if not text:
        return 0
    digits = text.strip().partition(".")[0]
    return min(int(digits), 365) if digits.isdecimal() and len(digits) < 6 else 0


def thousandths(text: str) -> int | None:
    """A channel number as whole thousandths; None for what is no number from 0 to 999,999."""
    if not text:
        return None
    whole, _, rest = text.strip().partition(".")
    if not whole.isdecimal() or len(whole) > 6 or (rest and not rest.isdecimal()):
        return None
    return int(whole) * 1000 + int((rest + "000")[:3])
