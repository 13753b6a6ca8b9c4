"""Runs of the matching: look, propose, take. No channel changes before somebody or the asked-for run takes one."""

from collections.abc import Collection, Sequence
from typing import ClassVar, Final

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound
from polycast.core.events.model import Audience, Event
from polycast.core.identity.caller import SYSTEM, Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run
from polycast.core.storage import Database, Unit
from polycast.live.guide.match.finder import BULK, SINGLE, Asked, Candidate, Finder, Limits, is_certain
from polycast.live.guide.match.names import Normalizer
from polycast.live.guide.match.store import Proposal, SuggestionStore
from polycast.live.guide.ports import Assigner, Teller
from polycast.live.guide.store_channels import GuideChannelStore
from polycast.live.lineup.bulk import Changed
from polycast.live.lineup.edits import GuideChoice
from polycast.live.preferences.groups import EpgSettings, SystemSettings
from polycast.live.preferences.service import Preferences

GUIDES_AT_ONCE: Final = 10_000
CHANNELS_AT_ONCE: Final = 50
MOST_TOLD: Final = 500  # associations in one event

Found = tuple[int, bool, Sequence[Candidate]]


class MatchGuides(Struct, frozen=True):
    """Payload of `live.match_guides`."""

    channel_ids: list[int] | None = None  # None: all
    again: bool = False  # also those that have a guide
    takes: bool = False  # give channels the guides that are certain


class _MatchEvent(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "live.match"

    def audience(self) -> Audience:
        return Audience(scope=Scope.LIVE_READ)


class MatchProgress(_MatchEvent, frozen=True, kw_only=True):
    """How far a run is. Told, not stored."""

    name: ClassVar[str] = "live.match_progress"
    coalesce: ClassVar[str | None] = ""
    total: int
    matched: int
    remaining: int
    current_channel: str
    stage: str  # starting, matching, completed


class Matched(_MatchEvent, frozen=True, kw_only=True):
    """A run is complete."""

    name: ClassVar[str] = "live.matched"
    looked_at: int
    proposed: int
    taken: int
    message: str
    associations: list[tuple[int, int]] = []  # channel and guide channel of those that were taken


class SingleMatched(_MatchEvent, frozen=True, kw_only=True):
    """A run for one channel is complete."""

    name: ClassVar[str] = "live.single_matched"
    channel_id: int
    is_matched: bool
    message: str
    guide_channel_id: int | None = None
    guide_name: str = ""


class Proposals(Struct, frozen=True, kw_only=True):
    """A page of open proposals."""

    items: list[Proposal]
    next: str | None
    total: int
    certain: int


class Matching:
    """Finds guides for channels."""

    def __init__(
        self,
        *,
        db: Database,
        store: SuggestionStore,
        guide_channels: GuideChannelStore,
        preferences: Preferences,
        assigner: Assigner,
        teller: Teller,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._guide_channels = guide_channels
        self._preferences = preferences
        self._assigner = assigner
        self._teller = teller
        self._clock = clock

    async def ask(
        self, caller: Caller, channel_ids: Sequence[int] | None, *, again: bool = False, takes: bool = False
    ) -> int:
        """Have guides looked for; the job's id. With `takes` what is certain is taken at once.

        Raises: NotAllowed; NotFound, when none of the channels exists.
        """
        caller.require(Scope.LIVE_ADMIN)
        return await self._db.write(self._ask, channel_ids, again, takes, caller.user_id)

    async def run(self, payload: MatchGuides, run: Run) -> None:
        """The job behind `ask`."""
        asked = await self._db.read(self._store.channels, payload.channel_ids, again=payload.again)
        self._tell(len(asked), 0, 0, "", "starting")
        finder = await self._finder(run)
        limits = SINGLE if payload.channel_ids is not None and len(payload.channel_ids) == 1 else BULK
        done, certain = 0, 0
        for at in range(0, len(asked), CHANNELS_AT_ONCE):
            some = asked[at : at + CHANNELS_AT_ONCE]
            found: list[Found] = await run.thread(_look, finder, limits, some)
            await self._db.write(self._store.put, found, at=self._clock.now())
            done += len(some)
            certain += sum(each[1] for each in found)
            self._tell(len(asked), certain, len(asked) - done, some[-1].name, "matching")
            await run.progress(done, len(asked), f"{certain} matched")
            run.check()
        ids = {each.id for each in asked}
        taken = await self._take_certain(ids) if payload.takes else []
        self._tell(len(asked), certain, 0, "", "completed")
        await self._db.write(self._report, payload, asked, certain, taken)

    async def proposals(self, caller: Caller, *, cursor: str, limit: int, below: float | None) -> Proposals:
        """Open proposals by falling score; `below` in 0-1. Raises: NotAllowed; Invalid."""
        caller.require(Scope.LIVE_READ)
        after = _position(cursor)
        rows, (total, certain) = await self._db.read(
            lambda unit: (
                self._store.page(unit, below=below, after=after, limit=limit + 1),
                self._store.counts(unit),
            )
        )
        page = rows[:limit]
        following = f"{page[-1][0]}.{page[-1][1].id}" if len(rows) > limit else None
        return Proposals(items=[each for _, each in page], next=following, total=total, certain=certain)

    async def take(self, caller: Caller, choices: Sequence[GuideChoice] | None) -> Changed:
        """Give channels the chosen guides (None: all that are certain), and close their proposals; can be undone.

        Raises: NotAllowed.
        """
        caller.require(Scope.LIVE_ADMIN)
        if choices is None:
            choices = [_choice(each) for each in await self._db.read(self._store.certain)]
        return await self._take(caller, choices)

    async def _take_certain(self, ids: Collection[int]) -> list[GuideChoice]:
        """What was taken: choices that differ from what channels had."""
        choices = [_choice(each) for each in await self._db.read(self._store.certain, ids)]
        before = await self._db.read(self._store.guides, ids)
        await self._take(SYSTEM, choices)
        return [each for each in choices if before.get(each.channel_id) != each.guide_channel_id]

    async def _take(self, caller: Caller, choices: Sequence[GuideChoice]) -> Changed:
        done = await self._assigner.set_guides(caller, choices, f"Guides of {len(choices):,} channels")
        await self._db.write(self._store.drop, [choice.channel_id for choice in choices])
        return done

    async def _finder(self, run: Run) -> Finder:
        normalizer = Normalizer(await self._preferences.group(EpgSettings))
        region = (await self._preferences.group(SystemSettings)).preferred_region or ""
        rows: list[tuple[int, str, str, str, int, str]] = []
        after = 0
        while page := await self._db.read(self._guide_channels.of_active, after, GUIDES_AT_ONCE):
            rows += [(row.id, row.tvg_id, row.name, row.source, row.priority, row.icon_url) for row in page]
            after = page[-1].id
            run.check()
        return await run.thread(Finder, rows, normalizer, region)

    def _ask(self, unit: Unit, channel_ids: Sequence[int] | None, again: bool, takes: bool, by: int | None) -> int:
        if channel_ids is not None and not self._store.guides(unit, channel_ids):
            raise NotFound("The channel")
        ids = None if channel_ids is None else list(channel_ids)
        return unit.enqueue("live.match_guides", MatchGuides(channel_ids=ids, again=again, takes=takes), by=by)

    def _report(
        self, unit: Unit, payload: MatchGuides, asked: Sequence[Asked], certain: int, taken: Sequence[GuideChoice]
    ) -> None:
        if payload.channel_ids is not None and len(payload.channel_ids) == 1:
            unit.publish(self._single(unit, payload.channel_ids[0], taken))
        count = len(taken) if payload.takes else certain
        unit.publish(
            Matched(
                looked_at=len(asked),
                proposed=certain,
                taken=len(taken),
                message=f"Found guides for {count:,} of {len(asked):,} channels.",
                associations=[(each.channel_id, each.guide_channel_id or 0) for each in taken[:MOST_TOLD]],
            )
        )

    def _single(self, unit: Unit, channel_id: int, taken: Sequence[GuideChoice]) -> SingleMatched:
        found = next((each.guide_channel_id for each in taken if each.channel_id == channel_id), None)
        if found is None:
            message = "No guide was found that fits well enough."
            return SingleMatched(channel_id=channel_id, is_matched=False, message=message)
        guide = self._guide_channels.get(unit, [found])[found]
        return SingleMatched(
            channel_id=channel_id,
            is_matched=True,
            message=f"Matched with {guide.name}.",
            guide_channel_id=found,
            guide_name=guide.name,
        )

    def _tell(self, total: int, matched: int, remaining: int, current: str, stage: str) -> None:
        self._teller.tell(
            MatchProgress(total=total, matched=matched, remaining=remaining, current_channel=current, stage=stage)
        )


def _look(finder: Finder, limits: Limits, asked: Sequence[Asked]) -> list[Found]:
    found: list[Found] = []
    for channel in asked:
        candidates = finder.find(channel)
        found.append((channel.id, is_certain(candidates, limits), candidates))
    return found


def _choice(proposal: Proposal) -> GuideChoice:
    return GuideChoice(channel_id=proposal.channel_id, guide_channel_id=proposal.candidates[0].guide_id)


def _position(cursor: str) -> tuple[int, int] | None:
    if not cursor:
        return None
    parts = cursor.split(".")
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 19 for part in parts):
        raise Invalid.one("cursor", "bad_cursor", "This cursor is not one of ours.")
    return int(parts[0]), int(parts[1])
