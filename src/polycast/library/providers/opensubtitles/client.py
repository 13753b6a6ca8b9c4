"""Asking OpenSubtitles: the key always, a sign-in where there is an account, and no download once the quota is used."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import TooMany, Unavailable
from polycast.core.net import BadAnswer, Body, Outbound, Trust, trust_at
from polycast.library.providers.asking import SEARCH, Asker, BadKey, NoKey
from polycast.library.providers.opensubtitles import wire

T = TypeVar("T")
BASE: Final = "https://api.opensubtitles.com/api/v1"
VIP: Final = "vip-api.opensubtitles.com"
OURS: Final = re.compile(r"([a-z0-9-]+\.)*opensubtitles\.com")
BETWEEN: Final = timedelta(milliseconds=200)
DAY: Final = timedelta(days=1)


class QuotaUsed(TooMany):
    """No more downloads before `until`."""

    def __init__(self, message: str, *, until: datetime, retry_after: int) -> None:
        super().__init__(message, retry_after=retry_after)
        self.until = until


class OpenSubtitles:
    """A client. Settings are asked each time, so that new ones count at once."""

    def __init__(
        self, *, out: Callable[[Trust], Outbound], key: Callable[[], str], account: Callable[[], tuple[str, str]],
        base: Callable[[], str], clock: Clock,
    ) -> None:  # fmt: skip
        self._out = out
        self._asker = Asker("OpenSubtitles", out=lambda: out(Trust.SOURCE), clock=clock, between=BETWEEN)
        self._key = key
        self._account = account  # user name and password
        self._given = base
        self._clock = clock
        self._session: tuple[tuple[str, str, str], wire.Login] | None = None
        self._until: datetime | None = None

    @property
    def has_key(self) -> bool:
        return bool(self._key())

    async def search(self, wanted: Mapping[str, str]) -> list[wire.Attributes]:
        """Subtitles by hash, ids or name; their parameters in small letters and in order, or it redirects.

        Raises: Unavailable without a key or an answer; Busy.
        """
        params = {name: wanted[name].lower() for name in sorted(wanted) if wanted[name]}
        found = await self._asked("GET", "/subtitles", wire.FoundPage, params=params)
        return [one.attributes for one in found.data if one.attributes.files]

    async def download(self, file_id: int) -> tuple[bytes, str]:
        """A subtitle file and its name. Raises: QuotaUsed with the time to come again; Unavailable; Busy."""
        self._require_quota()
        body = Body(json={"file_id": file_id, "sub_format": "srt"})
        told = await self._asked("POST", "/download", wire.Download, body=body)
        trust = trust_at(urlsplit(told.link).hostname or "", urlsplit(self._base()).hostname or "-")
        got = await self._out(trust).fetch(told.link)
        if got.status != 200:
            raise Unavailable("OpenSubtitles does not hand the file out.")
        return got.body, told.file_name

    async def check(self) -> str:
        """Whether the key, and the account where there is one, are good. Raises: Unavailable; Busy."""
        self._session = None
        if self._account()[0]:
            login = await self._signed_in()
            return f"Signed in; {login.user.allowed_downloads if login else 0} downloads a day."
        await self._asked("GET", "/subtitles", wire.FoundPage, params={"languages": "en", "query": "polycast"})
        return "The key is good."

    async def _asked(
        self, method: str, path: str, kind: type[T], *, params: Mapping[str, str] | None = None, body: Body | None = None
    ) -> T:  # fmt: skip
        for attempt in range(2):
            login = await self._signed_in()
            headers = self._headers() | ({"Authorization": f"Bearer {login.token}"} if login else {})
            url = self._base() + path
            try:
                if method == "GET":
                    return await self._asker.get(url, kind, params=params, headers=headers, life=SEARCH)
                return await self._asker.send(method, url, kind, headers=headers, body=body or Body())
            except BadKey:
                self._session = None
                if attempt or login is None:
                    raise
            except Unavailable as error:
                raise self._quota(error) or error from error.__cause__
        raise AssertionError("the second attempt returns or raises")

    def _headers(self) -> dict[str, str]:
        key = self._key()
        if not key:
            raise NoKey("There is no key for OpenSubtitles.")
        return {"Api-Key": key}

    async def _signed_in(self) -> wire.Login | None:
        """The session of the account; None without one, and for keys that are a session themselves (`eyJ...`)."""
        key, (name, password) = self._key(), self._account()
        if not name or key.startswith("eyJ"):
            return None
        if self._session is None or self._session[0] != (key, name, password):
            body = Body(json={"username": name, "password": password})
            url = f"{self._given()}/login"
            login = await self._asker.send("POST", url, wire.Login, headers=self._headers(), body=body)
            self._session = ((key, name, password), login)
        return self._session[1]

    def _base(self) -> str:
        """Where to ask: the host that the sign-in names, when it is one of theirs."""
        given = self._given()
        parts = urlsplit(given)
        host = VIP if self._key().startswith("eyJ") and OURS.fullmatch(parts.hostname or "") else parts.netloc
        told = self._session[1].base_url if self._session else ""
        if told == parts.netloc or OURS.fullmatch(told):
            host = told
        return urlunsplit((parts.scheme, host, parts.path, "", ""))

    def _require_quota(self) -> None:
        now = self._clock.now()
        if self._until is not None and now < self._until:
            wait = max(1, round((self._until - now).total_seconds()))
            raise QuotaUsed("The downloads of the day are used up.", until=self._until, retry_after=wait)

    def _quota(self, error: Exception) -> QuotaUsed | None:
        cause: Any = error.__cause__
        if not isinstance(cause, BadAnswer) or cause.status != 406:
            return None
        try:
            told = msgspec.json.decode(cause.body, type=wire.Refusal)
        except msgspec.MsgspecError:
            told = wire.Refusal()
        now = self._clock.now()
        self._until = _moment(told.reset_time_utc) or now + DAY
        wait = max(1, round((self._until - now).total_seconds()))
        text = told.message or "The downloads of the day are used up."
        return QuotaUsed(text[:300], until=self._until, retry_after=wait)


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
