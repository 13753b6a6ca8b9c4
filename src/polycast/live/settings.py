"""What the host decides about live TV; everything people may change is in `preferences/`."""

from typing import Annotated

from msgspec import Meta, Struct

HOST = {"host": True, "restart": True}


class LiveSettings(Struct, frozen=True, kw_only=True):
    """`POLYCAST_LIVE__...`, `[live]` in polycast.toml."""

    scripts: Annotated[
        bool, Meta(title="Scripts", description="Integrations may run scripts of this machine.", extra=HOST)
    ] = False
    plugins: Annotated[bool, Meta(title="Plugins", description="Plugins may be installed and run.", extra=HOST)] = False
    discovery: Annotated[
        bool,
        Meta(
            title="Be found",
            description="Answer programs that look for HDHomeRun tuners on the network of this address.",
            extra={"restart": True},
        ),
    ] = True
    node_address: Annotated[
        str,
        Meta(
            title="Address between nodes",
            description="Where the other nodes of a cluster reach this one, as http://host:port; empty: by its host name.",
            pattern=r"^(https?://[^/\s]+/?)?$",
            extra=HOST,
        ),
    ] = ""
