"""Events that other programs push, with a token of their own. Source: specs/monitor.md 4.2."""

from typing import Any, Final

import msgspec

from polycast.core.errors import Invalid
from polycast.core.http import BadBody, Docs, Request, Route, parts_of, post, read_body
from polycast.monitor.dialects.channelwatch.errors import Refused
from polycast.monitor.dialects.channelwatch.gate import SENT
from polycast.monitor.ingest.service import Ingest

LIMIT: Final = 2 * 1024 * 1024  # Plex sends a picture along
MOST: Final = 256 * 1024  # of the event itself


@post("/api/v1/monitor/ingest/{provider}", policy=SENT, status=202, body_limit=LIMIT, docs=Docs(tags=["Ingest"]))
async def ingest(request: Request, inbound: Ingest, provider: str, token: str = "", dvr_id: str = "") -> dict[str, str]:
    """Take an event of plex, jellyfin, emby, sonarr, radarr, arr, uptime-kuma, or generic (`{"event","message"}`)."""
    may = await inbound.may(token)
    if may is None:
        raise Refused("INGEST_DISABLED", 404, "Inbound events are switched off.", remediation="Set ingest_enabled.")
    if not may:
        raise Refused("INGEST_TOKEN_INVALID", 401, "The token is missing or wrong.")
    activity = await inbound.take(provider, await _body(request), dvr_id=dvr_id)
    return {"id": activity.uuid, "message": activity.message}


async def _body(request: Request) -> Any:
    """JSON, or a form with the field `payload`. Raises: BadBody; Invalid; TooLarge."""
    kind = request.headers.get("content-type", "").lower()
    if not kind.startswith("multipart/form-data"):
        return _decoded(await read_body(request.receive, MOST))
    found: bytes | None = None
    async for part in parts_of(request.receive, request.headers["content-type"], LIMIT):
        if part.name == "payload" and found is None:
            content = bytearray()
            async for piece in part.chunks:
                content += piece[: MOST + 1 - len(content)]
            if len(content) > MOST:
                raise BadBody("the event is too large")
            found = bytes(content)
    if found is None:
        raise Invalid.one("payload", "required", "The form has no field `payload`.")
    return _decoded(found)


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBody("the event is not JSON") from error


def routes() -> list[Route]:
    """For the dialect."""
    return [ingest]
