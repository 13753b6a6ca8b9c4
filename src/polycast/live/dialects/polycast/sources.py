"""Playlists and guides in one list: what they are, how they went, which groups they bring, what filters would do."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from msgspec import UNSET

from polycast.core.errors import Invalid, NotFound
from polycast.core.http import Docs, Route, get, patch, post
from polycast.core.http.pages import Page, page_of, position, size_of
from polycast.core.identity.caller import Caller, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import JobRow, JobState, Queue
from polycast.core.jobs.wire import Job
from polycast.core.storage import fold
from polycast.live.dialects.polycast import sources_wire as wire
from polycast.live.dialects.polycast.wire import MOST_ROWS
from polycast.live.guide.model import GuideSource
from polycast.live.sources.accounts.forms import GroupForm
from polycast.live.sources.filter_preview import FilterPreviews
from polycast.live.sources.model import GroupAtAccount
from polycast.live.sources.overview import SourceOverview, SourceSort, Use
from polycast.live.sources.room import Sources
from polycast.live.sources.trial import SourceTrials

READ: Final[Policy] = needs(Scope.LIVE_READ)
WRITE: Final[Policy] = needs(Scope.LIVE_WRITE)
TRY: Final[Policy] = needs(Scope.LIVE_WRITE, rate=RateClass.COSTLY)
TAGS: Final = Docs(tags=["sources"])
ALIVE: Final = (JobState.WAITING, JobState.RUNNING)
JOBS_SEEN: Final = 500
# The job that refreshes a sort of source, and the field of its payload that names the source.
REFRESHES: Final[Mapping[str, tuple[SourceSort, str]]] = {
    "live.refresh_account": (SourceSort.ACCOUNT, "account_id"),
    "live.refresh_guide": (SourceSort.GUIDE, "source_id"),
}


class GuideList(Protocol):
    """The guide's sources."""

    async def all(self, caller: Caller) -> list[GuideSource]: ...

    async def get(self, caller: Caller, source_id: int) -> GuideSource: ...


def routes() -> Sequence[Route]:
    """Takes the services `sources`, `guide_sources`, `overview`, `trials`, `previews` and `queue`."""
    return [every, test, history, groups, change_groups, preview_filters]


@get("/polycast/v1/live/sources", policy=READ, docs=TAGS)
async def every(
    caller: Caller, sources: Sources, guide_sources: GuideList, overview: SourceOverview, queue: Queue
) -> wire.Sources:
    """All playlists and guides."""
    accounts, guides = await sources.accounts.all(caller), await guide_sources.all(caller)
    use = await overview.use(caller)
    jobs = _by_ref(await queue.list(states=ALIVE, limit=JOBS_SEEN))
    unused = Use()
    return wire.Sources(
        items=[
            *(
                wire.Source.of_account(
                    one, use.get(one.account.id, unused), jobs.get((SourceSort.ACCOUNT, one.account.id))
                )
                for one in accounts
            ),
            *(wire.Source.of_guide(one, jobs.get((SourceSort.GUIDE, one.id))) for one in guides),
        ]
    )


@post("/polycast/v1/live/sources/test", policy=TRY, sent=wire.SourceTest, docs=TAGS)
async def test(caller: Caller, trials: SourceTrials, sent: wire.SourceTest) -> wire.SourceFound:
    """Look at what is about to be added. What goes wrong there is told with `ok: false`."""
    found = await trials.look(caller, sent.kind, url=sent.url, username=sent.username, password=sent.password)
    return wire.SourceFound.of(found)


@get("/polycast/v1/live/sources/{ref}/history", policy=READ, docs=TAGS)
async def history(
    caller: Caller,
    ref: str,
    sources: Sources,
    guide_sources: GuideList,
    overview: SourceOverview,
    cursor: str = "",
    limit: int = 50,
) -> Page[wire.SourceRun]:
    """The refreshes of the last seven days, the youngest first."""
    sort, source_id = _sort_of(ref)
    if sort is SourceSort.ACCOUNT:
        await sources.accounts.get(caller, source_id)
    else:
        await guide_sources.get(caller, source_id)
    size = size_of(limit)
    runs = await overview.history(caller, sort, source_id, before=position(cursor), limit=size + 1)
    return page_of([wire.SourceRun.of(run) for run in runs], [run.id for run in runs], size)


@get("/polycast/v1/live/sources/{ref}/groups", policy=READ, docs=TAGS)
async def groups(
    caller: Caller, ref: str, sources: Sources, search: str = "", offset: int = 0, limit: int = 50
) -> wire.SourceGroups:
    """The groups of a playlist, by name."""
    found = _searched(await sources.groups.of(caller, _account_of(ref)), search)
    start, size = max(0, offset), size_of(limit, MOST_ROWS)
    return wire.SourceGroups(
        items=[wire.SourceGroup.of(group) for group in found[start : start + size]], total=len(found)
    )


@patch("/polycast/v1/live/sources/{ref}/groups", policy=WRITE, sent=wire.GroupsChange, docs=TAGS)
async def change_groups(caller: Caller, ref: str, sources: Sources, sent: wire.GroupsChange) -> wire.Count:
    """Choose groups, many at once. Counts from the next refresh on."""
    account_id = _account_of(ref)
    present = await sources.groups.of(caller, account_id)
    if sent.all:
        wanted = [group.group_id for group in _searched(present, sent.search)]
    else:
        wanted = _known(present, sent.group_ids)
    if sent.enabled is UNSET and sent.auto_sync is UNSET:
        raise Invalid.one("enabled", "required", "Say what is to change: enabled or auto_sync.")
    forms = [GroupForm(group_id=one, enabled=sent.enabled, auto_channel_sync=sent.auto_sync) for one in wanted]
    if forms:
        await sources.groups.change(caller, account_id, forms)
    return wire.Count(count=len(forms))


@post("/polycast/v1/live/sources/{ref}/filters/preview", policy=WRITE, sent=wire.FilterRules, docs=TAGS)
async def preview_filters(
    caller: Caller, ref: str, sources: Sources, previews: FilterPreviews, sent: wire.FilterRules
) -> wire.FilterPreview:
    """What filters would do to the streams that a playlist has now."""
    account_id = _account_of(ref)
    await sources.accounts.get(caller, account_id)
    return wire.FilterPreview.of(await previews.of(caller, account_id, [one.rule() for one in sent.filters]))


def _sort_of(ref: str) -> tuple[SourceSort, int]:
    """Raises: NotFound for what is no reference."""
    sort, _, key = ref.partition(":")
    if sort not in set(SourceSort) or not key.isdecimal() or len(key) > 18:
        raise NotFound("The source")
    return SourceSort(sort), int(key)


def _account_of(ref: str) -> int:
    """Raises: NotFound, also for a guide: it has no groups and no filters."""
    sort, source_id = _sort_of(ref)
    if sort is not SourceSort.ACCOUNT:
        raise NotFound("The playlist")
    return source_id


def _searched(found: Sequence[GroupAtAccount], search: str) -> list[GroupAtAccount]:
    wanted = fold(search.strip())
    return [group for group in found if wanted in fold(group.group_name)]


def _known(present: Sequence[GroupAtAccount], wanted: Sequence[int]) -> list[int]:
    """Raises: Invalid for none at all, and for one the playlist does not have."""
    if not wanted:
        raise Invalid.one("group_ids", "required", "Choose groups, or all of them.")
    known = {group.group_id for group in present}
    if missing := next((one for one in wanted if one not in known), None):
        raise Invalid.one("group_ids", "does_not_exist", f"The playlist has no group {missing}.", pk=missing)
    return list(dict.fromkeys(wanted))


def _by_ref(rows: Sequence[JobRow]) -> dict[tuple[SourceSort, int], Job]:
    """The refreshes among jobs, by what they refresh; of two the one that runs."""
    found: dict[tuple[SourceSort, int], Job] = {}
    for row in sorted(rows, key=lambda one: one.state is JobState.RUNNING):
        if row.name in REFRESHES:
            sort, field = REFRESHES[row.name]
            payload: dict[str, Any] = msgspec.json.decode(row.payload)
            found[(sort, payload[field])] = Job.of(row)
    return found
