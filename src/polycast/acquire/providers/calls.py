"""Calls of providers' APIs: limits kept, every failure in our words."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.limits import CallClass, Window, Windows
from polycast.core.net import NO_BODY, Body, Fetched, Outbound, Unreachable
from polycast.core.net.errors import BadAnswer, Forbidden

T = TypeVar("T")
TRIES: Final = 3
LONGEST_REST: Final = 120  # seconds; longer ones are the caller's to wait for
USER_AGENT: Final = "Polycast/1.0"

log = logging.getLogger("polycast.acquire.providers")

Judge = Callable[[Fetched], ProviderError | None]  # what is wrong with an answer, if anything


class Access(Struct, frozen=True, kw_only=True):
    """How an account is reached."""

    name: str
    base_url: str
    api_key: str
    download_keys: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    def __repr__(self) -> str:
        return f"Access({self.name!r})"


class Calls:
    """Sends requests in the name of an account."""

    def __init__(self, access: Access, *, net: Outbound, windows: Windows, judge: Judge, tries: int = TRIES) -> None:
        self._tries = tries
        self.access = access
        self._net = net
        self._windows = windows
        self._judge = judge
        self.made: dict[str, int] = {}  # calls by class, for the status page

    def windows(self) -> list[Window]:
        """What its calls count against."""
        return self._windows.of(self.access.api_key, CallClass.API)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Body = NO_BODY,
        kind: CallClass = CallClass.API,
        key: str | None = None,
        patience: timedelta | None = None,
    ) -> Fetched:
        """A good answer. A 429 is waited for and asked again. Raises: ProviderError."""
        key = key or self.access.api_key
        windows = self._windows.of(key, kind)
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        url = path if path.startswith("http") else self.access.base_url.rstrip("/") + path
        for attempt in range(1, self._tries + 1):
            for window in windows:
                await (window.enter() if patience is None else window.enter(patience))
            self.made[kind.value] = self.made.get(kind.value, 0) + 1
            try:
                answer = await self._net.fetch(url, method=method, params=params, headers=headers, body=body)
            except (Unreachable, BadAnswer, Forbidden) as error:
                raise ProviderError(
                    Trouble.RETRY, f"{self.access.name}: {error.message}", word="unreachable"
                ) from error
            wrong = self._judge(answer)
            log.debug("%s: %s %s (%s) answered %d", self.access.name, method, path, kind.value, answer.status)
            if wrong is None:
                for window in windows:
                    window.passed()
                return answer
            if wrong.trouble is not Trouble.BACK_OFF:
                raise wrong
            for window in windows:
                window.refused(wrong.retry_after)
            if attempt == self._tries or (wrong.retry_after or 0) > LONGEST_REST:
                raise wrong
        raise ProviderError(Trouble.RETRY, f"{self.access.name} does not answer.")

    async def json(self, method: str, path: str, type: type[T], **options: Any) -> T:  # noqa: A002 - msgspec's word
        """A good answer's JSON as `type`; ids and numbers may come as text. Raises: ProviderError."""
        return self.decoded(await self.ask(method, path, **options), type)

    def decoded(self, answer: Fetched, type: type[T]) -> T:  # noqa: A002 - msgspec's word
        """Raises: ProviderError, when the answer has another shape."""
        try:
            return msgspec.json.decode(answer.body, type=type, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProviderError(
                Trouble.RETRY, f"{self.access.name} answered something strange.", word="shape"
            ) from error


def retry_after(answer: Fetched) -> int | None:
    """Seconds that an answer asks us to wait."""
    text = answer.headers.get("Retry-After", "")
    return min(int(text), 86_400) if text.isascii() and text.isdigit() else None


def by_status(name: str, answer: Fetched) -> ProviderError | None:
    """What a status alone says; None for a good one."""
    if 200 <= answer.status < 300:
        return None
    if answer.status == 429:
        return ProviderError(
            Trouble.BACK_OFF, f"{name} is asked too often.", word="429", retry_after=retry_after(answer)
        )
    if answer.status in (401, 403):
        return ProviderError(Trouble.ACCOUNT, f"{name} does not accept the key.", word=str(answer.status))
    if answer.status == 404:
        return ProviderError(Trouble.NOT_FOUND, f"{name} does not know this item.", word="404")
    if answer.status >= 500:
        return ProviderError(Trouble.RETRY, f"{name} has a fault ({answer.status}).", word=str(answer.status))
    return ProviderError(Trouble.REFUSED, f"{name} refused it ({answer.status}).", word=str(answer.status))
