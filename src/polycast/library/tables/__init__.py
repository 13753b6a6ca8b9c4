"""All tables of the media library. `METADATA` is what the module hands to the house."""

from polycast.library.tables import catalogue, collections, connections, family, members, playback, podcasts, work
from polycast.library.tables.base import METADATA

__all__ = ["METADATA", "catalogue", "collections", "connections", "family", "members", "playback", "podcasts", "work"]
