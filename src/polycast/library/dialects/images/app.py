"""`/api/images/{name}`. Source: specs/library.md 3.7."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from polycast.core.errors import NotFound
from polycast.core.files import FileAnswer
from polycast.core.http import Authenticator, byte_dialect, byte_route
from polycast.core.identity.caller import Caller, Policy, RateClass
from polycast.core.module import Dialect, Slash
from polycast.library.dialects.v1.errors import spell
from polycast.library.metadata.artwork import Artwork

PUBLIC: Final = Policy(anonymous=True, rate=RateClass.BYTES)
CACHE: Final = "public, max-age=31536000, immutable"
RATES: Final[Mapping[str, int | None]] = {}
WIDTH: Final = re.compile(r"[0-9]{1,4}")


def images_dialect(artwork: Artwork, *, identity: Authenticator) -> Dialect:
    """Anybody may fetch a picture whose name they know; nobody can work a name out."""

    async def picture(request: Request, caller: Caller) -> FileAnswer:
        asked = request.query_params.get("w") or request.query_params.get("h") or ""
        width = int(asked) if WIDTH.fullmatch(asked) and int(asked) > 0 else None
        name = request.path_params["name"]
        if len(name) > 64:
            raise NotFound("The picture")
        found = await artwork.show(name, width=width)
        return FileAnswer(found.path, content_type=found.content_type, cache=CACHE, etag=found.etag)

    app = byte_dialect([byte_route("/api/images/{name}", picture, policy=PUBLIC)], identity=identity, spell=spell)
    return Dialect(
        name="library.images", claims=["/api/images/*"], app=app, slash=Slash.EXACT, spell=spell, rates=RATES
    )
