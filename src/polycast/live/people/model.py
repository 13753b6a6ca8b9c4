"""A user, as live TV sees them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType, field

from polycast.core.identity.keys.model import ApiKey
from polycast.core.identity.scopes import Role
from polycast.core.identity.users.model import User
from polycast.live.lineup.model import Viewer

LEVEL_OF_ROLE: Final[Mapping[Role, int]] = {
    Role.OWNER: 10,
    Role.ADMIN: 10,
    Role.OPERATOR: 10,
    Role.MEMBER: 1,
    Role.GUEST: 0,
    Role.RESELLER: 0,
    Role.BROADCASTER: 0,
}


ROLE_OF_LEVEL: Final[Mapping[int, Role]] = {10: Role.ADMIN, 1: Role.MEMBER, 0: Role.GUEST}


class Person(Struct, frozen=True, kw_only=True):
    """Properties of a user; all defaults when there is no row."""

    user_id: int
    stream_limit: int = 0  # concurrent streams; 0: no limit
    first_name: str = ""
    last_name: str = ""
    custom_properties: Mapping[str, Any] = {}
    avatar_config: Mapping[str, Any] = field(default_factory=lambda: {"style": "circle"})
    profile_ids: frozenset[int] = frozenset()  # channel profiles; empty: all that the level permits

    def viewer(self, role: Role | None) -> Viewer:
        """What they may see of the line-up."""
        return Viewer(
            level=0 if role is None else LEVEL_OF_ROLE[role],
            hides_adult=self.custom_properties.get("hide_adult_content") is True,
            profile_ids=self.profile_ids,
        )


class Member(Struct, frozen=True, kw_only=True):
    """A user of the house with what they have here."""

    user: User
    person: Person
    has_player_password: bool
    keys: Sequence[ApiKey]

    @property
    def level(self) -> int:
        """0, 1 or 10."""
        return LEVEL_OF_ROLE[self.user.role]


class MemberForm(Struct, frozen=True, kw_only=True):
    """A user, new or changed. UNSET keeps."""

    username: str | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    password: str | UnsetType = UNSET
    level: int | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    stream_limit: int | UnsetType = UNSET
    profile_ids: Sequence[int] | UnsetType = UNSET
    custom_properties: Mapping[str, Any] | UnsetType = UNSET
    avatar_config: Mapping[str, Any] | UnsetType = UNSET
    replaces_properties: bool = False  # else they are merged
