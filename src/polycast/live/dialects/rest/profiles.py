"""`/api/channels/profiles/`. Source: `specs/live.md` 2.2, 3.3."""

from typing import Annotated, Final

from msgspec import UNSET, Struct, UnsetType

from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.errors import Refused
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.lineup import model
from polycast.live.lineup.room import LineUp

TAGS: Final = Docs(tags=["channels"])
BULK_LIMIT: Final = 8 * 1024 * 1024  # bytes: a hundred thousand channels switched at once


class Profile(Struct, frozen=True, kw_only=True):
    """A selection of channels: those that are switched on in it."""

    id: int
    name: str
    channels: list[int]

    @classmethod
    def of(cls, profile: model.ChannelProfile) -> "Profile":
        return cls(id=profile.id, name=profile.name, channels=list(profile.channel_ids))


class ProfileName(Struct, frozen=True, kw_only=True):
    """Body of POST and PUT."""

    name: Annotated[str, line(100)]


class ProfileChange(Struct, frozen=True, kw_only=True):
    """Body of PATCH."""

    name: Annotated[str, line(100)] | UnsetType = UNSET


class Enabled(Struct, frozen=True, kw_only=True):
    """Whether a channel is in the profile."""

    enabled: bool = True


class Membership(Struct, frozen=True, kw_only=True):
    """A channel in a profile."""

    channel: int
    enabled: bool


class Switch(Struct, frozen=True, kw_only=True):
    """One channel to be switched."""

    channel_id: int
    enabled: bool = True


class Switches(Struct, frozen=True, kw_only=True):
    """Channels to be switched."""

    channels: list[Switch]


class Switched(Struct, frozen=True, kw_only=True):
    """What became of them."""

    status: str
    updated: int
    created: int
    invalid_channels: list[int]


def routes() -> list[Route]:
    """Channel profiles."""
    return [profile_list, create, one, replace, change, remove, duplicate, switch_many, switch_one]


@get("/api/channels/profiles/", policy=READ, docs=TAGS)
async def profile_list(
    request: Request, caller: Caller, lineup: LineUp, lists: Lists
) -> list[Profile] | Envelope[Profile]:
    """All profiles; users see only their own."""
    found = await lineup.profiles.list(await _own(caller, lineup))
    return await lists.bare(request, [Profile.of(profile) for profile in found])


@post("/api/channels/profiles/", policy=WRITE, sent=ProfileName, status=201, docs=TAGS)
async def create(caller: Caller, lineup: LineUp, sent: ProfileName) -> Profile:
    """Add a profile with every channel in it."""
    return Profile.of(await lineup.profiles.create(caller, sent.name))


@get("/api/channels/profiles/{profile_id}/", policy=READ, docs=TAGS)
async def one(caller: Caller, profile_id: int, lineup: LineUp) -> Profile:
    """One profile."""
    return Profile.of(await lineup.profiles.get(profile_id, await _own(caller, lineup)))


@put("/api/channels/profiles/{profile_id}/", policy=WRITE, sent=ProfileName, docs=TAGS)
async def replace(caller: Caller, profile_id: int, lineup: LineUp, sent: ProfileName) -> Profile:
    """Rename a profile."""
    return Profile.of(await lineup.profiles.update(caller, profile_id, name=sent.name))


@patch("/api/channels/profiles/{profile_id}/", policy=WRITE, sent=ProfileChange, docs=TAGS)
async def change(caller: Caller, profile_id: int, lineup: LineUp, sent: ProfileChange) -> Profile:
    """Rename a profile."""
    name = None if isinstance(sent.name, UnsetType) else sent.name
    return Profile.of(await lineup.profiles.update(caller, profile_id, name=name))


@delete("/api/channels/profiles/{profile_id}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, profile_id: int, lineup: LineUp) -> None:
    """Drop a profile; its channels stay."""
    await lineup.profiles.delete(caller, profile_id)


@post("/api/channels/profiles/{profile_id}/duplicate/", policy=WRITE, sent=ProfileName, status=201, docs=TAGS)
async def duplicate(caller: Caller, profile_id: int, lineup: LineUp, sent: ProfileName) -> Profile:
    """A new profile with the same channels."""
    return Profile.of(await lineup.profiles.duplicate(caller, profile_id, sent.name))


@patch(
    "/api/channels/profiles/{profile_id}/channels/bulk-update/",
    policy=WRITE,
    sent=Switches,
    body_limit=BULK_LIMIT,
    docs=TAGS,
)
async def switch_many(caller: Caller, profile_id: int, lineup: LineUp, sent: Switches) -> Switched:
    """Switch channels on and off, all or none."""
    wanted = {one.channel_id: one.enabled for one in sent.channels}
    unknown = await lineup.profiles.unknown_channels(list(wanted))
    if unknown:
        extra = {"status": "error", "updated": 0, "created": 0, "invalid_channels": unknown}
        raise Refused("Some channels do not exist.", extra=extra)
    updated, created = await lineup.profiles.switch(caller, profile_id, wanted)
    return Switched(status="success", updated=updated, created=created, invalid_channels=[])


@patch("/api/channels/profiles/{profile_id}/channels/{channel_id}/", policy=WRITE, sent=Enabled, docs=TAGS)
async def switch_one(caller: Caller, profile_id: int, channel_id: int, lineup: LineUp, sent: Enabled) -> Membership:
    """Switch one channel on or off."""
    await lineup.channels.get(caller, channel_id)
    await lineup.profiles.switch(caller, profile_id, {channel_id: sent.enabled})
    return Membership(channel=channel_id, enabled=sent.enabled)


async def _own(caller: Caller, lineup: LineUp) -> frozenset[int] | None:
    viewer = await lineup.channels.visible_to(caller)
    return None if viewer.level >= 10 else viewer.profile_ids
