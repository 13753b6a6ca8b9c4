"""Every way a request can fail, ended in the words of its dialect."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from polycast.core.errors import PolycastError
from polycast.core.http.answers import Sending
from polycast.core.http.errors import BadBody, MethodNotAllowed, Unexpected, UnknownPath

if TYPE_CHECKING:
    from polycast.core.module import Spell

log = logging.getLogger("polycast.http")
_CLOSE_CODES: Final[Mapping[int, int]] = {401: 4401, 403: 4403, 404: 4404, 429: 4429}


class Failures:
    """One dialect's answers to what goes wrong."""

    def __init__(self, spell: "Spell") -> None:
        self._spell = spell

    def answer(self, error: PolycastError, scope: Mapping[str, Any]) -> Sending:
        """An expected failure."""
        return Sending.spelled(self._spell(error, scope))

    def unexpected(self, error: BaseException, scope: Mapping[str, Any]) -> Sending:
        """A fault of ours: everything in the log, once; nothing of it in the answer."""
        request_id = str(scope.get("state", {}).get("request_id", ""))
        where = scope.get("state", {}).get("route", "?")
        log.error("request %s failed at %s %s", request_id, scope.get("method", "WS"), where, exc_info=error)
        return self.answer(Unexpected(request_id), scope)

    def framework(self, error: BaseException, scope: Mapping[str, Any]) -> Sending:
        """Whatever Litestar raised or let through."""
        if isinstance(error, PolycastError):
            return self.answer(error, scope)
        if isinstance(error, MethodNotAllowedException):
            allowed = (error.headers or {}).get("allow", "")
            methods = sorted({word.strip() for word in allowed.split(",") if word.strip()} - {"OPTIONS"})
            return self.answer(MethodNotAllowed(str(scope["method"]), with_head(methods)), scope)
        if isinstance(error, NotFoundException):
            return self.answer(UnknownPath(), scope)
        if isinstance(error, HTTPException) and error.status_code < 500:
            return self.answer(BadBody(error.detail, form="http"), scope)
        return self.unexpected(error, scope)

    async def refuse_socket(self, error: PolycastError, scope: Mapping[str, Any], send: Any, *, accepted: bool) -> None:
        """End a WebSocket: with the dialect's answer before it is accepted, with a 44xx code afterwards."""
        spelled = self._spell(error, scope)
        if not accepted and "websocket.http.response" in scope.get("extensions", {}):
            sending = Sending.spelled(spelled)
            start = {"type": "websocket.http.response.start", "status": sending.status, "headers": sending.headers}
            await send(start)
            await send({"type": "websocket.http.response.body", "body": sending.body})
            return
        code = _CLOSE_CODES.get(spelled.status, 1011 if spelled.status >= 500 else 4400)
        await send({"type": "websocket.close", "code": code, "reason": error.code})


def with_head(methods: list[str]) -> list[str]:
    """What `Allow` names: the front answers HEAD wherever there is GET."""
    return sorted({*methods, "HEAD"}) if "GET" in methods else methods
