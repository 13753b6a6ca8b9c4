"""Streams with the profiles they can be played through."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row, select

from polycast.core.storage import Unit
from polycast.live.tables import account_profiles, accounts, channel_streams, streams, user_agents

_WAYS: Final = (
    select(
        streams.c.id.label("stream_id"),
        streams.c.name.label("stream_name"),
        streams.c.account_id,
        streams.c.url,
        streams.c.url_sealed,
        streams.c.provider_id,
        streams.c.attributes,
        streams.c.is_custom,
        streams.c.stream_profile_id,
        account_profiles.c.id.label("profile_id"),
        account_profiles.c.max_streams,
        account_profiles.c.search_pattern,
        account_profiles.c.replace_pattern,
    )
    .join(accounts, accounts.c.id == streams.c.account_id)
    .join(account_profiles, account_profiles.c.account_id == accounts.c.id)
    .where(streams.c.enabled.is_(True), accounts.c.is_active.is_(True), account_profiles.c.is_active.is_(True))
)
_DEFAULT_FIRST: Final = (account_profiles.c.is_default.desc(), account_profiles.c.id)


class UpstreamStore:
    """Rows behind `Upstream`."""

    def of_channel(self, unit: Unit, channel_id: int) -> list[Row[Any]]:
        query = (
            _WAYS.join(channel_streams, channel_streams.c.stream_id == streams.c.id)
            .where(channel_streams.c.channel_id == channel_id)
            .order_by(channel_streams.c.position, channel_streams.c.stream_id, *_DEFAULT_FIRST)
        )
        return list(unit.execute(query).all())

    def of_stream(self, unit: Unit, stream_id: int) -> list[Row[Any]]:
        return list(unit.execute(_WAYS.where(streams.c.id == stream_id).order_by(*_DEFAULT_FIRST)).all())

    def accounts(self, unit: Unit, ids: Collection[int]) -> list[Row[Any]]:
        """With their user agents' texts as `user_agent`."""
        query = select(accounts, user_agents.c.user_agent.label("user_agent")).outerjoin(
            user_agents, user_agents.c.id == accounts.c.user_agent_id
        )
        return list(unit.execute(query.where(accounts.c.id.in_(ids))).all())
