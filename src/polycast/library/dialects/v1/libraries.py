"""`/v1/libraries`. Source: specs/library.md 3.2."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta

from polycast.core.http import Answer, Route, delete, get, patch, post
from polycast.core.identity.caller import Caller
from polycast.library.catalogue.libraries import Grant, Libraries, LibraryNew, LibraryPatch
from polycast.library.catalogue.model import ScanMode
from polycast.library.catalogue.statistics import Statistics
from polycast.library.dialects.v1.libraries_wire import (
    BrowsedOut,
    GrantIn,
    GrantOut,
    LibraryChange,
    LibraryIn,
    LibraryOut,
    PathsAsked,
    ProblemOut,
    Runs,
    ScanAsked,
    StatsOut,
)
from polycast.library.dialects.v1.policies import ADMIN, USER
from polycast.library.dialects.v1.wire import Cursors, Paged, PageOf, Run, iso, iso_or_none
from polycast.library.scanning.problems import Problems
from polycast.library.scanning.scans import Scans

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Paths = Annotated[list[Annotated[str, Meta(min_length=1, max_length=4000)]], Meta(min_length=1, max_length=50)]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Minutes = Annotated[int, Meta(ge=5, le=525_600)]
Trickplay = Literal["on_demand", "on_scan", "never"]
Mode = Literal["quick", "full", "refresh_metadata", "reprobe"]


def manages(caller: Caller) -> bool:
    return ADMIN.scope is not None and caller.has(ADMIN.scope) and caller.profile_id is None


@get("/v1/libraries", policy=USER)
async def listed(caller: Caller, libraries: Libraries) -> PageOf[LibraryOut]:
    """The libraries that the caller may see."""
    found = await libraries.shown(caller)
    return PageOf(items=[LibraryOut.of(one, is_manager=manages(caller)) for one in found])


@post("/v1/libraries", policy=ADMIN, sent=LibraryIn, status=201)
async def create(caller: Caller, libraries: Libraries, sent: LibraryIn) -> LibraryOut:
    """Make a library; its first scan is queued."""
    made = await libraries.create(
        caller,
        LibraryNew(
            name=sent.name,
            type=sent.type,
            paths=sent.paths,
            enabled=sent.enabled,
            language=sent.language,
            country=sent.country,
            scan_interval_minutes=sent.scan_interval_minutes,
            watch_enabled=sent.watch_enabled,
            prefer_local=sent.prefer_local_metadata,
            trickplay=sent.generate_trickplay,
            detect_intros=sent.detect_intros,
        ),
    )
    return LibraryOut.of(made, is_manager=True)


@post("/v1/libraries/scan", policy=ADMIN, sent=ScanAsked, status=202)
async def scan_all(caller: Caller, scans: Scans, sent: ScanAsked) -> Runs:
    """Scan every library."""
    return Runs(workflow_ids=await scans.start_all(caller, ScanMode(sent.mode)))


@post("/v1/libraries/scan-paths", policy=ADMIN, sent=PathsAsked, status=202)
async def scan_paths(scans: Scans, sent: PathsAsked) -> Runs:
    """Look only where something has changed."""
    return Runs(workflow_ids=await scans.arrived(sent.paths, priority=10))


@get("/v1/libraries/browse-paths", policy=ADMIN)
async def browse_paths(caller: Caller, libraries: Libraries, path: str | None = None) -> BrowsedOut:
    """Choose a folder of the server."""
    return BrowsedOut.of(await asyncio.to_thread(libraries.browse, caller, path))


@get("/v1/libraries/{library_id}", policy=USER)
async def details(caller: Caller, libraries: Libraries, library_id: str) -> LibraryOut:
    """One library."""
    return LibraryOut.of(await libraries.get(caller, library_id), is_manager=manages(caller))


@patch("/v1/libraries/{library_id}", policy=ADMIN, sent=LibraryChange)
async def change(caller: Caller, libraries: Libraries, library_id: str, sent: LibraryChange) -> LibraryOut:
    """Change a library. Other paths queue a scan; another name does not."""
    wanted = LibraryPatch(
        name=sent.name,
        paths=sent.paths,
        enabled=sent.enabled,
        language=sent.language,
        country=sent.country,
        scan_interval_minutes=sent.scan_interval_minutes,
        watch_enabled=sent.watch_enabled,
        prefer_local=sent.prefer_local_metadata,
        trickplay=sent.generate_trickplay,
        detect_intros=sent.detect_intros,
    )
    return LibraryOut.of(await libraries.change(caller, library_id, wanted), is_manager=True)


@delete("/v1/libraries/{library_id}", policy=ADMIN, status=204)
async def remove(caller: Caller, libraries: Libraries, library_id: str) -> None:
    """Forget a library. Files on disk stay."""
    await libraries.remove(caller, library_id)


@post("/v1/libraries/{library_id}/scan", policy=ADMIN, sent=ScanAsked, status=202)
async def scan(caller: Caller, scans: Scans, library_id: str, sent: ScanAsked) -> Run:
    """Start a scan; 409 while one is queued or runs."""
    found = await scans.start(caller, library_id, ScanMode(sent.mode))
    return Run(workflow_id=found.nanoid, status=found.status.value)


@post("/v1/libraries/{library_id}/scan/cancel", policy=ADMIN, status=202)
async def cancel(caller: Caller, scans: Scans, library_id: str) -> Answer[dict[str, bool]]:
    """Stop the scan of a library."""
    await scans.cancel(caller, library_id)
    return Answer({"cancelled": True})


@get("/v1/libraries/{library_id}/stats", policy=USER)
async def stats(caller: Caller, statistics: Statistics, library_id: str) -> StatsOut:
    """What a library consists of, as far as the caller may see it."""
    return StatsOut.of(await statistics.of(caller, library_id))


@get("/v1/libraries/{library_id}/permissions", policy=ADMIN)
async def permissions(caller: Caller, libraries: Libraries, library_id: str) -> PageOf[GrantOut]:
    """Who may see a library."""
    return PageOf(items=[_grant(one) for one in await libraries.grants(caller, library_id)])


@post("/v1/libraries/{library_id}/permissions", policy=ADMIN, sent=GrantIn, status=201)
async def grant(caller: Caller, libraries: Libraries, library_id: str, sent: GrantIn) -> GrantOut:
    """Let somebody see a library."""
    return _grant(await libraries.grant(caller, library_id, sent.user_id))


@delete("/v1/libraries/{library_id}/permissions/{user_id}", policy=ADMIN, status=204)
async def revoke(caller: Caller, libraries: Libraries, library_id: str, user_id: str) -> None:
    """Take it back, at once."""
    await libraries.revoke(caller, library_id, user_id)


@get("/v1/libraries/{library_id}/unmatched", policy=ADMIN, query=Paged)
async def unmatched(
    caller: Caller, problems: Problems, cursors: Cursors, library_id: str, query: Paged
) -> PageOf[ProblemOut]:
    """Titles that nobody knows."""
    return await _problems(caller, problems, cursors, library_id, query, "unmatched")


@get("/v1/libraries/{library_id}/missing", policy=ADMIN, query=Paged)
async def missing(
    caller: Caller, problems: Problems, cursors: Cursors, library_id: str, query: Paged
) -> PageOf[ProblemOut]:
    """Files that are gone."""
    return await _problems(caller, problems, cursors, library_id, query, "missing")


@get("/v1/libraries/{library_id}/duplicates", policy=ADMIN, query=Paged)
async def duplicates(
    caller: Caller, problems: Problems, cursors: Cursors, library_id: str, query: Paged
) -> PageOf[ProblemOut]:
    """Titles with several files."""
    return await _problems(caller, problems, cursors, library_id, query, "duplicates")


@get("/v1/libraries/{library_id}/skipped", policy=ADMIN, query=Paged)
async def skipped(
    caller: Caller, problems: Problems, cursors: Cursors, library_id: str, query: Paged
) -> PageOf[ProblemOut]:
    """What scans passed over, and why; files that could not be read among them."""
    return await _problems(caller, problems, cursors, library_id, query, "skipped")


async def _problems(
    caller: Caller, problems: Problems, cursors: Cursors, library_id: str, query: Paged, what: str
) -> PageOf[ProblemOut]:
    bound = ("problems", what, library_id)
    after = cursors.read(query.cursor, int, bound) or 0
    rows = await problems.page(caller, library_id, what, after=after, limit=query.limit + 1)
    shown = [
        ProblemOut(path=one.path, reason=one.reason, item_id=one.item, title=one.title, since=iso_or_none(one.since))
        for one in rows
    ]
    return cursors.page(shown, limit=query.limit, place=lambda index: rows[index].id, filters=bound)


def _grant(one: Grant) -> GrantOut:
    user = one.user
    return GrantOut(
        user_id=user.nanoid,
        name=user.name or user.username,
        email=user.shown_email,
        role=user.role.value,
        created_at=iso(one.created_at),
    )


def routes() -> Sequence[Route]:
    """In the order of the reference."""
    return [
        listed, create, scan_all, scan_paths, browse_paths, details, change, remove, scan, cancel, stats, permissions,
        grant, revoke, unmatched, missing, duplicates, skipped,
    ]  # fmt: skip
