"""`/v1/parental-controls`. Source: specs/library.md 3.13."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from polycast.core.errors import NotFound
from polycast.core.http import Route, delete, get, patch, post, put
from polycast.core.identity.caller import Caller, Policy, RateClass
from polycast.core.identity.scopes import Scope
from polycast.library.catalogue.model import Kind
from polycast.library.dialects.v1.policies import USER
from polycast.library.dialects.v1.wire import Out, PageOf, Sent, day, iso, iso_or_none
from polycast.library.family.service import Family, Profile

Pin = Annotated[str, Meta(pattern=r"^\d{4,8}$")]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Age = Annotated[int, Meta(ge=0, le=21)]
Clock24 = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Minutes = Annotated[int, Meta(ge=1, le=1440)]
TRY = Policy(scope=Scope.LIBRARY_PLAY, rate=RateClass.SIGN_IN)
KINDS = {"movie": Kind.MOVIE, "show": Kind.SHOW}


class ProfileOut(Out, frozen=True, kw_only=True):
    """A managed profile."""

    id: str
    name: str
    avatar: str | None
    max_age: int | None
    block_unrated: bool
    rating_country: str
    kids_ui: bool
    has_pin: bool
    allowed_library_ids: list[str] | None
    daily_limit_minutes: int | None
    bedtime: dict[str, str] | None
    is_active: bool  # in the session that asks
    created_at: str

    @classmethod
    def of(cls, one: Profile, active: int | None) -> "ProfileOut":
        return cls(
            id=one.nanoid, name=one.name, avatar=one.avatar or None, max_age=one.max_age,
            block_unrated=one.block_unrated, rating_country=one.rating_country, kids_ui=one.kids_ui,
            has_pin=one.has_pin, allowed_library_ids=one.allowed_libraries, daily_limit_minutes=one.daily_limit,
            bedtime={"from": one.bedtime_from, "to": one.bedtime_to} if one.bedtime_from else None,
            is_active=one.id == active, created_at=iso(one.created_at),
        )  # fmt: skip


class ProfileIn(Sent, frozen=True, kw_only=True):
    """A profile to be made."""

    name: Name
    avatar: Annotated[str, Meta(max_length=200)] | None = None
    max_age: Age | None = None
    block_unrated: bool = False
    rating_country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] = "US"
    kids_ui: bool = False
    pin: Pin | None = None
    allowed_library_ids: Annotated[list[Id], Meta(max_length=200)] | None = None
    daily_limit_minutes: Minutes | None = None
    bedtime: dict[Literal["from", "to"], Clock24] | None = None


class ProfileChange(Sent, frozen=True, kw_only=True):
    """What to change; absent keeps."""

    name: Name | UnsetType = UNSET
    avatar: Annotated[str, Meta(max_length=200)] | None | UnsetType = UNSET
    max_age: Age | None | UnsetType = UNSET
    block_unrated: bool | UnsetType = UNSET
    rating_country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] | UnsetType = UNSET
    kids_ui: bool | UnsetType = UNSET
    allowed_library_ids: Annotated[list[Id], Meta(max_length=200)] | None | UnsetType = UNSET
    daily_limit_minutes: Minutes | None | UnsetType = UNSET
    bedtime: dict[Literal["from", "to"], Clock24] | None | UnsetType = UNSET


class PinIn(Sent, frozen=True, kw_only=True):
    """A PIN to be set; null takes it away."""

    profile_id: Id | None = None
    pin: Pin | None
    current_pin: Annotated[str, Meta(max_length=200)] | None = None


class VerifyIn(Sent, frozen=True, kw_only=True):
    """A PIN to be tried."""

    profile_id: Id | None = None
    pin: Annotated[str, Meta(max_length=20)]


class VerifyOut(Out, frozen=True, kw_only=True, omit_defaults=True):
    """Whether it was right."""

    valid: bool
    unlock_token: str | None = None
    expires_at: str | None = None
    attempts_left: int | None = None


class SwitchIn(Sent, frozen=True, kw_only=True):
    """Whom to act as; null for oneself."""

    profile_id: Id | None
    pin: Annotated[str, Meta(max_length=20)] | None = None


class SwitchOut(Out, frozen=True, kw_only=True):
    """Whom the session acts as now."""

    active_profile: ProfileOut | None


class Ok(Out, frozen=True, kw_only=True):
    """It is done."""

    ok: bool = True


class RestrictionIn(Sent, frozen=True, kw_only=True):
    """An exception from the rule."""

    action: Literal["allow", "block"]


class RestrictionOut(Out, frozen=True, kw_only=True):
    """An exception from the rule."""

    action: str
    media_type: str = ""
    media_id: str = ""
    title: str = ""


class DayOut(Out, frozen=True, kw_only=True):
    """Minutes of one day."""

    date: str
    minutes: int


class ScreenTime(Out, frozen=True, kw_only=True):
    """How long a profile has watched."""

    daily_limit_minutes: int | None
    today_minutes: int
    days: list[DayOut]


@post("/v1/parental-controls/pin", policy=TRY, sent=PinIn)
async def set_pin(caller: Caller, family: Family, sent: PinIn) -> Ok:
    """Set, change or take away a PIN."""
    await family.set_pin(caller, sent.profile_id, sent.pin, current=sent.current_pin)
    return Ok()


@post("/v1/parental-controls/pin/verify", policy=TRY, sent=VerifyIn)
async def verify(caller: Caller, family: Family, sent: VerifyIn) -> VerifyOut:
    """Whether a PIN is right."""
    found = await family.verify(caller, sent.profile_id, sent.pin)
    if not found.valid:
        return VerifyOut(valid=False, attempts_left=found.attempts_left)
    return VerifyOut(valid=True, unlock_token=found.unlock_token, expires_at=iso_or_none(found.expires_at))


@get("/v1/parental-controls/profiles", policy=USER)
async def profiles(caller: Caller, family: Family) -> PageOf[ProfileOut]:
    """The profiles of the caller's account."""
    return PageOf(items=[ProfileOut.of(one, caller.profile_id) for one in await family.all(caller)])


@post("/v1/parental-controls/profiles", policy=USER, sent=ProfileIn, status=201)
async def create(caller: Caller, family: Family, sent: ProfileIn) -> ProfileOut:
    """Make a profile."""
    values = {name: getattr(sent, name) for name in ProfileIn.__struct_fields__ if name != "pin"}
    return ProfileOut.of(await family.create(caller, _stored(values), pin=sent.pin), caller.profile_id)


@patch("/v1/parental-controls/profiles/{profile_id}", policy=USER, sent=ProfileChange)
async def change(caller: Caller, family: Family, profile_id: str, sent: ProfileChange) -> ProfileOut:
    """Change a profile."""
    told = {name: value for name in ProfileChange.__struct_fields__ if (value := getattr(sent, name)) is not UNSET}
    return ProfileOut.of(await family.change(caller, profile_id, _stored(told)), caller.profile_id)


@delete("/v1/parental-controls/profiles/{profile_id}", policy=USER, status=204)
async def remove(caller: Caller, family: Family, profile_id: str) -> None:
    """Remove a profile and what it has seen."""
    await family.remove(caller, profile_id)


@post("/v1/parental-controls/switch-profile", policy=TRY, sent=SwitchIn)
async def switch(caller: Caller, family: Family, sent: SwitchIn) -> SwitchOut:
    """Act as a profile, or as oneself again."""
    found = await family.switch(caller, sent.profile_id, sent.pin)
    return SwitchOut(active_profile=ProfileOut.of(found, found.id) if found else None)


RESTRICTIONS = "/v1/parental-controls/profiles/{profile_id}/restrictions"


@get(RESTRICTIONS, policy=USER)
async def restrictions(caller: Caller, family: Family, profile_id: str) -> PageOf[RestrictionOut]:
    """All exceptions of a profile."""
    rows = await family.restrictions(caller, profile_id)
    return PageOf(
        items=[
            RestrictionOut(action=row.action, media_type=row.kind, media_id=row.nanoid, title=row.title) for row in rows
        ]
    )


@get(RESTRICTIONS + "/{media_type}/{media_id}", policy=USER)
async def restriction(
    caller: Caller, family: Family, profile_id: str, media_type: str, media_id: str
) -> dict[str, str | None]:
    """The exception for one title."""
    return {"action": await family.restriction(caller, profile_id, _kind(media_type), media_id)}


@put(RESTRICTIONS + "/{media_type}/{media_id}", policy=USER, sent=RestrictionIn)
async def restrict(
    caller: Caller, family: Family, profile_id: str, media_type: str, media_id: str, sent: RestrictionIn
) -> dict[str, str | None]:
    """Always show a title, or never."""
    await family.restrict(caller, profile_id, _kind(media_type), media_id, sent.action)
    return {"action": sent.action}


@delete(RESTRICTIONS + "/{media_type}/{media_id}", policy=USER, status=204)
async def unrestrict(caller: Caller, family: Family, profile_id: str, media_type: str, media_id: str) -> None:
    """Leave a title to the rule."""
    await family.restrict(caller, profile_id, _kind(media_type), media_id, None)


@get("/v1/parental-controls/profiles/{profile_id}/screen-time", policy=USER)
async def screen_time(
    caller: Caller, family: Family, profile_id: str, days: Annotated[int, Meta(ge=1, le=90)] = 7
) -> ScreenTime:
    """How long a profile has watched."""
    profile, found = await family.screen_time(caller, profile_id, days=days)
    told = [DayOut(date=day(one) or "", minutes=minutes) for one, minutes in found]
    return ScreenTime(daily_limit_minutes=profile.daily_limit, today_minutes=told[-1].minutes if told else 0, days=told)


def _kind(word: str) -> Kind:
    if word not in KINDS:
        raise NotFound("The title")
    return KINDS[word]


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    told = dict(values)
    if "allowed_library_ids" in told:
        told["allowed_libraries"] = told.pop("allowed_library_ids")
    if "daily_limit_minutes" in told:
        told["daily_limit"] = told.pop("daily_limit_minutes")
    if "bedtime" in told:
        hours = told.pop("bedtime") or {}
        told |= {"bedtime_from": hours.get("from", ""), "bedtime_to": hours.get("to", "")}
    if "avatar" in told:
        told["avatar"] = told["avatar"] or ""
    return told


def routes() -> list[Route]:
    """In the order of the reference."""
    return [
        set_pin, verify, profiles, create, change, remove, switch, restrictions, restriction, restrict, unrestrict,
        screen_time,
    ]  # fmt: skip
