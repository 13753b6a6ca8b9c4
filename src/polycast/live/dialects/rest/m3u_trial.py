"""`/api/m3u/accounts/`: trying out what is about to be added, and what a refresh would do. Ours, not the original's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid, Problem
from polycast.core.http import Docs, Route, post
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import COSTLY
from polycast.live.providers.xtream.client import BadPanel
from polycast.live.sources.model import AccountType
from polycast.live.sources.refresh.dry_run import DryRun, GroupChange
from polycast.live.sources.refresh.scan import TooManySlow
from polycast.live.sources.refresh.sniff import NoPlaylist
from polycast.live.sources.refresh.work import NothingUsable
from polycast.live.sources.room import Sources
from polycast.live.sources.trial import Found, SourceTrials, TrialKind

TAGS: Final = Docs(tags=["m3u"])
KINDS: Final[Mapping[str, TrialKind]] = {
    AccountType.PLAYLIST: TrialKind.PLAYLIST,
    AccountType.XTREAM: TrialKind.XTREAM,
    AccountType.HDHOMERUN: TrialKind.HDHOMERUN,
}


class AccountTest(Struct, frozen=True, kw_only=True):
    """An account that is not saved yet, spelled as for saving."""

    account_type: str = AccountType.PLAYLIST.value
    server_url: str = ""
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "AccountTest()"


class AccountFound(Struct, frozen=True, kw_only=True):
    """What the provider answered; null for what it did not tell."""

    success: bool
    message: str
    stream_count: int | None
    group_count: int | None
    max_streams: int | None
    exp_date: datetime | None

    @classmethod
    def of(cls, found: Found) -> "AccountFound":
        return cls(
            success=found.ok,
            message=found.text,
            stream_count=found.streams,
            group_count=found.groups,
            max_streams=found.max_streams,
            exp_date=found.expires_at,
        )


class GroupOfRun(Struct, frozen=True, kw_only=True):
    """A group that is new, or that has new streams."""

    name: str
    enabled: bool
    is_new: bool
    streams_added: int

    @classmethod
    def of(cls, group: GroupChange) -> "GroupOfRun":
        return cls(name=group.name, enabled=group.enabled, is_new=group.is_new, streams_added=group.added)


class DryRunOut(Struct, frozen=True, kw_only=True):
    """What a refresh would do. `streams_removed` are those it would mark as stale first."""

    entries: int
    streams_added: int
    streams_changed: int
    streams_unchanged: int
    streams_removed: int
    filtered: int
    duplicates: int
    rejected: dict[str, int]
    groups: list[GroupOfRun]
    added_names: list[str]
    removed_names: list[str]
    would_hold: bool

    @classmethod
    def of(cls, run: DryRun) -> "DryRunOut":
        return cls(
            entries=run.entries,
            streams_added=run.added,
            streams_changed=run.changed,
            streams_unchanged=run.unchanged,
            streams_removed=run.removed,
            filtered=run.filtered,
            duplicates=run.duplicates,
            rejected=run.rejected,
            groups=[GroupOfRun.of(group) for group in run.groups],
            added_names=run.added_names,
            removed_names=run.removed_names,
            would_hold=run.would_hold,
        )


def routes() -> list[Route]:
    """Takes the services `sources` and `trials`."""
    return [test, dry_run]


@post("/api/m3u/accounts/test/", policy=COSTLY, sent=AccountTest, docs=TAGS)
async def test(caller: Caller, sent: AccountTest, trials: SourceTrials) -> AccountFound:
    """Look at an account before it is saved. What goes wrong at the provider is told with `success: false`."""
    kind = KINDS.get(sent.account_type)
    if kind is None:
        raise Invalid.one("account_type", "not_a_choice", value=sent.account_type)
    try:
        found = await trials.look(caller, kind, url=sent.server_url, username=sent.username, password=sent.password)
    except Invalid as error:
        raise Invalid([_renamed(problem) for problem in error.problems]) from error
    return AccountFound.of(found)


@post("/api/m3u/accounts/{account_id}/dry-run/", policy=COSTLY, docs=TAGS)
async def dry_run(caller: Caller, account_id: int, sources: Sources) -> DryRunOut:
    """Fetch and compare like a refresh, and write nothing."""
    try:
        return DryRunOut.of(await sources.dry_runs.of(caller, account_id))
    except (NoPlaylist, NothingUsable, BadPanel, TooManySlow) as error:
        raise Refused(error.message) from error


def _renamed(problem: Problem) -> Problem:
    """The trial's `url` is our `server_url`."""
    path = "server_url" if problem.path == "url" else problem.path
    return Problem(path, problem.code, problem.params, problem.text)
