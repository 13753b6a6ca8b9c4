"""What the host decides about acquisition."""

from msgspec import Struct


class AcquireSettings(Struct, frozen=True, kw_only=True):
    """`POLYCAST_ACQUIRE__...`, `[acquire]` in polycast.toml."""
