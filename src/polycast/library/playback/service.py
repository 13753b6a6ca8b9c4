"""Playback sessions: begun, kept alive, moved about, ended. Source: specs/library.md 3.5 and 5.5.6."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from polycast.core.clock import Clock
from polycast.core.errors import NotAllowed, NotFound
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.ids import Ids
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import PlayableFile
from polycast.library.playback.events import (
    PlaybackProgressed,
    PlaybackStarted,
    PlaybackStopped,
    SessionCommand,
    SessionsChanged,
)
from polycast.library.playback.judging import Judges
from polycast.library.playback.model import Asked
from polycast.library.playback.model_session import (
    Beat,
    Beaten,
    Judged,
    Opened,
    Sought,
    Start,
    Started,
)
from polycast.library.playback.networks import Networks
from polycast.library.playback.ports import PlayableFiles, ScreenTime, Teller
from polycast.library.playback.progress import Progress
from polycast.library.playback.store import Facts, LookStore, SessionRow, SessionStore
from polycast.library.playback.store_progress import ProgressStore
from polycast.library.playback.supply import Supply
from polycast.library.playback.tokens import RENEWED, StreamTokens
from polycast.library.tracks.service import Tracks

LAN: Final = timedelta(seconds=4)
WAN: Final = timedelta(seconds=6)
COUNTED: Final = timedelta(seconds=30)  # at most so much of the time since the last sign of life was watched
SUSPENDED: Final = timedelta(seconds=60)
EXPIRED: Final = timedelta(minutes=30)
KEPT: Final = timedelta(days=7)
EVERYBODY: Final = Scope.LIBRARY_WRITE


class Sessions:
    """Who watches what, how, and where they are."""

    def __init__(
        self,
        *,
        db: Database,
        store: SessionStore,
        looks: LookStore,
        plays: ProgressStore,
        files: PlayableFiles,
        supply: Supply,
        progress: Progress,
        tracks: Tracks,
        tokens: StreamTokens,
        networks: Networks,
        judges: Judges,
        teller: Teller,
        clock: Clock,
        ids: Ids,
        user_nanoid: Callable[[Unit, int], str],
        screen_time: ScreenTime | None = None,
    ) -> None:
        self._db = db
        self._store = store
        self._looks = looks
        self._plays = plays
        self._files = files
        self._supply = supply
        self._progress = progress
        self._tracks = tracks
        self._tokens = tokens
        self._networks = networks
        self.judges = judges
        self._teller = teller
        self._clock = clock
        self._ids = ids
        self._user_nanoid = user_nanoid
        self._screen_time = screen_time

    async def judge(self, caller: Caller, start: Start) -> Judged:
        """How a title would be played; starts nothing.

        Raises: NotFound; FileMissing; BadMedia for a file that cannot be read.
        """
        playable = await self._db.read(self._files.playable_in, caller, start.item, start.file)
        return await self.judges.judge(playable, start, self._network(caller, start))

    async def start(self, caller: Caller, start: Start) -> Started:
        """Begin to watch. Raises: as `judge`; NotAllowed ("screen_time"); Busy."""
        network = self._network(caller, start)
        judged = await self.judge(caller, replace(start, network=network))
        started = await self._db.write(self._insert, caller, start, judged, network)
        row, decision = started.row, judged.decision
        if judged.film is not None:
            at = judged.film.plan.at(timedelta(milliseconds=row.position_ms))
            self._supply.warm(judged.film, decision.video, decision.audio, at, row.nanoid)
        return started

    async def get(self, caller: Caller, nanoid: str) -> SessionRow:
        """The caller's own; a manager's any. Raises: NotFound."""
        return await self._db.read(lambda unit: self._own(unit, caller, nanoid))

    async def describe(self, caller: Caller, nanoid: str) -> Started:
        """A session as it was handed out at its beginning, with a fresh token. Raises: NotFound."""

        def work(unit: Unit) -> Started:
            row = self._own(unit, caller, nanoid)
            playable = self._files.playable_in(unit, caller, row.item_id, row.file_id)
            return self._started(unit, caller, row, playable)

        return await self._db.read(work)

    async def change(self, caller: Caller, nanoid: str, asked: Asked) -> Started:
        """Other tracks or another quality, in the same session. Raises: as `judge`."""
        row = await self.get(caller, nanoid)
        start = Start(item=row.item_id, file=row.file_id, asked=asked, profile=row.facts.profile, network=row.network)
        judged = await self.judge(caller, start)
        facts = replace(row.facts, asked=asked, decision=judged.decision)
        await self._supply.dismiss(nanoid)

        def work(unit: Unit) -> Started:
            self._own(unit, caller, nanoid)
            decision = judged.decision
            self._store.change(unit, nanoid, facts=facts, mode=decision.mode.value, quality=decision.quality)
            fresh = self._own(unit, caller, nanoid)
            return self._started(unit, caller, fresh, judged.playable)

        return await self._db.write(work)

    async def beat(self, caller: Caller, nanoid: str, beat: Beat) -> Beaten:
        """A player lives and tells where it is. Raises: NotFound, also when the title may no longer be seen."""
        row, stop = await self._db.write(self._beat, caller, nanoid, beat)
        position = (beat.position or timedelta(milliseconds=row.position_ms)).total_seconds()
        self._teller.tell(
            PlaybackProgressed(user_id=row.user_id, session=nanoid, position=position, paused=beat.paused)
        )
        token = None
        if row.started_at + timedelta(hours=4) - self._clock.now() < RENEWED:
            user = await self._db.read(self._user_nanoid, row.user_id)
            token, _ = self._tokens.make(user, nanoid)
        commands = [{"type": "stop", "reason": stop}] if stop else []
        return Beaten(token=token, commands=commands)

    async def seek(self, caller: Caller, nanoid: str, position: timedelta) -> Sought:
        """Move. Begins with the segment there before it is asked for. Raises: NotFound."""
        row = await self.get(caller, nanoid)
        clipped = min(max(position, timedelta()), timedelta(milliseconds=max(0, row.duration_ms)))
        await self._db.write(self._moved, nanoid, clipped)
        decision = row.facts.decision
        if not decision.mode.is_hls:
            return Sought(position=clipped, segment=0, ready=True, restarted=False)
        film = await self.judges.film(await self.opened(caller, nanoid))
        number = film.plan.at(clipped)
        ready = self._supply.is_ready(film, decision.video, number)
        self._supply.warm(film, decision.video, decision.audio, number, nanoid)
        return Sought(position=clipped, segment=number, ready=ready, restarted=not ready)

    async def active(self, caller: Caller) -> list[tuple[SessionRow, PlayableFile | None]]:
        """What plays now: everybody's for managers, else the caller's own."""
        whose = None if caller.has(EVERYBODY) and caller.profile_id is None else caller.user_id

        def work(unit: Unit) -> list[tuple[SessionRow, PlayableFile | None]]:
            rows = [self._as_of_now(row) for row in self._store.live(unit, user_id=whose)]
            return [
                (row, self._playable_or_none(unit, caller, row))
                for row in rows
                if row.state != "expired" and _is_of_profile(row, caller)
            ]

        return await self._db.read(work)

    async def end(self, caller: Caller, nanoid: str, *, position: timedelta | None = None) -> None:
        """Stop; where the player was is kept. Raises: NotFound."""
        if position is not None:
            await self._db.write(self._beat, caller, nanoid, Beat(position=position, paused=True))
        await self._db.write(self._end, caller, nanoid)
        await self._supply.dismiss(nanoid)

    async def command(self, caller: Caller, nanoid: str, word: str, *, position: float | None, text: str) -> None:
        """Ask a player for something. Raises: NotFound."""
        row = await self.get(caller, nanoid)
        self._teller.tell(
            SessionCommand(user_id=row.user_id, session=nanoid, command=word, position=position, text=text[:500])
        )

    async def opened(self, caller: Caller, nanoid: str) -> Opened:
        """A session and its file, for whoever fetches its bytes.

        Raises: NotFound, when it has ended or the title may no longer be seen; NotAllowed, for another user's.
        """

        def work(unit: Unit) -> tuple[SessionRow, PlayableFile]:
            row = self._store.get(unit, nanoid)
            if row is None or row.ended_at is not None:
                raise NotFound("The session")
            if row.user_id != caller.user_id:
                raise NotAllowed("scope", "This is another user's session.")
            if not _is_of_profile(row, caller):
                raise NotFound("The session")
            # A stream token says nothing of a profile: its session does.
            seen_by = replace(caller, profile_id=row.profile_id or None)
            return row, self._files.playable_in(unit, seen_by, row.item_id, row.file_id)

        row, playable = await self._db.read(work)
        return Opened(row=row, playable=playable, probed=await self.judges.probed(playable))

    async def tidy(self) -> None:
        """Suspend sessions that nobody has heard of for a minute, end those of half an hour."""
        gone = await self._db.write(self._tidy)
        for nanoid in gone:
            await self._supply.dismiss(nanoid)

    def _network(self, caller: Caller, start: Start) -> str:
        return start.network or ("lan" if self._networks.is_local(caller.address) else "wan")

    def _insert(self, unit: Unit, caller: Caller, start: Start, judged: Judged, network: str) -> Started:
        if caller.user_id is None:
            raise NotAllowed("scope", "Only people can watch.")
        playable, decision = judged.playable, judged.decision
        item, file = playable.item, playable.file
        viewer = self._files.viewer_in(unit, caller)
        if self._screen_time is not None and viewer.profile_id is not None:
            reason = self._screen_time.watched_in(unit, viewer.profile_id, seconds=0, item_id=item.id)
            if reason is not None:
                raise NotAllowed("screen_time", "The time for watching is over.")
        marks = self._looks.marks(unit, item.id)
        state = self._plays.state(unit, viewer.key, item.id)
        at_ms = state.position_ms if start.position is None else start.position // timedelta(milliseconds=1)
        now, nanoid = self._clock.now(), self._ids.nanoid()
        title = item.title if playable.show is None else f"{playable.show.title} - {item.title}"
        play_id = self._plays.add_play(
            unit, nanoid=self._ids.nanoid(), user_id=caller.user_id, profile_id=viewer.key[1], item_id=item.id,
            top_id=item.top_id, file_id=file.id, kind=item.kind.value, title=title, started_at=now, completed=False,
            mode=decision.mode.value, client=start.client, device=start.device,
        )  # fmt: skip
        facts = Facts(
            asked=start.asked, profile=start.profile, decision=decision, title=title, item=item.nanoid,
            kind=item.kind.value, path=str(playable.path), size_bytes=file.size_bytes, mtime_ns=file.mtime_ns,
            credits_ms=next((one.start_ms for one in marks if one.kind == "credits"), None),
        )  # fmt: skip
        self._store.add(
            unit, facts, nanoid=nanoid, user_id=caller.user_id, profile_id=viewer.key[1],
            credential_id=caller.credential_id, item_id=item.id, file_id=file.id, play_id=play_id, state="ready",
            mode=decision.mode.value, quality=decision.quality, position_ms=max(0, at_ms),
            duration_ms=file.duration_ms or item.duration_ms, address=caller.address, client=start.client,
            device=start.device, network=network, started_at=now, seen_at=now,
        )  # fmt: skip
        unit.publish(
            PlaybackStarted(
                user_id=caller.user_id,
                session=nanoid,
                item=item.nanoid,
                title=title,
                mode=decision.mode.value,
                device=start.device,
            )
        )
        unit.publish(SessionsChanged(session=nanoid))
        row = self._store.get(unit, nanoid)
        if row is None:
            raise NotFound("The session")
        return self._started(unit, caller, row, playable)

    def _started(self, unit: Unit, caller: Caller, row: SessionRow, playable: PlayableFile) -> Started:
        token, ends_at = self._tokens.make(self._user_nanoid(unit, row.user_id), row.nanoid)
        probed = playable.file.probed
        viewer = self._files.viewer_in(unit, caller)
        return Started(
            row=row,
            playable=playable,
            token=token,
            token_ends_at=ends_at,
            subtitles=self._tracks.of_in(unit, probed, row.file_id, row.item_id) if probed else [],
            marks=self._looks.marks(unit, row.item_id),
            following=self._progress.following_in(unit, viewer, playable.item),
        )

    def _own(self, unit: Unit, caller: Caller, nanoid: str) -> SessionRow:
        row = self._store.get(unit, nanoid)
        if row is None or row.ended_at is not None:
            raise NotFound("The session")
        is_mine = row.user_id == caller.user_id and _is_of_profile(row, caller)
        if not is_mine and not (caller.has(EVERYBODY) and caller.profile_id is None):
            raise NotFound("The session")
        return row

    def _beat(self, unit: Unit, caller: Caller, nanoid: str, beat: Beat) -> tuple[SessionRow, str | None]:
        row = self._own(unit, caller, nanoid)
        now = self._clock.now()
        playable = self._files.playable_in(unit, caller, row.item_id, row.file_id)
        viewer = replace(self._files.viewer_in(unit, caller), user_id=row.user_id, profile_id=row.profile_id or None)
        watched = timedelta() if beat.paused or row.state == "paused" else min(now - row.seen_at, COUNTED)
        position = beat.position or timedelta(milliseconds=row.position_ms)
        duration = timedelta(milliseconds=row.duration_ms)
        completed = False
        if beat.position is not None:
            counted = row.play_id is not None and self._plays.is_completed(unit, row.play_id)
            marked = row.facts.credits_ms
            completed = self._progress.record_in(
                unit,
                viewer,
                playable.item,
                position=position,
                duration=duration,
                counted=counted,
                source=beat.source,
                credits_at=None if marked is None else timedelta(milliseconds=marked),
                file_id=row.file_id,
            )
        if row.play_id is not None:
            played_ms = max(timedelta(), watched) // timedelta(milliseconds=1)
            self._plays.touch_play(unit, row.play_id, played_ms=played_ms, completed=completed)
        self._store.change(
            unit,
            nanoid,
            seen_at=now,
            state="paused" if beat.paused else "playing",
            position_ms=position // timedelta(milliseconds=1),
            bandwidth_bps=row.bandwidth_bps if beat.bandwidth_bps is None else beat.bandwidth_bps,
        )
        stop = None
        if self._screen_time is not None and row.profile_id:
            seconds = max(0.0, watched.total_seconds())
            stop = self._screen_time.watched_in(unit, row.profile_id, seconds=seconds, item_id=row.item_id)
        return row, stop

    def _moved(self, unit: Unit, nanoid: str, position: timedelta) -> None:
        self._store.change(unit, nanoid, position_ms=position // timedelta(milliseconds=1), seen_at=self._clock.now())

    def _end(self, unit: Unit, caller: Caller, nanoid: str) -> None:
        row = self._own(unit, caller, nanoid)
        self._close(unit, row, "ended")

    def _close(self, unit: Unit, row: SessionRow, state: str) -> None:
        now = self._clock.now()
        self._store.change(unit, row.nanoid, state=state, ended_at=now)
        if row.play_id is not None:
            self._plays.end_play(unit, row.play_id, now)
        unit.publish(
            PlaybackStopped(
                user_id=row.user_id, session=row.nanoid, item=row.facts.item, position=row.position_ms / 1000
            )
        )
        unit.publish(SessionsChanged(session=row.nanoid))

    def _tidy(self, unit: Unit) -> list[str]:
        now = self._clock.now()
        quiet: list[str] = []
        for row in self._store.live(unit):
            if now - row.seen_at > EXPIRED:
                self._close(unit, row, "expired")
                quiet.append(row.nanoid)
            elif now - row.seen_at > SUSPENDED and row.state != "suspended":
                self._store.change(unit, row.nanoid, state="suspended")
                quiet.append(row.nanoid)
        self._store.purge(unit, now - KEPT)
        return quiet

    def _as_of_now(self, row: SessionRow) -> SessionRow:
        """A row with the state that time has given it since somebody was last heard of."""
        silent = self._clock.now() - row.seen_at
        if silent > EXPIRED:
            return replace(row, state="expired")
        return replace(row, state="suspended") if silent > SUSPENDED else row

    def _playable_or_none(self, unit: Unit, caller: Caller, row: SessionRow) -> PlayableFile | None:
        try:
            return self._files.playable_in(unit, caller, row.item_id, row.file_id)
        except NotFound:
            return None


def _is_of_profile(row: SessionRow, caller: Caller) -> bool:
    """A managed profile has no part in what its account, or another profile, watches."""
    return caller.profile_id is None or caller.profile_id == row.profile_id
