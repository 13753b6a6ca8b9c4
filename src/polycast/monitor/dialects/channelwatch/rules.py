"""Rules, silences, quiet hours, named policies, templates: what people set up. Source: specs/monitor.md 3.12, 5.13."""

from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound
from polycast.core.http import Docs, Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.monitor.alerts.rulebook import Rulebook
from polycast.monitor.alerts.rules import Match, Rule, RuleBody, Silence
from polycast.monitor.alerts.templates import BadTemplate, problems_of, render
from polycast.monitor.dialects.channelwatch import wire
from polycast.monitor.dialects.channelwatch.gate import OPERATOR, reads, writes
from polycast.monitor.history.model import Filter
from polycast.monitor.history.service import History
from polycast.monitor.preferences.model import Quiet
from polycast.monitor.preferences.policies import POLICIES, policy_of
from polycast.monitor.preferences.service import PreferencesBook

TAGS = Docs(tags=["Monitor"])
PREVIEWED: Final = 500


class DryRun(Struct, frozen=True, kw_only=True):
    """What a rule would have told."""

    looked_at: int
    matches: list[wire.ActivityItem]


class RuleNew(Struct, frozen=True, kw_only=True):
    name: str
    body: RuleBody = RuleBody()
    enabled: bool = True


class RulePatch(Struct, frozen=True, kw_only=True):
    name: str | None = None
    body: RuleBody | None = None
    enabled: bool | None = None


class SilenceNew(Struct, frozen=True, kw_only=True):
    match: Match = Match()
    until: datetime
    comment: str = ""


class TemplateTry(Struct, frozen=True, kw_only=True):
    template: Annotated[str, Meta(max_length=20_000)]
    values: dict[str, str | int | bool | list[str]] = {}


class PolicyChoice(Struct, frozen=True, kw_only=True):
    policy: str


@get("/api/v1/monitor/rules", policy=reads(), docs=TAGS)
async def rules_listed(rules: Rulebook) -> list[Rule]:
    """Rules of people's own."""
    return rules.rules


@post("/api/v1/monitor/rules", policy=writes(OPERATOR), sent=RuleNew, status=201, docs=TAGS)
async def rule_add(caller: Caller, rules: Rulebook, sent: RuleNew) -> Rule:
    """One more rule."""
    return await rules.add(caller, sent.name, sent.body, enabled=sent.enabled)


@patch("/api/v1/monitor/rules/{rule_id}", policy=writes(OPERATOR), sent=RulePatch, docs=TAGS)
async def rule_change(caller: Caller, rules: Rulebook, rule_id: int, sent: RulePatch) -> Rule:
    """Change what is sent."""
    return await rules.change(caller, rule_id, name=sent.name, body=sent.body, enabled=sent.enabled)


@delete("/api/v1/monitor/rules/{rule_id}", policy=writes(OPERATOR), status=204, docs=TAGS)
async def rule_remove(caller: Caller, rules: Rulebook, rule_id: int) -> None:
    """Gone."""
    await rules.remove(caller, rule_id)


@post("/api/v1/monitor/rules/preview", policy=writes(OPERATOR), sent=RuleBody, docs=TAGS)
async def rule_preview(caller: Caller, rules: Rulebook, told: History, sent: RuleBody) -> DryRun:
    """What the rule would have told, of the last 500 lines of history. Nothing is sent."""
    return await _dry_run(caller, rules, told, sent)


async def _dry_run(caller: Caller, rules: Rulebook, told: History, body: RuleBody) -> DryRun:
    page = await told.page(caller, Filter(is_test=False), offset=0, limit=PREVIEWED)
    found = await rules.preview(caller, body, page.items)
    return DryRun(looked_at=len(page.items), matches=[wire.ActivityItem.of(one) for one in found])


@post("/api/v1/monitor/rules/{rule_id}/preview", policy=writes(OPERATOR), docs=TAGS)
async def rule_replay(caller: Caller, rules: Rulebook, told: History, rule_id: int) -> DryRun:
    """What a rule that is there would have told."""
    found = next((one for one in rules.rules if one.id == rule_id), None)
    if found is None:
        raise NotFound("The rule")
    return await _dry_run(caller, rules, told, found.body)


@get("/api/v1/monitor/silences", policy=reads(), docs=TAGS)
async def silences(rules: Rulebook, clock: Clock) -> list[Silence]:
    """What is kept quiet now."""
    return [one for one in rules.silences if one.ends_at > clock.now()]


@post("/api/v1/monitor/silences", policy=writes(OPERATOR), sent=SilenceNew, status=201, docs=TAGS)
async def silence_add(caller: Caller, rules: Rulebook, sent: SilenceNew) -> Silence:
    """Keep quiet what matches, until then."""
    return await rules.silence(caller, sent.match, until=sent.until, comment=sent.comment)


@delete("/api/v1/monitor/silences/{silence_id}", policy=writes(OPERATOR), status=204, docs=TAGS)
async def silence_end(caller: Caller, rules: Rulebook, silence_id: int) -> None:
    """Loud again."""
    await rules.end_silence(caller, silence_id)


@get("/api/v1/monitor/quiet-hours", policy=reads(), docs=TAGS)
async def quiet_hours(book: PreferencesBook) -> list[Quiet]:
    """When destinations are left alone."""
    return list((await book.load()).known.quiet_hours)


@put("/api/v1/monitor/quiet-hours", policy=writes(OPERATOR), sent=list[Quiet], docs=TAGS)
async def quiet_hours_put(caller: Caller, book: PreferencesBook, sent: list[Quiet]) -> list[Quiet]:
    """All of them at once."""
    stored = await book.change(caller, {"quiet_hours": sent})
    return list(stored.known.quiet_hours)


@get("/api/v1/monitor/alert-policy", policy=reads(), docs=TAGS)
async def alert_policy(book: PreferencesBook) -> dict[str, Any]:
    """Which named policy the switches match."""
    return {"policy": policy_of((await book.load()).known), "policies": [*POLICIES, "custom"]}


@put("/api/v1/monitor/alert-policy", policy=writes(OPERATOR), sent=PolicyChoice, docs=TAGS)
async def alert_policy_put(caller: Caller, book: PreferencesBook, sent: PolicyChoice) -> dict[str, Any]:
    """Set all switches as a named policy has them."""
    if sent.policy not in POLICIES:
        raise Invalid.one("policy", "not_a_choice", f"One of {', '.join(POLICIES)}.")
    await book.change(caller, POLICIES[sent.policy])
    return {"policy": sent.policy, "policies": [*POLICIES, "custom"]}


@post("/api/v1/monitor/templates/preview", policy=writes(OPERATOR), sent=TemplateTry, docs=TAGS)
async def template_preview(sent: TemplateTry) -> dict[str, Any]:
    """What a template makes of sample values; nothing is sent."""
    problems = [{"position": at, "text": text} for at, text in problems_of(sent.template)]
    try:
        return {"text": render(sent.template, sent.values), "problems": problems}
    except BadTemplate:
        return {"text": None, "problems": problems or [{"position": 0, "text": "nothing is left of it"}]}


def routes() -> list[Route]:
    """For the dialect."""
    return [
        rules_listed,
        rule_add,
        rule_change,
        rule_remove,
        rule_preview,
        rule_replay,
        silences,
        silence_add,
        silence_end,
        quiet_hours,
        quiet_hours_put,
        alert_policy,
        alert_policy_put,
        template_preview,
    ]
