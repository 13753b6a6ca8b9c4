"""Matching channels with guides: have it run, look at what it proposes, take some or all that is certain."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from polycast.core.errors import Invalid
from polycast.core.http import Docs, Route, get, post
from polycast.core.http.pages import size_of
from polycast.core.identity.caller import Caller, Policy, needs
from polycast.core.identity.scopes import Scope
from polycast.core.jobs import Queue
from polycast.core.jobs.wire import Job
from polycast.live.dialects.polycast.channels_wire import Changed, GuideLink
from polycast.live.guide.match import finder, store
from polycast.live.guide.room import Guide
from polycast.live.lineup.edits import GuideChoice
from polycast.live.lineup.numbers import shown

READ: Final[Policy] = needs(Scope.LIVE_READ)
WRITE: Final[Policy] = needs(Scope.LIVE_ADMIN)
TAGS: Final = Docs(tags=["match"])
MOST_CHOICES: Final = 10_000


class Candidate(Struct, frozen=True, kw_only=True):
    """A guide channel that may be the one; `score` 0-1."""

    guide_id: int
    name: str
    tvg_id: str
    source: str
    icon_url: str | None
    score: float
    reasons: list[str]

    @classmethod
    def of(cls, found: finder.Candidate) -> "Candidate":
        return cls(
            guide_id=found.guide_id,
            name=found.name,
            tvg_id=found.tvg_id,
            source=found.source,
            icon_url=found.icon_url or None,
            score=round(found.score / 100, 3),
            reasons=list(found.reasons),
        )


class Suggestion(Struct, frozen=True, kw_only=True):
    """What was found for one channel."""

    channel_id: int
    number: str | None
    name: str
    current: GuideLink | None
    best: Candidate | None
    others: list[Candidate]

    @classmethod
    def of(cls, proposal: store.Proposal) -> "Suggestion":
        current = None
        if proposal.current_id is not None:
            current = GuideLink(id=proposal.current_id, name=proposal.current_name, source=proposal.current_source)
        candidates = [Candidate.of(each) for each in proposal.candidates]
        return cls(
            channel_id=proposal.channel_id,
            number=shown(proposal.number),
            name=proposal.name,
            current=current,
            best=candidates[0] if candidates else None,
            others=candidates[1:],
        )


class SuggestionPage(Struct, frozen=True, kw_only=True):
    """Open proposals, the surest first."""

    items: list[Suggestion]
    next: str | None
    total: int
    certain: int


class MatchAsked(Struct, frozen=True, kw_only=True):
    """Which channels to look at; none named: all without a guide, or with `again` all."""

    ids: list[int] | None = None
    again: bool = False


class MatchChoice(Struct, frozen=True, kw_only=True):
    """A channel and the guide it is to have; null for none."""

    channel_id: int
    guide_id: int | None


class MatchTaken(Struct, frozen=True, kw_only=True):
    """These choices, or with `certain` all proposals that need no look."""

    choices: list[MatchChoice] | None = None
    certain: bool = False


def routes() -> Sequence[Route]:
    """Takes the services `guide` (the guide's room) and `queue`."""
    return [match, proposals, take]


@post("/polycast/v1/live/match", policy=WRITE, sent=MatchAsked, status=202, docs=TAGS)
async def match(caller: Caller, sent: MatchAsked, guide: Guide, queue: Queue) -> Job:
    """Look for guides. Writes proposals, changes no channel."""
    return Job.of(await queue.get(await guide.matching.ask(caller, sent.ids, again=sent.again)))


@get("/polycast/v1/live/match", policy=READ, docs=TAGS)
async def proposals(
    caller: Caller, guide: Guide, cursor: str = "", limit: int = 50, below: float | None = None
) -> SuggestionPage:
    """What the matching proposes."""
    found = await guide.matching.proposals(caller, cursor=cursor, limit=size_of(limit), below=below)
    return SuggestionPage(
        items=[Suggestion.of(each) for each in found.items], next=found.next, total=found.total, certain=found.certain
    )


@post("/polycast/v1/live/match/apply", policy=WRITE, sent=MatchTaken, docs=TAGS)
async def take(caller: Caller, sent: MatchTaken, guide: Guide) -> Changed:
    """Give channels their guides."""
    if (sent.choices is None) != sent.certain:
        raise Invalid.one("choices", "required", "Name choices, or take all that are certain.")
    choices = None
    if sent.choices is not None:
        if len(sent.choices) > MOST_CHOICES:
            raise Invalid.one("choices", "max_items", limit=MOST_CHOICES)
        choices = [GuideChoice(channel_id=each.channel_id, guide_channel_id=each.guide_id) for each in sent.choices]
    return Changed.of(await guide.matching.take(caller, choices))
