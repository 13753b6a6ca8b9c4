"""Credentials in the addresses of providers: finding, hiding, putting back and masking them.

An Xtream login stands in the path (`/live/USER/PASSWORD/7.ts`) or the query (`get.php?username=..&password=..`) of
every address a provider hands out. What we store has `{username}` and `{password}` in its place; what we answer, `***`.
"""

import hashlib
import re
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from msgspec import Struct

MASK: Final = "***"
USER_MARK: Final = "{username}"
PASSWORD_MARK: Final = "{password}"  # noqa: S105 - the mark that stands for one
KEYS_OF_SECRETS: Final = (
    "username|user|usr|login|password|passwd|pass|pwd|token|auth|auth_token|access_token|api_key|apikey|key|secret|"
    "sig|signature|session|sid|mac|pin|hash"
)
QUERY_SECRET: Final = re.compile(rf"(?i)([?&;](?:{KEYS_OF_SECRETS})=)[^&;#]+")
USERINFO: Final = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#@]*@")
LOGIN_PATH: Final = re.compile(
    r"/(live|movie|series|timeshift)/([^/?#]+)/([^/?#]+)/(?=\d+(?:\.\w+)?(?:[?#|]|$)|\d+/[\d:_-]+/|\d*/?$)"
)
ANY_SECRET: Final = re.compile(r"@|\?|/(?:live|movie|series|timeshift)/|\{username\}")


class Login(Struct, frozen=True):
    """A user name and a password of a provider."""

    username: str
    password: str

    def fingerprint(self) -> bytes:
        """SHA-256 of the lower-case user name, a NUL and the password: equal logins share their connections."""
        return hashlib.sha256(f"{self.username.lower()}\0{self.password}".encode()).digest()


def find_login(url: str) -> Login | None:
    """The login that `url` carries: in its query, its path, or before the host. None: none."""
    parts = urlsplit(url)
    query = {key.lower(): value for key, value in parse_qsl(parts.query, max_num_fields=64)}
    if query.get("username") and query.get("password"):
        return Login(query["username"], query["password"])
    if found := LOGIN_PATH.search(parts.path):
        return Login(unquote(found[2]), unquote(found[3]))
    userinfo = parts.netloc.rpartition("@")[0]
    if ":" in userinfo:
        user, _, password = userinfo.partition(":")
        return Login(unquote(user), unquote(password))
    return None


class Hider:
    """Takes one login out of texts and puts it, or its successor, back."""

    def __init__(self, login: Login) -> None:
        user, password = login.username, login.password
        spellings = {(user, password), (quote(user, safe=""), quote(password, safe=""))}
        self._swaps: list[tuple[str, str]] = []
        for u, p in sorted(spellings):
            self._swaps += [
                (f"/{u}/{p}/", f"/{USER_MARK}/{PASSWORD_MARK}/"),
                (f"username={u}&password={p}", f"username={USER_MARK}&password={PASSWORD_MARK}"),
                (f"//{u}:{p}@", f"//{USER_MARK}:{PASSWORD_MARK}@"),
            ]
        self._tell = min(spellings, key=lambda pair: len(pair[1]))[1]

    def hide(self, text: str) -> str:
        """`text` with the login replaced by its marks wherever it stands as a login."""
        if self._tell not in text:
            return text
        for plain, marked in self._swaps:
            text = text.replace(plain, marked)
        return text


def fill(url: str, login: Login | None) -> str:
    """A stored address as it is asked for."""
    if login is None or USER_MARK not in url:
        return url
    user, password = quote(login.username, safe="@._-~!$'()*+,;="), quote(login.password, safe="@._-~!$'()*+,;=")
    return url.replace(USER_MARK, user).replace(PASSWORD_MARK, password)


def masked(url: str) -> str:
    """`url` for an answer: host and path stay, every credential is `***`."""
    if not ANY_SECRET.search(url):
        return url
    url = url.replace(USER_MARK, MASK).replace(PASSWORD_MARK, MASK)
    url = USERINFO.sub(rf"\g<1>{MASK}@", url)
    url = LOGIN_PATH.sub(rf"/\g<1>/{MASK}/{MASK}/", url)
    return QUERY_SECRET.sub(rf"\g<1>{MASK}", url)


def is_masked(url: str | None) -> bool:
    """Whether `url` is one of our masked answers coming back: it then means unchanged."""
    return url is not None and MASK in url
