"""`/v1/optimization`. Source: specs/library.md 3.23."""

from typing import Annotated, Literal

from msgspec import Meta, field

from polycast.core.http import Route, get, post, put
from polycast.core.identity.caller import Caller
from polycast.library.dialects.v1.policies import ADMIN
from polycast.library.dialects.v1.wire import Out, Sent
from polycast.library.playback.optimizing import Goal, Optimizing, Outlook

Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Device = Literal[
    "apple_tv",
    "android_tv",
    "web",
    "ios",
    "android",
    "roku",
    "smart_tv",
    "playstation",
    "xbox",
    "mac",
    "windows",
    "firestick_select",
]


class Window(Sent, frozen=True, kw_only=True, rename={"from_": "from"}):
    """When work may be done; local time."""

    from_: Clock = "01:00"
    to: Clock = "07:00"


def _web() -> list[Device]:
    return ["web"]


class ProfileIn(Sent, frozen=True, kw_only=True):
    """What people want."""

    enabled: bool = False
    target_devices: Annotated[list[Device], Meta(min_length=1, max_length=12)] = field(default_factory=_web)
    priority: Literal["quality", "balanced", "speed"] = "balanced"
    window: Window = Window()
    max_storage_gb: Annotated[int, Meta(ge=1, le=1_000_000)] = 500


class ProfileOut(Out, frozen=True, kw_only=True):
    """The same, as it is kept."""

    enabled: bool
    target_devices: list[str]
    priority: str
    window: Window
    max_storage_gb: int


class StatusOut(Out, frozen=True, kw_only=True):
    """How far it is."""

    enabled: bool
    total_items: int
    optimized: int
    pending: int
    failed: int
    storage_used: int
    readiness_percent: float
    running: list[str]


class Cell(Out, frozen=True, kw_only=True):
    """A title on a device."""

    media_id: str
    device: str
    covered: bool
    by: str | None
    mode: str


class PlanOut(Out, frozen=True, kw_only=True):
    """What it would take."""

    items: int
    variants: int
    estimated_bytes: int
    estimated_hours: float
    matrix: list[Cell]


@get("/v1/optimization", policy=ADMIN)
async def overview(caller: Caller, optimizing: Optimizing) -> StatusOut:
    """How far it is."""
    return await _status(caller, optimizing)


@get("/v1/optimization/status", policy=ADMIN)
async def status(caller: Caller, optimizing: Optimizing) -> StatusOut:
    """How far it is."""
    return await _status(caller, optimizing)


@get("/v1/optimization/profile", policy=ADMIN)
async def profile(optimizing: Optimizing) -> ProfileOut:
    """What people want."""
    return _profile(await optimizing.goal())


@put("/v1/optimization/profile", policy=ADMIN, sent=ProfileIn)
async def set_profile(optimizing: Optimizing, sent: ProfileIn) -> ProfileOut:
    """Want something else."""
    goal = Goal(
        enabled=sent.enabled,
        target_devices=tuple(dict.fromkeys(sent.target_devices)),
        priority=sent.priority,
        window_from=sent.window.from_,
        window_to=sent.window.to,
        max_storage_gb=sent.max_storage_gb,
    )
    return _profile(await optimizing.set_goal(goal))


@post("/v1/optimization/plan", policy=ADMIN)
async def plan(caller: Caller, optimizing: Optimizing) -> PlanOut:
    """Which titles do not play on which devices without work, and what would change that."""
    found: Outlook = await optimizing.outlook(caller)
    return PlanOut(
        items=found.items,
        variants=found.items,
        estimated_bytes=found.estimated_bytes,
        estimated_hours=round(found.estimated.total_seconds() / 3600, 2),
        matrix=[
            Cell(media_id=one.item, device=one.device, covered=False, by=None, mode=one.mode) for one in found.gaps
        ],
    )


def routes() -> list[Route]:
    """Takes the service `optimizing`."""
    return [overview, status, profile, set_profile, plan]


async def _status(caller: Caller, optimizing: Optimizing) -> StatusOut:
    goal, found, counts = await optimizing.goal(), await optimizing.outlook(caller), await optimizing.counts()
    ready = found.total - found.items
    return StatusOut(
        enabled=goal.enabled,
        total_items=found.total,
        optimized=counts.get("ready", (0, 0))[0],
        pending=counts.get("pending", (0, 0))[0],
        failed=counts.get("failed", (0, 0))[0],
        storage_used=sum(size for _, size in counts.values()),
        readiness_percent=round(100 * ready / found.total, 1) if found.total else 100.0,
        running=[],
    )


def _profile(goal: Goal) -> ProfileOut:
    return ProfileOut(
        enabled=goal.enabled,
        target_devices=list(goal.target_devices),
        priority=goal.priority,
        window=Window(from_=goal.window_from, to=goal.window_to),
        max_storage_gb=goal.max_storage_gb,
    )
