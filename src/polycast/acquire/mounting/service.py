"""Telling a running rclone that the tree has changed, by its remote control. Source: rclone.org/rc."""

from base64 import b64encode
from typing import Any, Final

from msgspec import Struct

from polycast.acquire.config.model import Config
from polycast.acquire.config.service import Configs
from polycast.acquire.transfers.events import LibraryChanged
from polycast.core.jobs import Run
from polycast.core.net import API, Body, Net, Trust
from polycast.core.net.errors import BadAnswer
from polycast.core.storage import Unit

NAME: Final = "mount"
MOST_FOLDERS: Final = 20


class RefreshMount(Struct, frozen=True):
    """Payload: the mount looks at its folders again."""

    mount: str = NAME


class Mounts:
    """The mount of the configuration."""

    def __init__(self, *, configs: Configs, net: Net) -> None:
        self._configs = configs
        self._net = net

    async def refresh(self, payload: RefreshMount, run: Run) -> None:
        """The job `acquire.refresh_mount`. Raises: BadAnswer and what reaching it raises, so that it is tried again."""
        config = await self._configs.read()
        if address(config) is not None:
            await self.call(config, "vfs/refresh", {**folders(config), "recursive": "false"})

    def on_library_changed(self, unit: Unit, event: LibraryChanged) -> None:
        """The mount looks soon: several arrivals are one look."""
        if address(self._configs.read_in(unit)) is not None:
            unit.enqueue("acquire.refresh_mount", RefreshMount())

    async def call(self, config: Config, command: str, params: dict[str, str]) -> Any:
        """One command of the remote control. Raises: BadAnswer, Unreachable, Forbidden."""
        found = address(config)
        if found is None:
            raise BadAnswer("No mount is configured.", reason="status")
        url, headers = found
        net = self._net.client(Trust.SOURCE, owner="acquire.mount", limits=API)
        return await net.json(
            "POST", f"{url}/{command}", type=Any, headers=headers, body=Body(json=params), strict=False
        )


def address(config: Config) -> tuple[str, dict[str, str]] | None:
    """Where the remote control is, and what it wants to be shown; None without an rclone."""
    mount = config.mount
    if mount.type == "rclone":
        return f"http://127.0.0.1:{port(config)}", {}
    rc = mount.external_rclone
    if mount.type != "external_rclone" or not rc.rc_url:
        return None
    secret = b64encode(f"{rc.rc_username}:{rc.rc_password}".encode()).decode()
    return rc.rc_url.rstrip("/"), {"Authorization": f"Basic {secret}"} if rc.rc_username else {}


def port(config: Config) -> int:
    return int(config.mount.rclone.get("port") or 5572)


def folders(config: Config) -> dict[str, str]:
    """`refresh_dirs` as the command takes them: dir, dir2, dir3 ..."""
    names = [name.strip().strip("/") for name in config.refresh_dirs.split(",") if name.strip().strip("/")]
    names = names[:MOST_FOLDERS] or ["__all__"]
    return {"dir" if at == 0 else f"dir{at + 1}": name for at, name in enumerate(names)}
