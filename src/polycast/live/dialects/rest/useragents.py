"""`/api/core/useragents/`: what requests to providers call themselves."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.wire import sent_fields
from polycast.live.preferences.model import UserAgent
from polycast.live.preferences.profiles import UserAgents

ROOT = "/api/core/useragents/"
TAGS = Docs(tags=["core"])


class UserAgentOut(Struct, frozen=True, kw_only=True):
    """A user agent."""

    id: int
    name: str
    user_agent: str
    description: str
    is_active: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, agent: UserAgent) -> "UserAgentOut":
        return cls(**{name: getattr(agent, name) for name in cls.__struct_fields__})


class UserAgentIn(Struct, frozen=True, kw_only=True):
    """A user agent, new or in full."""

    name: Annotated[str, line(512)]
    user_agent: Annotated[str, line(512)]
    description: Annotated[str, line(255, blank=True)] | None = ""
    is_active: bool = True


class UserAgentPatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    name: Annotated[str, line(512)] | UnsetType = UNSET
    user_agent: Annotated[str, line(512)] | UnsetType = UNSET
    description: Annotated[str, line(255, blank=True)] | None | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


def routes() -> list[Route]:
    """List, one, new, in full, in part, gone."""
    return [many, one, new, replace, change, remove]


@get(ROOT, policy=READ, docs=TAGS)
async def many(request: Request, user_agents: UserAgents, lists: Lists) -> list[UserAgentOut] | Envelope[UserAgentOut]:
    """All user agents."""
    return await lists.bare(request, [UserAgentOut.of(agent) for agent in await user_agents.list()])


@get(f"{ROOT}{{agent_id}}/", policy=READ, docs=TAGS)
async def one(agent_id: int, user_agents: UserAgents) -> UserAgentOut:
    """One user agent."""
    return UserAgentOut.of(await user_agents.get(agent_id))


@post(ROOT, policy=WRITE, sent=UserAgentIn, status=201, docs=TAGS)
async def new(caller: Caller, sent: UserAgentIn, user_agents: UserAgents) -> UserAgentOut:
    """Add a user agent."""
    return UserAgentOut.of(await user_agents.create(caller, _values(sent)))


@put(f"{ROOT}{{agent_id}}/", policy=WRITE, sent=UserAgentIn, docs=TAGS)
async def replace(caller: Caller, agent_id: int, sent: UserAgentIn, user_agents: UserAgents) -> UserAgentOut:
    """Change a user agent in full."""
    return UserAgentOut.of(await user_agents.update(caller, agent_id, _values(sent)))


@patch(f"{ROOT}{{agent_id}}/", policy=WRITE, sent=UserAgentPatch, docs=TAGS)
async def change(caller: Caller, agent_id: int, sent: UserAgentPatch, user_agents: UserAgents) -> UserAgentOut:
    """Change what is named."""
    return UserAgentOut.of(await user_agents.update(caller, agent_id, _values(sent)))


@delete(f"{ROOT}{{agent_id}}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, agent_id: int, user_agents: UserAgents) -> None:
    """Remove a user agent."""
    await user_agents.delete(caller, agent_id)


def _values(sent: UserAgentIn | UserAgentPatch) -> dict[str, object]:
    values = sent_fields(sent)
    return {name: "" if value is None else value for name, value in values.items()}
