"""Asking Trakt, for the application of this server and for people who have linked their accounts."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import NotAllowed, Unavailable
from polycast.core.net import BadAnswer, Body, Outbound
from polycast.library.providers.asking import Asker, NoKey
from polycast.library.providers.trakt import wire

T = TypeVar("T")
BETWEEN: Final = timedelta(milliseconds=300)  # a thousand questions in five minutes
BETWEEN_WRITES: Final = timedelta(seconds=1)
DUPLICATE: Final = 409
STATUSES: Final = {  # of a poll for the token of a device
    404: "The code is not known to Trakt.",
    409: "The code has been used.",
    410: "The code has run out.",
    418: "It was refused at Trakt.",
}


class Trakt:
    """A client. `app` is asked each time: client id and secret."""

    def __init__(
        self, *, out: Callable[[], Outbound], app: Callable[[], tuple[str, str]], base: Callable[[], str], clock: Clock
    ) -> None:
        self._out = out
        self._reads = Asker("Trakt", out=out, clock=clock, between=BETWEEN)
        self._writes = Asker("Trakt", out=out, clock=clock, between=BETWEEN_WRITES)
        self._app = app
        self._base = base

    @property
    def has_key(self) -> bool:
        return all(self._app())

    async def begin(self) -> wire.DeviceCode:
        """A code for somebody to type at Trakt. Raises: Unavailable; Busy."""
        client, _ = self._keys()
        body = Body(json={"client_id": client})
        return await self._writes.send("POST", f"{self._base()}/oauth/device/code", wire.DeviceCode, body=body)

    async def poll(self, device_code: str) -> wire.Tokens | None:
        """The tokens once the code was typed; None before that. Raises: NotAllowed when it never will be; Unavailable."""
        client, secret = self._keys()
        body = Body(json={"code": device_code, "client_id": client, "client_secret": secret})
        got = await self._out().fetch(f"{self._base()}/oauth/device/token", method="POST", body=body)
        if got.status in STATUSES:
            raise NotAllowed("trakt", STATUSES[got.status])
        if got.status in (400, 429):  # not yet, or asked too soon
            return None
        if got.status != 200:
            raise Unavailable("Trakt does not answer as it should.")
        try:
            return msgspec.json.decode(got.body, type=wire.Tokens)
        except msgspec.MsgspecError as error:
            raise Unavailable("Trakt does not answer as it should.") from error

    async def renew(self, refresh_token: str) -> wire.Tokens:
        """New tokens for old. Raises: BadKey when the person has taken the right back; Unavailable; Busy."""
        client, secret = self._keys()
        told = {"refresh_token": refresh_token, "client_id": client, "client_secret": secret,
                "redirect_uri": "urn:ietf:wg:oauth:2.0:oob", "grant_type": "refresh_token"}  # fmt: skip
        return await self._writes.send("POST", f"{self._base()}/oauth/token", wire.Tokens, body=Body(json=told))

    async def revoke(self, access_token: str) -> None:
        """Give the right back. Raises: Unavailable; Busy."""
        client, secret = self._keys()
        told = {"token": access_token, "client_id": client, "client_secret": secret}
        await self._writes.send("POST", f"{self._base()}/oauth/revoke", dict[str, Any], body=Body(json=told))

    async def who(self, token: str) -> str:
        """The user name. Raises: BadKey; Unavailable; Busy."""
        return (await self._get("/users/settings", wire.UserSettings, token)).user.username

    async def activities(self, token: str) -> wire.Activities:
        """When what was last changed. Raises: BadKey; Unavailable; Busy."""
        return await self._get("/sync/last_activities", wire.Activities, token)

    async def watched(self, token: str, kind: str) -> list[wire.Watched]:
        """All that somebody has seen; `kind`: movies, shows. Raises: BadKey; Unavailable; Busy."""
        return await self._get(f"/sync/watched/{kind}", list[wire.Watched], token)

    async def add_history(self, token: str, movies: list[Any], shows: list[Any]) -> None:
        """Tell what was seen here. Raises: BadKey; Unavailable; Busy."""
        body = Body(json={"movies": movies, "shows": shows})
        await self._writes.send(
            "POST", f"{self._base()}/sync/history", dict[str, Any], headers=self._headers(token), body=body
        )

    async def scrobble(self, token: str, action: str, what: Mapping[str, Any], progress: float) -> str:
        """`action`: start, pause, stop; what Trakt makes of it. A second of the same is none.

        Raises: BadKey; NotFound for what Trakt does not know; Unavailable; Busy.
        """
        body = Body(json={**what, "progress": round(progress, 2)})
        url = f"{self._base()}/scrobble/{action}"
        try:
            found = await self._writes.send("POST", url, wire.Scrobbled, headers=self._headers(token), body=body)
        except Unavailable as error:
            if isinstance(error.__cause__, BadAnswer) and error.__cause__.status == DUPLICATE:
                return "scrobble"
            raise
        return found.action

    async def check(self) -> str:
        """Whether the application is known to Trakt. Raises: Unavailable; Busy."""
        await self._reads.get(f"{self._base()}/genres/movies", list[Any], headers=self._headers(None))
        return "Trakt knows the application."

    async def _get(self, path: str, kind: type[T], token: str) -> T:
        return await self._reads.get(self._base() + path, kind, headers=self._headers(token))

    def _headers(self, token: str | None) -> dict[str, str]:
        told = {"trakt-api-version": "2", "trakt-api-key": self._keys()[0]}
        return told | ({"Authorization": f"Bearer {token}"} if token else {})

    def _keys(self) -> tuple[str, str]:
        client, secret = self._app()
        if not client or not secret:
            raise NoKey("There is no application for Trakt.")
        return client, secret
