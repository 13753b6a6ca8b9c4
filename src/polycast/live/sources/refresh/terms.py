"""By what an import goes: the account's settings as the parts of a scan, and a digest of them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import msgspec

from polycast.live.regexes import compile_pattern
from polycast.live.sources.accounts.state import Loaded
from polycast.live.sources.addresses import Hider, Login, find_login
from polycast.live.sources.model import AccountType
from polycast.live.sources.refresh.fetch import Asked
from polycast.live.sources.refresh.identity import hasher
from polycast.live.sources.refresh.playlist import Tally, raw_entries
from polycast.live.sources.refresh.scan import Filter, Groups, Scan

PARSER_VERSION: Final = 1  # raised when the same text is read differently: everything is then looked at again
LOGIN_SAMPLE: Final = 20  # addresses looked at for a login
PLAYLISTS: Final = frozenset({AccountType.PLAYLIST, AccountType.FILE})


def asked_of(loaded: Loaded, *, may_skip: bool, groups_only: bool = False) -> Asked:
    """What to fetch; `may_skip` says that what has not changed need not come again."""
    knows = may_skip and not groups_only and loaded.account.scanned_at is not None
    return Asked(
        account_id=loaded.account.id,
        account_type=loaded.account.account_type,
        url=loaded.url,
        file_path=loaded.account.file_path,
        login=loaded.login,
        user_agent=loaded.user_agent,
        etag=loaded.etag if knows else "",
        last_modified=loaded.last_modified if knows else "",
        groups_only=groups_only,
    )


def groups_of(loaded: Loaded) -> Groups:
    """Which groups are wanted."""
    enabled = {group.group_name: group.enabled for group in loaded.groups}
    return Groups(enabled, enable_new=loaded.account.auto_enable_groups_live)


def scan_of(
    loaded: Loaded,
    known: dict[int, int],
    groups: Groups,
    keys: tuple[str, ...],
    *,
    trusts: bool,
    check: Callable[[], None],
) -> Scan:
    """A scan over what the account says now. Raises: Invalid, for a filter that cannot be read."""
    is_xtream = loaded.account.account_type is AccountType.XTREAM
    return Scan(
        known=known,
        groups=groups,
        filters=filters_of(loaded),
        hasher=hasher(keys, account_id=loaded.account.id, is_xtream=is_xtream),
        hider=Hider(loaded.login) if loaded.login is not None and not is_xtream else None,
        trusts=trusts,
        check=check,
    )


def login_in(blocks: Iterable[bytes]) -> Login | None:
    """The login that most of a playlist's first addresses carry."""
    found = Counter(find_login(raw.url) for raw in islice(raw_entries(blocks, Tally()), LOGIN_SAMPLE))
    return found.most_common(1)[0][0] if found else None


def filters_of(loaded: Loaded) -> list[Filter]:
    """The account's rules, ready to be asked. Raises: Invalid."""
    return [
        Filter(
            f.filter_type,
            compile_pattern(f.regex_pattern, flags="" if f.case_sensitive else "i", path="regex_pattern"),
            f.exclude,
        )
        for f in loaded.filters
    ]


def shape_of(loaded: Loaded, groups: Groups, keys: tuple[str, ...]) -> bytes:
    """A digest of the settings that decide what becomes of an entry."""
    filters = [(f.filter_type, f.regex_pattern, f.exclude, f.case_sensitive) for f in loaded.filters]
    parts = (PARSER_VERSION, keys, filters, sorted(groups.enabled.items()), loaded.login is not None)
    return hashlib.sha256(msgspec.json.encode(parts)).digest()
