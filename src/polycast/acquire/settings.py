"""What the host decides about acquisition."""

from typing import Annotated

from msgspec import Meta, Struct

from polycast.acquire.config.environment import PREFIXES
from polycast.core.settings import SecretText


class AcquireSettings(Struct, frozen=True, kw_only=True):
    """`POLYCAST_ACQUIRE__...`; everything else is the document behind `/api/config`."""

    fixed: Annotated[
        SecretText,
        Meta(
            title="Fixed by the host",
            description="Values of the configuration that environment variables set (DECYPHARR_..., POLYCAST_ACQUIRE__...).",
            extra={"host": True, "env_prefixes": PREFIXES},
        ),
    ] = SecretText("")
