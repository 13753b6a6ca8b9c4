"""What the host and its people decide about transcoding. Source: specs/library.md 3.18."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct


def _meta(title: str, description: str, *, unit: str = "", restart: bool = False, **limits: Any) -> Meta:
    return Meta(title=title, description=description, extra={"unit": unit, "restart": restart}, **limits)


Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]


class TranscodingSettings(Struct, frozen=True, kw_only=True):
    """`POLYCAST_LIBRARY__TRANSCODING__...`."""

    gpu: Annotated[bool, _meta("Graphics card", "Encode on the graphics card where there is one.")] = True
    multi_quality: Annotated[
        bool, _meta("Adaptive quality", "Offer several qualities that players change between.")
    ] = False
    tiers: Annotated[int, _meta("Qualities", "How many are offered at most.", ge=1, le=6)] = 4
    crf: Annotated[int, _meta("Quality", "Lower is better and larger.", ge=0, le=51)] = 23
    preset: Annotated[Preset, _meta("Speed", "Slower is smaller at the same quality.")] = "superfast"
    sessions: Annotated[
        int, _meta("Transcodes", "How many run at once; 0 for what the processors carry.", ge=0, le=64)
    ] = 0
    cache_bytes: Annotated[
        int, _meta("Cache", "How much disk finished segments may take.", unit="bytes", restart=True, ge=64 * 1024**2)
    ] = 20 * 1024**3
