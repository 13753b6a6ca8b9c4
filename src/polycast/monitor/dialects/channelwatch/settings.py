"""Our own way to the settings: their schema, changes against a revision, the addresses that hold tokens.

Source: specs/monitor.md 3.6, 3.12.
"""

from typing import Annotated, Any
from urllib.parse import quote

from msgspec import Meta, Struct

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Docs, Request, Route, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.monitor.access.modes import Modes
from polycast.monitor.dialects.channelwatch.gate import ADMIN, OPERATOR, reads, writes
from polycast.monitor.dialects.channelwatch.manage import shown
from polycast.monitor.preferences.catalogue import schema
from polycast.monitor.preferences.checks import redacted_url
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.service import Servers

TAGS = Docs(tags=["Settings"])


class Targets(Struct, frozen=True, kw_only=True):
    """Who is told each minute that we live."""

    targets: Annotated[list[Annotated[str, Meta(max_length=4096)]], Meta(max_length=20)]


class Links(Struct, frozen=True, kw_only=True):
    """Addresses with the tokens that open them; null for what is switched off."""

    calendar: str | None
    rss: str | None
    atom: str | None
    ingest: str | None

    def __repr__(self) -> str:
        return "Links()"


@get("/api/v1/monitor/settings/schema", policy=reads(), docs=TAGS)
async def settings_schema() -> dict[str, Any]:
    """A JSON Schema of all keys, with labels, groups, who may change them, and what a change restarts (nothing)."""
    return schema()


@get("/api/v1/monitor/settings", policy=reads(), docs=TAGS)
async def settings_now(book: PreferencesBook, servers: Servers, modes: Modes) -> Answer[dict[str, Any]]:
    """The settings with their revision as the ETag."""
    return await _shown(book, servers, modes)


@patch("/api/v1/monitor/settings", policy=writes(OPERATOR), sent=dict[str, Any], docs=TAGS)
async def settings_change(
    request: Request, caller: Caller, book: PreferencesBook, servers: Servers, modes: Modes, sent: dict[str, Any]
) -> Answer[dict[str, Any]]:
    """Change what is sent. With `If-Match` only while the settings are those of that revision, else 409."""
    if "dvr_servers" in sent:
        raise Invalid.one("dvr_servers", "read_only", "Servers are changed at /api/v1/dvrs.")
    cleared = [str(name) for name in sent.get("__clear") or [] if isinstance(name, str)]
    await book.change(caller, sent, clear=cleared, revision=_revision(request.headers.get("if-match", "")))
    return await _shown(book, servers, modes)


@get("/api/v1/monitor/links", policy=reads(ADMIN), docs=TAGS)
async def links(book: PreferencesBook) -> Links:
    """Paths of the feeds and of the door for inbound events, each with its token."""
    prefs = (await book.load()).known
    ics = quote(prefs.ics_feed_token, safe="") if prefs.ics_feed_enabled else ""
    rss = quote(prefs.rss_feed_token, safe="") if prefs.rss_feed_enabled else ""
    ingest = quote(prefs.ingest_token, safe="") if prefs.ingest_enabled else ""
    return Links(
        calendar=f"/api/v1/feeds/calendar.ics?token={ics}" if ics else None,
        rss=f"/api/v1/feeds/activity.rss?token={rss}" if rss else None,
        atom=f"/api/v1/feeds/activity.atom?token={rss}" if rss else None,
        ingest=f"/api/v1/monitor/ingest/{{provider}}?token={ingest}" if ingest else None,
    )


@get("/api/v1/monitor/heartbeat-targets", policy=reads(), docs=TAGS)
async def targets(book: PreferencesBook) -> Targets:
    """Who is told each minute, their secrets left out."""
    return Targets(targets=[redacted_url(one) for one in (await book.load()).known.heartbeat_targets])


@post("/api/v1/monitor/heartbeat-targets", policy=writes(OPERATOR), sent=Targets, docs=TAGS)
async def targets_put(caller: Caller, book: PreferencesBook, sent: Targets) -> Targets:
    """All of them at once; an address as it was shown keeps the one behind it."""
    before = {redacted_url(one): one for one in (await book.load()).known.heartbeat_targets}
    wanted: list[str] = []
    for index, one in enumerate(sent.targets):
        kept = before.get(one, one)
        if not kept.lower().startswith(("http://", "https://")) or "****" in kept:
            raise Invalid.one(f"targets.{index}", "invalid", "An http or https address is needed.")
        wanted.append(kept)
    stored = await book.change(caller, {"heartbeat_targets": wanted})
    return Targets(targets=[redacted_url(one) for one in stored.known.heartbeat_targets])


async def _shown(book: PreferencesBook, servers: Servers, modes: Modes) -> Answer[dict[str, Any]]:
    stored = await book.load()
    body = shown(stored, await servers.all(), has_key=(await modes.now()).has_key)
    return Answer(body, headers={"ETag": f'"{stored.revision}"', "Cache-Control": "no-store"})


def _revision(text: str) -> int | None:
    """Raises: Invalid for what was never an ETag of ours."""
    plain = text.strip().removeprefix("W/").strip('"')
    if plain in ("", "*"):
        return None
    if not plain.isdecimal() or len(plain) > 15:
        raise Invalid.one("If-Match", "invalid", "This revision was not given out here.")
    return int(plain)


def routes() -> list[Route]:
    """For the dialect."""
    return [settings_schema, settings_now, settings_change, links, targets, targets_put]
