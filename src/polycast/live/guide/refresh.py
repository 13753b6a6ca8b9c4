"""The refresh of a guide source, from the fetch to the report. Source: `specs/live.md` 5.3."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from polycast.core.clock import Clock
from polycast.core.errors import PolycastError
from polycast.core.jobs.model import Cancelled, Run, Tick
from polycast.core.storage import Database, Unit
from polycast.live.guide.fetching import GuideFetches, digest_of
from polycast.live.guide.importing import GuideImporter, Outcome
from polycast.live.guide.model import (
    MOST_NAMED,
    GuideFailed,
    GuideProgress,
    GuideRefreshed,
    LoadGuide,
    RefreshGuide,
    SourceStatus,
    SourceType,
)
from polycast.live.guide.ports import Teller
from polycast.live.guide.sources import GuideSources, Opened
from polycast.live.guide.store_channels import GuideChannelStore
from polycast.live.guide.store_sources import SourceStore
from polycast.live.lineup.from_guide import JOB as TAKE
from polycast.live.lineup.from_guide import TakeFromGuide, Taken

TELL_EVERY: Final = timedelta(milliseconds=500)


class GuideRefreshes:
    """Refreshes guides. Its methods are jobs."""

    def __init__(
        self,
        *,
        db: Database,
        sources: GuideSources,
        store: SourceStore,
        channels: GuideChannelStore,
        importer: GuideImporter,
        fetches: GuideFetches,
        teller: Teller,
        clock: Clock,
    ) -> None:
        self._db = db
        self._sources = sources
        self._store = store
        self._channels = channels
        self._importer = importer
        self._fetches = fetches
        self._teller = teller
        self._clock = clock

    async def refresh(self, payload: RefreshGuide, run: Run) -> None:
        """Fetch, read, swap. A failure leaves the guide as it was and is told on the source.

        Raises: whatever went wrong, once it is recorded.
        """
        opened = await self._db.read(self._sources.open, payload.source_id)
        if opened is None or not opened.source.is_active or opened.source.source_type is not SourceType.XMLTV:
            return
        is_told = False
        try:
            await self._refresh(opened, run, force=payload.force)
            is_told = True
        except Cancelled:
            await self._fail(opened, "cancelled", "The refresh was stopped.")
            is_told = True
            raise
        except PolycastError as error:
            await self._fail(opened, error.code, error.message)
            is_told = True
            raise
        finally:
            if not is_told:  # a fault of ours, or the worker stops: no source may look busy for ever
                await asyncio.shield(self._fail(opened, "failed", "The refresh failed; the log says why."))

    async def load(self, payload: LoadGuide, run: Run) -> None:
        """Read the programmes of guide channels that were mapped since the last refresh."""
        opened = await self._db.read(self._sources.open, payload.source_id)
        if opened is None or opened.source.source_type is not SourceType.XMLTV:
            return
        path = self._fetches.kept(opened)
        if path is None:
            await self._db.write(_enqueue, RefreshGuide(source_id=opened.source.id, force=True))
            return
        started = self._clock.monotonic()
        outcome = await self._importer.load_missing(opened.source.id, path, run, also=payload.guide_channel_ids)
        if outcome.changed:
            await self._db.write(self._loaded, opened, outcome, started)

    async def refresh_due(self, payload: Tick, run: Run) -> None:
        """Queue a refresh of each source whose time has come, and what mappings have left to be read."""
        await self._db.write(self._enqueue_due)

    def mapped(self, unit: Unit, guide_channel_ids: list[int]) -> None:
        """Channels were mapped to these guide channels: have their programmes read where there are none."""
        for source_id in self._channels.mapped_sources(unit, guide_channel_ids):
            unit.enqueue("live.load_guide", LoadGuide(source_id=source_id), priority=1)

    def forgotten(self, unit: Unit, source_id: int) -> None:
        """A source was deleted: its file goes after the commit."""
        unit.after_commit(lambda: self._fetches.forget(source_id))

    def refreshed(self, unit: Unit, event: GuideRefreshed) -> None:
        """A guide is new: its channels get its logos, where the source says so."""
        source = self._store.by_id(unit, event.source_id)
        if source is not None and source.custom_properties.get("auto_apply_epg_logos") is True:
            unit.enqueue(TAKE, TakeFromGuide(what=Taken.LOGO, source_id=source.id))

    def _enqueue_due(self, unit: Unit) -> None:
        now = self._clock.now()
        for source_id in self._store.due(unit, now):
            unit.enqueue("live.refresh_guide", RefreshGuide(source_id=source_id))
            source = self._store.by_id(unit, source_id)
            if source is not None:
                self._sources.plan_next(unit, source, now)
        for source_id in self._channels.waiting_sources(unit):
            unit.enqueue("live.load_guide", LoadGuide(source_id=source_id))

    async def _refresh(self, opened: Opened, run: Run, *, force: bool) -> None:
        started = self._clock.monotonic()
        source_id = opened.source.id
        await self._say(source_id, SourceStatus.FETCHING, "Fetching")
        self._tell(source_id, "downloading", 0, SourceStatus.FETCHING)
        path, etag, modified = await self._fetches.fetch(opened, self._downloads(source_id))
        digest = await run.thread(digest_of, path)
        marks = {"etag": etag, "last_modified": modified, "content_digest": digest}
        if digest == opened.digest and not force and not await self._importer.has_missing(source_id):
            await self._db.write(self._complete, opened, Outcome(), started, marks, "The guide has not changed.")
            self._tell(source_id, "parsing_programs", 100, SourceStatus.SUCCESS)
            return
        await self._say(source_id, SourceStatus.PARSING, "Reading the guide")
        look = self._looks(source_id, run, path)
        outcome = await self._importer.load(source_id, path, run, look)
        message = summary(outcome, (self._clock.monotonic() - started).total_seconds())
        await self._db.write(self._complete, opened, outcome, started, marks, message)
        self._tell(source_id, "parsing_programs", 100, SourceStatus.SUCCESS, message)

    def _complete(
        self, unit: Unit, opened: Opened, outcome: Outcome, started: timedelta, marks: dict[str, Any], message: str
    ) -> None:
        now, source_id = self._clock.now(), opened.source.id
        channels, programmes = self._channels.counts(unit, source_id)
        self._store.update(
            unit,
            source_id,
            {
                **marks,
                "status": SourceStatus.SUCCESS.value,
                "last_message": message,
                "updated_at": now,
                "channel_count": channels,
                "programme_count": programmes,
            },
        )
        source = self._store.by_id(unit, source_id)
        if source is not None:
            self._sources.plan_next(unit, source, now)
            unit.publish(self._report(opened, outcome, started, message, channels, programmes))

    def _loaded(self, unit: Unit, opened: Opened, outcome: Outcome, started: timedelta) -> None:
        channels, programmes = self._channels.counts(unit, opened.source.id)
        self._store.update(unit, opened.source.id, {"channel_count": channels, "programme_count": programmes})
        message = f"{outcome.programmes:,} programmes of newly mapped channels."
        unit.publish(self._report(opened, outcome, started, message, channels, programmes))

    def _report(
        self, opened: Opened, outcome: Outcome, started: timedelta, message: str, channels: int, programmes: int
    ) -> GuideRefreshed:
        changed = outcome.changed
        return GuideRefreshed(
            source_id=opened.source.id,
            source_name=opened.source.name,
            channels=channels,
            programmes=programmes,
            changed=len(changed),
            warnings=len(outcome.warnings),
            elapsed_seconds=round((self._clock.monotonic() - started).total_seconds(), 3),
            message=message,
            guide_channel_ids=changed if len(changed) <= MOST_NAMED else [],
        )

    async def _fail(self, opened: Opened, reason: str, message: str) -> None:
        await self._db.write(self._record_failure, opened, reason, message)
        self._tell(opened.source.id, "refresh", 100, SourceStatus.ERROR, message)

    def _record_failure(self, unit: Unit, opened: Opened, reason: str, message: str) -> None:
        now, source_id = self._clock.now(), opened.source.id
        values = {"status": SourceStatus.ERROR.value, "last_message": message}
        if opened.url:  # without marks the next try reads whatever comes, even what this one could not
            values |= {"etag": "", "last_modified": ""}
        self._store.update(unit, source_id, values)
        source = self._store.by_id(unit, source_id)
        if source is None:
            return
        self._sources.plan_next(unit, source, now)
        unit.publish(GuideFailed(source_id=source_id, source_name=opened.source.name, reason=reason, message=message))

    async def _say(self, source_id: int, status: SourceStatus, message: str) -> None:
        await self._db.write(self._store.update, source_id, {"status": status.value, "last_message": message})

    def _tell(self, source_id: int, action: str, percent: int, status: SourceStatus, message: str = "") -> None:
        self._teller.tell(
            GuideProgress(source_id=source_id, action=action, progress=percent, status=status.value, message=message)
        )

    def _downloads(self, source_id: int) -> Callable[[int, int | None], None]:
        told = self._clock.monotonic()

        def progress(done: int, total: int | None) -> None:
            nonlocal told
            if self._clock.monotonic() - told >= TELL_EVERY:
                told = self._clock.monotonic()
                self._tell(source_id, "downloading", _percent(done, total), SourceStatus.FETCHING)

        return progress

    def _looks(self, source_id: int, run: Run, path: Path) -> Callable[[int], None]:
        """Called from the reading thread with the bytes read so far."""
        loop = asyncio.get_running_loop()
        told, size = self._clock.monotonic(), path.stat().st_size

        async def tell(done: int) -> None:
            self._tell(source_id, "parsing_programs", _percent(done, size), SourceStatus.PARSING)
            await run.progress(done, None, "bytes read")

        def look(done: int) -> None:
            nonlocal told
            run.check()
            if self._clock.monotonic() - told >= TELL_EVERY:
                told = self._clock.monotonic()
                asyncio.run_coroutine_threadsafe(tell(done), loop)

        return look


def summary(outcome: Outcome, seconds: float) -> str:
    """What a refresh has done, for people."""
    text = (
        f"{outcome.channels:,} channels, {outcome.programmes:,} programmes of mapped ones, "
        f"{len(outcome.changed):,} channels changed in {seconds:.1f} s."
    )
    if outcome.warnings:
        more = f" and {len(outcome.warnings) - 1} more places" if len(outcome.warnings) > 1 else ""
        text += f" The guide is broken: {outcome.warnings[0]}{more} What could be read was taken."
    if outcome.unusable:
        text += f" {outcome.unusable:,} programmes without a time were left out."
    return text


def _enqueue(unit: Unit, payload: RefreshGuide) -> None:
    unit.enqueue("live.refresh_guide", payload)


def _percent(done: int, total: int | None) -> int:
    return min(99, 100 * done // total) if total else 0
