"""`/v1/playback`. Source: specs/library.md 3.5."""

from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from polycast.core.http import Request, Route, delete, get, patch, post
from polycast.core.identity.caller import SYSTEM, Caller, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.library.catalogue.libraries import Libraries
from polycast.library.dialects.v1.playback_shapes import (
    ActiveOut,
    CommandIn,
    ContinueOut,
    DecisionOut,
    HeartbeatIn,
    HeartbeatOut,
    PlayOut,
    SeekIn,
    SeekOut,
    SessionChange,
    SessionIn,
    SessionOut,
    UserRef,
)
from polycast.library.dialects.v1.playback_wire import (
    active_out,
    continue_out,
    decision_out,
    play_out,
    session_out,
    span,
)
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.wire import Cursors, Paged, PageOf
from polycast.library.playback.model_session import Beat, Start
from polycast.library.playback.profiles import profile_of
from polycast.library.playback.progress import Progress
from polycast.library.playback.service import Sessions

# A player that is not heard is a player that stops: its signs of life are bytes, and never throttled.
ALIVE: Policy = needs(Scope.LIBRARY_PLAY, rate=RateClass.BYTES)
FILTERS = "playback.history"


def start_of(sent: SessionIn, request: Request) -> Start:
    """What is asked for, by a client that may say what it plays, or be known by its name."""
    named = request.headers.get("x-dubby-client", "") or request.headers.get("user-agent", "")
    client = sent.client
    return Start(
        item=sent.media_id,
        file=sent.file_id,
        asked=sent.asked(),
        profile=sent.profile(profile_of(named)),
        position=None if sent.start_position is None else span(sent.start_position),
        client=client.name or named[:80],
        device=client.device,
        network=client.network or "",
    )


@post("/v1/playback/sessions", policy=USER, sent=SessionIn, status=201)
async def create(caller: Caller, request: Request, sessions: Sessions, sent: SessionIn) -> SessionOut:
    """Begin to watch a film or an episode."""
    return session_out(await sessions.start(caller, start_of(sent, request)))


@post("/v1/playback/decide", policy=USER, sent=SessionIn)
async def decide(caller: Caller, request: Request, sessions: Sessions, sent: SessionIn) -> DecisionOut:
    """How it would be played, and why; starts nothing."""
    return decision_out(await sessions.judge(caller, start_of(sent, request)))


@get("/v1/playback/sessions/active", policy=USER)
async def active(caller: Caller, sessions: Sessions, identity: Identity) -> PageOf[ActiveOut]:
    """What plays now: everybody's for managers, else one's own."""
    found = []
    for row, playable in await sessions.active(caller):
        user = await identity.users.find(caller.username) if row.user_id == caller.user_id else None
        user = user or await identity.users.get(SYSTEM, row.user_id)
        found.append(active_out(row, playable, UserRef(id=user.nanoid, name=user.name or user.username)))
    return PageOf(items=found)


@get("/v1/playback/sessions/{session}", policy=USER)
async def describe(caller: Caller, session: str, sessions: Sessions) -> SessionOut:
    """A session as it was at its beginning, with a fresh token."""
    return session_out(await sessions.describe(caller, session))


@patch("/v1/playback/sessions/{session}", policy=USER, sent=SessionChange)
async def change(caller: Caller, session: str, sessions: Sessions, sent: SessionChange) -> SessionOut:
    """Other tracks or another quality in the same session."""
    asked = (await sessions.get(caller, session)).facts.asked
    given = {
        name: value
        for name in ("quality", "max_bitrate", "audio_track", "subtitle_track")
        if (value := getattr(sent, name)) is not UNSET
    }
    return session_out(await sessions.change(caller, session, replace(asked, **given)))


@post("/v1/playback/sessions/{session}/heartbeat", policy=ALIVE, sent=HeartbeatIn)
async def heartbeat(caller: Caller, session: str, sessions: Sessions, sent: HeartbeatIn) -> HeartbeatOut:
    """Keep a session alive, and tell where it is."""
    beat = Beat(
        position=None if sent.position is None else span(sent.position),
        paused=sent.paused,
        bandwidth_bps=sent.bandwidth,
        audio_track=sent.audio_track,
        subtitle_track=sent.subtitle_track,
    )
    answer = await sessions.beat(caller, session, beat)
    return HeartbeatOut(ok=True, token=answer.token, commands=answer.commands)


@post("/v1/playback/sessions/{session}/seek", policy=ALIVE, sent=SeekIn)
async def seek(caller: Caller, session: str, sessions: Sessions, sent: SeekIn) -> SeekOut:
    """Move to a position; its segment is begun with at once."""
    found = await sessions.seek(caller, session, span(sent.position))
    return SeekOut(
        position=found.position.total_seconds(),
        ready=found.ready,
        segment=found.segment,
        restarted=found.restarted,
    )


@post("/v1/playback/sessions/{session}/command", policy=USER, sent=CommandIn, status=204)
async def command(caller: Caller, session: str, sessions: Sessions, sent: CommandIn) -> None:
    """Ask the player of a session for something; it hears of it by `/v1/events`."""
    await sessions.command(caller, session, sent.command, position=sent.position, text=sent.text)


@delete("/v1/playback/sessions/{session}", policy=USER, status=204)
async def end(caller: Caller, session: str, sessions: Sessions) -> None:
    """Stop watching."""
    await sessions.end(caller, session)


@get("/v1/playback/continue-watching", policy=USER, query=Paged)
async def continue_watching(
    caller: Caller, progress: Progress, libraries: Libraries, query: Paged
) -> PageOf[ContinueOut]:
    """Films in progress, and one episode a show, the last played first."""
    cards = await progress.continue_watching(caller, limit=query.limit)
    names = {one.id: one.nanoid for one in await libraries.shown(caller)}
    return PageOf(items=[continue_out(one.item, one.show, one.state, one.reason, names) for one in cards])


@delete("/v1/playback/continue-watching/{media_type}/{media_id}", policy=USER, status=204)
async def hide(caller: Caller, media_type: str, media_id: str, progress: Progress) -> None:
    """Take a title off the row until it is played again."""
    await progress.hide(caller, media_id)


@get("/v1/playback/next-up", policy=USER, query=Paged)
async def next_up(caller: Caller, progress: Progress, libraries: Libraries, query: Paged) -> PageOf[ContinueOut]:
    """The next episode of each show that somebody is in the middle of."""
    cards = await progress.next_up(caller, limit=query.limit)
    names = {one.id: one.nanoid for one in await libraries.shown(caller)}
    return PageOf(items=[continue_out(one.item, one.show, one.state, one.reason, names) for one in cards])


@get("/v1/playback/history", policy=USER, query=Paged)
async def history(caller: Caller, progress: Progress, cursors: Cursors, query: Paged) -> PageOf[PlayOut]:
    """What the caller has watched, the newest first."""
    before = cursors.read(query.cursor, tuple[datetime, int], FILTERS)
    found = await progress.history(caller, before=before, limit=query.limit + 1)
    return cursors.page(
        [play_out(play) for _, play in found],
        limit=query.limit,
        place=lambda index: (found[index][1].started_at, found[index][0]),
        filters=FILTERS,
    )


def routes() -> list[Route]:
    """Takes the services `sessions`, `progress`, `libraries`, `cursors` and `identity`."""
    return [
        create,
        decide,
        active,
        describe,
        change,
        heartbeat,
        seek,
        command,
        end,
        continue_watching,
        hide,
        next_up,
        history,
    ]
