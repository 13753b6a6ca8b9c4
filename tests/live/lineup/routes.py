"""The routes under test."""

from polycast.core.http import Route
from polycast.live.dialects.polycast import channels as own
from polycast.live.dialects.rest import channels, channels_actions, channels_guide, groups, logos, profiles, streams


def own_routes() -> list[Route]:
    return list(own.routes())


def all_routes() -> list[Route]:
    return [
        route
        for part in (channels, channels_actions, channels_guide, groups, logos, profiles, streams)
        for route in part.routes()
    ]
