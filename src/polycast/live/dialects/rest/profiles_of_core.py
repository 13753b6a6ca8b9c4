"""`/api/core/streamprofiles/` and `/api/core/outputprofiles/`: how streams are read, and how they are delivered."""

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, prose, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.wire import sent_fields
from polycast.live.preferences.model import OutputProfile, StreamProfile
from polycast.live.preferences.profiles import OutputProfiles, StreamProfiles

STREAM = "/api/core/streamprofiles/"
OUTPUT = "/api/core/outputprofiles/"
TAGS = Docs(tags=["core"])

Name = Annotated[str, line(255)]
Command = Annotated[str, line(255, blank=True)]
Parameters = Annotated[str, prose(4096)]


class StreamProfileOut(Struct, frozen=True, kw_only=True):
    """How the bytes of a stream are read."""

    id: int
    name: str
    command: str
    parameters: str
    is_active: bool
    user_agent: int | None
    locked: bool

    @classmethod
    def of(cls, profile: StreamProfile) -> "StreamProfileOut":
        return cls(
            id=profile.id,
            name=profile.name,
            command=profile.command,
            parameters=profile.parameters,
            is_active=profile.is_active,
            user_agent=profile.user_agent_id,
            locked=profile.locked,
        )


class StreamProfileIn(Struct, frozen=True, kw_only=True):
    """A stream profile, new or in full; `locked` is ours to say."""

    name: Name
    command: Command = ""
    parameters: Parameters = ""
    is_active: bool = True
    user_agent: int | None = None


class StreamProfilePatch(Struct, frozen=True, kw_only=True):
    """Absent keeps; a user agent of null takes it away."""

    name: Name | UnsetType = UNSET
    command: Command | UnsetType = UNSET
    parameters: Parameters | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    user_agent: int | None | UnsetType = UNSET


class OutputProfileOut(Struct, frozen=True, kw_only=True):
    """A transcode before delivery."""

    id: int
    name: str
    command: str
    parameters: str
    is_active: bool
    locked: bool

    @classmethod
    def of(cls, profile: OutputProfile) -> "OutputProfileOut":
        return cls(**{name: getattr(profile, name) for name in cls.__struct_fields__})


class OutputProfileIn(Struct, frozen=True, kw_only=True):
    """An output profile, new or in full."""

    name: Name
    command: Annotated[str, line(255)]
    parameters: Annotated[str, prose(4096, blank=False)]
    is_active: bool = True


class OutputProfilePatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    name: Name | UnsetType = UNSET
    command: Annotated[str, line(255)] | UnsetType = UNSET
    parameters: Annotated[str, prose(4096, blank=False)] | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


def routes() -> list[Route]:
    """Both collections."""
    of_streams = [streams, stream, new_stream, replace_stream, change_stream, remove_stream]
    return [*of_streams, outputs, output, new_output, replace_output, change_output, remove_output]


@get(STREAM, policy=READ, docs=TAGS)
async def streams(
    request: Request, stream_profiles: StreamProfiles, lists: Lists
) -> list[StreamProfileOut] | Envelope[StreamProfileOut]:
    """All stream profiles."""
    return await lists.bare(request, [StreamProfileOut.of(one) for one in await stream_profiles.list()])


@get(f"{STREAM}{{profile_id}}/", policy=READ, docs=TAGS)
async def stream(profile_id: int, stream_profiles: StreamProfiles) -> StreamProfileOut:
    """One stream profile."""
    return StreamProfileOut.of(await stream_profiles.get(profile_id))


@post(STREAM, policy=WRITE, sent=StreamProfileIn, status=201, docs=TAGS)
async def new_stream(caller: Caller, sent: StreamProfileIn, stream_profiles: StreamProfiles) -> StreamProfileOut:
    """Add a stream profile."""
    return StreamProfileOut.of(await stream_profiles.create(caller, _stream_values(sent)))


@put(f"{STREAM}{{profile_id}}/", policy=WRITE, sent=StreamProfileIn, docs=TAGS)
async def replace_stream(
    caller: Caller, profile_id: int, sent: StreamProfileIn, stream_profiles: StreamProfiles
) -> StreamProfileOut:
    """Change a stream profile in full."""
    return StreamProfileOut.of(await stream_profiles.update(caller, profile_id, _stream_values(sent)))


@patch(f"{STREAM}{{profile_id}}/", policy=WRITE, sent=StreamProfilePatch, docs=TAGS)
async def change_stream(
    caller: Caller, profile_id: int, sent: StreamProfilePatch, stream_profiles: StreamProfiles
) -> StreamProfileOut:
    """Change what is named; of a built-in profile only the user agent."""
    return StreamProfileOut.of(await stream_profiles.update(caller, profile_id, _stream_values(sent)))


@delete(f"{STREAM}{{profile_id}}/", policy=WRITE, status=204, docs=TAGS)
async def remove_stream(caller: Caller, profile_id: int, stream_profiles: StreamProfiles) -> None:
    """Remove a stream profile that is not built in."""
    await stream_profiles.delete(caller, profile_id)


@get(OUTPUT, policy=READ, docs=TAGS)
async def outputs(
    request: Request, output_profiles: OutputProfiles, lists: Lists
) -> list[OutputProfileOut] | Envelope[OutputProfileOut]:
    """All output profiles."""
    return await lists.bare(request, [OutputProfileOut.of(one) for one in await output_profiles.list()])


@get(f"{OUTPUT}{{profile_id}}/", policy=READ, docs=TAGS)
async def output(profile_id: int, output_profiles: OutputProfiles) -> OutputProfileOut:
    """One output profile."""
    return OutputProfileOut.of(await output_profiles.get(profile_id))


@post(OUTPUT, policy=WRITE, sent=OutputProfileIn, status=201, docs=TAGS)
async def new_output(caller: Caller, sent: OutputProfileIn, output_profiles: OutputProfiles) -> OutputProfileOut:
    """Add an output profile."""
    return OutputProfileOut.of(await output_profiles.create(caller, sent_fields(sent)))


@put(f"{OUTPUT}{{profile_id}}/", policy=WRITE, sent=OutputProfileIn, docs=TAGS)
async def replace_output(
    caller: Caller, profile_id: int, sent: OutputProfileIn, output_profiles: OutputProfiles
) -> OutputProfileOut:
    """Change an output profile in full."""
    return OutputProfileOut.of(await output_profiles.update(caller, profile_id, sent_fields(sent)))


@patch(f"{OUTPUT}{{profile_id}}/", policy=WRITE, sent=OutputProfilePatch, docs=TAGS)
async def change_output(
    caller: Caller, profile_id: int, sent: OutputProfilePatch, output_profiles: OutputProfiles
) -> OutputProfileOut:
    """Change what is named."""
    return OutputProfileOut.of(await output_profiles.update(caller, profile_id, sent_fields(sent)))


@delete(f"{OUTPUT}{{profile_id}}/", policy=WRITE, status=204, docs=TAGS)
async def remove_output(caller: Caller, profile_id: int, output_profiles: OutputProfiles) -> None:
    """Remove an output profile."""
    await output_profiles.delete(caller, profile_id)


def _stream_values(sent: StreamProfileIn | StreamProfilePatch) -> dict[str, object]:
    return sent_fields(sent, {"user_agent": "user_agent_id"})
