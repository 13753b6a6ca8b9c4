"""`/v1/ai` and `/v1/enrichment` on a server without a model: it says so. Source: specs/library.md 3.11, 3.12."""

from typing import Any

from polycast.core.errors import NotFound
from polycast.core.http import Route, get, post
from polycast.core.identity.caller import Caller
from polycast.library.catalogue.statistics import Statistics
from polycast.library.catalogue.titles import Titles
from polycast.library.dialects.v1.errors import ServiceUnavailable
from polycast.library.dialects.v1.policies import ADMIN, USER
from polycast.library.metadata.curating import KINDS

REASON = "No model is installed or connected: install the extra `ai`, or set an endpoint."


@get("/v1/ai/available", policy=USER)
async def available() -> dict[str, Any]:
    """Whether there is a model, and what it can do."""
    return {"available": False, "provider": "none", "model": None, "features": [], "reason": REASON}


@post("/v1/ai/search", policy=USER)
async def search() -> dict[str, Any]:
    """Search in one's own words."""
    raise ServiceUnavailable("AI inference is not available")


@post("/v1/ai/suggest-collections", policy=USER)
async def suggest() -> dict[str, Any]:
    """Collections that might please."""
    raise ServiceUnavailable("AI inference is not available")


@post("/v1/ai/enrich-metadata", policy=ADMIN)
async def enrich() -> dict[str, Any]:
    """Have titles described."""
    raise ServiceUnavailable("AI inference is not available")


@get("/v1/ai/usage", policy=USER)
async def usage() -> dict[str, Any]:
    """How much the model was used."""
    return {"period": {"from": None, "to": None}, "requests": 0, "tokensIn": 0, "tokensOut": 0, "creditsUsed": 0,
            "creditBalance": None, "limit": None}  # fmt: skip


@get("/v1/ai/requests", policy=ADMIN)
async def requests() -> dict[str, Any]:
    """What was asked of the model."""
    return {"items": [], "nextCursor": None, "hasMore": False}


@get("/v1/enrichment/stats", policy=USER)
async def stats(caller: Caller, statistics: Statistics) -> dict[str, Any]:
    """How many titles were described."""
    counts = await statistics.counts(caller)
    total = counts.get("movie", 0) + counts.get("show", 0)
    return {"total": total, "enriched": 0, "pending": 0, "failed": 0, "coveragePercent": 0.0, "byLibrary": []}


@post("/v1/enrichment/enrich", policy=ADMIN)
async def enrich_one() -> dict[str, Any]:
    """Have one title described."""
    raise ServiceUnavailable("AI inference is not available")


@post("/v1/enrichment/enrich-library", policy=ADMIN)
async def enrich_library() -> dict[str, Any]:
    """Have a library described."""
    raise ServiceUnavailable("AI inference is not available")


@get("/v1/enrichment/{media_type}/{media_id}", policy=USER)
async def enrichment(caller: Caller, titles: Titles, media_type: str, media_id: str) -> dict[str, Any]:
    """What a model has said of a title: its stored words, as long as there are any."""
    if media_type not in KINDS:
        raise NotFound("The title")
    found = await titles.get(caller, media_id, KINDS[media_type])
    return {
        "mediaType": media_type, "mediaId": media_id, "status": "none", "tags": found.words.get("tag", []),
        "mood": found.words.get("mood", []), "themes": found.words.get("theme", []),
        "contentWarnings": found.words.get("warning", []), "synopses": None, "model": None, "generatedAt": None,
    }  # fmt: skip


def routes() -> list[Route]:
    """In the order of the reference."""
    return [available, search, suggest, enrich, usage, requests, stats, enrich_one, enrich_library, enrichment]
