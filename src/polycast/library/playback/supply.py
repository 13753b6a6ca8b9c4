"""Segments on demand: cut, encoded or found on the shelf, pictures and sound joined as they go out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError, Unavailable
from polycast.core.media import CutAsk, Cuts, Keyframes, SoundAsk, as_track, delay, join_inits, moved
from polycast.library.playback.model import AudioPlan, Delivery, VideoPlan
from polycast.library.playback.plan import Plan
from polycast.library.playback.runs import EncodeJob, Runs
from polycast.library.playback.shelf import Shelf

log = logging.getLogger("polycast.library.playback")

INIT: Final = "init"
TIDY_S: Final = 10.0


class Film(Struct, frozen=True, kw_only=True):
    """A file as segments are made of it."""

    name: str  # of the folder of its segments: what the file is, and how it is cut
    path: Path
    plan: Plan
    keyframes: Keyframes | None

    @property
    def origin_us(self) -> int:
        return self.keyframes.origin_us if self.keyframes else 0


class Supply:
    """Every piece that players ask for. One work for one piece, however many ask at once."""

    def __init__(self, *, cuts: Cuts, runs: Runs, shelf: Shelf, clock: Clock) -> None:
        self._cuts = cuts
        self._runs = runs
        self._shelf = shelf
        self._clock = clock
        self._making: dict[tuple[str, str], asyncio.Future[bytes]] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """What runs besides requests: encoders, what is made ahead, the clean-up."""
        await self._shelf.clear()
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                while True:
                    await asyncio.sleep(TIDY_S)
                    await self._runs.tidy()
        finally:
            self._group = None

    async def init(
        self, film: Film, video: VideoPlan | None, audio: AudioPlan | None, start: int = 0, viewer: str = ""
    ) -> bytes:
        """What goes before all segments; `start` is the one that will be asked for next."""
        heads = []
        if video is not None:
            heads.append(
                await self._init_of(film, self.video_key(film, video), lambda: self._video(film, video, start, viewer))
            )
        if audio is not None:
            heads.append(
                await self._init_of(film, self.audio_key(film, audio), lambda: self._audio(film, audio, start))
            )
        heads = [head for head in heads if head]
        if not heads:
            raise Unavailable("The file holds nothing that can be played.")
        return heads[0] if len(heads) == 1 else join_inits(heads[0], heads[1])

    async def segment(
        self, film: Film, video: VideoPlan | None, audio: AudioPlan | None, number: int, viewer: str = ""
    ) -> bytes:
        """A segment with its pictures, its sound, or both. Raises: Busy, Unavailable, and what cutting raises."""
        made = await asyncio.gather(
            self._video(film, video, number, viewer) if video else _nothing(),
            self._audio(film, audio, number) if audio else _nothing(),
        )
        pictures, sounds = made
        if audio is not None and audio.delivery is Delivery.TRANSCODE and number + 1 < film.plan.count:
            self._ahead(self._audio(film, audio, number + 1))
        if video is not None and audio is not None:
            pictures = as_track(pictures, 1, first=number * 2 + 1)
            sounds = as_track(sounds, 2, first=number * 2 + 2)
        return pictures + sounds

    def is_ready(self, film: Film, video: VideoPlan | None, number: int) -> bool:
        """Whether a segment's pictures need no encoder to run."""
        if video is None or video.delivery is Delivery.COPY:
            return True
        return self._shelf.holds(self.video_key(film, video), f"{number}.m4s")

    def warm(self, film: Film, video: VideoPlan | None, audio: AudioPlan | None, number: int, viewer: str) -> None:
        """Begin with a segment that will be asked for in a moment."""
        self._ahead(self.segment(film, video, audio, number, viewer))

    async def dismiss(self, viewer: str) -> None:
        """Somebody has stopped watching: encoders that nobody else needs end."""
        await self._runs.dismiss(viewer)

    @staticmethod
    def video_key(film: Film, video: VideoPlan) -> str:
        if video.delivery is Delivery.COPY:
            return f"{film.name}/v{video.stream}"
        drawn = "" if video.burn is None else f"-b{video.burn}"
        return f"{film.name}/v{video.stream}-{video.codec}-{video.height}-{video.bitrate}{drawn}"

    @staticmethod
    def audio_key(film: Film, audio: AudioPlan) -> str:
        if audio.delivery is Delivery.COPY:
            return f"{film.name}/a{audio.stream}"
        return f"{film.name}/a{audio.stream}-{audio.codec}-{audio.channels}-{audio.bitrate}"

    async def _init_of(self, film: Film, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        found = await self._shelf.get(key, INIT)
        if found is None:
            await make()
            found = await self._shelf.get(key, INIT)
        return found or b""

    async def _video(self, film: Film, video: VideoPlan, number: int, viewer: str) -> bytes:
        key = self.video_key(film, video)
        if video.delivery is Delivery.COPY:
            keyframes = film.keyframes
            if keyframes is None:
                raise Unavailable("The file has no index to cut it by.")
            ask = CutAsk(
                video.stream,
                film.plan.ticks[number],
                film.plan.end_tick(number),
                keyframes.by_dts,
                keyframes.origin_us,
            )
            return await self._once(key, f"{number}.m4s", lambda: self._cut(film, ask, key, number, keep=False))
        group = self._group
        if group is None:
            raise Unavailable("Playback has not started yet.")
        job = EncodeJob(key=key, path=film.path, plan=film.plan, video=video)
        return await self._runs.piece(job, number, viewer, lambda work: _spawned(group, work))

    async def _audio(self, film: Film, audio: AudioPlan, number: int) -> bytes:
        key, plan = self.audio_key(film, audio), film.plan
        is_last = number + 1 >= plan.count
        ask = SoundAsk(
            stream=audio.stream,
            start_us=plan.start(number),
            end_us=plan.end_us if is_last else plan.end(number),
            origin_us=film.origin_us,
            codec="" if audio.delivery is Delivery.COPY else audio.codec,
            channels=audio.channels,
            bitrate_bps=audio.bitrate,
        )
        keep = audio.delivery is Delivery.TRANSCODE
        return await self._once(key, f"{number}.m4s", lambda: self._cut(film, ask, key, number, keep=keep))

    async def _once(self, key: str, name: str, make: Callable[[], Coroutine[Any, Any, bytes]]) -> bytes:
        found = await self._shelf.get(key, name)
        if found is not None:
            return found
        running = self._making.get((key, name))
        if running is None:
            running = self._making[key, name] = asyncio.ensure_future(make())
            running.add_done_callback(lambda done: self._made(key, name, done))
        return await asyncio.shield(running)

    def _made(self, key: str, name: str, done: asyncio.Future[bytes]) -> None:
        self._making.pop((key, name), None)
        if not done.cancelled():
            done.exception()  # those who wait are told; nobody may be waiting any more

    async def _cut(self, film: Film, ask: CutAsk | SoundAsk, key: str, number: int, *, keep: bool) -> bytes:
        piece = await self._cuts.cut(film.path, ask)
        content = piece.content
        if piece.init:
            shared = await self._shelf.get(key, INIT)
            if shared is None:
                await self._shelf.put(key, INIT, piece.init)
            elif content:
                content = moved(content, delay(shared) - delay(piece.init))
        if keep:
            await self._shelf.put(key, f"{number}.m4s", content)
        return content

    def _ahead(self, work: Coroutine[Any, Any, bytes]) -> None:
        if self._group is None:
            work.close()
            return
        self._group.create_task(_quietly(work))


async def _nothing() -> bytes:
    return b""


def _spawned(group: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> None:
    group.create_task(work)


async def _quietly(work: Coroutine[Any, Any, bytes]) -> None:
    """What is made ahead may fail: whoever really asks is told."""
    try:
        await work
    except PolycastError as error:
        log.debug("not made ahead: %s", error)
