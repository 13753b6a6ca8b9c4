"""From a stream and a profile of its account to the address that is asked for. Credentials are in it: never show one."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from msgspec import Struct

from polycast.core.secrets import Secrets
from polycast.core.storage import Unit
from polycast.live.providers.xtream.client import base_of
from polycast.live.regexes import Replacement, compile_pattern
from polycast.live.sources.accounts.state import Keeper
from polycast.live.sources.addresses import Login, fill, find_login
from polycast.live.sources.model import AccountType
from polycast.live.sources.upstreams.store import UpstreamStore

EVERYTHING: Final = ("^(.*)$", "$1")  # the patterns of a default profile: nothing is rewritten
HEADER_OF: Final = {"http-user-agent": "User-Agent", "http-referrer": "Referer", "http-referer": "Referer"}


class Upstream(Struct, frozen=True, kw_only=True):
    """What is asked for to read a stream."""

    stream_id: int
    stream_name: str
    account_id: int
    account_name: str
    account_profile_id: int
    server_group_id: int | None
    login_fingerprint: bytes | None  # equal ones in a server group share connections
    max_streams: int  # of the profile; 0: no limit
    url: str  # with credentials
    headers: Mapping[str, str]  # those that the playlist asks for
    user_agent: str | None  # the account's; None: the server's default
    stream_profile_id: int | None  # the stream's own, else the account's
    is_custom: bool

    def __repr__(self) -> str:
        return f"Upstream(stream_id={self.stream_id}, account_profile_id={self.account_profile_id})"


class Upstreams:
    """Candidates for playing. Plain methods for units, since slots are taken in the same commit."""

    def __init__(self, *, store: UpstreamStore, keeper: Keeper, secrets: Secrets) -> None:
        self._store = store
        self._keeper = keeper
        self._secrets = secrets

    def of_channel(self, unit: Unit, channel_id: int) -> list[Upstream]:
        """Every way to play a channel: its streams in failover order, for each the default profile, then the others.

        Left out: streams that are switched off, accounts and profiles that are.
        """
        return self._all(unit, self._store.of_channel(unit, channel_id))

    def of_stream(self, unit: Unit, stream_id: int) -> list[Upstream]:
        """Every way to play one stream; the default profile first."""
        return self._all(unit, self._store.of_stream(unit, stream_id))

    def _all(self, unit: Unit, rows: list[Any]) -> list[Upstream]:
        accounts = {row.id: row for row in self._store.accounts(unit, {row.account_id for row in rows})}
        return [self._upstream(row, accounts[row.account_id]) for row in rows]

    def _upstream(self, row: Any, account: Any) -> Upstream:
        login = self._keeper.login(account)
        url, headers = self._address(row, account, login), _headers(row.attributes or {})
        return Upstream(
            stream_id=row.stream_id,
            stream_name=row.stream_name,
            account_id=account.id,
            account_name=account.name,
            account_profile_id=row.profile_id,
            server_group_id=account.server_group_id,
            login_fingerprint=_fingerprint(url, login),
            max_streams=row.max_streams,
            url=url,
            headers=headers,
            user_agent=headers.get("User-Agent") or account.user_agent,
            stream_profile_id=row.stream_profile_id or account.stream_profile_id,
            is_custom=row.is_custom,
        )

    def _address(self, row: Any, account: Any, login: Login | None) -> str:
        if row.url_sealed:
            return self._secrets.open(row.url_sealed, context=f"live.stream:{row.stream_id}:url")
        if account.account_type == AccountType.XTREAM and row.provider_id is not None and login is not None:
            base = base_of(self._keeper.url(account))
            user, password = quote(login.username, safe=""), quote(login.password, safe="")
            url = f"{base}/live/{user}/{password}/{row.provider_id}.ts"
        else:
            url = fill(row.url, login)
        return rewritten(url, row.search_pattern, row.replace_pattern)


def rewritten(url: str, search: str, replace: str) -> str:
    """`url` as a profile wants it: `search` replaced by `replace` (`$1`, `$<name>`). Raises: Invalid; TooSlow."""
    if not search or (search, replace) == EVERYTHING:
        return url
    return compile_pattern(search, path="search_pattern").replace(Replacement(replace), url)


def _fingerprint(url: str, login: Login | None) -> bytes | None:
    """The login in the address after its rewriting; that is the one the provider counts."""
    found = find_login(url) or login
    return None if found is None else found.fingerprint()


def _headers(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Headers that a playlist asks for: `#EXTVLCOPT` lines and a Kodi `|Name=value` suffix."""
    found: dict[str, str] = {}
    for option in attributes.get("vlc_opts") or ():
        name, _, value = str(option).partition("=")
        if (header := HEADER_OF.get(name.strip().lower())) and _is_safe(value):
            found[header] = value.strip()
    for name, value in parse_qsl(str(attributes.get("headers") or ""), max_num_fields=16):
        if name.replace("-", "").isalnum() and name.isascii() and _is_safe(value):
            found["-".join(part.capitalize() for part in name.split("-"))] = value
    return found


def _is_safe(value: str) -> bool:
    return bool(value.strip()) and value.isprintable() and value.isascii() and len(value) <= 1024
