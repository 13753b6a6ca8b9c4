"""Brings guide channels and their programmes to what a file says, in short writes, each guide channel at once."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from polycast.core.jobs.model import Run as JobRun
from polycast.core.storage import Database, Unit
from polycast.live.guide.fetching import GuideFetches
from polycast.live.guide.pages import Page, fingerprint, pages
from polycast.live.guide.reading import GuideReader, Listed, NoGuide, Run
from polycast.live.guide.store_channels import PAGE, GuideChannelStore, Known
from polycast.live.guide.store_pages import PageStore

NO_PROGRAMMES = fingerprint(b"")
CLEAR_AT_ONCE = 50


class Outcome(Struct, kw_only=True):
    """What an import has done."""

    channels: int = 0
    added: int = 0
    removed: int = 0
    programmes: int = 0
    changed: list[int] = []  # guide channels whose programmes differ now
    warnings: list[str] = []
    unusable: int = 0


class _Loaded(Struct, frozen=True):
    """The programmes of one guide channel, ready to be stored."""

    guide_channel_id: int
    fingerprint: int
    pages: list[Page]


class GuideImporter:
    """Reads files into the database."""

    def __init__(
        self, *, db: Database, channels: GuideChannelStore, store: PageStore, fetches: GuideFetches, folder: Path
    ) -> None:
        self._db = db
        self._channels = channels
        self._store = store
        self._fetches = fetches
        self._folder = folder

    async def load(self, source_id: int, path: Path, run: JobRun, look: Callable[[int], None]) -> Outcome:
        """Read the whole guide: its channels, and the programmes of those that are mapped.

        What is not in a guide that breaks off stays as it was. Raises: NoGuide, BadXml, TooLarge, Damaged.
        """
        mapped = await self._db.read(self._channels.mapped, source_id)
        with GuideReader(mapped, folder=self._folder, check=look) as reader:
            await run.thread(reader.read, self._fetches.blocks(path))
            if not reader.channels:
                raise NoGuide("empty", "The guide holds no channels.")
            outcome = Outcome(
                channels=len(reader.channels),
                programmes=reader.programmes,
                warnings=reader.warnings,
                unusable=reader.unusable,
            )
            is_whole = not reader.warnings
            await self._bring_channels(source_id, reader.channels, outcome, run, may_remove=is_whole)
            await self._write(reader, mapped, outcome, may_empty=is_whole)
        await self._drop_unmapped(source_id, run)
        return outcome

    async def load_missing(self, source_id: int, path: Path, run: JobRun, *, also: Collection[int] = ()) -> Outcome:
        """Read the programmes of mapped guide channels, and those of `also`, that have none stored."""
        outcome = Outcome()
        while missing := await self._missing(source_id, also):
            with GuideReader(missing, folder=self._folder, check=lambda _: run.check()) as reader:
                await run.thread(reader.read, self._fetches.blocks(path))
                outcome.programmes += reader.programmes
                await self._write(reader, missing, outcome, may_empty=True)
        return outcome

    async def has_missing(self, source_id: int) -> bool:
        """Whether a mapped guide channel has no programmes stored."""
        return bool(await self._missing(source_id))

    async def _missing(self, source_id: int, also: Collection[int] = ()) -> Mapping[str, Known]:
        mapped = await self._db.read(self._channels.mapped, source_id, also)
        return {tvg_id: known for tvg_id, known in mapped.items() if known.programmes_key is None}

    async def _bring_channels(
        self, source_id: int, listed: Mapping[str, Listed], outcome: Outcome, run: JobRun, *, may_remove: bool
    ) -> None:
        left = dict(listed)
        renamed: list[tuple[int, Listed]] = []
        gone: list[int] = []
        after: str | None = None
        while page := await self._db.read(self._channels.page_of, source_id, after):
            for known in page:
                found = left.pop(known.tvg_id, None)
                if found is None:
                    gone.append(known.id)
                elif (found.name, found.icon_url) != (known.name, known.icon_url):
                    renamed.append((known.id, found))
            after = page[-1].tvg_id
            run.check()
            if len(page) < PAGE:
                break

        def add(unit: Unit, some: Sequence[Listed]) -> None:
            self._channels.add(unit, source_id, some)

        outcome.added = await self._db.write_bulk(add, sorted(left.values(), key=lambda each: each.tvg_id))
        await self._db.write_bulk(self._channels.rename, renamed)
        if may_remove:
            outcome.removed = await self._db.write_bulk(self._channels.remove, gone)

    async def _write(
        self, reader: GuideReader, mapped: Mapping[str, Known], outcome: Outcome, *, may_empty: bool
    ) -> None:
        changed: list[int] = []

        def apply(unit: Unit, items: Sequence[_Loaded]) -> None:
            for item in items:
                self._store.replace(unit, item.guide_channel_id, item.pages)
                count = sum(page.count for page in item.pages)
                self._channels.set_programmes(unit, item.guide_channel_id, fingerprint=item.fingerprint, count=count)
            unit.after_commit(lambda: changed.extend(item.guide_channel_id for item in items))

        await self._db.write_bulk(apply, _differing(reader.runs(), mapped, may_empty=may_empty))
        outcome.changed += changed

    async def _drop_unmapped(self, source_id: int, run: JobRun) -> None:
        def clear(unit: Unit, ids: Sequence[int]) -> None:
            self._store.clear(unit, ids)
            for each in ids:
                self._channels.set_programmes(unit, each, fingerprint=None, count=0)

        while ids := await self._db.read(self._channels.left_over, source_id, CLEAR_AT_ONCE):
            await self._db.write(clear, ids)
            run.check()


def _differing(runs: Iterator[Run], mapped: Mapping[str, Known], *, may_empty: bool) -> Iterator[_Loaded]:
    """What has to be written: guide channels whose programmes are not those that are stored."""
    left = dict(mapped)
    for run in runs:
        known = left.pop(run.tvg_id)
        key = run.fingerprint
        if key != known.programmes_key:
            yield _Loaded(known.id, key, list(pages(run.airings())))
    if may_empty:
        for known in left.values():
            if known.programmes_key != NO_PROGRAMMES:
                yield _Loaded(known.id, NO_PROGRAMMES, [])
